//! What a module offers: tokens, keys, certificates.

use std::path::Path;

use cryptoki::context::Pkcs11;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use cryptoki::slot::{Slot, TokenInfo};

use crate::error::away;
use crate::{Pin, TokenError, module, open};

/// Objects shown of a token: a card has a few, an HSM that holds thousands is looked through with its own tools.
const OBJECTS_MAX: usize = 256;

/// State of a token's user PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinState {
    /// Usable.
    Good,
    /// Someone was wrong lately.
    Low,
    /// One wrong try locks it.
    LastTry,
    /// Locked.
    Locked,
    /// Never set.
    NotSet,
}

/// A token, and what could be seen in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Number of its slot, which may change when it is plugged in elsewhere.
    pub slot: u64,
    /// Label.
    pub label: String,
    /// Maker.
    pub manufacturer: String,
    /// Model.
    pub model: String,
    /// Serial number.
    pub serial: String,
    /// State of the user PIN.
    pub pin: PinState,
    /// Keys: the private ones after logging in, else the public ones.
    pub keys: Vec<TokenObject>,
    /// Certificates.
    pub certificates: Vec<TokenCertificate>,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenObject {
    /// `CKA_LABEL`.
    pub label: String,
    /// `CKA_ID`.
    pub id: Vec<u8>,
    /// Whether it is the private half.
    pub is_private: bool,
    /// Kind, for example `RSA` or `EC`.
    pub kind: &'static str,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCertificate {
    /// `CKA_LABEL`.
    pub label: String,
    /// `CKA_ID`: the same as its key's.
    pub id: Vec<u8>,
    /// DER.
    pub der: Vec<u8>,
}

/// The tokens of a module. With `login`, a token's label and its PIN, private keys of that token are shown too; the PIN
/// goes to no other token.
///
/// # Errors
/// `invalid_argument` when the module does not load or the PIN is wrong; `key_unavailable` when the token is not there or
/// the module is in disorder.
pub fn list(module: &Path, login: Option<(&str, &Pin)>) -> Result<Vec<Token>, TokenError> {
    let context = module::load(module)?;
    if let Some((label, _)) = login {
        open::slot(&context, label)?;
    }
    let slots = context.get_slots_with_token().map_err(|error| away(&error))?;
    let mut tokens = Vec::new();
    for slot in slots {
        let info = context.get_token_info(slot).map_err(|error| away(&error))?;
        if info.token_initialized() {
            let pin = login.filter(|(label, _)| *label == info.label()).map(|(_, pin)| pin);
            tokens.push(token(&context, slot, &info, pin)?);
        }
    }
    Ok(tokens)
}

fn token(context: &Pkcs11, slot: Slot, info: &TokenInfo, pin: Option<&Pin>) -> Result<Token, TokenError> {
    let session = match pin {
        Some(pin) => open::session(context, slot, info.label(), Some(pin))?,
        None => context.open_ro_session(slot).map_err(|error| away(&error))?,
    };
    let find = |class| -> Result<Vec<ObjectHandle>, TokenError> {
        let found = session.find_objects(&[Attribute::Class(class)]).map_err(|error| away(&error))?;
        Ok(found.into_iter().take(OBJECTS_MAX).collect())
    };
    let private = find(ObjectClass::PRIVATE_KEY)?;
    let (handles, is_private) =
        if private.is_empty() { (find(ObjectClass::PUBLIC_KEY)?, false) } else { (private, true) };
    let mut keys = Vec::new();
    for handle in handles {
        let Shown { label, id, kind, .. } = Shown::of(&session, handle, AttributeType::KeyType)?;
        keys.push(TokenObject { label, id, is_private, kind });
    }
    let mut certificates = Vec::new();
    for handle in find(ObjectClass::CERTIFICATE)? {
        let Shown { label, id, der, .. } = Shown::of(&session, handle, AttributeType::Value)?;
        certificates.push(TokenCertificate { label, id, der });
    }
    Ok(Token {
        slot: slot.id(),
        label: info.label().to_owned(),
        manufacturer: info.manufacturer_id().to_owned(),
        model: info.model().to_owned(),
        serial: info.serial_number().to_owned(),
        pin: pin_state(info),
        keys,
        certificates,
    })
}

fn pin_state(info: &TokenInfo) -> PinState {
    if info.user_pin_locked() {
        PinState::Locked
    } else if info.user_pin_final_try() {
        PinState::LastTry
    } else if info.user_pin_count_low() {
        PinState::Low
    } else if info.user_pin_initialized() {
        PinState::Good
    } else {
        PinState::NotSet
    }
}

#[derive(Default)]
struct Shown {
    label: String,
    id: Vec<u8>,
    kind: &'static str,
    der: Vec<u8>,
}

impl Shown {
    fn of(session: &Session, handle: ObjectHandle, more: AttributeType) -> Result<Self, TokenError> {
        let mut shown = Self { kind: "?", ..Self::default() };
        let wanted = [AttributeType::Label, AttributeType::Id, more];
        for attribute in session.get_attributes(handle, &wanted).map_err(|error| away(&error))? {
            match attribute {
                Attribute::Label(label) => shown.label = String::from_utf8_lossy(&label).into_owned(),
                Attribute::Id(id) => shown.id = id,
                Attribute::KeyType(KeyType::RSA) => shown.kind = "RSA",
                Attribute::KeyType(KeyType::EC) => shown.kind = "EC",
                Attribute::Value(der) => shown.der = der,
                _ => {}
            }
        }
        Ok(shown)
    }
}
