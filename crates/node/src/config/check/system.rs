//! Connected systems: who they are, and what each may do.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::path::Path;

use types::Digest;

use super::super::file::SystemSection;
use super::super::{AxisAccess, Quotas, Rate, SecretRef, System};
use super::{Problems, codes, fairness, requirement};

/// Characters of a `systemid`: twice what the longest seen has, and little in a header.
const AXIS_ID_MAX: usize = 128;

pub(super) fn systems(problems: &mut Problems, sections: &[SystemSection], quotas: Quotas, base: &Path) -> Vec<System> {
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
        let axis = access(problems, &key, section, base);
        let rate = rate(problems, &key, section);
        let quotas = fairness::of_system(problems, &key, section, quotas);
        let (packet_bytes_max, signatures) = (section.packet_bytes_max, section.signatures.map(requirement));
        problems.unless(packet_bytes_max != Some(0), || format!("{key}: packet_bytes_max: more than 0"));
        systems.extend(id.map(|id| System {
            id,
            agencies,
            certificates,
            signers,
            token,
            axis,
            packet_bytes_max,
            rate,
            quotas,
            signatures,
        }));
    }
    let mut ids = BTreeSet::new();
    for axis in systems.iter().filter_map(|system| system.axis.as_ref()) {
        problems.unless(ids.insert(&axis.id), || format!("system: two have the axis_id {:?}", axis.id));
    }
    systems
}

fn access(problems: &mut Problems, key: &str, section: &SystemSection, base: &Path) -> Option<AxisAccess> {
    let mut place = |name: &str, text: &str| problems.take(&format!("{key}: {name}"), SecretRef::parse(text, base));
    let secret = section.axis_secret.as_ref().and_then(|text| place("axis_secret", text));
    let previous = section.axis_secret_previous.as_ref().and_then(|text| place("axis_secret_previous", text));
    let is_left_out = section.axis_secret.is_none();
    problems.unless(!is_left_out || (section.axis_secret_previous.is_none() && section.axis_id.is_none()), || {
        format!("{key}: axis_id and axis_secret_previous are for a system with an axis_secret")
    });
    let id = section.axis_id.as_ref().unwrap_or(&section.id);
    let fits = (1..=AXIS_ID_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    problems.unless(fits, || format!("{key}: axis_id: 1 to {AXIS_ID_MAX} visible ASCII characters"));
    Some(AxisAccess { id: id.as_str().into(), secret: secret?, previous })
}

fn rate(problems: &mut Problems, key: &str, section: &SystemSection) -> Option<Rate> {
    let per_second = section.requests_per_second.map(NonZeroU32::new);
    let burst = section.requests_burst.map(NonZeroU32::new);
    let is_zero = per_second == Some(None) || burst == Some(None);
    problems.unless(!is_zero, || format!("{key}: requests_per_second and requests_burst: 1 or more"));
    problems
        .unless(burst.is_none() || per_second.is_some(), || format!("{key}: requests_burst needs requests_per_second"));
    let per_second = per_second.flatten()?;
    Some(Rate { per_second, burst: burst.flatten().unwrap_or(per_second) })
}

fn token(problems: &mut Problems, key: &str, file: &Path) -> Option<Digest> {
    let key = format!("{key}: token_sha256_file {}", file.display());
    let text = problems.take(&key, std::fs::read_to_string(file))?;
    // The text is not repeated: an operator may have put the token itself there.
    problems.take(&key, text.trim().parse::<Digest>())
}
