//! From the file's raw fields to checked values; every problem is collected.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use delivery::{Retry, Ttl};
use types::{AgencyCode, Digest, Lane, Level};

use super::file::{ConfigFile, DeliverySection, LogFormatText, PolicySection, RequirementText, SystemSection};
use super::{
    Config, ExampleCertificates, KeyFiles, Limits, Log, LogFormat, Requirement, SignaturePolicy, System, TlsFiles,
    TrustFiles,
};

mod neighbour;

/// Jitter of the waiting time, in percent of it: enough to keep a fleet from retrying in step.
const JITTER_PERCENT: u8 = 20;
/// Growth of the waiting time from one attempt to the next.
const FACTOR: u32 = 2;
/// Uploads that one node can be told to take at a time: each holds a blocking thread.
const UPLOADS_MAX: usize = 400;

/// Collects problems so that all of them are told at once.
#[derive(Default)]
struct Problems(Vec<String>);

impl Problems {
    fn parse<T>(&mut self, key: impl Display, text: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.0.push(format!("{key} = {text:?}: {error}"));
                None
            }
        }
    }

    fn unless(&mut self, holds: bool, text: impl FnOnce() -> String) {
        if !holds {
            self.0.push(text());
        }
    }

    fn take<T, E: Display>(&mut self, key: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.0.push(format!("{key}: {error}"))).ok()
    }
}

/// Checks the whole file; paths become relative to `base`.
pub(super) fn check(file: ConfigFile, base: &Path) -> Result<Config, Vec<String>> {
    let mut problems = Problems::default();
    let at = |path: &PathBuf| base.join(path);
    let all = |paths: &[PathBuf]| paths.iter().map(at).collect::<Vec<_>>();

    let node = problems.parse("node.id", &file.node.id);
    let listen = problems.parse("listen.address", &file.listen.address);
    let (retry, ttl) = delivery(&mut problems, &file.delivery);
    let policy = policy(&mut problems, &file.policy);
    let systems = systems(&mut problems, &file.system, base);
    let neighbours = neighbour::neighbours(&mut problems, &file.neighbour, base);
    problems.unless(!file.tls.ca_files.is_empty(), || "tls.ca_files: name at least one CA".into());
    problems.unless(file.store.disk_reserve_percent <= 50, || "store.disk_reserve_percent: at most 50".into());
    problems.unless((1..=UPLOADS_MAX).contains(&file.limits.uploads_max), || {
        format!("limits.uploads_max: 1 to {UPLOADS_MAX}")
    });
    problems.unless(file.limits.packet_bytes_max > 0, || "limits.packet_bytes_max: more than 0".into());
    problems
        .unless(!file.trust.node_anchor_files.is_empty(), || "trust.node_anchor_files: name at least one CA".into());

    let (Some(node), Some(listen), Some(retry), Some(ttl)) = (node, listen, retry, ttl) else {
        return Err(problems.0);
    };
    if !problems.0.is_empty() {
        return Err(problems.0);
    }
    Ok(Config {
        node,
        data_dir: at(&file.node.data_dir),
        example_certificates: match file.node.allow_example_certificates {
            true => ExampleCertificates::Allowed,
            false => ExampleCertificates::Refused,
        },
        listen,
        tls: TlsFiles {
            own: KeyFiles { certificate: at(&file.tls.certificate_file), key: at(&file.tls.key_file) },
            ca: all(&file.tls.ca_files),
        },
        signing: KeyFiles { certificate: at(&file.signing.certificate_file), key: at(&file.signing.key_file) },
        trust: TrustFiles {
            document_anchors: all(&file.trust.document_anchor_files),
            document_intermediates: all(&file.trust.document_intermediate_files),
            node_anchors: all(&file.trust.node_anchor_files),
        },
        policy,
        directory_file: at(&file.directory.file),
        disk_reserve_percent: file.store.disk_reserve_percent,
        limits: Limits {
            packet_bytes_max: file.limits.packet_bytes_max,
            attachments_max: file.limits.attachments_max,
            uploads_max: file.limits.uploads_max,
        },
        retry,
        ttl,
        shutdown_grace: file.shutdown.grace,
        systems,
        neighbours,
        log: Log {
            format: match file.log.format {
                LogFormatText::Text => LogFormat::Text,
                LogFormatText::Json => LogFormat::Json,
            },
            filter: file.log.filter,
        },
    })
}

fn delivery(problems: &mut Problems, section: &DeliverySection) -> (Option<Retry>, Option<Ttl>) {
    let retry = Retry::try_new(section.wait_min, section.wait_max, FACTOR, section.attempts_max, JITTER_PERCENT);
    let retry = problems.take("delivery", retry);
    let lanes = [
        ("delivery.ttl_normal", Lane::Normal, section.ttl_normal),
        ("delivery.ttl_urgent", Lane::Urgent, section.ttl_urgent),
        ("delivery.ttl_very_urgent", Lane::VeryUrgent, section.ttl_very_urgent),
        ("delivery.ttl_express", Lane::Express, section.ttl_express),
    ];
    let mut ttl = Some(Ttl::default());
    for (key, lane, given) in lanes {
        ttl = ttl.and_then(|ttl| problems.take(key, ttl.with(lane, given)));
    }
    (retry, ttl)
}

fn policy(problems: &mut Problems, section: &PolicySection) -> SignaturePolicy {
    let mut by_level = BTreeMap::new();
    for (name, text) in &section.by_level {
        let level: Option<Level> = problems.parse("policy.by_level", name);
        by_level.extend(level.map(|level| (level, requirement(*text))));
    }
    problems.unless((2048..=8192).contains(&section.rsa_bits_min), || "policy.rsa_bits_min: 2048 to 8192".into());
    SignaturePolicy {
        documents: requirement(section.documents),
        statuses: requirement(section.statuses),
        by_level,
        rsa_bits_min: section.rsa_bits_min,
    }
}

const fn requirement(text: RequirementText) -> Requirement {
    match text {
        RequirementText::Required => Requirement::Required,
        RequirementText::Optional => Requirement::Optional,
    }
}

fn systems(problems: &mut Problems, sections: &[SystemSection], base: &Path) -> Vec<System> {
    let mut seen = BTreeSet::new();
    let mut systems = Vec::new();
    for section in sections {
        let key = format!("system {:?}", section.id);
        problems.unless(seen.insert(&section.id), || format!("{key}: declared twice"));
        let id = problems.parse(format!("{key}: id"), &section.id);
        let agencies = codes(problems, &format!("{key}: agencies"), &section.agencies);
        let mut digests = |name: &str, texts: &[String]| -> Vec<Digest> {
            texts.iter().filter_map(|text| problems.parse(format!("{key}: {name}"), text)).collect()
        };
        let certificates = digests("certificate_sha256", &section.certificate_sha256);
        let signers = digests("signing_certificate_sha256", &section.signing_certificate_sha256);
        let token = section.token_sha256_file.as_ref().and_then(|file| token(problems, &key, &base.join(file)));
        systems.extend(id.map(|id| System { id, agencies, certificates, signers, token }));
    }
    systems
}

fn token(problems: &mut Problems, key: &str, file: &Path) -> Option<Digest> {
    let key = format!("{key}: token_sha256_file {}", file.display());
    let text = problems.take(&key, std::fs::read_to_string(file))?;
    // The text is not repeated: an operator may have put the token itself there.
    problems.take(&key, text.trim().parse::<Digest>())
}

/// Codes as the directory may list them: standard ones, or opaque ones verbatim.
fn codes(problems: &mut Problems, key: &str, texts: &[String]) -> Vec<AgencyCode> {
    texts.iter().filter_map(|text| problems.take(key, text.parse().or_else(|_| AgencyCode::opaque(text)))).collect()
}
