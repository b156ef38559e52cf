//! Where a secret is kept: named in the configuration, never written there.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use axis::Secret;

/// Bytes of a secret: far more than any operator gives, and little to read by mistake.
const SECRET_BYTES_MAX: u64 = 4096;
/// Where systemd puts a unit's credentials (systemd.exec, `LoadCredential=`).
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// A secret's place: `file:PATH`, `env:NAME` or `credential:NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// A file; a line end at its end is not part of the secret.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// A file of the systemd credential directory.
    Credential(String),
}

/// Why a secret cannot be used. Never tells anything of it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("read the secret {place}")]
    Read {
        /// Its place, as configured.
        place: SecretRef,
        /// Why.
        source: io::Error,
    },
    /// The variable is not set, or is not UTF-8.
    #[error("the secret {place}: the variable {variable} is not set")]
    Unset {
        /// Its place, as configured.
        place: SecretRef,
        /// The variable that was looked for.
        variable: String,
    },
    /// Nothing, or more than 4096 bytes.
    #[error("the secret {place}: 1 to {SECRET_BYTES_MAX} bytes, found {length}")]
    Length {
        /// Its place, as configured.
        place: SecretRef,
        /// Bytes found; one more than the limit when there are more.
        length: usize,
    },
}

impl SecretRef {
    /// Reads a place as the configuration writes it; a relative file path starts at `base`.
    ///
    /// # Errors
    /// What to write instead. The text is not repeated: it may be the secret itself.
    pub fn parse(text: &str, base: &Path) -> Result<Self, &'static str> {
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(base.join(path))),
            Some(("env", name)) if is_name(name) => Ok(Self::Environment(name.to_owned())),
            Some(("credential", name)) if is_name(name) && !name.starts_with('.') => {
                Ok(Self::Credential(name.to_owned()))
            }
            _ => Err("write file:PATH, env:NAME or credential:NAME, never the secret itself"),
        }
    }

    /// The secret, as it is now.
    ///
    /// # Errors
    /// The file cannot be read, the variable is not set, or there are not 1 to 4096 bytes.
    pub fn read(&self) -> Result<Secret, SecretError> {
        let unset = |variable: &str| SecretError::Unset { place: self.clone(), variable: variable.to_owned() };
        let mut bytes = match self {
            Self::File(path) => self.file(path)?,
            Self::Environment(name) => std::env::var(name).map_err(|_| unset(name))?.into_bytes(),
            Self::Credential(name) => {
                let folder = std::env::var_os(CREDENTIALS).ok_or_else(|| unset(CREDENTIALS))?;
                self.file(&Path::new(&folder).join(name))?
            }
        };
        if bytes.ends_with(b"\n") {
            bytes.pop();
            if bytes.ends_with(b"\r") {
                bytes.pop();
            }
        }
        let max = usize::try_from(SECRET_BYTES_MAX).unwrap_or(usize::MAX);
        if bytes.is_empty() || bytes.len() > max {
            return Err(SecretError::Length { place: self.clone(), length: bytes.len() });
        }
        Ok(Secret::new(bytes))
    }

    fn file(&self, path: &Path) -> Result<Vec<u8>, SecretError> {
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(SECRET_BYTES_MAX + 2).read_to_end(&mut bytes));
        read.map_err(|source| SecretError::Read { place: self.clone(), source })?;
        Ok(bytes)
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Environment(name) => write!(f, "env:{name}"),
            Self::Credential(name) => write!(f, "credential:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(content: &[u8]) -> Result<Secret, SecretError> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("secret"), content).unwrap();
        SecretRef::parse("file:secret", dir.path()).unwrap().read()
    }

    #[test]
    fn a_line_end_is_no_part_of_a_secret_and_other_white_space_is() {
        assert_eq!(of(b"a+b==\r\n").unwrap().as_bytes(), b"a+b==");
        assert_eq!(of(b" a \n").unwrap().as_bytes(), b" a ");
    }

    #[test]
    fn an_empty_secret_is_refused() {
        assert!(matches!(of(b"\n"), Err(SecretError::Length { length: 0, .. })));
    }

    #[test]
    fn too_long_a_secret_is_refused() {
        assert!(matches!(of(&[b'a'; 5000]), Err(SecretError::Length { .. })));
    }

    #[test]
    fn a_secret_written_in_place_is_refused_and_not_repeated() {
        for text in ["hunter2", "file:", "env:A B", "credential:../x"] {
            let error = SecretRef::parse(text, Path::new("/")).unwrap_err();
            assert!(!error.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn a_missing_variable_is_named() {
        let place = SecretRef::parse("env:LIENTHONG_TEST_NO_SUCH_VARIABLE", Path::new("/")).unwrap();
        assert!(place.read().unwrap_err().to_string().contains("LIENTHONG_TEST_NO_SUCH_VARIABLE"));
    }
}
