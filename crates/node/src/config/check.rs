//! From the file's raw fields to checked values; every problem is collected.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use delivery::{Retry, Ttl};
use queue::EngineKind;
use types::{AgencyCode, Lane};

use super::file::{AxisSection, ConfigFile, DeliverySection, EngineText, LogFormatText, RequirementText};
use super::{
    Axis, Config, ExampleCertificates, KeyFiles, Limits, Log, LogFormat, Requirement, StoreSettings, TlsFiles,
    TrustFiles,
};

mod fairness;
mod neighbour;
mod policy;
mod quarantine;
mod signing;
mod system;
mod validation;

/// Jitter of the waiting time, in percent of it: enough to keep a fleet from retrying in step.
const JITTER_PERCENT: u8 = 20;
/// Growth of the waiting time from one attempt to the next.
const FACTOR: u32 = 2;
/// Uploads that one node can be told to take at a time: each holds a blocking thread.
const UPLOADS_MAX: usize = 400;

/// A larger cache than this machine could have memory for is a mistake of units.
const CACHE_MIB_MAX: u32 = 16 * 1024;

/// Lines of one list of the axis's protocol: what is answered is in memory.
const AXIS_LIST_MAX: usize = 5000;

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
    let policy = policy::policy(&mut problems, &file.policy);
    let verification = policy::verification(&mut problems, &file.verification, &policy);
    let signers = policy::signers(&mut problems, &file.signer);
    let fairness = fairness::fairness(&mut problems, &file.fairness);
    let quotas = fairness::quotas(&mut problems, &file.quota);
    let systems = system::systems(&mut problems, &file.system, quotas, base);
    let neighbours = neighbour::neighbours(&mut problems, &file.neighbour, base);
    let axis = axis(&mut problems, file.axis);
    let signing = signing::signing(&mut problems, &file.signing, base);
    let quarantine = quarantine::quarantine(&mut problems, &file.quarantine);
    let operators = quarantine::operators(&mut problems, &file.admin);
    let revocation = validation::revocation(&mut problems, &file.revocation, base);
    let timestamp = validation::timestamp(&mut problems, &file.timestamp);
    problems.unless(!file.tls.ca_files.is_empty(), || "tls.ca_files: name at least one CA".into());
    problems.unless((1..=CACHE_MIB_MAX).contains(&file.store.cache_mib), || {
        format!("store.cache_mib: 1 to {CACHE_MIB_MAX}")
    });
    problems.unless(file.store.disk_reserve_percent <= 50, || "store.disk_reserve_percent: at most 50".into());
    problems.unless((1..=UPLOADS_MAX).contains(&file.limits.uploads_max), || {
        format!("limits.uploads_max: 1 to {UPLOADS_MAX}")
    });
    problems.unless(file.limits.packet_bytes_max > 0, || "limits.packet_bytes_max: more than 0".into());
    problems
        .unless(!file.trust.node_anchor_files.is_empty(), || "trust.node_anchor_files: name at least one CA".into());

    let (Some(node), Some(listen), Some(signing), Some(retry), Some(ttl)) = (node, listen, signing, retry, ttl) else {
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
        signing,
        trust: TrustFiles {
            document_anchors: all(&file.trust.document_anchor_files),
            document_intermediates: all(&file.trust.document_intermediate_files),
            node_anchors: all(&file.trust.node_anchor_files),
        },
        policy,
        verification,
        signers,
        revocation,
        timestamp,
        directory_file: at(&file.directory.file),
        store: StoreSettings {
            engine: match file.store.engine {
                EngineText::Sled => EngineKind::Sled,
                EngineText::Fjall => EngineKind::Fjall,
            },
            cache_bytes: u64::from(file.store.cache_mib) << 20,
            reserve_percent: file.store.disk_reserve_percent,
        },
        limits: Limits {
            packet_bytes_max: file.limits.packet_bytes_max,
            attachments_max: file.limits.attachments_max,
            uploads_max: file.limits.uploads_max,
        },
        fairness,
        quarantine,
        operators,
        retry,
        ttl,
        shutdown_grace: file.shutdown.grace,
        axis,
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

const fn requirement(text: RequirementText) -> Requirement {
    match text {
        RequirementText::Required => Requirement::Required,
        RequirementText::Optional => Requirement::Optional,
    }
}

fn axis(problems: &mut Problems, section: AxisSection) -> Axis {
    let AxisSection { root, list_max, timestamp_window } = section;
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
    let mut parts = root.split('/');
    let is_absolute = parts.next() == Some("");
    let first = root.split('/').nth(1).unwrap_or_default();
    let fits = is_absolute && !first.is_empty() && parts.all(|part| !part.is_empty() && part.bytes().all(is_word));
    problems.unless(fits && first != "v1" && first != "openapi.json" && !first.starts_with("lienthong."), || {
        format!("axis.root = {root:?}: write a path like /axis; /v1, /openapi.json and gRPC paths are taken")
    });
    problems.unless((1..=AXIS_LIST_MAX).contains(&list_max), || format!("axis.list_max: 1 to {AXIS_LIST_MAX}"));
    Axis { root, list_max, timestamp_window }
}

/// Codes as the directory may list them: standard ones, or opaque ones verbatim.
fn codes(problems: &mut Problems, key: &str, texts: &[String]) -> Vec<AgencyCode> {
    texts.iter().filter_map(|text| problems.take(key, text.parse().or_else(|_| AgencyCode::opaque(text)))).collect()
}
