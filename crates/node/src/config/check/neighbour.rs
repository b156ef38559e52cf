//! `[[neighbour]]`: nodes and the national axis.

use std::collections::BTreeSet;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use axis::client::{Endpoint, Proxy};

use super::super::file::{AgencySyncText, NeighbourKindText, NeighbourSection};
use super::super::{
    Address, AgencySync, AxisLink, KeyFiles, Neighbour, NeighbourKind, Requirement, SecretRef, SyncMode,
};
use super::{Problems, codes, requirement};

/// How often the axis is asked unless the file says otherwise.
const POLL_INTERVAL: Duration = Duration::from_secs(30);
/// Between two questions about what was sent, when the configuration does not say.
const FOLLOW_UP_INTERVAL: Duration = Duration::from_secs(600);
/// Packets of one round unless the file says otherwise.
const BATCH: usize = 100;
/// The axis answers with so many at most.
const BATCH_MAX: usize = 500;
/// Packets at one time unless the file says otherwise.
const PLACES: usize = 4;
/// Each holds a connection, and a thread while it is read.
const PLACES_MAX: usize = 64;
/// Bytes of a system id: it travels in a header.
const SYSTEM_ID_MAX: usize = 128;

pub(super) fn neighbours(problems: &mut Problems, sections: &[NeighbourSection], base: &Path) -> Vec<Neighbour> {
    let mut seen = BTreeSet::new();
    let mut neighbours = Vec::new();
    for section in sections {
        let key = format!("neighbour {:?}", section.id);
        problems.unless(seen.insert(&section.id), || format!("{key}: declared twice"));
        let id = problems.parse(format!("{key}: id"), &section.id);
        let address = section.address.as_ref().and_then(|text| problems.parse(format!("{key}: address"), text));
        let serves = codes(problems, &format!("{key}: serves"), &section.serves);
        let kind = match section.kind {
            NeighbourKindText::Parent => NeighbourKind::Parent,
            NeighbourKindText::Child => NeighbourKind::Child,
            NeighbourKindText::Peer => NeighbourKind::Peer,
            NeighbourKindText::Axis => NeighbourKind::Axis,
        };
        let axis = match kind {
            NeighbourKind::Axis => axis_link(problems, &key, section, base),
            NeighbourKind::Parent | NeighbourKind::Child | NeighbourKind::Peer => {
                problems.unless(!names_axis_keys(section), || {
                    format!("{key}: endpoint, system_id, secret and the like belong to kind = \"axis\"")
                });
                None
            }
        };
        let signatures = match (kind, section.signatures) {
            (_, Some(text)) => Some(requirement(text)),
            (NeighbourKind::Axis, None) => Some(Requirement::Optional),
            (NeighbourKind::Parent | NeighbourKind::Child | NeighbourKind::Peer, None) => None,
        };
        neighbours.extend(id.map(|id| Neighbour { id, kind, address, serves, signatures, axis }));
    }
    for (kind, name) in [(NeighbourKind::Parent, "parent"), (NeighbourKind::Axis, "axis")] {
        let count = neighbours.iter().filter(|neighbour| neighbour.kind == kind).count();
        problems.unless(count <= 1, || format!("neighbour: at most one of kind = \"{name}\""));
    }
    neighbours
}

const fn names_axis_keys(section: &NeighbourSection) -> bool {
    section.endpoint.is_some()
        || section.system_id.is_some()
        || section.secret.is_some()
        || section.poll_interval.is_some()
        || section.follow_up_interval.is_some()
        || section.batch.is_some()
        || section.places.is_some()
        || section.proxy.is_some()
        || !section.ca_files.is_empty()
        || section.certificate_file.is_some()
        || section.key_file.is_some()
        || !section.agencies.is_empty()
        || section.agency_sync.is_some()
        || section.agency_sync_at.is_some()
}

fn axis_link(problems: &mut Problems, key: &str, section: &NeighbourSection, base: &Path) -> Option<AxisLink> {
    problems.unless(section.address.is_none(), || format!("{key}: the axis has an endpoint, not an address"));
    for (name, value) in
        [("endpoint", &section.endpoint), ("system_id", &section.system_id), ("secret", &section.secret)]
    {
        problems.unless(value.is_some(), || format!("{key}: {name} is missing"));
    }
    // Neither text is repeated: an operator may have written a password into it.
    let endpoint = section.endpoint.as_ref().and_then(|text| {
        let found = text.parse::<Endpoint>().map_err(|_| "write http://host[:port][/path] or https://…");
        problems.take(&format!("{key}: endpoint"), found)
    });
    let proxy = section.proxy.as_ref().and_then(|text| {
        let found = text.parse::<Proxy>().ok().filter(|_| !text.contains('@')).ok_or("write http://host:port");
        problems.take(&format!("{key}: proxy"), found)
    });
    let system = section.system_id.clone().unwrap_or_default();
    let is_word = !system.is_empty() && system.len() <= SYSTEM_ID_MAX && system.bytes().all(|b| b.is_ascii_graphic());
    problems.unless(is_word || section.system_id.is_none(), || {
        format!("{key}: system_id: 1 to {SYSTEM_ID_MAX} visible ASCII characters")
    });
    let secret = section.secret.as_ref();
    let secret = secret.and_then(|text| problems.take(&format!("{key}: secret"), SecretRef::parse(text, base)));
    let poll_interval = section.poll_interval.unwrap_or(POLL_INTERVAL);
    problems.unless((Duration::from_secs(1)..=Duration::from_secs(3600)).contains(&poll_interval), || {
        format!("{key}: poll_interval: 1s to 1h")
    });
    let follow_up_interval = section.follow_up_interval.unwrap_or(FOLLOW_UP_INTERVAL);
    problems.unless((Duration::from_secs(1)..=Duration::from_secs(86_400)).contains(&follow_up_interval), || {
        format!("{key}: follow_up_interval: 1s to 24h")
    });
    let (batch, places) = (section.batch.unwrap_or(BATCH), section.places.unwrap_or(PLACES));
    problems.unless((1..=BATCH_MAX).contains(&batch), || format!("{key}: batch: 1 to {BATCH_MAX}"));
    problems.unless((1..=PLACES_MAX).contains(&places), || format!("{key}: places: 1 to {PLACES_MAX}"));
    problems.unless(section.certificate_file.is_some() == section.key_file.is_some(), || {
        format!("{key}: certificate_file and key_file come together")
    });
    let identity = section.certificate_file.as_ref().zip(section.key_file.as_ref());
    let agencies = codes(problems, &format!("{key}: agencies"), &section.agencies);
    let at = section.agency_sync_at.as_deref().unwrap_or("02:00");
    let at = problems.parse(format!("{key}: agency_sync_at"), at);
    Some(AxisLink {
        endpoint: endpoint?,
        system,
        secret: secret?,
        poll_interval,
        follow_up_interval,
        batch,
        places,
        proxy,
        ca: section.ca_files.iter().map(|path| base.join(path)).collect(),
        identity: identity
            .map(|(certificate, key)| KeyFiles { certificate: base.join(certificate), key: base.join(key) }),
        agencies,
        agency_sync: AgencySync {
            mode: match section.agency_sync {
                Some(AgencySyncText::Apply) => SyncMode::Apply,
                Some(AgencySyncText::Propose) | None => SyncMode::Propose,
                Some(AgencySyncText::Off) => SyncMode::Off,
            },
            at: at?,
        },
    })
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || "write host:port, for example lgsp.quangngai.gov.vn:8443".to_owned();
        let (host, port) = text.rsplit_once(':').ok_or_else(bad)?;
        let port = port.parse().map_err(|_| bad())?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || host.contains('/') {
            return Err(bad());
        }
        Ok(Self { host: host.to_owned(), port })
    }
}
