//! Manifest and attachments have to agree.

use std::io::{self, BufReader, Read};

use types::ErrorCode::{
    self, AttachmentDuplicate, AttachmentMissing, AttachmentUnlisted, Cancelled, DiskReserve, InvalidBase64,
    InvalidElement,
};

use crate::fixture::{DOCUMENT, document_with, read};
use crate::{AttachmentHead, AttachmentSink, DiscardSink, Limits, Packet, Problem, SinkError, read_packet};

const ENTRY: &str = "<edXML:Reference><edXML:ContentId>cid:2</edXML:ContentId></edXML:Reference></edXML:edXMLManifest>";
const SECOND: &str = "<Attachment><ContentId>2</ContentId><ContentTransferEncoded>Q2jD</ContentTransferEncoded></Attachment></AttachmentEncoded>";

fn code(text: impl AsRef<[u8]>) -> Option<ErrorCode> {
    read(text).err().map(|error| error.code())
}

#[test]
fn ids_agree_with_and_without_their_scheme() {
    let text = document_with("</edXML:edXMLManifest>", ENTRY).replace("</AttachmentEncoded>", SECOND);
    let (packet, contents) = read(text).unwrap();
    let Packet::Document(document) = packet else { panic!("{packet:?}") };
    assert_eq!(contents.bytes.len(), 2);
    assert_eq!(document.attachments[1].head.content_id, "2");
    assert_eq!(document.attachments[1].decoded_length, 3);
}

#[test]
fn an_attachment_missing_from_the_packet_is_refused() {
    assert_eq!(code(document_with("</edXML:edXMLManifest>", ENTRY)), Some(AttachmentMissing));
}

#[test]
fn an_attachment_missing_from_the_manifest_is_refused() {
    assert_eq!(code(document_with("</AttachmentEncoded>", SECOND)), Some(AttachmentUnlisted));
}

#[test]
fn an_id_that_occurs_twice_is_refused_on_either_side() {
    let entry = ENTRY.replace("cid:2", " 1 ");
    assert_eq!(code(document_with("</edXML:edXMLManifest>", &entry)), Some(AttachmentDuplicate));
    let second = SECOND.replace(">2<", ">CID:1<");
    assert_eq!(code(document_with("</AttachmentEncoded>", &second)), Some(AttachmentDuplicate));
}

#[test]
fn content_that_is_not_base64_is_refused_and_named() {
    for content in [
        "Q2jDoG8",
        "Q2jD*G8=",
        "Q2jD<b/>oG8=",
        "Q2jD<!-- -->oG8=",
        "Q2jD<![CDATA[oG8=]]>",
        "<![CDATA[Q2jD]]>oG8=",
        "<![CDATA[Q2]D]]>",
        "Chào",
        "Q2jD&#65;",
    ] {
        assert_eq!(code(document_with("Q2jDoG8=", content)), Some(InvalidBase64), "{content}");
    }
    let error = read(document_with("Q2jDoG8=", "Q2jD*G8=")).unwrap_err();
    let Problem::InvalidBase64 { content_id, position, .. } = error.problem() else { panic!("{error}") };
    assert_eq!((content_id.as_str(), *position), ("cid:1", 4));
}

#[test]
fn two_contents_in_one_attachment_are_refused() {
    let text = document_with("</Attachment>", "<ContentTransferEncoded>Q2jD</ContentTransferEncoded></Attachment>");
    assert_eq!(code(text), Some(InvalidElement));
}

/// Refuses at the named call.
struct Refusing(&'static str);

impl Refusing {
    fn at(&self, call: &str) -> Result<(), SinkError> {
        if self.0 == call { Err(SinkError::with_source(DiskReserve, "no room")) } else { Ok(()) }
    }
}

impl AttachmentSink for Refusing {
    fn envelope(&mut self, _packet: &Packet) -> Result<(), SinkError> {
        self.at("envelope")
    }

    fn begin(&mut self, _index: usize, _head: &AttachmentHead) -> Result<(), SinkError> {
        self.at("begin")
    }

    fn data(&mut self, _piece: &[u8]) -> Result<(), SinkError> {
        self.at("data")
    }

    fn end(&mut self) -> Result<(), SinkError> {
        self.at("end")
    }
}

#[test]
fn a_sink_that_refuses_gives_the_error_its_code() {
    for call in ["envelope", "begin", "data", "end"] {
        let error = read_packet(DOCUMENT.as_bytes(), &Limits::default(), &mut Refusing(call)).unwrap_err();
        assert_eq!(error.code(), DiskReserve, "{call}");
    }
    assert!(read_packet(DOCUMENT.as_bytes(), &Limits::default(), &mut Refusing("never")).is_ok());
}

/// Gives its bytes, then an error.
struct Failing<'a>(&'a [u8]);

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::new(io::ErrorKind::ConnectionReset, "gone")),
            count => Ok(count),
        }
    }
}

#[test]
fn an_input_that_fails_is_cancelled_and_its_error_is_kept() {
    for cut in [0, 10, 500, DOCUMENT.find("oG8=").unwrap(), DOCUMENT.len()] {
        let input = BufReader::new(Failing(&DOCUMENT.as_bytes()[..cut]));
        let error = read_packet(input, &Limits::default(), &mut DiscardSink).unwrap_err();
        assert_eq!(error.code(), Cancelled, "cut at {cut}: {error}");
        let source = std::error::Error::source(&error).unwrap().downcast_ref::<io::Error>().unwrap();
        assert_eq!(source.kind(), io::ErrorKind::ConnectionReset);
    }
}

#[test]
fn the_input_is_read_to_its_end() {
    let text = format!("{DOCUMENT}\n<!-- {} -->\n", "x".repeat(100_000));
    let mut input = text.as_bytes();
    read_packet(&mut input, &Limits::default(), &mut DiscardSink).unwrap();
    assert!(input.is_empty());
}
