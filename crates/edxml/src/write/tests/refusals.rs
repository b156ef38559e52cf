//! What is not written, because nobody could read it.

use std::io::{self, Write};

use types::ErrorCode;

use crate::fixture::{DOCUMENT, STATUS, document, read};
use crate::{AttachmentHead, Document, ManifestEntry, Packet, PacketWriter, WriteError, write_status};

fn start(document: &Document) -> Result<PacketWriter<Vec<u8>>, WriteError> {
    PacketWriter::new(Vec::new(), document)
}

#[test]
fn the_written_form_is_the_one_producers_use() {
    let mut document = document(DOCUMENT);
    document.manifest = None;
    let head = AttachmentHead::new("cid:9", "12.pdf", "application/pdf");
    document.list(&head);
    let mut writer = start(&document).unwrap();
    assert_eq!(writer.attachment(&head, "Chào".as_bytes()).unwrap(), 5);
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<edXML:edXML xmlns:edXML=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\" "));
    assert!(text.contains("<edXML:From><edXML:OrganId>000.00.20.H48</edXML:OrganId>"));
    assert!(text.contains("<edXML:Subject>V/v kiểm tra &amp; báo cáo</edXML:Subject>"));
    assert!(text.contains("<AttachmentEncoded><Attachment><ContentId>cid:9</ContentId>"));
    assert!(text.ends_with(
        "<ContentTransferEncoded>Q2jDoG8=</ContentTransferEncoded></Attachment></AttachmentEncoded></edXML:edXML>\n"
    ));
}

#[test]
fn a_character_that_xml_cannot_carry_is_refused() {
    for found in ['\0', '\u{1}', '\u{B}', '\u{1F}', '\u{FFFE}', '\u{FFFF}'] {
        let mut document = document(DOCUMENT);
        document.subject = format!("a{found}b");
        let error = start(&document).unwrap_err();
        assert!(
            matches!(error, WriteError::Character { element: "Subject", found: named } if named == found),
            "{error}"
        );
        assert_eq!(error.code(), ErrorCode::InvalidElement);
    }
}

#[test]
fn a_document_that_lacks_what_is_required_is_refused() {
    let break_it: [fn(&mut Document); 4] = [
        |document| document.to.clear(),
        |document| document.subject = " ".to_owned(),
        |document| document.code.number = String::new(),
        |document| document.list(&AttachmentHead::new("cid:", "a", "b")),
    ];
    for break_it in break_it {
        let mut document = document(DOCUMENT);
        break_it(&mut document);
        assert_eq!(start(&document).unwrap_err().code(), ErrorCode::MissingElement);
    }
}

#[test]
fn a_status_about_nothing_is_refused() {
    let (packet, _) = read(STATUS).unwrap();
    let Packet::Status(mut status) = packet else { panic!("{packet:?}") };
    status.response_for.document_id = None;
    assert!(write_status(Vec::new(), &status).is_ok());
    status.response_for.code = None;
    assert_eq!(write_status(Vec::new(), &status).unwrap_err().code(), ErrorCode::MissingElement);
}

#[test]
fn manifest_and_attachments_have_to_agree() {
    let mut document = document(DOCUMENT);
    let head = document.attachments[0].head.clone();
    let mut writer = start(&document).unwrap();
    let other = AttachmentHead::new("cid:2", "a", "b");
    assert_eq!(writer.attachment(&other, &b""[..]).unwrap_err().code(), ErrorCode::AttachmentUnlisted);
    writer.attachment(&head, &b""[..]).unwrap();
    assert_eq!(writer.attachment(&head, &b""[..]).unwrap_err().code(), ErrorCode::AttachmentDuplicate);
    assert!(writer.finish().is_ok());
    assert_eq!(start(&document).unwrap().finish().unwrap_err().code(), ErrorCode::AttachmentMissing);
    document
        .manifest
        .as_mut()
        .unwrap()
        .entries
        .push(ManifestEntry { content_id: "1".to_owned(), ..Default::default() });
    assert_eq!(start(&document).unwrap_err().code(), ErrorCode::AttachmentDuplicate);
}

#[test]
fn an_output_that_fails_is_reported() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut document = document(DOCUMENT);
    document.manifest = None;
    let error = PacketWriter::new(Full, &document).and_then(PacketWriter::finish).err().unwrap();
    assert!(matches!(error, WriteError::Output { .. }), "{error:?}");
}
