use edxml::{
    AttachmentHead, Business, ChangedInfo, DocumentCode, EdxmlDate, EdxmlTimestamp, Organization, PromulgationInfo,
    Receiver, Replacement, ResponseFor, Status, TraceHeaderList,
};
use types::StatusCode;

use super::*;

fn organization(code: &str) -> Organization {
    Organization::new(code.parse().unwrap())
}

fn agency(code: &str) -> AgencyCode {
    code.parse().unwrap()
}

fn document(doc_type: BusinessType, business: Business) -> Document {
    let mut document = Document::new(
        organization("000.00.00.G22"),
        vec![organization("H48")],
        "7817".parse().unwrap(),
        DocumentCode::new("7817", "VPCP-TTĐT"),
        PromulgationInfo { place: None, date: EdxmlDate::new(2026, 11, 21).unwrap() },
        "V/v liên thông",
    );
    let business = Business { doc_type: Some(doc_type), document_id: Some("7816".parse().unwrap()), ..business };
    document.trace = Some(TraceHeaderList { business: Some(business), ..TraceHeaderList::default() });
    document
}

fn with_content(mut document: Document) -> Document {
    document.attachments.push(edxml::Attachment {
        head: AttachmentHead::new("cid:1", "a.pdf", "application/pdf"),
        encoded: edxml::ByteRange { offset: 0, length: 0 },
        decoded_length: 0,
    });
    document
}

fn acts(packet: Packet) -> Vec<(String, Request, Concerned)> {
    let facts = Facts::of(&packet).unwrap();
    let acts = Acts::of(&packet, &facts).unwrap();
    acts.asked.into_iter().map(|one| (one.earlier.document_id.to_string(), one.request, one.concerned)).collect()
}

fn of_document(document: Document) -> Vec<(String, Request, Concerned)> {
    acts(Packet::Document(document))
}

fn one(id: &str, request: Request, concerned: Concerned) -> (String, Request, Concerned) {
    (id.to_owned(), request, concerned)
}

#[test]
fn a_new_document_acts_on_nothing() {
    assert_eq!(of_document(document(BusinessType::New, Business::default())), []);
}

#[test]
fn a_revocation_withdraws_the_document_it_names() {
    let found = of_document(document(BusinessType::Revoke, Business::default()));
    assert_eq!(found, [one("7816", Request::Withdraw, Concerned::All)]);
}

#[test]
fn an_update_withdraws_from_the_removed_and_supersedes_for_the_others() {
    let change = |code: &str, change| Receiver { organ_id: code.parse().unwrap(), change };
    let receivers = vec![change("H48", ReceiverChange::Removed), change("H49", ReceiverChange::Added)];
    let changed = Some(ChangedInfo { receivers: Some(receivers), ..ChangedInfo::default() });
    let update = with_content(document(BusinessType::Update, Business { changed, ..Business::default() }));
    let removed = BTreeSet::from([agency("H48")]);
    let wanted = [
        one("7816", Request::Withdraw, Concerned::Only(removed.clone())),
        one("7816", Request::Supersede, Concerned::AllBut(removed)),
    ];
    assert_eq!(of_document(update.clone()), wanted);
    let packet = Packet::Document(update);
    let facts = Facts::of(&packet).unwrap();
    assert_eq!(Acts::of(&packet, &facts).unwrap().added, [agency("H49")]);
}

#[test]
fn an_update_without_content_amends() {
    let found = of_document(document(BusinessType::Update, Business::default()));
    assert_eq!(found[1], one("7816", Request::Amend, Concerned::AllBut(BTreeSet::new())));
}

#[test]
fn a_replacement_supersedes_each_named_document_for_its_receivers() {
    let replaced = |id: &str, codes: &[&str]| Replacement {
        document_id: id.parse().unwrap(),
        organ_ids: codes.iter().map(|code| code.parse().unwrap()).collect(),
    };
    let replacements = Some(vec![replaced("7816", &["H48"]), replaced("7815", &[])]);
    let found = of_document(document(BusinessType::Replace, Business { replacements, ..Business::default() }));
    let wanted = [
        one("7816", Request::Supersede, Concerned::Only(BTreeSet::from([agency("H48")]))),
        one("7815", Request::Supersede, Concerned::All),
    ];
    assert_eq!(found, wanted);
}

#[test]
fn only_status_13_of_the_sender_acts() {
    let at = EdxmlTimestamp::new(EdxmlDate::new(2026, 11, 21).unwrap(), 8, 0, 0).unwrap();
    let about = ResponseFor {
        organ_id: "000.00.00.G22".parse().unwrap(),
        code: None,
        promulgation_date: None,
        document_id: Some("7816".parse().unwrap()),
    };
    let status = |from: &str, code| acts(Packet::Status(Status::new(organization(from), about.clone(), code, at)));
    assert_eq!(status("000.00.00.G22", StatusCode::TakeBack), [one("7816", Request::Withdraw, Concerned::All)]);
    assert_eq!(status("H48", StatusCode::TakeBack), [], "not a receiver's");
    assert_eq!(status("H48", StatusCode::Refused), []);
}

#[test]
fn what_names_a_document_of_another_agency_acts_on_nothing() {
    let mut revocation = document(BusinessType::Revoke, Business::default());
    if let Some(business) = revocation.trace.as_mut().and_then(|trace| trace.business.as_mut()) {
        business.document_id = None;
    }
    revocation.response_for = vec![ResponseFor {
        organ_id: "H48".parse().unwrap(),
        code: None,
        promulgation_date: None,
        document_id: Some("12".parse().unwrap()),
    }];
    assert_eq!(of_document(revocation), []);
}
