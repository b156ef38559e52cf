//! Who is calling and whom: the connection options and the profile file behind them.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use types::AgencyCode;

use crate::failure::Failure;

/// Bytes of a profile: a dozen short lines; anything larger is another file.
const PROFILE_BYTES_MAX: u64 = 64 * 1024;

/// A profile file (TOML). Relative paths count from the profile's own folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Address of the node, `https://host:port`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// CA of the node's certificate, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// This system's certificate, then its intermediates, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert: Option<PathBuf>,
    /// Its key, PKCS#8 PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// File with a bearer token, for systems without a certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
    /// The agency that the commands speak for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// Certificate that signs documents, then its intermediates, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_cert: Option<PathBuf>,
    /// Its key, PKCS#8 PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_key: Option<PathBuf>,
}

impl Profile {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let length = std::fs::metadata(path).map_err(|error| Failure::file(path, error))?.len();
        if length > PROFILE_BYTES_MAX {
            return Err(Failure::usage(format!("{}: {length} bytes are no profile", path.display())));
        }
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
        let mut profile: Self =
            toml::from_str(&text).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for file in [
            &mut profile.ca,
            &mut profile.cert,
            &mut profile.key,
            &mut profile.token_file,
            &mut profile.signing_cert,
            &mut profile.signing_key,
        ] {
            *file = file.take().map(|file| folder.join(file));
        }
        Ok(profile)
    }

    /// The profile as the text of its file.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("texts and paths are TOML")
    }
}

/// The option that names the profile.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ProfileFile {
    /// Tệp hồ sơ kết nối, TOML (profile file: node, ca, cert, key, agency, signing_cert, signing_key)
    #[arg(long, value_name = "FILE", env = "LIENTHONG_PROFILE")]
    profile: Option<PathBuf>,
}

impl ProfileFile {
    /// The profile's values; none without a profile.
    pub(crate) fn resolve(&self) -> Result<Profile, Failure> {
        Ok(self.profile.as_deref().map(Profile::read).transpose()?.unwrap_or_default())
    }
}

/// Options of every command that calls a node.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Connection {
    #[command(flatten)]
    profile: ProfileFile,
    /// Địa chỉ nút (address of the node)
    #[arg(long, value_name = "https://HOST:PORT", env = "LIENTHONG_NODE")]
    node: Option<String>,
    /// Chứng thư CA của nút, PEM (CA of the node's certificate)
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Chứng thư kết nối của hệ thống này, PEM (this system's certificate)
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    /// Khóa của chứng thư kết nối, PEM (its key)
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Tệp chứa mã truy cập, thay cho chứng thư (file with a bearer token, in place of a certificate)
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl Connection {
    /// The word after `--profile`.
    pub(crate) fn profile_file(&self) -> Option<&Path> {
        self.profile.profile.as_deref()
    }

    /// The profile's values with the options laid over them.
    pub(crate) fn resolve(&self) -> Result<Profile, Failure> {
        let mut profile = self.profile.resolve()?;
        let given = |option: &Option<PathBuf>, field: &mut Option<PathBuf>| {
            if let Some(path) = option {
                *field = Some(path.clone());
            }
        };
        given(&self.ca, &mut profile.ca);
        given(&self.cert, &mut profile.cert);
        given(&self.key, &mut profile.key);
        given(&self.token_file, &mut profile.token_file);
        if let Some(node) = &self.node {
            profile.node = Some(node.clone());
        }
        Ok(profile)
    }
}

/// The agency that a command speaks for: the option, or the profile's.
pub(crate) fn agency(option: Option<&str>, profile: &Profile, name: &str) -> Result<String, Failure> {
    let text = option.or(profile.agency.as_deref()).ok_or_else(|| {
        Failure::usage(format!("thiếu mã cơ quan: {name} CODE, hoặc agency trong hồ sơ (agency code missing)"))
    })?;
    // Registered codes may have any shape; the node knows them, this only catches what no registry can hold.
    AgencyCode::opaque(text).map_err(|error| Failure::usage(format!("{name} {text}: {error}")))?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests;
