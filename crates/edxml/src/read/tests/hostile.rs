//! What is refused, each by its own code.

use types::ErrorCode::{self, ForbiddenXml, InvalidElement, MalformedDocument, MissingElement, WrongNamespace};

use crate::fixture::{DOCUMENT, STATUS, document_with, read};
use crate::{EdxmlError, NAMESPACE, Problem};

fn refused(text: impl AsRef<[u8]>, code: ErrorCode) -> EdxmlError {
    let shown = String::from_utf8_lossy(text.as_ref()).chars().take(300).collect::<String>();
    match read(text.as_ref()) {
        Ok(_) => panic!("read: {shown}"),
        Err(error) => {
            assert_eq!(error.code(), code, "{error}: {shown}");
            error
        }
    }
}

#[test]
fn a_dtd_in_any_form_is_forbidden() {
    for dtd in [
        "<!DOCTYPE edXML>",
        "<!DOCTYPE edXML SYSTEM \"file:///etc/passwd\">",
        "<!DOCTYPE edXML [<!ENTITY a \"b\">]>",
        "<!DOCTYPE edXML [<!ENTITY % a SYSTEM \"http://x/y\"> %a;]>",
        "<!doctype edXML>",
        "<!DOCTYPE>",
        "<!DOCTYPE edXML [",
        &format!("<!DOCTYPE edXML [{}]>", "<!ENTITY a \"b\">".repeat(200_000)),
    ] {
        refused(document_with("<edXML:edXML ", &format!("{dtd}<edXML:edXML ")), ForbiddenXml);
    }
}

#[test]
fn an_entity_that_only_a_dtd_could_define_is_forbidden() {
    refused(document_with(">nội dung<", ">a&secret;b<"), ForbiddenXml);
    refused(document_with(">nội dung<", "><x a=\"&secret;\"/><"), ForbiddenXml);
    refused(document_with("Q2jDoG8=", "Q2jD&secret;oG8="), ForbiddenXml);
    refused(document_with("<edXML:Signature/>", "<edXML:Signature>&secret;</edXML:Signature>"), ForbiddenXml);
}

#[test]
fn text_that_is_not_well_formed_is_malformed() {
    for (part, replacement) in [
        ("</edXML:Subject>", "</edXML:Content>"),
        ("<edXML:Subject>", "<edXML:Subject a=\"1\" a=\"2\">"),
        ("<edXML:Subject>", "<edXML:Subject a=1>"),
        ("<edXML:Subject>", "<edXML:Subject a=\"<\">"),
        ("<edXML:Subject>", "<edXML:Subject a=\"&\">"),
        ("<edXML:Subject>", "<edXML:Subject><1/>"),
        ("<edXML:Subject>", "<edXML:Subject><a:b:c/>"),
        ("<edXML:Subject>", "<edXML:Subject><u:a/>"),
        ("<edXML:Subject>", "<edXML:Subject><a xmlns:xml=\"urn:x\"/>"),
        (">nội dung<", ">a & b<"),
        (">nội dung<", ">a &b <"),
        (">nội dung<", ">&#0;<"),
        (">nội dung<", ">&#xD800;<"),
        (">nội dung<", ">&#+65;<"),
        (">nội dung<", ">]]><"),
        (">nội dung<", ">\u{1}<"),
        (">nội dung<", ">\0<"),
        (">nội dung<", ">\u{FFFE}<"),
        (">nội dung<", "><!-- a -- b --><"),
        (">nội dung<", "><!-- a --->"),
        (">nội dung<", "><!ELEMENT a><"),
        (">nội dung<", "><?xml version=\"1.0\"?><"),
        (">nội dung<", "><?XML a?><"),
        ("<?xml version=\"1.0\"", "<?xml version=\"1.1\""),
        ("<?xml version=\"1.0\"", " \n <?xml versio=\"1.0\""),
        ("<?xml version", "1x<?xml version"),
        ("<?xml version", "12345678901234567<?xml version"),
        ("<edXML:edXML ", "text<edXML:edXML "),
        ("<edXML:edXML ", "&#32;<edXML:edXML "),
    ] {
        refused(document_with(part, replacement), MalformedDocument);
    }
}

#[test]
fn only_utf8_is_read_and_the_error_says_so() {
    let utf16: Vec<u8> = DOCUMENT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16_mark = [b"\xFF\xFE", utf16.as_slice()].concat();
    let utf16_big: Vec<u8> = DOCUMENT.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let latin = document_with(">nội dung<", ">n?i dung<").into_bytes();
    let latin: Vec<u8> = latin.into_iter().map(|byte| if byte == b'?' { 0xE9 } else { byte }).collect();
    let latin = [b"<?xml version=\"1.0\"?>", &latin[DOCUMENT.find("?>").unwrap() + 2..]].concat();
    let declared = document_with("UTF-8", "ISO-8859-1").into_bytes();
    for bytes in [utf16, utf16_mark, utf16_big, latin, declared] {
        let error = refused(bytes, MalformedDocument);
        assert!(error.to_string().contains("only UTF-8 is read"), "{error}");
    }
    refused(format!("\u{FEFF}\u{FEFF}{DOCUMENT}"), MalformedDocument);
}

#[test]
fn content_after_the_root_element_is_malformed() {
    for more in ["x", "<a/>", "<![CDATA[x]]>", "&#32;", "<?pi?>", "</a>", "<", "<!--", STATUS] {
        refused(format!("{DOCUMENT}{more}"), MalformedDocument);
    }
    assert!(read(format!("{DOCUMENT}<!-- fine -->\n\n")).is_ok());
}

#[test]
fn a_packet_cut_anywhere_is_refused() {
    let end = DOCUMENT.trim_end().len();
    for cut in (0..end).filter(|cut| DOCUMENT.is_char_boundary(*cut)) {
        assert!(read(&DOCUMENT[..cut]).is_err(), "cut at {cut}");
    }
    assert!(read(&DOCUMENT[..end]).is_ok());
}

#[test]
fn an_empty_packet_is_malformed() {
    for text in ["", " ", "\u{FEFF}", "<?xml version=\"1.0\"?>", "<!-- -->"] {
        refused(text, MalformedDocument);
    }
}

#[test]
fn another_namespace_is_refused_with_both_names() {
    for found in ["http://www.e-doc.vn/Schema/", "http://www.go.vn/eDoc", "urn:x", ""] {
        let text = DOCUMENT.replace("xmlns:edXML", "xmlns").replace("edXML:", "").replace(NAMESPACE, found);
        let error = refused(text, WrongNamespace);
        let Problem::WrongNamespace { element, found: named, required } = error.problem() else { panic!("{error}") };
        assert_eq!((element.as_str(), named.as_str(), *required), ("edXML", found, NAMESPACE));
    }
}

#[test]
fn a_foreign_or_missing_namespace_inside_the_header_is_refused() {
    let error =
        refused(document_with("<edXML:From>", "<edXML:From xmlns:edXML=\"http://www.go.vn/eDoc\">"), WrongNamespace);
    assert_eq!(error.path(), "edXML/edXMLEnvelope/edXMLHeader/MessageHeader/From");
    refused(document_with("<edXML:Fax/>", "<Fax/>"), WrongNamespace);
    refused(document_with("<Attachment>", "<Attachment xmlns=\"urn:x\">"), WrongNamespace);
}

#[test]
fn another_root_of_the_right_namespace_lacks_the_root_element() {
    refused(format!("<edXMLEnvelope xmlns=\"{NAMESPACE}\"/>"), MissingElement);
}

fn missing(text: String, element: &str) {
    let error = refused(text, MissingElement);
    let Problem::Missing { element: named } = error.problem() else { panic!("{error}") };
    assert!(named.starts_with("edXML/") && named.ends_with(element), "{named}");
}

#[test]
fn a_required_element_is_named_by_its_path_when_it_is_missing_or_empty() {
    let organ_id = "<edXML:OrganId>000.00.20.H48</edXML:OrganId>";
    missing(document_with(organ_id, ""), "/MessageHeader/From/OrganId");
    missing(document_with(organ_id, "<edXML:OrganId> </edXML:OrganId>"), "/MessageHeader/From/OrganId");
    missing(document_with("<edXML:OrganId>H48.20.15</edXML:OrganId>", ""), "/MessageHeader/To/OrganId");
    missing(document_with("<edXML:CodeNumber>12</edXML:CodeNumber>", ""), "/Code/CodeNumber");
    missing(
        document_with("<edXML:PromulgationDate>2026/03/01</edXML:PromulgationDate>", ""),
        "/PromulgationInfo/PromulgationDate",
    );
    missing(document_with("V/v kiểm tra &amp; báo cáo", ""), "/MessageHeader/Subject");
    missing(document_with("<edXML:Timestamp>2026/03/01 08:00:00</edXML:Timestamp>", ""), "/TraceHeader/Timestamp");
    missing(document_with("<ContentId>cid:1</ContentId>", ""), "/Attachment/ContentId");
    missing(
        document_with("<ContentTransferEncoded>Q2jDoG8=</ContentTransferEncoded>", ""),
        "/Attachment/ContentTransferEncoded",
    );
    missing(STATUS.replace("<StatusCode>03<", "<StatusCode><"), "/MessageHeader/StatusCode");
    missing(STATUS.replace("<Timestamp>2026/03/01 09:00:00</Timestamp>", ""), "/MessageHeader/Timestamp");
    missing(STATUS.replace("<OrganId>000.00.20.H48</OrganId>", ""), "/ResponseFor/OrganId");
    missing(format!("<edXML xmlns=\"{NAMESPACE}\"/>"), "edXML/edXMLEnvelope");
    missing(format!("<edXML xmlns=\"{NAMESPACE}\"><edXMLEnvelope/></edXML>"), "/edXMLHeader/MessageHeader");
}

#[test]
fn a_whole_group_that_is_missing_is_named() {
    for group in ["From", "Code", "PromulgationInfo", "DocumentId"] {
        let start = DOCUMENT.find(&format!("<edXML:{group}>")).unwrap();
        let close = format!("</edXML:{group}>");
        let end = DOCUMENT.find(&close).unwrap() + close.len();
        let text = format!("{}{}", &DOCUMENT[..start], &DOCUMENT[end..]);
        missing(text, &format!("/MessageHeader/{group}"));
    }
}

fn invalid(text: String, element: &str, value: &str) {
    let error = refused(text, InvalidElement);
    let Problem::Invalid { element: named, value: shown, .. } = error.problem() else { panic!("{error}") };
    assert!(named.ends_with(element), "{named}");
    assert_eq!(shown, value);
}

#[test]
fn a_bad_value_is_named_with_its_path() {
    invalid(
        document_with("<edXML:PromulgationDate>2026/03/01<", "<edXML:PromulgationDate>2026/02/30<"),
        "/PromulgationInfo/PromulgationDate",
        "2026/02/30",
    );
    invalid(document_with("<edXML:DueDate/>", "<edXML:DueDate>mai</edXML:DueDate>"), "/MessageHeader/DueDate", "mai");
    invalid(document_with("<edXML:Priority>2<", "<edXML:Priority>4<"), "/OtherInfo/Priority", "4");
    invalid(document_with("<edXML:Direction>false<", "<edXML:Direction>không<"), "/OtherInfo/Direction", "không");
    invalid(document_with("<edXML:Type>1<", "<edXML:Type>một<"), "/DocumentType/Type", "một");
    invalid(
        document_with("<edXML:BussinessDocType>0<", "<edXML:BussinessDocType>9<"),
        "/Bussiness/BussinessDocType",
        "9",
    );
    invalid(
        document_with("2026/03/01 08:00:00", "2026/03/01T08:00:00"),
        "/TraceHeader/Timestamp",
        "2026/03/01T08:00:00",
    );
    invalid(STATUS.replace("<StatusCode>03<", "<StatusCode>14<"), "/MessageHeader/StatusCode", "14");
    invalid(
        document_with("000.00.20.H48,2026/03/01,12/SNV-VP", &"x".repeat(300)),
        "/MessageHeader/DocumentId",
        &"x".repeat(64),
    );
}

#[test]
fn a_single_element_that_comes_twice_is_refused() {
    invalid(
        document_with("<edXML:Subject>", "<edXML:Subject>a</edXML:Subject><edXML:Subject>"),
        "/MessageHeader/Subject",
        "",
    );
    let from = "<edXML:From><edXML:OrganId>G22</edXML:OrganId></edXML:From>";
    invalid(document_with("<edXML:To>", &format!("{from}<edXML:To>")), "/MessageHeader/From", "");
    let envelope =
        &DOCUMENT[DOCUMENT.find(" <edXML:edXMLEnvelope>").unwrap()..DOCUMENT.find(" <AttachmentEncoded>").unwrap()];
    invalid(document_with(" <AttachmentEncoded>", &format!("{envelope}<AttachmentEncoded>")), "edXMLEnvelope", "");
}

#[test]
fn a_status_carries_no_attachments() {
    let attachment = "<AttachmentEncoded><Attachment><ContentId>1</ContentId><ContentTransferEncoded>Q2jD</ContentTransferEncoded></Attachment></AttachmentEncoded>";
    invalid(STATUS.replace("</edXML>", &format!("{attachment}</edXML>")), "Attachment", "");
    invalid(STATUS.replace("<edXMLEnvelope>", &format!("{attachment}<edXMLEnvelope>")), "Attachment", "");
}

#[test]
fn an_error_names_its_byte_and_path() {
    let text = document_with("<edXML:Priority>2<", "<edXML:Priority>x<");
    let error = refused(&text, InvalidElement);
    assert_eq!(error.offset(), text.find("</edXML:Priority>").unwrap() as u64);
    assert_eq!(error.path(), "edXML/edXMLEnvelope/edXMLHeader/MessageHeader/OtherInfo");
}
