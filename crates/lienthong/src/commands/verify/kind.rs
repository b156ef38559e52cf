//! What a file is, told by its first bytes: names lie.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::Serialize;

use crate::failure::Failure;

/// A kind of file that can be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum FileKind {
    /// A PDF document.
    Pdf,
    /// An edXML packet.
    Packet,
    /// CMS SignedData: DER, BER, base64 or PEM.
    Cms,
    /// What `lienthong receipts --json` printed, or one receipt of it.
    Receipts,
}

/// Bytes that are looked at.
const HEAD_BYTES: u64 = 4096;
/// First byte of a DER SEQUENCE.
const SEQUENCE: u8 = 0x30;

impl FileKind {
    pub(super) fn of(path: &Path) -> Result<Self, Failure> {
        if path.is_dir() {
            let why = "là thư mục: nêu một tệp trong đó; của `receipts --export` là ID.receipt.json (a folder: name a file in \
                       it; of an export, ID.receipt.json)";
            return Err(Failure::file(path, why));
        }
        let file = File::open(path).map_err(|error| Failure::file(path, error))?;
        let mut head = Vec::new();
        file.take(HEAD_BYTES).read_to_end(&mut head).map_err(|error| Failure::file(path, error))?;
        Self::of_bytes(&head).ok_or_else(|| {
            Failure::file(
                path,
                "không phải PDF, gói tin edXML, chữ ký CMS hay biên nhận (not a PDF, packet, CMS signature or receipt)",
            )
        })
    }

    pub(super) fn of_bytes(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"%PDF-") {
            return Some(Self::Pdf);
        }
        let xml = head.get(edxml::preamble_length(head)..).unwrap_or_default().trim_ascii_start();
        if xml.starts_with(b"<") {
            return Some(Self::Packet);
        }
        let text = head.trim_ascii_start();
        if text.starts_with(b"{") || text.starts_with(b"[") {
            return Some(Self::Receipts);
        }
        // A SEQUENCE in base64 begins with M: its first six bits are 001100.
        let is_armoured = text.starts_with(b"-----BEGIN ") || text.starts_with(b"M");
        (head.first() == Some(&SEQUENCE) || is_armoured).then_some(Self::Cms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_told_by_its_first_bytes() {
        for (head, kind) in [
            (&b"%PDF-1.7\n"[..], Some(FileKind::Pdf)),
            (b"<?xml version=\"1.0\"?><edXML>", Some(FileKind::Packet)),
            (b"\xef\xbb\xbf<edXML>", Some(FileKind::Packet)),
            (b"1212<?xml version=\"1.0\"?>", Some(FileKind::Packet)),
            (b"\x30\x82\x01\x00", Some(FileKind::Cms)),
            (b"-----BEGIN PKCS7-----\n", Some(FileKind::Cms)),
            (b"MIIGgwYJKoZIhvcN", Some(FileKind::Cms)),
            (b" {\"receipts\":[]}", Some(FileKind::Receipts)),
            (b"PK\x03\x04", None),
            (b"", None),
        ] {
            assert_eq!(FileKind::of_bytes(head), kind, "{head:?}");
        }
    }
}
