//! From reasons to reports.

use crate::reason::Reason;
use crate::report::{SignatureFormat, SignatureKind, SignatureReport};

pub(crate) fn refused(reason: &Reason) -> SignatureReport {
    let facts = reason.facts();
    SignatureReport {
        kind: SignatureKind::Envelope,
        format: SignatureFormat::CmsDetached,
        indication: facts.sub.indication(),
        sub_indication: Some(facts.sub),
        reason_code: Some(facts.code),
        rule: Some(facts.rule.to_owned()),
        explanation_vi: facts.vi.to_owned(),
        explanation_en: reason.to_string(),
        signer: None,
        algorithm: None,
        claimed_time: None,
        quirks: Vec::new(),
    }
}
