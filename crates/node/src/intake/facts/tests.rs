use edxml::{DocumentCode, EdxmlDate, EdxmlTimestamp, Organization, OtherInfo, PromulgationInfo, TraceHeaderList};

use super::*;

fn organization(code: &str) -> Organization {
    Organization::new(code.parse().unwrap())
}

fn document() -> Document {
    Document::new(
        organization("000.00.00.G22"),
        vec![organization("H48"), organization("28.22.H17")],
        "7816".parse().unwrap(),
        DocumentCode::new("7816", "VPCP-TTĐT"),
        PromulgationInfo { place: None, date: EdxmlDate::new(2026, 11, 21).unwrap() },
        "V/v liên thông",
    )
}

fn response(document_id: Option<&str>) -> ResponseFor {
    ResponseFor {
        organ_id: "000.00.00.G22".parse().unwrap(),
        code: Some("7816/VPCP-TTĐT".into()),
        promulgation_date: Some(EdxmlDate::new(2015, 9, 30).unwrap()),
        document_id: document_id.map(|text| text.parse().unwrap()),
    }
}

fn revocation(earlier: Option<&str>) -> Document {
    let business = edxml::Business {
        doc_type: Some(BusinessType::Revoke),
        document_id: earlier.map(|text| text.parse().unwrap()),
        ..edxml::Business::default()
    };
    let trace = TraceHeaderList { business: Some(business), ..TraceHeaderList::default() };
    Document { trace: Some(trace), ..document() }
}

#[test]
fn a_receiver_with_an_odd_code_is_kept_as_written() {
    let facts = Facts::of(&Packet::Document(document())).unwrap();
    assert_eq!(facts.to.iter().map(AgencyCode::as_str).collect::<Vec<_>>(), ["H48", "28.22.H17"]);
}

#[test]
fn a_document_with_a_secrecy_mark_is_refused() {
    let other = OtherInfo { sphere_of_promulgation: Some("Tối mật".into()), ..OtherInfo::default() };
    let found = Facts::of(&Packet::Document(Document { other: Some(other), ..document() }));
    assert_eq!(found.unwrap_err().code, ErrorCode::SecretDocument);
}

#[test]
fn a_revocation_is_about_the_document_it_names() {
    let facts = Facts::of(&Packet::Document(revocation(Some("7800")))).unwrap();
    let about = facts.about.unwrap();
    assert_eq!((about.sender.as_str(), about.document_id.as_str()), ("000.00.00.G22", "7800"));
}

#[test]
fn a_new_document_is_about_nothing_although_it_answers_one() {
    let document = Document { response_for: vec![response(Some("old"))], ..document() };
    assert_eq!(Facts::of(&Packet::Document(document)).unwrap().about, None);
}

#[test]
fn a_status_goes_to_the_sender_of_its_document() {
    let at = EdxmlTimestamp::new(EdxmlDate::new(2026, 11, 21).unwrap(), 8, 0, 0).unwrap();
    let status = Status::new(organization("H48"), response(Some("7816")), StatusCode::Registered, at);
    let facts = Facts::of(&Packet::Status(status)).unwrap();
    assert_eq!((facts.to[0].as_str(), facts.document_id.as_str()), ("000.00.00.G22", "7816"));
}

#[test]
fn a_status_without_a_document_id_names_its_document_the_customary_way() {
    let key = key_of(&response(None)).unwrap();
    assert_eq!(key.document_id.as_str(), "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT");
}

#[test]
fn a_status_that_names_no_document_is_refused() {
    let found = key_of(&ResponseFor { promulgation_date: None, ..response(None) });
    assert_eq!(found.unwrap_err().code, ErrorCode::MissingElement);
}
