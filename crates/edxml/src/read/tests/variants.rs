//! What different producers write, and what has to come out the same.

use types::StatusCode;

use crate::fixture::{DOCUMENT, STATUS, document, document_with, part, read};
use crate::{NAMESPACE, Packet, preamble_length};

/// The header without what tells about bytes.
fn same(text: impl AsRef<[u8]>) {
    let (mut left, mut right) = (document(text), document(DOCUMENT));
    for document in [&mut left, &mut right] {
        document.attachments.iter_mut().for_each(|attachment| attachment.encoded = Default::default());
        document.signatures.clear();
    }
    assert_eq!(left, right);
}

#[test]
fn the_header_is_read_field_by_field() {
    let document = document(DOCUMENT);
    assert_eq!(document.from.organ_name.as_deref(), Some("Sở Nội vụ"));
    assert_eq!(document.from.fax.as_deref(), Some(""));
    assert_eq!(document.from.email, None);
    assert_eq!(document.subject, "V/v kiểm tra & báo cáo");
    assert_eq!(document.due_date, None);
    assert_eq!(document.promulgation.date.to_string(), "2026/03/01");
    assert_eq!(document.other.as_ref().unwrap().direction, Some(false));
    let trace = document.trace.as_ref().unwrap();
    assert_eq!(trace.version.as_deref(), Some("1.0"));
    assert_eq!(trace.hops[0].timestamp.to_string(), "2026/03/01 08:00:00");
    assert_eq!(document.unknown_elements, 0);
}

#[test]
fn the_prefix_may_be_any() {
    same(DOCUMENT.replace("edXML:edXML xmlns:edXML", "edXML:edXML xmlns:q").replace("edXML:", "q:"));
}

#[test]
fn the_default_namespace_serves_for_everything() {
    same(DOCUMENT.replace("xmlns:edXML", "xmlns").replace("edXML:", ""));
}

#[test]
fn everything_may_be_prefixed() {
    let mut text = DOCUMENT.to_owned();
    for name in
        ["AttachmentEncoded", "Attachment", "ContentId", "AttachmentName", "ContentType", "ContentTransferEncoded"]
    {
        text = text.replace(&format!("<{name}>"), &format!("<edXML:{name}>"));
        text = text.replace(&format!("</{name}>"), &format!("</edXML:{name}>"));
    }
    assert!(text.contains("<edXML:AttachmentEncoded>"));
    same(text);
}

#[test]
fn prefix_and_default_may_be_mixed_as_in_the_axis_sample() {
    let root = format!("<edXML xmlns=\"{NAMESPACE}\">");
    let envelope = format!("<edXML:edXMLEnvelope xmlns:edXML=\"{NAMESPACE}\">");
    let text = document_with(&format!("<edXML:edXML xmlns:edXML=\"{NAMESPACE}\">"), &root)
        .replace("</edXML:edXML>", "</edXML>")
        .replace("<edXML:edXMLEnvelope>", &envelope)
        .replace("<edXML:Signature/>", "<Signature><SignedInfo><Reference URI=\"\"/></SignedInfo></Signature>")
        .replace("<ContentTransferEncoded>", &format!("<x:ContentTransferEncoded xmlns:x=\"{NAMESPACE}\">"))
        .replace("</ContentTransferEncoded>", "</x:ContentTransferEncoded>");
    same(text);
}

#[test]
fn elements_may_come_in_another_order() {
    let trace = DOCUMENT.split_once("<edXML:TraceHeader>").unwrap().1.split_once("</edXML:TraceHeader>").unwrap().0;
    let hop = format!("<edXML:TraceHeader>{trace}</edXML:TraceHeader>");
    same(document_with(&hop, "").replace("</edXML:Bussiness>", &format!("</edXML:Bussiness>{hop}")));
    same(document_with("<edXML:DocumentId>000.00.20.H48,2026/03/01,12/SNV-VP</edXML:DocumentId>", "").replace(
        "</edXML:MessageHeader>",
        "<edXML:DocumentId>000.00.20.H48,2026/03/01,12/SNV-VP</edXML:DocumentId></edXML:MessageHeader>",
    ));
}

#[test]
fn attachments_may_come_before_the_envelope() {
    let start = DOCUMENT.find(" <AttachmentEncoded>").unwrap();
    let end = DOCUMENT.find("</edXML:edXML>").unwrap();
    let attachments = &DOCUMENT[start..end];
    same(
        DOCUMENT
            .replace(attachments, "")
            .replace(" <edXML:edXMLEnvelope>", &format!("{attachments}<edXML:edXMLEnvelope>")),
    );
}

#[test]
fn content_may_come_before_the_other_fields_of_an_attachment() {
    let content = "<ContentTransferEncoded>Q2jDoG8=</ContentTransferEncoded>";
    let text = document_with(content, "").replace("<Attachment>", &format!("<Attachment>{content}"));
    let (_, contents) = read(&text).unwrap();
    assert_eq!(contents.heads[0].content_id, "");
    same(text);
}

#[test]
fn the_sink_sees_the_envelope_before_and_the_head_as_far_as_it_came() {
    let (_, contents) = read(DOCUMENT).unwrap();
    assert_eq!(contents.envelopes, 1);
    assert_eq!(contents.heads[0].name.as_deref(), Some("12.pdf"));
    assert_eq!(contents.bytes, ["Chào".as_bytes()]);
    assert_eq!(contents.ended, 1);
}

#[test]
fn comments_cdata_and_references_are_text_like_any_other() {
    same(document_with(
        "<edXML:Subject>V/v kiểm tra &amp; báo cáo</edXML:Subject>",
        "<edXML:Subject>V/v <![CDATA[kiểm tra & ]]><!-- x --><?pi y?>b&#xE1;o c&#225;o</edXML:Subject >",
    ));
}

#[test]
fn line_ends_in_text_become_line_feeds() {
    let document = document(document_with(">nội dung<", ">nội\r\ndung\r&#13;<"));
    assert_eq!(document.content.as_deref(), Some("nội\ndung\n\r"));
}

#[test]
fn content_may_be_a_cdata_section_or_broken_into_lines() {
    for content in
        ["<![CDATA[Q2jDoG8=]]>", "\n <![CDATA[Q2jD\noG8=]]> \n", "Q2jD\r\n  oG8=\r\n", "Q2jD&#13;\noG8=<!-- end -->"]
    {
        let text = document_with("Q2jDoG8=", content);
        let (_, contents) = read(&text).unwrap();
        assert_eq!(contents.bytes, ["Chào".as_bytes()], "{content}");
        let range = document(&text).attachments[0].encoded;
        let stored = part(&text, range);
        assert!(stored.trim().starts_with("Q2jD") && stored.trim().ends_with("oG8="), "{stored:?}");
    }
}

#[test]
fn an_empty_content_is_an_empty_attachment() {
    for content in ["<ContentTransferEncoded/>", "<ContentTransferEncoded></ContentTransferEncoded>"] {
        let text = document_with("<ContentTransferEncoded>Q2jDoG8=</ContentTransferEncoded>", content);
        let (_, contents) = read(&text).unwrap();
        assert_eq!(contents.bytes, [b""], "{content}");
        assert_eq!(document(&text).attachments[0].decoded_length, 0);
    }
}

#[test]
fn unknown_elements_are_passed_over_and_counted() {
    let more = "<edXML:Subject><x:a xmlns:x=\"urn:x\"><x:From/>text</x:a><edXML:New/>";
    let document = document(document_with("<edXML:Subject>", more));
    assert_eq!(document.unknown_elements, 2);
    assert_eq!(document.subject, "V/v kiểm tra & báo cáo");
}

#[test]
fn a_signature_is_found_in_any_namespace_with_its_place() {
    for signature in [
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:Reference/></ds:Signature>",
        "<edXML:DigitalSignature/>",
        "<Signature> <From/> </Signature>",
    ] {
        let text = document_with("<edXML:Signature/>", signature);
        let document = document(&text);
        assert_eq!(document.signatures.len(), 1);
        let range = document.signatures[0];
        assert_eq!(part(&text, range), signature);
        assert_eq!(document.unknown_elements, 0);
    }
}

#[test]
fn a_byte_order_mark_is_passed_over_and_counted() {
    let text = format!("\u{FEFF}{DOCUMENT}");
    same(&text);
    let range = document(&text).attachments[0].encoded;
    assert_eq!(part(&text, range), "Q2jDoG8=");
}

#[test]
fn stray_digits_before_the_declaration_are_passed_over_and_counted() {
    let text = format!("1212{DOCUMENT}");
    same(&text);
    let range = document(&text).attachments[0].encoded;
    assert_eq!(part(&text, range), "Q2jDoG8=");
    assert_eq!(preamble_length(text.as_bytes()), 4);
    assert_eq!(preamble_length("\u{FEFF}\n<?xml".as_bytes()), 4);
    assert_eq!(preamble_length(b"<?xml"), 0);
}

#[test]
fn the_declaration_may_be_absent() {
    same(document_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", ""));
    same(document_with("encoding=\"UTF-8\"", "encoding='utf-8' standalone='yes'"));
}

#[test]
fn a_packet_with_a_status_code_is_a_status() {
    let (packet, contents) = read(STATUS).unwrap();
    let Packet::Status(status) = packet else { panic!("{packet:?}") };
    assert_eq!(status.status_code, StatusCode::Registered);
    assert_eq!(status.from.organ_id.as_str(), "H48.20.15");
    assert_eq!(status.response_for.organ_id.as_str(), "000.00.20.H48");
    assert_eq!(status.staff.unwrap().staff.as_deref(), Some("Trần Thị B"));
    assert_eq!(status.timestamp.to_string(), "2026/03/01 09:00:00");
    assert_eq!(contents.envelopes, 1);
}

#[test]
fn a_document_without_body_and_attachments_reads() {
    let start = DOCUMENT.find("<edXML:edXMLBody>").unwrap();
    let end = DOCUMENT.find("</edXML:edXML>").unwrap();
    let text = format!("{}</edXML:edXMLEnvelope>{}", &DOCUMENT[..start], &DOCUMENT[end..]);
    let document = document(text);
    assert_eq!(document.manifest, None);
    assert_eq!(document.attachments, []);
}
