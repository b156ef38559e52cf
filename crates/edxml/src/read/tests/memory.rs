//! Memory does not depend on the size of the packet: seen from both ends of the reader.

use std::io::{self, BufRead, Read};

use crate::fixture::DOCUMENT;
use crate::{AttachmentHead, AttachmentSink, Limits, Packet, SinkError, read_packet};

/// A packet whose content is made up as it is read, in pieces of a given size.
struct Endless<'a> {
    before: &'a [u8],
    content_left: usize,
    after: &'a [u8],
    piece: Vec<u8>,
    taken: u64,
}

impl<'a> Endless<'a> {
    fn new(content_length: usize, piece: usize) -> Self {
        let (before, after) = DOCUMENT.split_once("Q2jDoG8=").unwrap();
        let line = [[b'A'; 76].as_slice(), b"\n"].concat();
        let piece = line.into_iter().cycle().take(piece).collect();
        Self { before: before.as_bytes(), content_left: content_length, after: after.as_bytes(), piece, taken: 0 }
    }
}

impl BufRead for Endless<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let piece = self.piece.len();
        Ok(match (self.before, self.content_left) {
            ([], 0) => &self.after[..self.after.len().min(piece)],
            ([], left) => &self.piece[..left.min(piece)],
            (before, _) => &before[..before.len().min(piece)],
        })
    }

    fn consume(&mut self, count: usize) {
        self.taken += count as u64;
        match (self.before, self.content_left) {
            ([], 0) => self.after = &self.after[count..],
            ([], _) => self.content_left -= count,
            (before, _) => self.before = &before[count..],
        }
    }
}

impl Read for Endless<'_> {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        panic!("the reader pulls through BufRead only");
    }
}

/// Counts, and checks that what was given keeps pace with what was taken.
#[derive(Default)]
struct Counting {
    decoded: u64,
    largest: usize,
    pieces: u64,
}

impl AttachmentSink for Counting {
    fn envelope(&mut self, packet: &Packet) -> Result<(), SinkError> {
        assert_eq!(packet.from().organ_id.as_str(), "000.00.20.H48");
        Ok(())
    }

    fn begin(&mut self, _index: usize, _head: &AttachmentHead) -> Result<(), SinkError> {
        Ok(())
    }

    fn data(&mut self, piece: &[u8]) -> Result<(), SinkError> {
        self.decoded += piece.len() as u64;
        self.largest = self.largest.max(piece.len());
        self.pieces += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}

fn check(content_length: usize, piece: usize) {
    let mut input = Endless::new(content_length, piece);
    let mut sink = Counting::default();
    // Were content counted as text or header anywhere, these limits would stop it at once.
    let limits = Limits { text_bytes_max: 4096, header_bytes_max: 16 << 10, ..Limits::default() };
    let packet = read_packet(&mut input, &limits, &mut sink).unwrap();
    let Packet::Document(document) = packet else { panic!("{packet:?}") };
    assert_eq!(document.attachments[0].decoded_length, sink.decoded);
    assert_eq!(document.attachments[0].encoded.length, content_length as u64);
    assert!(sink.largest <= 64 << 10, "{}", sink.largest);
    // One piece for each full stage: nothing waits in between.
    assert!(sink.pieces >= sink.decoded / (48 << 10), "{}", sink.pieces);
    assert_eq!(input.taken, (DOCUMENT.len() - "Q2jDoG8=".len() + content_length) as u64);
    assert!(input.fill_buf().unwrap().is_empty());
}

/// 77 bytes a line: whole lines hold whole quads.
const LINES: usize = 77;

#[test]
fn a_large_attachment_is_handed_on_in_small_pieces() {
    check(LINES * 870_000, 77 * 850);
}

#[test]
fn the_size_of_the_inputs_pieces_does_not_matter() {
    // Pieces start anew with each call, so only whole lines keep the lines whole.
    check(LINES * 4000, 77);
    check(LINES * 4000, 77 * 3);
}

#[test]
fn a_packet_read_byte_by_byte_reads_the_same() {
    struct Bytes<'a>(&'a [u8]);
    impl Read for Bytes<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }
    impl BufRead for Bytes<'_> {
        fn fill_buf(&mut self) -> io::Result<&[u8]> {
            Ok(&self.0[..self.0.len().min(1)])
        }
        fn consume(&mut self, count: usize) {
            self.0 = &self.0[count..];
        }
    }
    for text in
        [DOCUMENT.to_owned(), format!("\u{FEFF}{DOCUMENT}"), DOCUMENT.replace("Q2jDoG8=", " <![CDATA[Q2jDoG8=]]> ")]
    {
        let (mut slow, mut fast) = (crate::fixture::Contents::default(), crate::fixture::Contents::default());
        let by_bytes = read_packet(Bytes(text.as_bytes()), &Limits::default(), &mut slow).unwrap();
        assert_eq!(by_bytes, read_packet(text.as_bytes(), &Limits::default(), &mut fast).unwrap());
        assert_eq!(slow.bytes, fast.bytes);
    }
}
