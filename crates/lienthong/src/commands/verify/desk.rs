//! What a file is checked against.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use signature::{
    ActiveContent, Budget, BudgetLimits, Certificate, Crl, OcspResponse, PdfOptions, Policy, Revocation,
    RevocationEvidence, TrustStore,
};
use types::UnixMillis;

use super::{ActiveContentChoice, RevocationChoice, VerifyArgs};
use crate::commands::now;
use crate::failure::Failure;
use crate::files::read_small;

/// Trust, evidence, rules and time of one run.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) trust: TrustStore,
    pub(super) evidence: RevocationEvidence,
    /// What files gave.
    given: Given,
    pub(super) policy: Policy,
    pub(super) pdf: PdfOptions,
    pub(super) at: UnixMillis,
}

/// Lists and responses from files.
#[derive(Clone, Default)]
struct Given {
    crls: Vec<Arc<Crl>>,
    responses: Vec<Arc<OcspResponse>>,
}

impl Given {
    /// Adds them to others.
    fn with(&self, others: RevocationEvidence) -> RevocationEvidence {
        let evidence = self.crls.iter().fold(others, |all, list| all.with_crl(list.clone()));
        self.responses.iter().fold(evidence, |all, response| all.with_response(response.clone()))
    }
}

/// Bytes of a file of certificates, a list or a response: the country's CAs fit many times.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Endings of certificate files in a folder.
const CERTIFICATE_ENDINGS: &[&str] = &["pem", "crt", "cer", "der"];
/// Endings of lists and responses in a folder.
const REVOCATION_ENDINGS: &[&str] = &["crl", "ocsp", "ors", "der"];

impl Desk {
    pub(super) fn open(args: &VerifyArgs) -> Result<Self, Failure> {
        let anchors = certificates(&args.trust)?;
        if anchors.is_empty() {
            return Err(Failure::usage("--trust không có chứng thư nào (no certificate in --trust)"));
        }
        let active_content = match args.active_content {
            ActiveContentChoice::Refuse => ActiveContent::Refused,
            ActiveContentChoice::Note => ActiveContent::Noted,
        };
        let revocation = match args.check_revocation {
            RevocationChoice::Require => Revocation::Require,
            RevocationChoice::Prefer => Revocation::Prefer,
            RevocationChoice::Off => Revocation::Off,
        };
        let given = given(&args.revocation)?;
        Ok(Self {
            trust: TrustStore::new(anchors, certificates(&args.intermediates)?),
            evidence: given.with(RevocationEvidence::new()),
            given,
            policy: Policy { revocation, ..Policy::documents() },
            pdf: PdfOptions { active_content, ..PdfOptions::strict() },
            at: args.at.map_or_else(|| Ok(now()), millis)?,
        })
    }

    /// The same for one packet, all of whose checks together cost `limits` at most.
    pub(super) fn within(&self, limits: BudgetLimits) -> Self {
        Self { trust: self.trust.within(&Budget::new(limits)), ..self.clone() }
    }

    /// Takes up what was fetched.
    pub(super) fn take_up(&mut self, trust: &TrustStore, evidence: &RevocationEvidence) {
        self.trust = trust.clone();
        self.evidence = self.given.with(evidence.clone());
    }
}

pub(in crate::commands) fn millis(at: Timestamp) -> Result<UnixMillis, Failure> {
    let millis = u64::try_from(at.as_millisecond());
    millis.map(UnixMillis::new).map_err(|_| Failure::usage("--at trước năm 1970 (before 1970)"))
}

/// The certificates of files, and of every certificate file of folders.
pub(in crate::commands) fn certificates(paths: &[PathBuf]) -> Result<Vec<Certificate>, Failure> {
    let mut found = Vec::new();
    for file in files(paths, CERTIFICATE_ENDINGS)? {
        let bytes = read_small(&file, FILE_BYTES_MAX)?;
        found.append(&mut Certificate::parse_all(&bytes).map_err(|error| Failure::file(&file, error))?);
    }
    Ok(found)
}

/// Lists and responses of files and folders.
pub(in crate::commands) fn evidence(paths: &[PathBuf]) -> Result<RevocationEvidence, Failure> {
    Ok(given(paths)?.with(RevocationEvidence::new()))
}

/// Lists and responses, told apart by what they are.
fn given(paths: &[PathBuf]) -> Result<Given, Failure> {
    let mut given = Given::default();
    for file in files(paths, REVOCATION_ENDINGS)? {
        let der = binary(read_small(&file, FILE_BYTES_MAX)?);
        match (Crl::parse(&der), OcspResponse::parse(&der)) {
            (Ok(list), _) => given.crls.push(Arc::new(list)),
            (Err(_), Ok(response)) => given.responses.push(Arc::new(response)),
            (Err(list), Err(response)) => return Err(Failure::file(&file, format!("{list}; {response}"))),
        }
    }
    Ok(given)
}

/// The bytes of PEM or plain base64; others as they are.
pub(in crate::commands) fn binary(bytes: Vec<u8>) -> Vec<u8> {
    use base64::Engine as _;
    let Ok(text) = std::str::from_utf8(&bytes) else { return bytes };
    let body = text.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    let body: String = body.collect();
    base64::engine::general_purpose::STANDARD.decode(body).unwrap_or(bytes)
}

pub(in crate::commands) fn files(paths: &[PathBuf], endings: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        if path.is_dir() { all.extend(folder(path, endings)?) } else { all.push(path.clone()) }
    }
    Ok(all)
}

fn folder(path: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|error| Failure::file(path, error))? {
        let file = entry.map_err(|error| Failure::file(path, error))?.path();
        let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        // A folder of a PKI holds keys beside its certificates.
        let is_key = file.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| stem.ends_with(".key"));
        if file.is_file() && !is_key && endings.contains(&ending.as_str()) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}
