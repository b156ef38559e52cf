//! One session with one key.

use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use ring::digest::{SHA256, SHA384, digest};
use signature::{Certificate, KeyKind, RsaPadding, octet_string_content, rsa_public_key};

use crate::error::{away, login};
use crate::{KeyAddress, KeyName, Pin, TokenError};

/// `CKA_EC_PARAMS` of P-256 and P-384: the named curves' object identifiers in DER (RFC 5480 2.1.1.1).
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
/// DigestInfo of a SHA-256 digest up to the digest (RFC 8017 9.2, note 1).
const SHA256_INFO: &[u8] =
    &[0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// A logged-in session, the key found in it, and how it is used.
pub(crate) struct Open {
    session: Session,
    key: ObjectHandle,
    pub(crate) kind: KeyKind,
    /// As [`signature::SigningKey::public_key`] gives it.
    pub(crate) public_key: Vec<u8>,
    /// Certificates of the key on the token, DER.
    pub(crate) certificates: Vec<Vec<u8>>,
    mechanisms: Vec<MechanismType>,
}

impl Open {
    /// Finds the token, logs in and finds the key.
    pub(crate) fn of(context: &Pkcs11, address: &KeyAddress, pin: Option<&Pin>) -> Result<Self, TokenError> {
        let slot = slot(context, &address.token)?;
        let mechanisms = context.get_mechanism_list(slot).map_err(|error| away(&error))?;
        let session = session(context, slot, &address.token, pin)?;
        let key = private_key(&session, address)?;
        let attributes = Attributes::of(&session, key)?;
        let unsuitable = |why: &str| TokenError::KeyUnsuitable { key: address.key.to_string(), why: why.to_owned() };
        if attributes.asks_each_time {
            return Err(unsuitable("CKA_ALWAYS_AUTHENTICATE: the token wants its PIN for each signature"));
        }
        let id = attributes.id.clone().unwrap_or_default();
        let beside = Beside { session: &session, id: &id, name: &address.key };
        let certificates = beside.certificates()?;
        let kind = attributes.kind().ok_or_else(|| unsuitable("not RSA, P-256 or P-384"))?;
        let public_key = attributes
            .public_key(kind)
            .or_else(|| beside.public_key(kind))
            .or_else(|| certificates.first().and_then(|der| Some(Certificate::parse(der).ok()?.public_key().to_vec())))
            .ok_or_else(|| unsuitable("no public key or certificate with its CKA_ID on the token"))?;
        Ok(Self { session, key, kind, public_key, certificates, mechanisms })
    }

    /// Signs a message, as [`signature::SigningKey::sign`] says.
    pub(crate) fn sign(&self, message: &[u8], padding: RsaPadding) -> Result<Vec<u8>, TokenError> {
        let sha256 = || digest(&SHA256, message).as_ref().to_vec();
        let pss = || PkcsPssParams { hash_alg: MechanismType::SHA256, mgf: PkcsMgfType::MGF1_SHA256, s_len: 32.into() };
        let hashes = |mechanism| self.mechanisms.contains(&mechanism);
        let (mechanism, input) = match (self.kind, padding) {
            (KeyKind::Rsa, RsaPadding::Pkcs1) if hashes(MechanismType::SHA256_RSA_PKCS) => {
                (Mechanism::Sha256RsaPkcs, message.to_vec())
            }
            (KeyKind::Rsa, RsaPadding::Pkcs1) => (Mechanism::RsaPkcs, [SHA256_INFO, &sha256()].concat()),
            (KeyKind::Rsa, RsaPadding::Pss) if hashes(MechanismType::SHA256_RSA_PKCS_PSS) => {
                (Mechanism::Sha256RsaPkcsPss(pss()), message.to_vec())
            }
            (KeyKind::Rsa, RsaPadding::Pss) => (Mechanism::RsaPkcsPss(pss()), sha256()),
            (KeyKind::P384, _) => (Mechanism::Ecdsa, digest(&SHA384, message).as_ref().to_vec()),
            (KeyKind::P256 | KeyKind::Ed25519, _) => (Mechanism::Ecdsa, sha256()),
        };
        self.session.sign(&mechanism, self.key, &input).map_err(|error| away(&error))
    }
}

/// The one slot whose token has the label.
pub(crate) fn slot(context: &Pkcs11, label: &str) -> Result<Slot, TokenError> {
    let slots = context.get_slots_with_token().map_err(|error| away(&error))?;
    let mut found = Vec::new();
    let mut present = Vec::new();
    for slot in slots {
        // A token that goes away in between is not there.
        let Ok(info) = context.get_token_info(slot) else { continue };
        if !info.token_initialized() {
            continue;
        }
        if info.label() == label {
            found.push(slot);
        }
        present.push(format!("{:?}", info.label()));
    }
    match found.as_slice() {
        [slot] => Ok(*slot),
        [] if present.is_empty() => {
            Err(TokenError::NoToken { label: label.to_owned(), present: "không có gì (none)".to_owned() })
        }
        [] => Err(TokenError::NoToken { label: label.to_owned(), present: present.join(", ") }),
        several => Err(TokenError::TokenAmbiguous { label: label.to_owned(), count: several.len() }),
    }
}

/// A session, logged in where the token asks for it. The last try before the PIN locks is never made.
pub(crate) fn session(context: &Pkcs11, slot: Slot, label: &str, pin: Option<&Pin>) -> Result<Session, TokenError> {
    let session = context.open_ro_session(slot).map_err(|error| away(&error))?;
    let info = context.get_token_info(slot).map_err(|error| away(&error))?;
    if !info.login_required() {
        return Ok(session);
    }
    if info.user_pin_locked() || info.user_pin_final_try() {
        return Err(TokenError::PinLocked { token: label.to_owned() });
    }
    let logged_in = match pin {
        Some(pin) => session.login_with_raw(UserType::User, pin.raw()),
        // A reader with its own keys asks the person in front of it.
        None if info.protected_authentication_path() => session.login(UserType::User, None),
        None => return Err(TokenError::PinMissing { token: label.to_owned() }),
    };
    match logged_in {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
        Err(error) => Err(login(&error, label)),
    }
}

fn private_key(session: &Session, address: &KeyAddress) -> Result<ObjectHandle, TokenError> {
    let name = named(&address.key);
    let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), name];
    let found = session.find_objects(&wanted).map_err(|error| away(&error))?;
    let (token, key) = (address.token.clone(), address.key.to_string());
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(TokenError::NoKey { token, key }),
        several => Err(TokenError::KeyAmbiguous { token, key, count: several.len() }),
    }
}

fn named(name: &KeyName) -> Attribute {
    match name {
        KeyName::Label(label) => Attribute::Label(label.clone().into_bytes()),
        KeyName::Id(id) => Attribute::Id(id.clone()),
    }
}

/// What a token says about one object; what it does not say is absent.
#[derive(Default)]
struct Attributes {
    id: Option<Vec<u8>>,
    key_type: Option<KeyType>,
    curve: Option<Vec<u8>>,
    point: Option<Vec<u8>>,
    modulus: Option<Vec<u8>>,
    exponent: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    asks_each_time: bool,
}

impl Attributes {
    fn of(session: &Session, object: ObjectHandle) -> Result<Self, TokenError> {
        let wanted = [
            AttributeType::Id,
            AttributeType::KeyType,
            AttributeType::EcParams,
            AttributeType::EcPoint,
            AttributeType::Modulus,
            AttributeType::PublicExponent,
            AttributeType::AlwaysAuthenticate,
        ];
        Self::read(session, object, &wanted)
    }

    fn read(session: &Session, object: ObjectHandle, wanted: &[AttributeType]) -> Result<Self, TokenError> {
        let mut found = Self::default();
        for attribute in session.get_attributes(object, wanted).map_err(|error| away(&error))? {
            match attribute {
                Attribute::Id(id) if !id.is_empty() => found.id = Some(id),
                Attribute::KeyType(key_type) => found.key_type = Some(key_type),
                Attribute::EcParams(curve) if !curve.is_empty() => found.curve = Some(curve),
                Attribute::EcPoint(point) if !point.is_empty() => found.point = Some(point),
                Attribute::Modulus(modulus) if !modulus.is_empty() => found.modulus = Some(modulus),
                Attribute::PublicExponent(exponent) if !exponent.is_empty() => found.exponent = Some(exponent),
                Attribute::Value(value) => found.value = Some(value),
                Attribute::AlwaysAuthenticate(asks) => found.asks_each_time = asks,
                _ => {}
            }
        }
        Ok(found)
    }

    fn kind(&self) -> Option<KeyKind> {
        match (self.key_type?, self.curve.as_deref()) {
            (KeyType::RSA, _) => Some(KeyKind::Rsa),
            (KeyType::EC, Some(P256)) => Some(KeyKind::P256),
            (KeyType::EC, Some(P384)) => Some(KeyKind::P384),
            _ => None,
        }
    }

    fn public_key(&self, kind: KeyKind) -> Option<Vec<u8>> {
        match kind {
            KeyKind::Rsa => Some(rsa_public_key(self.modulus.as_ref()?, self.exponent.as_ref()?)),
            KeyKind::P256 => point(self.point.as_ref()?, 65),
            KeyKind::P384 => point(self.point.as_ref()?, 97),
            KeyKind::Ed25519 => None,
        }
    }
}

/// An uncompressed point: bare, as some modules give it, or in the OCTET STRING that PKCS #11 2.40 asks for.
fn point(bytes: &[u8], length: usize) -> Option<Vec<u8>> {
    if bytes.len() == length {
        return Some(bytes.to_vec());
    }
    octet_string_content(bytes).ok().filter(|point| point.len() == length).map(<[u8]>::to_vec)
}

/// Other objects of the same key: with its `CKA_ID`, or with its label where it has none.
struct Beside<'a> {
    session: &'a Session,
    id: &'a [u8],
    name: &'a KeyName,
}

impl Beside<'_> {
    fn find(&self, class: ObjectClass) -> Result<Vec<ObjectHandle>, TokenError> {
        let name = if self.id.is_empty() { named(self.name) } else { Attribute::Id(self.id.to_vec()) };
        self.session.find_objects(&[Attribute::Class(class), name]).map_err(|error| away(&error))
    }

    fn public_key(&self, kind: KeyKind) -> Option<Vec<u8>> {
        let found = self.find(ObjectClass::PUBLIC_KEY).ok()?;
        Attributes::of(self.session, *found.first()?).ok()?.public_key(kind)
    }

    fn certificates(&self) -> Result<Vec<Vec<u8>>, TokenError> {
        let mut certificates = Vec::new();
        for object in self.find(ObjectClass::CERTIFICATE)? {
            certificates.extend(Attributes::read(self.session, object, &[AttributeType::Value])?.value);
        }
        Ok(certificates)
    }
}
