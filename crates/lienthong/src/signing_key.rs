//! Where the key that signs documents is: a file, or a PKCS #11 token.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use node::config::SecretRef;
use signature::{Certificate, FileKey, SignError, Signer, SigningKey};
use token::{KeyAddress, KeyName, Pin, TokenError, TokenKey};

use crate::failure::{Failure, chain};
use crate::files::read_small;
use crate::profile::Profile;

/// Bytes of a key or certificate file.
const PEM_BYTES_MAX: u64 = 256 * 1024;

/// Where the signing key and its certificate are.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SignerArgs {
    /// Chứng thư ký văn bản, PEM; với token, mặc định là chứng thư trên token (document-signing certificate)
    #[arg(long, value_name = "FILE")]
    pub(crate) signing_cert: Option<PathBuf>,
    /// Khóa ký văn bản, PEM (its key)
    #[arg(long, value_name = "FILE")]
    pub(crate) signing_key: Option<PathBuf>,
    /// Mật khẩu của khóa đã mã hóa: file:PATH, env:NAME (passphrase of an encrypted key)
    #[arg(long, value_name = "PLACE", conflicts_with = "pkcs11_module")]
    pub(crate) passphrase: Option<String>,
    /// Mô-đun PKCS#11 của token hoặc HSM, tệp .so (PKCS#11 module of a token or HSM)
    #[arg(long, value_name = "FILE", conflicts_with = "signing_key", requires_all = ["token_label", "key_label"])]
    pub(crate) pkcs11_module: Option<PathBuf>,
    /// Nhãn token, xem `token list` (label of the token)
    #[arg(long, value_name = "LABEL", requires = "pkcs11_module")]
    pub(crate) token_label: Option<String>,
    /// Nhãn khóa trên token, hoặc id:HEX (label of the key, or id:HEX)
    #[arg(long, value_name = "LABEL", requires = "pkcs11_module")]
    pub(crate) key_label: Option<String>,
    /// Mã PIN: file:PATH, env:NAME (the PIN's place)
    #[arg(long, value_name = "PLACE", requires = "pkcs11_module")]
    pub(crate) pin: Option<String>,
}

impl SignerArgs {
    /// The signer: the options', or that of the profile's files.
    pub(crate) fn signer(&self, profile: &Profile) -> Result<Signer, Failure> {
        match &self.pkcs11_module {
            Some(module) => self.of_token(module),
            None => self.of_files(profile),
        }
    }

    fn of_files(&self, profile: &Profile) -> Result<Signer, Failure> {
        let missing = || {
            Failure::usage(
                "thiếu --signing-cert và --signing-key, hoặc trong hồ sơ, hoặc --pkcs11-module; `send` có --no-sign để \
                 không ký (no signing key; `send` has --no-sign to send unsigned)",
            )
        };
        let cert = self.signing_cert.as_deref().or(profile.signing_cert.as_deref()).ok_or_else(missing)?;
        let path = self.signing_key.as_deref().or(profile.signing_key.as_deref()).ok_or_else(missing)?;
        let pem = read_small(path, PEM_BYTES_MAX)?;
        let key = match &self.passphrase {
            Some(place) => FileKey::from_encrypted_pem(&pem, &secret("--passphrase", place)?),
            None => FileKey::from_pem(&pem),
        };
        let key = key.map_err(|error| Failure::file(path, error))?;
        signer(Arc::new(key), certificates(cert)?, &path.display().to_string())
    }

    fn of_token(&self, module: &Path) -> Result<Signer, Failure> {
        let (Some(token), Some(key)) = (&self.token_label, &self.key_label) else {
            return Err(Failure::usage("--pkcs11-module cần --token-label và --key-label (both labels are needed)"));
        };
        let key = KeyName::parse(key).map_err(|error| Failure::usage(error.to_string()))?;
        let address = KeyAddress { module: module.to_owned(), token: token.clone(), key };
        let place = address.to_string();
        let key = TokenKey::open(address, self.pin.as_deref().map(pin).transpose()?).map_err(unavailable)?;
        let certificates = match &self.signing_cert {
            Some(path) => certificates(path)?,
            None => key.certificates().map_err(|error| Failure::usage(format!("{place}: {error}")))?,
        };
        if certificates.is_empty() {
            return Err(Failure::usage(format!(
                "{place}: token không có chứng thư của khóa; dùng --signing-cert (the token has no certificate of the key)"
            )));
        }
        signer(Arc::new(key), certificates, &place)
    }
}

fn signer(key: Arc<dyn SigningKey>, certificates: Vec<Certificate>, place: &str) -> Result<Signer, Failure> {
    Signer::new(key, certificates).map_err(|error: SignError| Failure::usage(format!("{place}: {}", chain(&error))))
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Failure> {
    Certificate::parse_all(&read_small(path, PEM_BYTES_MAX)?).map_err(|error| Failure::file(path, error))
}

/// What is kept at a place.
fn secret(option: &str, place: &str) -> Result<Vec<u8>, Failure> {
    let place = SecretRef::parse(place, Path::new("")).map_err(|why| Failure::usage(format!("{option}: {why}")))?;
    let secret = place.read().map_err(|error| Failure::usage(format!("{option}: {}", chain(&error))))?;
    Ok(secret.as_bytes().to_vec())
}

/// The PIN that is kept at a place.
pub(crate) fn pin(place: &str) -> Result<Pin, Failure> {
    Pin::new(secret("--pin", place)?).map_err(|error| Failure::usage(error.to_string()))
}

/// What went wrong with a token, as a failure of the command.
pub(crate) fn unavailable(error: TokenError) -> Failure {
    Failure::usage(error.to_string())
}
