//! What a file is, by its first bytes.

/// Bytes of a file in which a PDF's header may stand (ISO 32000-1, annex H.3.4.1).
pub(crate) const HEAD_BYTES: usize = 1024;

/// A reader takes a file for a PDF when the header stands anywhere near its beginning. More than the first bytes are not
/// looked at.
pub(super) fn is_pdf(bytes: &[u8]) -> bool {
    bytes.get(..HEAD_BYTES).unwrap_or(bytes).windows(5).any(|window| window == b"%PDF-")
}

/// By its first local header (PKWARE APPNOTE 4.3.7).
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Whether a file with these first bytes is worth a worker's look.
pub(crate) fn may_be_signed(head: &[u8]) -> bool {
    is_pdf(head) || is_zip(head)
}
