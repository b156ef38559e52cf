use std::io::{ErrorKind, Read};

use super::AttachmentDecoder;
use crate::fixture::{DOCUMENT, document};

#[test]
fn content_is_decoded_again_from_its_place_in_the_packet() {
    let document = document(DOCUMENT);
    let range = document.attachments[0].encoded;
    let start = usize::try_from(range.offset).unwrap();
    let stored = &DOCUMENT.as_bytes()[start..];
    let mut content = String::new();
    AttachmentDecoder::new(stored.take(range.length)).read_to_string(&mut content).unwrap();
    assert_eq!(content, "Chào");
}

#[test]
fn a_reader_with_a_small_buffer_gets_every_byte() {
    let mut decoder = AttachmentDecoder::new(&b"Q2jD\noG8="[..]);
    let mut content = Vec::new();
    let mut byte = [0];
    while decoder.read(&mut byte).unwrap() == 1 {
        content.push(byte[0]);
    }
    assert_eq!(content, "Chào".as_bytes());
}

#[test]
fn a_text_that_is_not_base64_is_invalid_data_and_stays_so() {
    for text in ["Q2jD!!!!", "Q2jDoG8", "Q2jD&x;", "Q2jD<"] {
        let mut decoder = AttachmentDecoder::new(text.as_bytes());
        assert_eq!(decoder.read_to_end(&mut Vec::new()).unwrap_err().kind(), ErrorKind::InvalidData, "{text}");
        assert_eq!(decoder.read(&mut [0]).unwrap_err().kind(), ErrorKind::InvalidData, "{text}");
    }
}
