//! Reading a packet.

use std::io::BufRead;

use crate::{AttachmentSink, EdxmlError, Limits, Packet, Problem};

/// Reads one packet from `input` to its end, and hands the attachments to `sink` while doing so.
///
/// When it returns `Ok`, every byte of the input has been taken, so a caller that copies or hashes what it feeds in
/// has seen all of it. After an error the rest of the input is left unread.
///
/// # Errors
/// `malformed_document`, `forbidden_xml`, `wrong_namespace`, `missing_element`, `invalid_element`, `limit_exceeded`,
/// `document_too_large`, `invalid_base64`, `attachment_missing`, `attachment_duplicate`, `attachment_unlisted`;
/// `cancelled` when `input` fails; the sink's code when it refuses.
pub fn read_packet<R: BufRead>(input: R, limits: &Limits, sink: &mut dyn AttachmentSink) -> Result<Packet, EdxmlError> {
    let _ = (input, limits, sink);
    Err(EdxmlError::new(Problem::malformed("empty"), 0, ""))
}
