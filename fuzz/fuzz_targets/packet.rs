//! Arbitrary bytes as a packet: never a panic, and what reads can be written and read again.
#![no_main]

use edxml::{AttachmentHead, AttachmentSink, Limits, Packet, PacketWriter, SinkError, read_packet, write_status};
use libfuzzer_sys::fuzz_target;

#[derive(Default)]
struct Contents(Vec<Vec<u8>>);

impl AttachmentSink for Contents {
    fn begin(&mut self, index: usize, _head: &AttachmentHead) -> Result<(), SinkError> {
        assert_eq!(index, self.0.len());
        self.0.push(Vec::new());
        Ok(())
    }

    fn data(&mut self, piece: &[u8]) -> Result<(), SinkError> {
        assert!(!piece.is_empty() && piece.len() <= 64 << 10);
        self.0.last_mut().expect("begin comes first").extend_from_slice(piece);
        Ok(())
    }

    fn end(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Leaves out what tells about the bytes read, which differ.
fn comparable(packet: Packet) -> Packet {
    match packet {
        Packet::Document(mut document) => {
            document.attachments.iter_mut().for_each(|attachment| attachment.encoded = Default::default());
            document.signatures.clear();
            document.unknown_elements = 0;
            Packet::Document(document)
        }
        Packet::Status(mut status) => {
            status.signatures.clear();
            status.unknown_elements = 0;
            Packet::Status(status)
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default();
    let mut contents = Contents::default();
    let Ok(packet) = read_packet(bytes, &limits, &mut contents) else { return };
    let mut written = Vec::new();
    match &packet {
        Packet::Document(document) => {
            let mut writer = PacketWriter::new(&mut written, document).expect("what was read can be written");
            for (attachment, content) in document.attachments.iter().zip(&contents.0) {
                writer.attachment(&attachment.head, content.as_slice()).expect("what was read can be written");
            }
            writer.finish().expect("what was read can be written");
        }
        Packet::Status(status) => write_status(&mut written, status).expect("what was read can be written"),
    }
    let mut again = Contents::default();
    let reread = read_packet(written.as_slice(), &limits, &mut again).expect("what was written can be read");
    assert_eq!(comparable(packet), comparable(reread));
    assert_eq!(contents.0, again.0);
});
