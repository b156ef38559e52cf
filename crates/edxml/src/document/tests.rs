use types::{BusinessType, Lane, Secrecy};

use crate::fixture::{DOCUMENT, document, document_with};
use crate::{DocumentCode, ReceiverChange, ReferenceRole};

const BUSINESS: &str =
    "<edXML:Bussiness><edXML:BussinessDocType>0</edXML:BussinessDocType><edXML:Paper>0</edXML:Paper></edXML:Bussiness>";

#[test]
fn recipients_come_in_the_order_of_the_packet() {
    let document = document(DOCUMENT);
    let recipients: Vec<&str> = document.recipients().map(|id| id.as_str()).collect();
    assert_eq!(recipients, ["H48.20.15", "28.22.H17"]);
}

#[test]
fn the_lane_is_the_priority() {
    assert_eq!(document(DOCUMENT).lane(), Lane::VeryUrgent);
}

#[test]
fn a_document_without_priority_is_normal() {
    assert_eq!(document(document_with("<edXML:Priority>2</edXML:Priority>", "")).lane(), Lane::Normal);
}

#[test]
fn a_document_without_business_is_new() {
    assert_eq!(document(document_with(BUSINESS, "")).business_type(), BusinessType::New);
}

#[test]
fn secrecy_is_read_from_the_sphere() {
    assert_eq!(document(DOCUMENT).secrecy(), Secrecy::Open);
    assert_eq!(document(document_with(">Liên thông<", ">Tối mật<")).secrecy(), Secrecy::TopSecret);
}

#[test]
fn a_new_document_refers_to_nothing_by_its_business_id() {
    let business = "<edXML:Bussiness><edXML:DocumentId>earlier</edXML:DocumentId><edXML:BussinessDocType>0</edXML:BussinessDocType></edXML:Bussiness>";
    assert!(document(document_with(BUSINESS, business)).references().is_empty());
}

#[test]
fn a_revocation_names_the_earlier_document() {
    let business = "<edXML:Bussiness><edXML:DocumentId>earlier</edXML:DocumentId><edXML:BussinessDocType>1</edXML:BussinessDocType></edXML:Bussiness>";
    let document = document(document_with(BUSINESS, business));
    assert_eq!(document.business_type(), BusinessType::Revoke);
    let references = document.references();
    assert_eq!(references.len(), 1);
    assert_eq!(references[0].role, ReferenceRole::Business);
    assert_eq!(references[0].document_id.unwrap().as_str(), "earlier");
}

#[test]
fn a_replacement_names_every_replaced_document_and_the_answered_one() {
    let business = "<edXML:Bussiness><edXML:BussinessDocType>3</edXML:BussinessDocType><edXML:ReplacementInfoList>\
        <edXML:ReplacementInfo><edXML:DocumentId>a</edXML:DocumentId><edXML:OrganIdList><edXML:OrganId>H48</edXML:OrganId></edXML:OrganIdList></edXML:ReplacementInfo>\
        <edXML:ReplacementInfo><edXML:DocumentId>b</edXML:DocumentId></edXML:ReplacementInfo>\
        </edXML:ReplacementInfoList></edXML:Bussiness>";
    let response = "<edXML:ResponseFor><edXML:OrganId>G22</edXML:OrganId><edXML:Code>7/VP</edXML:Code>\
        <edXML:PromulgationDate>2025/01/02</edXML:PromulgationDate></edXML:ResponseFor><edXML:ToPlaces>";
    let text = document_with(BUSINESS, business).replacen("<edXML:ToPlaces>", response, 1);
    let document = document(text);
    let roles: Vec<ReferenceRole> = document.references().iter().map(|reference| reference.role).collect();
    assert_eq!(roles, [ReferenceRole::ResponseFor, ReferenceRole::Replacement, ReferenceRole::Replacement]);
    assert_eq!(document.references()[0].code, Some("7/VP"));
    let business = document.trace.as_ref().unwrap().business.as_ref().unwrap();
    assert_eq!(business.replacements.as_ref().unwrap()[0].organ_ids[0].as_str(), "H48");
}

#[test]
fn an_update_lists_receivers_added_and_removed() {
    let business = "<edXML:Bussiness><edXML:BussinessDocType>2</edXML:BussinessDocType><edXML:BussinessDocumentInfo>\
        <edXML:DocumentReceiver>1</edXML:DocumentReceiver><edXML:ReceiverList>\
        <edXML:Receiver><edXML:OrganId>H48</edXML:OrganId><edXML:ReceiverType>0</edXML:ReceiverType></edXML:Receiver>\
        <edXML:Receiver><edXML:OrganId>H49</edXML:OrganId><edXML:ReceiverType>1</edXML:ReceiverType></edXML:Receiver>\
        </edXML:ReceiverList></edXML:BussinessDocumentInfo></edXML:Bussiness>";
    let document = document(document_with(BUSINESS, business));
    let changes: Vec<(&str, ReceiverChange)> =
        document.receiver_changes().map(|receiver| (receiver.organ_id.as_str(), receiver.change)).collect();
    assert_eq!(changes, [("H48", ReceiverChange::Removed), ("H49", ReceiverChange::Added)]);
}

#[test]
fn a_code_joins_number_and_notation() {
    assert_eq!(DocumentCode::new("7816", "VPCP-TTĐT").joined(), "7816/VPCP-TTĐT");
    assert_eq!(DocumentCode::new("7816", " ").joined(), "7816");
}
