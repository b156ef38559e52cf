//! Another look at a document's signatures, by the same checks and the same policy as when it came.

use prost::Message as _;
use queue::Held;
use signature::ruling::Ruling;
use types::ErrorCode;
use wire::types_v1::SignatureReport;

use crate::core::Core;
use crate::intake::{Refused, Verdict};

/// Bytes of a report that the store keeps with one step.
const REPORT_BYTES_MAX: usize = 64 * 1024;

/// What another look came to. `report` is the encoded report on the signatures.
pub(super) enum Look {
    /// Nothing keeps it any more.
    Passed { text: String, report: Vec<u8> },
    /// Still undecided.
    Undecided { code: ErrorCode, text: String, report: Vec<u8> },
    /// It must not go on.
    Refused { code: ErrorCode, text: String, report: Vec<u8> },
}

/// Checks and judges a held document again.
///
/// # Errors
/// What kept it from being checked now: it stays as it is.
pub(super) async fn look_again(core: &Core, held: &Held) -> Result<Look, Refused> {
    let verdict = match Verdict::of_kept(core, held.document.seq).await {
        Ok(verdict) => verdict,
        // The policy asks for more than it did.
        Err(Refused { code: code @ ErrorCode::SignatureMissing, detail, .. }) => {
            return Ok(Look::Refused { code, text: detail, report: Vec::new() });
        }
        Err(refused) => return Err(refused),
    };
    let report = encoded(&verdict.report);
    let (code, words) = verdict.decisive().unwrap_or((ErrorCode::VerificationPending, String::new()));
    Ok(match verdict.judgement.ruling {
        Ruling::Accept => {
            let text = "Chữ ký đã kiểm tra đạt. / The signatures were checked and passed.".to_owned();
            Look::Passed { text, report }
        }
        Ruling::Flag => Look::Passed { text: words, report },
        Ruling::Quarantine => Look::Undecided { code, text: words, report },
        Ruling::Refuse => Look::Refused { code, text: words, report },
    })
}

/// The report, without its full form where that would be too much to keep with every step.
fn encoded(report: &SignatureReport) -> Vec<u8> {
    if report.encoded_len() <= REPORT_BYTES_MAX {
        return report.encode_to_vec();
    }
    let short = SignatureReport { full: Vec::new(), ..report.clone() };
    if short.encoded_len() <= REPORT_BYTES_MAX { short.encode_to_vec() } else { Vec::new() }
}
