//! Every limit, just met and just passed.

use types::ErrorCode::{self, DocumentTooLarge, LimitExceeded};

use crate::fixture::{Contents, DOCUMENT, document_with};
use crate::{Limits, read_packet};

fn code(text: &str, limits: &Limits) -> Option<ErrorCode> {
    read_packet(text.as_bytes(), limits, &mut Contents::default()).err().map(|error| error.code())
}

/// Reads under the first limits, and is refused with `limit_exceeded` under the second.
fn check(text: &str, enough: &Limits, few: &Limits) {
    assert_eq!(code(text, enough), None);
    assert_eq!(code(text, few), Some(LimitExceeded));
}

#[test]
fn depth_is_limited() {
    let nested = |levels: usize| format!("{}{}<edXML:Subject>", "<a>".repeat(levels), "</a>".repeat(levels));
    // The root, the envelope, the header and `MessageHeader` are the first four.
    assert_eq!(code(&document_with("<edXML:Subject>", &nested(60)), &Limits::default()), None);
    assert_eq!(code(&document_with("<edXML:Subject>", &nested(61)), &Limits::default()), Some(LimitExceeded));
    assert_eq!(code(&document_with("<edXML:Subject>", &nested(50_000)), &Limits::default()), Some(LimitExceeded));
}

#[test]
fn elements_are_counted_wherever_they_are() {
    let more = "<a/>".repeat(100_000);
    for place in ["<edXML:Subject>", " <AttachmentEncoded>", "</Attachment>"] {
        let text = document_with(place, &format!("{more}{place}"));
        check(&text, &Limits { elements_max: 100_100, ..Limits::default() }, &Limits::default());
    }
    let signature = format!("<edXML:Signature>{more}</edXML:Signature>");
    assert_eq!(code(&document_with("<edXML:Signature/>", &signature), &Limits::default()), Some(LimitExceeded));
}

#[test]
fn recipients_are_limited() {
    let to = |count| "<edXML:To><edXML:OrganId>H48</edXML:OrganId></edXML:To>".repeat(count) + "<edXML:Subject>";
    // Two are there already.
    assert_eq!(code(&document_with("<edXML:Subject>", &to(9_998)), &Limits::default()), None);
    assert_eq!(code(&document_with("<edXML:Subject>", &to(9_999)), &Limits::default()), Some(LimitExceeded));
}

#[test]
fn text_is_limited_whole_and_in_pieces() {
    let default = Limits::default();
    let content = |text: String| document_with(">nội dung<", &format!(">{text}<"));
    assert_eq!(code(&content("x".repeat(1 << 20)), &default), None);
    assert_eq!(code(&content("x".repeat((1 << 20) + 1)), &default), Some(LimitExceeded));
    assert_eq!(code(&content("x".repeat(3 << 20)), &default), Some(LimitExceeded));
    assert_eq!(code(&content("x<!-- -->".repeat((1 << 20) + 1)), &default), Some(LimitExceeded));
    assert_eq!(code(&content("&amp;".repeat((1 << 20) + 1)), &default), Some(LimitExceeded));
    assert_eq!(code(&content("<![CDATA[xxxxxxxx]]>".repeat((1 << 17) + 1)), &default), Some(LimitExceeded));
}

#[test]
fn everything_that_a_reader_would_collect_is_limited() {
    let long = "x".repeat(2 << 20);
    for part in [
        format!("<!--{long}-->"),
        format!("<![CDATA[{long}]]>"),
        format!("<?x {long}?>"),
        format!("<a b=\"{long}\"/>"),
        format!("<{long}/>"),
        format!("<a></{long}>"),
        format!("&{long};"),
        long.clone(),
    ] {
        let text = document_with(">nội dung<", &format!(">{part}<"));
        assert_eq!(code(&text, &Limits::default()), Some(LimitExceeded), "{}", &part[..9]);
        let text = document_with("<edXML:Signature/>", &format!("<edXML:Signature>{part}</edXML:Signature>"));
        assert_eq!(code(&text, &Limits::default()), Some(LimitExceeded), "{}", &part[..9]);
    }
}

#[test]
fn everything_outside_content_together_is_limited() {
    let places = "<edXML:Place>x</edXML:Place>".repeat(1000);
    let text = document_with("<edXML:Place>Lưu: VT</edXML:Place>", &places);
    let length = text.len() as u64;
    let limits = |header_bytes_max| Limits { header_bytes_max, ..Limits::default() };
    check(&text, &limits(length), &limits(length - 100));
}

#[test]
fn attributes_are_limited() {
    let many = |count: usize| (0..count).map(|index| format!(" a{index}=\"\"")).collect::<String>();
    let text = |count| document_with("<edXML:Subject>", &format!("<edXML:Subject{}>", many(count)));
    assert_eq!(code(&text(64), &Limits::default()), None);
    assert_eq!(code(&text(65), &Limits::default()), Some(LimitExceeded));
    assert_eq!(code(&text(90_000), &Limits::default()), Some(LimitExceeded));
}

#[test]
fn attachments_are_limited_here_and_in_the_manifest() {
    let entry = "<edXML:Reference><edXML:ContentId>2</edXML:ContentId></edXML:Reference></edXML:edXMLManifest>";
    let second = "<Attachment><ContentId>2</ContentId><ContentTransferEncoded/></Attachment></AttachmentEncoded>";
    let limits = |attachments_max| Limits { attachments_max, ..Limits::default() };
    let both = document_with("</edXML:edXMLManifest>", entry).replace("</AttachmentEncoded>", second);
    check(&both, &limits(2), &limits(1));
    assert_eq!(code(&document_with("</AttachmentEncoded>", second), &limits(1)), Some(LimitExceeded));
}

#[test]
fn the_decoded_size_of_an_attachment_is_limited() {
    let limits = |attachment_bytes_max| Limits { attachment_bytes_max, ..Limits::default() };
    assert_eq!(code(DOCUMENT, &limits(5)), None);
    assert_eq!(code(DOCUMENT, &limits(4)), Some(DocumentTooLarge));
}

#[test]
fn the_size_of_the_packet_is_limited_at_every_byte() {
    let length = DOCUMENT.len() as u64;
    let limits = |packet_bytes_max| Limits { packet_bytes_max, ..Limits::default() };
    assert_eq!(code(DOCUMENT, &limits(length)), None);
    for packet_bytes_max in 0..length {
        assert_eq!(code(DOCUMENT, &limits(packet_bytes_max)), Some(DocumentTooLarge), "{packet_bytes_max}");
    }
}
