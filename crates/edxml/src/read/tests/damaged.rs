//! Packets with bytes changed, cut and repeated: never a panic, and what still reads can be written and read again.

use proptest::prelude::*;

use crate::fixture::{Contents, DOCUMENT, STATUS, read};
use crate::{Packet, PacketWriter, write_status};

/// Leaves out what tells about the bytes read, which differ.
fn comparable(packet: Packet) -> Packet {
    match packet {
        Packet::Document(mut document) => {
            document.attachments.iter_mut().for_each(|attachment| attachment.encoded = Default::default());
            document.signatures.clear();
            Packet::Document(crate::Document { unknown_elements: 0, ..document })
        }
        Packet::Status(mut status) => {
            status.signatures.clear();
            Packet::Status(crate::Status { unknown_elements: 0, ..status })
        }
    }
}

fn written(packet: &Packet, contents: &Contents) -> Vec<u8> {
    let mut out = Vec::new();
    match packet {
        Packet::Document(document) => {
            let mut writer = PacketWriter::new(&mut out, document).unwrap();
            for (attachment, content) in document.attachments.iter().zip(&contents.bytes) {
                writer.attachment(&attachment.head, content.as_slice()).unwrap();
            }
            writer.finish().unwrap();
        }
        Packet::Status(status) => write_status(&mut out, status).unwrap(),
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_damaged_packet_is_refused_or_reads_as_it_would_be_written(
        is_status in any::<bool>(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..4, any::<u8>(), 0_usize..40), 1..4),
    ) {
        let mut bytes = if is_status { STATUS } else { DOCUMENT }.as_bytes().to_vec();
        for (place, kind, byte, length) in damages {
            let at = place.index(bytes.len());
            let end = (at + length).min(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, b"<>&;\"'/= ]"[usize::from(byte) % 10]),
                2 => drop(bytes.drain(at..end)),
                _ => bytes.splice(at..at, bytes[at..end].to_vec()).for_each(drop),
            }
            if bytes.is_empty() {
                bytes.push(byte);
            }
        }
        if let Ok((packet, contents)) = read(&bytes) {
            let (again, same) = read(written(&packet, &contents)).unwrap();
            prop_assert_eq!(comparable(again), comparable(packet));
            prop_assert_eq!(same.bytes, contents.bytes);
        }
    }
}
