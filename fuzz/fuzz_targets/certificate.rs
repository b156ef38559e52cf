//! Certificates and their extensions: any bytes are read or refused, and what is read takes part in a path without a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use signature::{Certificate, PathRequest, Policy, Target, TrustStore, validate_path};
use types::UnixMillis;

const ROOT: &[u8] = include_bytes!("../seeds/certificate/root.der");
const LEAF: &[u8] = include_bytes!("../seeds/certificate/leaf.der");
/// 2026-12-01T00:00:00Z
const AT: UnixMillis = UnixMillis::new(1_796_083_200_000);

fuzz_target!(|bytes: &[u8]| {
    let Ok(read) = Certificate::parse(bytes) else { return };
    assert_eq!(read.der(), bytes);
    let (root, leaf) = (Certificate::parse(ROOT).expect("the root"), Certificate::parse(LEAF).expect("the leaf"));
    let policy = Policy::envelope();
    let trust = TrustStore::new(vec![root.clone()], Vec::new());
    // As the end of a path, only what the root signed is taken.
    if validate_path(&PathRequest::new(&read, &trust, &policy, AT).for_target(Target::Any)).is_ok() {
        assert!(bytes == ROOT || bytes == LEAF);
    }
    // As the anchor and beside it.
    let trust = TrustStore::new(vec![read.clone()], vec![root]);
    if validate_path(&PathRequest::new(&leaf, &trust, &policy, AT).with_embedded(&[read])).is_ok() {
        assert_eq!(bytes.len(), ROOT.len(), "another anchor than the root was taken");
    }
});
