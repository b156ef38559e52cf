//! What documents are tried against.

use std::path::Path;

use directory::Directory;
use node::Examiner;
use node::config::{Config, SignerEntry};
use signature::ruling::NamedPolicy;
use signature::{ActiveContent, BudgetLimits, PdfOptions, RevocationEvidence, TrustStore};
use types::{Level, UnixMillis};

use super::TestArgs;
use crate::commands::now;
use crate::commands::verify::desk::{certificates, evidence, millis};
use crate::failure::{Failure, chain};

/// Policy, trust, directory and time of one run.
pub(super) struct Desk {
    pub(super) named: NamedPolicy,
    pub(super) examiner: Examiner,
    pub(super) trust: TrustStore,
    pub(super) evidence: RevocationEvidence,
    pub(super) directory: Directory,
    pub(super) signers: Vec<SignerEntry>,
    pub(super) level: Option<Level>,
    pub(super) at: UnixMillis,
}

/// A node's configuration, checked as the node checks it.
pub(super) fn config(path: &Path) -> Result<Config, Failure> {
    Config::load(path, std::env::vars()).map_err(|error| Failure::file(path, error))
}

impl Desk {
    pub(super) fn open(args: &TestArgs) -> Result<Self, Failure> {
        let config = args.config.as_deref().map(config).transpose()?;
        let mut anchors = args.trust.clone();
        let mut intermediates = args.intermediates.clone();
        let mut file = args.directory.clone();
        if let Some(config) = &config {
            anchors.extend(config.trust.document_anchors.iter().cloned());
            intermediates.extend(config.trust.document_intermediates.iter().cloned());
            file = Some(config.directory_file.clone());
        }
        let anchors = certificates(&anchors)?;
        if anchors.is_empty() {
            return Err(Failure::usage("--trust không có chứng thư nào (no certificate in --trust)"));
        }
        let trust = TrustStore::new(anchors, certificates(&intermediates)?);
        let mut evidence = evidence(&args.revocation)?;
        if let Some(config) = &config {
            evidence = with_kept(evidence, config)?;
        }
        let directory = match &file {
            Some(file) => Directory::load(file).map_err(|error| Failure::file(file, error))?,
            None => Directory::default(),
        };
        let active_content = config.as_ref().map_or(ActiveContent::Refused, |config| config.policy.active_content);
        let named = match &config {
            Some(config) => config.policy.named.clone(),
            None => NamedPolicy::shipped(args.policy),
        };
        let options = PdfOptions { active_content, ..PdfOptions::strict() };
        let work = config.as_ref().map_or(BudgetLimits::document(), |config| config.verification.document_work);
        Ok(Self {
            examiner: Examiner::new(trust.clone(), named.signatures.clone(), options, evidence.clone(), work),
            named,
            trust,
            evidence,
            directory,
            signers: config.map(|config| config.signers).unwrap_or_default(),
            level: args.level,
            at: args.at.map_or_else(|| Ok(now()), millis)?,
        })
    }
}

/// What the node keeps, as it would use it now; nothing before it has ever run.
fn with_kept(evidence: RevocationEvidence, config: &Config) -> Result<RevocationEvidence, Failure> {
    if !config.data_dir.join(validation_data::FOLDER).is_dir() {
        return Ok(evidence);
    }
    let (keeper, _) = node::revocation::keeper(config, now()).map_err(|error| Failure::usage(chain(&error)))?;
    let evidence = keeper.crls().fold(evidence, |all, held| all.with_crl(held.crl.clone()));
    Ok(keeper.responses().fold(evidence, |all, held| all.with_response(held.response.clone())))
}
