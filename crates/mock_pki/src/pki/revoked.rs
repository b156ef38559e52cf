//! `revoked.toml`: what was revoked, when, and why.

use std::io::ErrorKind;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use signature::CrlReason;
use types::UnixMillis;

use super::{OpenError, RevokeError};
use crate::example::MARK;

const FILE: &str = "revoked.toml";

/// One revocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Revocation {
    /// Name of the certificate in the folder.
    pub(crate) name: String,
    pub(crate) at: UnixMillis,
    pub(crate) reason: CrlReason,
}

/// Every revocation of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Revocations(Vec<Revocation>);

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    revoked: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    at: Timestamp,
    reason: String,
}

impl Revocations {
    /// Reads the file of a folder; without one nothing is revoked.
    pub(crate) fn read(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(OpenError::Read { path, source }),
        };
        let malformed = |why: String| OpenError::Malformed { path: path.clone(), why };
        let file: File = toml::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        let lines = file.revoked.into_iter().map(|line| {
            let reason = line.reason.parse().map_err(|_| malformed(format!("reason {:?}", line.reason)))?;
            let at = u64::try_from(line.at.as_millisecond()).map_err(|_| malformed(format!("time {}", line.at)))?;
            Ok(Revocation { name: line.name, at: UnixMillis::new(at), reason })
        });
        lines.collect::<Result<_, _>>().map(Self)
    }

    /// The whole file.
    pub(crate) fn text(&self) -> String {
        let line = |revocation: &Revocation| Line {
            name: revocation.name.clone(),
            at: i64::try_from(revocation.at.as_seconds())
                .ok()
                .and_then(|seconds| Timestamp::from_second(seconds).ok())
                .unwrap_or(Timestamp::MAX),
            reason: revocation.reason.as_str().to_owned(),
        };
        let file = File { revoked: self.0.iter().map(line).collect() };
        // The types above have nothing that TOML cannot hold.
        let body = toml::to_string(&file).unwrap_or_default();
        format!("# {MARK}\n# Đã thu hồi (revoked): lienthong pki revoke TÊN --dir THƯ_MỤC\n{body}\n")
    }

    /// Writes the file, whole: a server that reads it meanwhile sees the old one or the new one.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), RevokeError> {
        let path = dir.join(FILE);
        let temporary = dir.join(format!("{FILE}.{}.part", std::process::id()));
        let written = std::fs::write(&temporary, self.text()).and_then(|()| std::fs::rename(&temporary, &path));
        written.map_err(|source| RevokeError::Write { path, source })
    }

    /// Adds a revocation, in place of an earlier one of the same certificate.
    pub(crate) fn set(&mut self, revocation: Revocation) {
        self.0.retain(|known| known.name != revocation.name);
        self.0.push(revocation);
    }

    /// Those of a folder inside, by their names in it.
    pub(crate) fn below(&self, folder: &str) -> Self {
        let inside = |revocation: &Revocation| {
            let name = revocation.name.strip_prefix(folder)?.strip_prefix('/')?.to_owned();
            Some(Revocation { name, ..*revocation })
        };
        Self(self.0.iter().filter_map(inside).collect())
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Revocation> {
        self.0.iter().find(|revocation| revocation.name == name)
    }
}
