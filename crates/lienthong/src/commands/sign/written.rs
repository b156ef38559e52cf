//! Where the result goes, and what is said about it.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use signature::Signer;
use tempfile::NamedTempFile;
use types::UnixMillis;

use crate::commands::now;
use crate::failure::Failure;
use crate::output::Page;

/// Options that say where the result goes.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct OutArgs {
    /// Tệp sẽ ghi (the file to write)
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Ghi đè tệp đã có (write over a file that is there)
    #[arg(long)]
    force: bool,
}

impl OutArgs {
    /// The file to write, or this one.
    pub(super) fn path(&self, otherwise: impl FnOnce() -> PathBuf) -> PathBuf {
        self.output.clone().unwrap_or_else(otherwise)
    }

    /// Refuses early what [`Self::write`] would refuse after the key was used.
    pub(super) fn check(&self, path: &Path) -> Result<(), Failure> {
        if !self.force && path.exists() { Err(taken(path)) } else { Ok(()) }
    }

    /// Writes a whole file or none, and over another one only when that was asked for.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::file(path, error);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
        file.write_all(bytes).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        readable(file.as_file()).map_err(failed)?;
        let kept = if self.force { file.persist(path) } else { file.persist_noclobber(path) };
        kept.map(drop).map_err(|error| match error.error.kind() {
            std::io::ErrorKind::AlreadyExists => taken(path),
            _ => failed(error.error),
        })
    }
}

fn taken(path: &Path) -> Failure {
    Failure::file(path, "đã có tệp này; chọn -o khác hoặc thêm --force (already there; choose -o or add --force)")
}

/// A temporary file is its owner's alone; a signed document is for others.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

/// `FILE` with something before its last ending: `a.pdf` and `signed` make `a.signed.pdf`.
pub(super) fn marked(path: &Path, mark: &str) -> PathBuf {
    let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned());
    path.with_extension(ending.map_or(mark.to_owned(), |ending| format!("{mark}.{ending}")))
}

/// `FILE` with one more ending.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// A time-stamp's time in RFC 3339.
pub(super) fn rfc3339(at: UnixMillis) -> String {
    let at = i64::try_from(at.as_millis()).ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
    at.map(|at| at.to_string()).unwrap_or_default()
}

/// What was signed, and how to check it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Signed {
    /// What was written.
    pub(super) files: Vec<PathBuf>,
    /// What was signed as what, for example `pdf leader`.
    pub(super) kind: String,
    /// Form of the signature.
    pub(super) format: &'static str,
    /// Subject of the signer's certificate.
    pub(super) signer: String,
    /// Its serial number.
    pub(super) serial: String,
    /// When a time-stamp says that it existed, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) proved_time: Option<String>,
    /// The font that its text is drawn with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) font: Option<String>,
    /// What speaks against the signer's certificate as of now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) warning: Option<&'static str>,
    /// The command that checks it.
    pub(super) verify: String,
}

impl Signed {
    pub(super) fn by(signer: &Signer, kind: impl Into<String>, format: &'static str) -> Self {
        let own = signer.certificate();
        Self {
            files: Vec::new(),
            kind: kind.into(),
            format,
            signer: own.subject().to_owned(),
            serial: own.serial_hex(),
            proved_time: None,
            font: None,
            warning: out_of_date(signer, now()),
            verify: String::new(),
        }
    }

    pub(super) fn show(&self, page: &mut Page) {
        let files: Vec<String> = self.files.iter().map(|file| file.display().to_string()).collect();
        page.facts([
            ("Đã ghi (written)", files.join(", ")),
            ("Đã ký (signed)", format!("{}, {}", self.kind, self.format)),
            ("Người ký (signer)", self.signer.clone()),
            ("Số chứng thư (serial)", self.serial.clone()),
            ("Dấu thời gian (time-stamp)", self.proved_time.clone().unwrap_or_default()),
            ("Phông chữ (font)", self.font.clone().unwrap_or_default()),
            ("Chú ý (note)", self.warning.unwrap_or_default().to_owned()),
            ("Kiểm tra (verify)", self.verify.clone()),
        ]);
    }
}

/// A signature by such a certificate does not pass; who tests refusals wants it all the same.
fn out_of_date(signer: &Signer, now: UnixMillis) -> Option<&'static str> {
    let own = signer.certificate().signatory();
    if now > own.not_after {
        Some("chứng thư đã hết hạn: chữ ký sẽ không được chấp nhận (the certificate has expired)")
    } else if now < own.not_before {
        Some("chứng thư chưa có hiệu lực: chữ ký sẽ không được chấp nhận (the certificate is not valid yet)")
    } else {
        None
    }
}
