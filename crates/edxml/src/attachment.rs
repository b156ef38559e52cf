//! Attachments, and the manifest that lists them.

/// What the packet says about an attachment, its content apart.
///
/// `None`: the element is absent; `Some("")`: it is there and empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttachmentHead {
    /// `ContentId`, as it came: `cid:209` or `209`. Compare by [`content_key`](Self::content_key).
    pub content_id: String,
    /// `AttachmentName`: the real file name, also when the content is zipped. Not safe as a path.
    pub name: Option<String>,
    /// `Description`.
    pub description: Option<String>,
    /// `ContentType`: `application/pdf`, `application/zip` …
    pub content_type: Option<String>,
    /// `FieldName`.
    pub field_name: Option<String>,
    /// `MimeType`.
    pub mime_type: Option<String>,
}

impl AttachmentHead {
    /// A head with the fields that real producers fill.
    #[must_use]
    pub fn new(content_id: &str, name: &str, content_type: &str) -> Self {
        Self {
            content_id: content_id.to_owned(),
            name: Some(name.to_owned()),
            description: Some(name.to_owned()),
            content_type: Some(content_type.to_owned()),
            ..Self::default()
        }
    }

    /// The id without white space around it and without `cid:`: what the manifest and the attachment agree on.
    #[must_use]
    pub fn content_key(&self) -> &str {
        content_key(&self.content_id)
    }

    /// True when the content is a zip archive that holds the file (QCVN 102:2016 producers zip single files).
    #[must_use]
    pub fn is_zip(&self) -> bool {
        self.content_type.as_deref().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/zip"))
    }
}

/// `cid:209` and ` 209` name the same content.
pub(crate) fn content_key(content_id: &str) -> &str {
    let id = content_id.trim();
    match id.split_at_checked(4) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("cid:") => rest.trim(),
        _ => id,
    }
}

/// A run of bytes in the packet as received, the byte order mark counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByteRange {
    /// First byte, from 0.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
}

/// One `Attachment` of a packet that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// What the packet says about it.
    pub head: AttachmentHead,
    /// Bytes after decoding.
    pub decoded_length: u64,
    /// Where the base64 text stands in the packet, for [`AttachmentDecoder`](crate::AttachmentDecoder).
    pub encoded: ByteRange,
}

/// `edXMLManifest`: what the packet says it carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Attribute `version`.
    pub version: Option<String>,
    /// `Reference` elements, in order.
    pub entries: Vec<ManifestEntry>,
}

/// One `Reference` of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestEntry {
    /// `ContentId`, as it came.
    pub content_id: String,
    /// `ContentType`.
    pub content_type: Option<String>,
    /// `Description`.
    pub description: Option<String>,
    /// `AttachmentName`.
    pub name: Option<String>,
}

impl ManifestEntry {
    /// The entry that lists this attachment.
    #[must_use]
    pub fn of(head: &AttachmentHead) -> Self {
        Self {
            content_id: head.content_id.clone(),
            content_type: head.content_type.clone(),
            description: head.description.clone(),
            name: head.name.clone(),
        }
    }

    /// The id without white space around it and without `cid:`.
    #[must_use]
    pub fn content_key(&self) -> &str {
        content_key(&self.content_id)
    }
}
