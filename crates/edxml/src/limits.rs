//! What one packet may cost.

/// Limits of one packet; every one of them is refused with its own words, and memory stays below them.
///
/// `Limits::default()` is what the domain's rules name; an operator lowers or raises the sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open elements at one time. The standard's own depth is below 12; 64 leaves room for signatures.
    pub depth_max: usize,
    /// Elements in the packet. 10,000 receivers of 8 fields each stay below 100,000.
    pub elements_max: u64,
    /// `To` elements. More than there are agencies in the country is a mistake or an attack.
    pub recipients_max: usize,
    /// Bytes of one text, tag, comment or instruction outside attachment content. No header field needs 1 MiB.
    pub text_bytes_max: usize,
    /// Bytes of the whole packet outside attachment content: bounds what the header can hold in memory.
    pub header_bytes_max: u64,
    /// Attributes on one element: comparing them for repeats costs their square.
    pub attributes_max: usize,
    /// `Attachment` elements, and entries of the manifest.
    pub attachments_max: usize,
    /// Decoded bytes of one attachment.
    pub attachment_bytes_max: u64,
    /// Bytes of the whole packet as received.
    pub packet_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth_max: 64,
            elements_max: 100_000,
            recipients_max: 10_000,
            text_bytes_max: 1 << 20,
            header_bytes_max: 16 << 20,
            attributes_max: 64,
            attachments_max: 1_000,
            attachment_bytes_max: 2 << 30,
            packet_bytes_max: 4 << 30,
        }
    }
}
