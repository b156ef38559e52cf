//! The government's PKI in its shape: two generations, officials, agency seals, services, and everything that has to
//! be refused.
//!
//! Source of the shape: the certificates that the government's CA publishes, and samples of its leaves.

mod cast;
mod issue;
mod readme;

use std::path::{Path, PathBuf};
use std::time::Duration;

use signature::CrlReason;
use types::UnixMillis;

use crate::answer::Extent;
use crate::example::{Folder, PkiError, Secret};
use crate::pki::{Pki, Revocation, Revocations};
pub use cast::{GOVERNMENT, GovernmentFile, Verdict};
use issue::Mint;

/// Folder of the government's PKI in the example's.
const BELOW: &str = "government";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What the government's part of an example PKI is made with.
#[derive(Clone, Debug)]
pub struct Government {
    /// The present: leaves are valid from two years before it to three years after.
    pub at: UnixMillis,
    /// Base URL of the server that will answer for it, for example `http://127.0.0.1:18092`.
    pub url: String,
}

impl Government {
    /// Writes `government/` below `dir`, `revoked.toml` beside it, and gives back the files in the order of writing.
    ///
    /// Every file of [`GOVERNMENT`] as `NAME.pem` with `NAME.key.pem`, the lists of the CAs as
    /// `government/crl/NAME.crl` (DER), and `government/README.md` with the same table.
    ///
    /// # Errors
    /// [`PkiError`]; what was written before it stays.
    pub fn write(&self, dir: &Path) -> Result<Vec<PathBuf>, PkiError> {
        let mut folder = Folder::new(dir);
        let mint = Mint::new(self)?;
        for file in GOVERNMENT {
            let made = mint.make(file)?;
            folder.pair(&format!("{BELOW}/{}", file.name), &made.certificate, &made.key)?;
        }
        let mut revocations = Revocations::default();
        for file in GOVERNMENT {
            if let Some((days, reason)) = file.revoked {
                let at = UnixMillis::new(self.at.as_millis().saturating_sub(millis(days * DAY)));
                revocations.set(Revocation { name: format!("{BELOW}/{}", file.name), at, reason });
            }
        }
        folder.write("revoked.toml", revocations.text().as_bytes(), Secret::No)?;
        self.write_lists(dir, &mut folder)?;
        folder.write(&format!("{BELOW}/README.md"), readme::text(&self.url).as_bytes(), Secret::No)?;
        Ok(folder.written())
    }

    fn write_lists(&self, dir: &Path, folder: &mut Folder<'_>) -> Result<(), PkiError> {
        let failed = |reason: String| PkiError::Certificate { name: "revocation lists".to_owned(), reason };
        let pki = Pki::open(&dir.join(BELOW)).map_err(|error| failed(error.to_string()))?;
        let revocations = Revocations::read(dir).map_err(|error| failed(error.to_string()))?.below(BELOW);
        for authority in pki.authorities() {
            let list = pki.list_of(authority, Extent::Complete, self.at, &[], &revocations);
            let list = list.map_err(|error| failed(error.to_string()))?;
            folder.write(&format!("{BELOW}/crl/{}.crl", authority.name()), &list, Secret::No)?;
        }
        Ok(())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// When and why a certificate of the example is revoked: days before the present.
type Revoked = Option<(u32, CrlReason)>;

#[cfg(test)]
mod tests;
