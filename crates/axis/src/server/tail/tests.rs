use proptest::prelude::*;
use ring::digest::digest;

use super::*;

fn hash(file: &[u8]) -> Option<String> {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest(&SHA256, file).as_ref());
    Some(file_hash::render(&sum))
}

fn read(mut tail: Tail, chunks: &[&[u8]]) -> Result<Vec<u8>, Failure> {
    let mut file = Vec::new();
    for chunk in chunks {
        file.extend_from_slice(&tail.push(Bytes::copy_from_slice(chunk))?);
    }
    file.extend_from_slice(&tail.finish()?);
    Ok(file)
}

fn raw(declared: Option<String>) -> Tail {
    Tail::new(declared, Undeclared::LineEndIsAdded, 1000)
}

#[test]
fn the_added_line_end_is_not_of_the_file() {
    assert_eq!(read(raw(hash(b"<a/>")), &[b"<a/>\r\n"]).unwrap(), b"<a/>");
    assert_eq!(read(raw(None), &[b"<a/>\r\n"]).unwrap(), b"<a/>");
}

#[test]
fn a_line_end_that_the_hash_covers_is_of_the_file() {
    assert_eq!(read(raw(hash(b"<a/>\r\n")), &[b"<a/>\r\n"]).unwrap(), b"<a/>\r\n");
    assert_eq!(read(raw(hash(b"<a/>\r\n")), &[b"<a/>\r\n\r\n"]).unwrap(), b"<a/>\r\n");
}

#[test]
fn without_a_hash_one_line_end_is_taken_off_a_raw_body_and_none_off_a_part() {
    assert_eq!(read(raw(None), &[b"<a/>\r\n\r\n"]).unwrap(), b"<a/>\r\n");
    let part = Tail::new(None, Undeclared::AllIsFile, 1000);
    assert_eq!(read(part, &[b"<a/>\r\n"]).unwrap(), b"<a/>\r\n");
}

#[test]
fn a_file_without_the_line_end_is_taken() {
    assert_eq!(read(raw(hash(b"<a/>")), &[b"<a/>"]).unwrap(), b"<a/>");
    assert_eq!(read(raw(None), &[b"<a/>\n"]).unwrap(), b"<a/>\n");
}

#[test]
fn a_hash_of_something_else_is_code_10() {
    for body in [&b"<a/>\r\n"[..], b"<a/>", b"", b"\r\n"] {
        let failure = read(raw(hash(b"<b/>")), &[body]).unwrap_err();
        assert_eq!(failure.code, AxisCode::FileInvalid);
    }
}

#[test]
fn the_limit_is_of_the_file_and_not_of_the_line_end() {
    let tail = || Tail::new(None, Undeclared::LineEndIsAdded, 4);
    assert_eq!(read(tail(), &[b"<a/>\r\n"]).unwrap(), b"<a/>");
    assert_eq!(read(tail(), &[b"<ab/>"]).unwrap_err().code, AxisCode::Unprocessable);
    let mut flood = tail();
    assert!(flood.push(Bytes::from_static(&[b'a'; 7])).is_err());
}

proptest! {
    #[test]
    fn the_cut_into_chunks_does_not_matter(
        chunks in proptest::collection::vec(proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), any::<u8>()], 0..4), 0..12),
    ) {
        let whole: Vec<u8> = chunks.concat();
        let slices: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
        let stripped = whole.strip_suffix(b"\r\n").unwrap_or(&whole);
        prop_assert_eq!(&read(raw(None), &slices).unwrap(), stripped);
        prop_assert_eq!(&read(raw(hash(stripped)), &slices).unwrap(), stripped);
        prop_assert_eq!(&read(raw(hash(&whole)), &slices).unwrap(), &whole);
    }
}
