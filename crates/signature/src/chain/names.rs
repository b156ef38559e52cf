//! Name constraints along a path. Source: RFC 5280 4.2.1.10, 6.1.3 (b), (c), 6.1.4 (g).

use crate::certificate::{Certificate, GeneralName, Name, NameConstraints};
use crate::reason::ChainReason;

/// Comparisons of one path: a hostile set of names and subtrees ends here.
const COMPARISONS_MAX: usize = 100_000;

/// Checks the names of a path, given from the certificate below the anchor to the last one, against the
/// constraints of the certificates above each. The anchor's own constraints count as well (RFC 5937).
pub(super) fn check(anchor: &Certificate, path: &[&Certificate]) -> Result<(), ChainReason> {
    let mut constraints: Vec<&NameConstraints> = anchor.extensions().name_constraints.iter().collect();
    let mut comparisons = 0;
    for (position, certificate) in path.iter().enumerate() {
        let is_last = position + 1 == path.len();
        if is_last || !super::is_self_issued(certificate) {
            check_certificate(certificate, &constraints, &mut comparisons)?;
        }
        constraints.extend(&certificate.extensions().name_constraints);
    }
    Ok(())
}

fn check_certificate(
    certificate: &Certificate,
    constraints: &[&NameConstraints],
    comparisons: &mut usize,
) -> Result<(), ChainReason> {
    if constraints.is_empty() {
        return Ok(());
    }
    let subject = certificate.subject_name();
    let directory = (!subject.is_empty()).then(|| GeneralName::Directory(subject.clone()));
    let has_email = certificate.extensions().names.iter().any(|name| matches!(name, GeneralName::Email(_)));
    // Old certificates name their mailbox in the subject alone.
    let mailboxes = subject.emails().iter().filter(|_| !has_email).map(|text| GeneralName::Email(text.clone()));
    let names = directory.into_iter().chain(mailboxes).chain(certificate.extensions().names.iter().cloned());
    for name in names {
        for constraint in constraints {
            *comparisons += constraint.permitted.len() + constraint.excluded.len();
            if *comparisons > COMPARISONS_MAX || !allows(constraint, &name) {
                return Err(ChainReason::NameConstraint {
                    subject: certificate.subject().to_owned(),
                    name: text(&name),
                });
            }
        }
    }
    Ok(())
}

/// What a comparison of a name with a constraint gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Match {
    /// Another kind of name: the constraint says nothing.
    OtherKind,
    Inside,
    Outside,
    /// Cannot be told: neither permitted nor safely outside what is excluded.
    Unknown,
}

fn allows(constraint: &NameConstraints, name: &GeneralName) -> bool {
    let is_clear = |base| matches!(compare(name, base), Match::OtherKind | Match::Outside);
    if !constraint.excluded.iter().all(is_clear) {
        return false;
    }
    let mut permitted = constraint.permitted.iter().map(|base| compare(name, base)).filter(|m| *m != Match::OtherKind);
    permitted.clone().next().is_none() || permitted.any(|found| found == Match::Inside)
}

fn compare(name: &GeneralName, base: &GeneralName) -> Match {
    let found = match (name, base) {
        (GeneralName::Directory(name), GeneralName::Directory(base)) => return directory(name, base),
        (GeneralName::Dns(name), GeneralName::Dns(base)) => dns(name, base),
        (GeneralName::Email(name), GeneralName::Email(base)) => email(name, base),
        (GeneralName::Uri(name), GeneralName::Uri(base)) => uri(name, base),
        (GeneralName::Ip(name), GeneralName::Ip(base)) => ip(name, base),
        (GeneralName::Other(kind, _), GeneralName::Other(other, _)) if kind == other => None,
        _ => return Match::OtherKind,
    };
    match found {
        Some(true) => Match::Inside,
        Some(false) => Match::Outside,
        None => Match::Unknown,
    }
}

fn directory(name: &Name, base: &Name) -> Match {
    match (name.is_within(base), name.is_folded() && base.is_folded()) {
        (true, _) => Match::Inside,
        (false, true) => Match::Outside,
        (false, false) => Match::Unknown,
    }
}

/// A host equal to the base, or with labels added on its left; a leading dot asks for at least one label.
fn dns(name: &str, base: &str) -> Option<bool> {
    let (name, base) = (name.to_ascii_lowercase(), base.to_ascii_lowercase());
    // What a wildcard stands for cannot be held against a constraint.
    if name.contains('*') || name.is_empty() {
        return None;
    }
    if base.is_empty() {
        return Some(true);
    }
    let is_below = |base: &str| name.strip_suffix(base).is_some_and(|labels| labels.ends_with('.') && labels.len() > 1);
    Some(match base.strip_prefix('.') {
        Some(base) => is_below(base),
        None => name == base || is_below(&base),
    })
}

/// A mailbox, every mailbox of a host, or of the hosts of a domain (leading dot).
fn email(name: &str, base: &str) -> Option<bool> {
    let (local, host) = name.rsplit_once('@')?;
    if let Some((base_local, base_host)) = base.rsplit_once('@') {
        return Some(local == base_local && host.eq_ignore_ascii_case(base_host));
    }
    Some(host_matches(host, base))
}

/// The host of a URI, or the hosts of a domain (leading dot). Without a host there is nothing to compare.
fn uri(name: &str, base: &str) -> Option<bool> {
    let (_, rest) = name.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let is_named = host.contains('.') && host.chars().any(|c| c.is_ascii_alphabetic()) && !host.starts_with('[');
    is_named.then(|| host_matches(host, base))
}

fn host_matches(host: &str, base: &str) -> bool {
    let (host, base) = (host.to_ascii_lowercase(), base.to_ascii_lowercase());
    if base.is_empty() {
        return true;
    }
    if base.starts_with('.') {
        return host.len() > base.len() && host.ends_with(&base);
    }
    host == base
}

fn ip(name: &[u8], base: &[u8]) -> Option<bool> {
    if name.len() != 4 && name.len() != 16 {
        return None;
    }
    if base.len() != name.len() * 2 {
        return Some(false);
    }
    let (address, mask) = base.split_at(name.len());
    Some(name.iter().zip(address).zip(mask).all(|((name, address), mask)| name & mask == address & mask))
}

fn text(name: &GeneralName) -> String {
    match name {
        GeneralName::Email(text) | GeneralName::Dns(text) | GeneralName::Uri(text) => text.clone(),
        GeneralName::Directory(name) => name.as_str().to_owned(),
        GeneralName::Ip(bytes) => bytes.iter().map(ToString::to_string).collect::<Vec<_>>().join("."),
        GeneralName::Other(kind, _) => format!("a name of kind {kind}"),
    }
}

#[cfg(test)]
mod tests;
