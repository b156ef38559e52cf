use std::io::{Cursor, Write};

use types::ErrorCode;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::{ArchiveError, Unzipped, copy, unzip_single};

const NAME: &str = "32da2890-1a55-4ccd-9ac9-cd0d98559e67.pdf";

fn archive(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, content) in entries {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn unzip(bytes: Vec<u8>, max: u64) -> Result<(Unzipped, Vec<u8>), ArchiveError> {
    let mut out = Vec::new();
    unzip_single(Cursor::new(bytes), max, &mut out).map(|unzipped| (unzipped, out))
}

fn refused(bytes: Vec<u8>) {
    let error = unzip(bytes, 1 << 20).unwrap_err();
    assert!(matches!(error, ArchiveError::Unsafe { .. }), "{error:?}");
    assert_eq!(error.code(), ErrorCode::ArchiveUnsafe);
}

#[test]
fn the_single_file_comes_out_stored_or_deflated() {
    let content = b"Xin chao ".repeat(50_000);
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let (unzipped, out) = unzip(archive(&[(NAME, &content)], method), 1 << 20).unwrap();
        assert_eq!(unzipped, Unzipped { entry_name: NAME.to_owned(), length: content.len() as u64 });
        assert!(out == content);
    }
}

#[test]
fn an_archive_with_a_comment_is_read() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.set_comment("bản nén").unwrap();
    writer.start_file(NAME, SimpleFileOptions::default()).unwrap();
    writer.write_all(b"x").unwrap();
    assert_eq!(unzip(writer.finish().unwrap().into_inner(), 10).unwrap().1, b"x");
}

#[test]
fn a_file_is_limited_by_what_it_expands_to() {
    let bomb = archive(&[(NAME, &vec![0; 1 << 20])], CompressionMethod::Deflated);
    assert!(bomb.len() < 4096);
    assert_eq!(unzip(bomb.clone(), 1 << 20).unwrap().1.len(), 1 << 20);
    let error = unzip(bomb, (1 << 20) - 1).unwrap_err();
    assert!(matches!(error, ArchiveError::TooLarge { max } if max == (1 << 20) - 1), "{error:?}");
    assert_eq!(error.code(), ErrorCode::ArchiveUnsafe);
}

/// Overwrites the uncompressed sizes that both headers announce.
fn announcing(mut bytes: Vec<u8>, size: u32) -> Vec<u8> {
    let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    bytes[22..26].copy_from_slice(&size.to_le_bytes());
    bytes[directory + 24..directory + 28].copy_from_slice(&size.to_le_bytes());
    bytes
}

#[test]
fn a_file_that_lies_about_its_size_never_writes_more_than_the_limit() {
    let bomb = announcing(archive(&[(NAME, &vec![0; 1 << 20])], CompressionMethod::Deflated), 10);
    let mut out = Vec::new();
    let result = unzip_single(Cursor::new(bomb), 1000, &mut out);
    assert!(result.is_err(), "{result:?}");
    assert!(out.len() <= 1000, "{}", out.len());
}

#[test]
fn copying_stops_at_the_limit_whatever_was_announced() {
    let mut out = Vec::new();
    let error = copy(&mut std::io::repeat(0), 100_000, &mut out).unwrap_err();
    assert!(matches!(error, ArchiveError::TooLarge { max: 100_000 }), "{error:?}");
    assert!(out.len() <= 100_000, "{}", out.len());
}

#[test]
fn more_or_less_than_one_entry_is_refused() {
    refused(archive(&[], CompressionMethod::Stored));
    refused(archive(&[("a", b"x"), ("b", b"y")], CompressionMethod::Deflated));
}

#[test]
fn a_second_entry_hidden_from_the_end_record_is_refused() {
    let mut bytes = archive(&[("a", b"x"), ("b", b"y")], CompressionMethod::Stored);
    let end = bytes.len() - 22;
    bytes[end + 8..end + 12].copy_from_slice(&[1, 0, 1, 0]);
    // Only the first entry counts then, or the archive is refused; never both files.
    if let Ok((unzipped, out)) = unzip(bytes, 100) {
        assert_eq!((unzipped.entry_name.as_str(), out.as_slice()), ("a", b"x".as_slice()));
    }
}

#[test]
fn an_entry_name_that_is_a_path_is_refused() {
    for name in ["a/b.pdf", "../b.pdf", "/b.pdf", "a\\b.pdf", "C:b.pdf", "..", "a\nb"] {
        refused(archive(&[(name, b"x")], CompressionMethod::Stored));
    }
}

#[test]
fn a_directory_and_a_link_are_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_directory("a", SimpleFileOptions::default()).unwrap();
    refused(writer.finish().unwrap().into_inner());
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("a", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    refused(writer.finish().unwrap().into_inner());
}

#[test]
fn an_encrypted_entry_is_refused() {
    // Bit 0 of the flags in both headers.
    let mut bytes = archive(&[(NAME, b"x")], CompressionMethod::Stored);
    let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    bytes[6] |= 1;
    bytes[directory + 8] |= 1;
    refused(bytes);
}

#[test]
fn another_method_is_refused() {
    let mut bytes = archive(&[(NAME, b"x")], CompressionMethod::Stored);
    let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    bytes[8] = 12;
    bytes[directory + 10] = 12;
    refused(bytes);
}

#[test]
fn damaged_content_is_refused() {
    let content: Vec<u8> = (0..5000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let mut bytes = archive(&[(NAME, &content)], method);
        bytes[1000] ^= 0x55;
        refused(bytes);
    }
}

#[test]
fn bytes_that_are_no_archive_are_refused() {
    refused(Vec::new());
    refused(b"%PDF-1.7".repeat(100));
    let whole = archive(&[(NAME, b"x")], CompressionMethod::Stored);
    for cut in 0..whole.len() {
        refused(whole[..cut].to_vec());
    }
}

#[test]
fn a_directory_too_large_for_one_entry_is_refused_before_it_is_read() {
    let mut bytes = archive(&[(NAME, b"x")], CompressionMethod::Stored);
    let end = bytes.len() - 22;
    bytes[end + 12..end + 16].copy_from_slice(&u32::MAX.to_le_bytes());
    refused(bytes);
}
