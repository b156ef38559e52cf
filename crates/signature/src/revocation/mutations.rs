//! Lists and responses with bytes changed, cut or added: read or refused, never a panic.

use proptest::prelude::*;

use super::{Crl, OcspResponse};
use crate::certificate::Certificate;

/// Lengths, tags and values change where a byte does.
fn mutate(bytes: &[u8], changes: &[(usize, u8)], end: usize) -> Vec<u8> {
    let mut mutated = bytes.to_vec();
    for (position, value) in changes {
        let position = position % mutated.len();
        mutated[position] = *value;
    }
    mutated.truncate(mutated.len().saturating_sub(end));
    mutated
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn nothing_panics(
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..4),
        end in prop_oneof![4 => Just(0_usize), 1 => 0_usize..40],
    ) {
        let list = include_bytes!("../../fixtures/EXAMPLE-list.der");
        let response = include_bytes!("../../fixtures/EXAMPLE-ocsp.der");
        let certificate = include_bytes!("../../fixtures/EXAMPLE-constrained.der");
        let list = Crl::parse(&mutate(list, &changes, end));
        let response = OcspResponse::parse(&mutate(response, &changes, end));
        if let (Ok(certificate), Ok(list)) = (Certificate::parse(&mutate(certificate, &changes, end)), list) {
            list.find(certificate.issuer_name(), certificate.serial());
            if let Ok(response) = response {
                response.find(&certificate, &certificate);
            }
        }
    }
}
