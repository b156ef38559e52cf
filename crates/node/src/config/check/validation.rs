//! `[revocation]` and `[timestamp]`.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use signature::ObjectId;
use validation_data::{AllowList, Nonce, Ocsp, Rewrite};

use super::super::file::{RevocationSection, TimestampSection};
use super::super::{RevocationSources, TimestampSource};
use super::Problems;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// A batch of more is a proof of twenty hashes and a file of forty megabytes.
const BATCH_MAX: usize = 1_000_000;

pub(super) fn revocation(problems: &mut Problems, section: &RevocationSection, base: &Path) -> RevocationSources {
    let mut rewrites = Vec::new();
    for (from, to) in &section.rewrite {
        rewrites.extend(problems.take("revocation.rewrite", Rewrite::new(from, to)));
    }
    within(problems, "revocation.refresh_interval", section.refresh_interval, 7 * DAY);
    within(problems, "revocation.fetch_time_max", section.fetch_time_max, 600 * SECOND);
    within(problems, "revocation.stale_after", section.stale_after, 366 * DAY);
    // The text may hold a password and is not repeated.
    let proxy = section.proxy.as_ref().and_then(|text| problems.take("revocation.proxy", text.parse()));
    RevocationSources {
        allow: AllowList::new(all(problems, "revocation.allow", &section.allow), rewrites),
        crl_urls: all(problems, "revocation.crl_urls", &section.crl_urls),
        proxy,
        ca: section.ca_files.iter().map(|path| base.join(path)).collect(),
        refresh_interval: section.refresh_interval,
        stale_after: section.stale_after,
        fetch_time_max: section.fetch_time_max,
        ocsp: if section.ocsp { Ocsp::On } else { Ocsp::Off },
        nonce: if section.ocsp_nonce { Nonce::Required } else { Nonce::LeftOut },
    }
}

pub(super) fn timestamp(problems: &mut Problems, section: &TimestampSection) -> Option<TimestampSource> {
    let url = section.url.as_ref().and_then(|text| problems.parse("timestamp.url", text));
    within(problems, "timestamp.interval", section.interval, DAY);
    problems.unless((1..=BATCH_MAX).contains(&section.batch_max), || format!("timestamp.batch_max: 1 to {BATCH_MAX}"));
    if let Some(policy) = &section.policy {
        problems.parse::<ObjectId>("timestamp.policy", policy);
        problems.unless(section.url.is_some(), || "timestamp.policy is for a timestamp.url".into());
    }
    let (interval, batch_max) = (section.interval, section.batch_max);
    Some(TimestampSource { url: url?, policy: section.policy.clone(), interval, batch_max })
}

fn all<T>(problems: &mut Problems, key: &str, texts: &[String]) -> Vec<T>
where
    T: FromStr,
    T::Err: Display,
{
    texts.iter().filter_map(|text| problems.parse(key, text)).collect()
}

fn within(problems: &mut Problems, key: &str, found: Duration, max: Duration) {
    problems.unless((SECOND..=max).contains(&found), || format!("{key}: 1 s to {} s", max.as_secs()));
}
