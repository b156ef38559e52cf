//! Files with bytes changed, cut or doubled: signed or refused, never a panic; and what is signed verifies.

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn nothing_panics_and_what_is_signed_verifies(
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..4),
        end in prop_oneof![4 => Just(0_usize), 1 => 0_usize..40],
        has_streams in any::<bool>(),
        is_seal in any::<bool>(),
    ) {
        thread_local!(static SAMPLES: (Cast, [Vec<u8>; 2]) = {
            let cast = Cast::new();
            let signed = [plain(), with_streams()].map(|file| signed_as(&cast, &file, PdfRole::Leader, "EXAMPLE"));
            (cast, signed)
        });
        SAMPLES.with(|(cast, samples)| {
            let mut file = samples[usize::from(has_streams)].clone();
            for (position, value) in &changes {
                let position = position % file.len();
                file[position] = *value;
            }
            file.truncate(file.len().saturating_sub(end));
            let role = if is_seal { PdfRole::Seal } else { PdfRole::Leader };
            let signer = cast.signer("EXAMPLE Other");
            if let Ok(signed) = sign_pdf(&signer, &file, &options(cast, role)) {
                assert!(signed.starts_with(&file));
                // The earlier signature may be broken by the mutation; the new one stands.
                let report = report(cast, &signed);
                let own = report.signatures.last().map(|entry| entry.signature.is_passed());
                assert!(own == Some(true), "{report:#?}");
            }
        });
    }
}
