//! What stands before the XML.

/// UTF-8's byte order mark.
pub(super) const MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// Bytes that [`preamble_length`] looks at: the mark, the longest preamble, `<?xml`.
pub(super) const HEAD_MAX: usize = MARK.len() + STRAY_MAX + DECLARATION.len();

/// Stray bytes passed over. The national axis' own sample packet begins with four of them.
const STRAY_MAX: usize = 16;

const DECLARATION: &[u8] = b"<?xml";

/// Length of what stands before the XML of a packet: a byte order mark, then at most 16 digits or white space directly
/// before `<?xml`, which is not well-formed but comes from real producers (`1212<?xml …` in the axis' own sample).
///
/// `head`: the first bytes of the packet, 24 or more where there are as many. A caller that gives the packet to
/// another XML parser (a signature check) starts after them; offsets in [`ByteRange`](crate::ByteRange) count them.
#[must_use]
pub fn preamble_length(head: &[u8]) -> usize {
    let text = head.strip_prefix(MARK).unwrap_or(head);
    let mark = head.len() - text.len();
    let stray = text.iter().take_while(|byte| byte.is_ascii_digit() || byte.is_ascii_whitespace()).count();
    let is_followed = text.get(stray..).is_some_and(|rest| rest.starts_with(DECLARATION));
    if is_followed && stray <= STRAY_MAX { mark + stray } else { mark }
}
