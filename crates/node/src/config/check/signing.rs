//! The key that signs receipts.

use std::path::{Path, PathBuf};

use token::{KeyAddress, KeyName};

use super::Problems;
use crate::config::file::SigningSection;
use crate::config::{KeySource, SecretRef, SigningIdentity, SigningKeys};

pub(super) fn signing(problems: &mut Problems, section: &SigningSection, base: &Path) -> Option<SigningKeys> {
    let current = Named {
        certificate: Some(&section.certificate_file),
        key: ("signing.key_file", section.key_file.as_ref()),
        passphrase: ("signing.passphrase", section.passphrase.as_ref()),
        token_key: ("signing.pkcs11_key", section.pkcs11_key.as_ref()),
    };
    let next = Named {
        certificate: section.next_certificate_file.as_ref(),
        key: ("signing.next_key_file", section.next_key_file.as_ref()),
        passphrase: ("signing.next_passphrase", section.next_passphrase.as_ref()),
        token_key: ("signing.next_pkcs11_key", section.next_pkcs11_key.as_ref()),
    };
    let has_token_key = section.pkcs11_key.is_some() || section.next_pkcs11_key.is_some();
    let token_keys = [&section.pkcs11_module.as_ref().map(|_| ()), &section.pkcs11_token.as_ref().map(|_| ())];
    problems.unless(token_keys.iter().all(|given| given.is_some() == has_token_key), || {
        "signing: pkcs11_module, pkcs11_token and pkcs11_key come together".into()
    });
    problems
        .unless(has_token_key || section.pkcs11_pin.is_none(), || "signing.pkcs11_pin: there is no pkcs11_key".into());
    let is_next = next.key.1.is_some() || next.token_key.1.is_some() || next.passphrase.1.is_some();
    problems.unless(section.next_certificate_file.is_some() || !is_next, || {
        "signing.next_certificate_file: the next key comes with its certificate".into()
    });
    let token = Token::of(problems, section, base);
    let current = current.identity(problems, token.as_ref(), base);
    let next = match section.next_certificate_file {
        Some(_) => Some(next.identity(problems, token.as_ref(), base)?),
        None => None,
    };
    Some(SigningKeys { current: current?, next })
}

/// The token that every `pkcs11_key` is in.
struct Token {
    module: PathBuf,
    label: String,
    pin: Option<SecretRef>,
}

impl Token {
    fn of(problems: &mut Problems, section: &SigningSection, base: &Path) -> Option<Self> {
        let pin = section.pkcs11_pin.as_ref();
        Some(Self {
            pin: pin.and_then(|text| problems.take("signing.pkcs11_pin", SecretRef::parse(text, base))),
            module: base.join(section.pkcs11_module.as_ref()?),
            label: section.pkcs11_token.clone()?,
        })
    }
}

/// The keys of the file about one identity, with their names.
struct Named<'a> {
    certificate: Option<&'a PathBuf>,
    key: (&'static str, Option<&'a PathBuf>),
    passphrase: (&'static str, Option<&'a String>),
    token_key: (&'static str, Option<&'a String>),
}

impl Named<'_> {
    fn identity(&self, problems: &mut Problems, token: Option<&Token>, base: &Path) -> Option<SigningIdentity> {
        let certificate = base.join(self.certificate?);
        problems.unless(self.key.1.is_some() || self.passphrase.1.is_none(), || {
            format!("{}: only a key in a file has one; a token has a PIN", self.passphrase.0)
        });
        let key = match (self.key.1, self.token_key.1) {
            (Some(path), None) => {
                let text = self.passphrase.1;
                let passphrase = text.and_then(|text| problems.take(self.passphrase.0, SecretRef::parse(text, base)));
                KeySource::File { path: base.join(path), passphrase }
            }
            (None, Some(name)) => {
                let key = problems.take(self.token_key.0, KeyName::parse(name))?;
                // What is missing has been said.
                let token = token?;
                let address = KeyAddress { module: token.module.clone(), token: token.label.clone(), key };
                KeySource::Token { address, pin: token.pin.clone() }
            }
            (None, None) | (Some(_), Some(_)) => {
                problems.unless(false, || {
                    format!("{} or {}: exactly one says where the key is", self.key.0, self.token_key.0)
                });
                return None;
            }
        };
        Some(SigningIdentity { certificate, key })
    }
}
