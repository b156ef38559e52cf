//! Revocation lists: any bytes are read or refused, and what is read takes part in a path without a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

use signature::{
    Certificate, Crl, PathRequest, Policy, Revocation, RevocationEvidence, RevocationState, TrustStore, validate_path,
};
use types::UnixMillis;

const ROOT: &[u8] = include_bytes!("../seeds/certificate/root.der");
const LEAF: &[u8] = include_bytes!("../seeds/certificate/leaf.der");
const LIST: &[u8] = include_bytes!("../seeds/revocation_list/list.der");
/// 2026-12-01T00:00:00Z
const AT: UnixMillis = UnixMillis::new(1_796_083_200_000);

fuzz_target!(|bytes: &[u8]| {
    let Ok(list) = Crl::parse(bytes) else { return };
    let evidence = RevocationEvidence::new().with_crl(Arc::new(list));
    let (root, leaf) = (Certificate::parse(ROOT).expect("the root"), Certificate::parse(LEAF).expect("the leaf"));
    let (policy, trust) =
        (Policy { revocation: Revocation::Prefer, ..Policy::envelope() }, TrustStore::new(vec![root], Vec::new()));
    let path = validate_path(&PathRequest::new(&leaf, &trust, &policy, AT).with_evidence(&evidence)).expect("a path");
    let is_good = path.revocation().iter().all(|status| status.state == RevocationState::Good);
    // Only the list that the root signed answers.
    assert!(!is_good || bytes.windows(130).any(|part| Some(part) == LIST.get(8..138)));
});
