//! Files of this machine: what is sent, and what is written.

use std::fs::File;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};
use types::Digest;
use wire::exchange_v1::FileHeader;

use crate::failure::Failure;

/// Bytes read at a time: one gRPC chunk, well below the interface's 1 MiB.
pub(crate) const CHUNK_BYTES: usize = 256 * 1024;

/// A file that is to be sent.
#[derive(Clone, Debug)]
pub(crate) struct LocalFile {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) length: u64,
    pub(crate) sha256: Digest,
}

impl LocalFile {
    /// Reads the file once, for its length and digest.
    pub(crate) fn inspect(path: &Path) -> Result<Self, Failure> {
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
            Failure::file(path, "tên tệp không phải UTF-8 (the file name is not UTF-8, or there is none)")
        })?;
        let mut file = File::open(path).map_err(|error| Failure::file(path, error))?;
        let mut hasher = Hasher::default();
        let mut buffer = vec![0; CHUNK_BYTES];
        loop {
            let read = file.read(&mut buffer).map_err(|error| Failure::file(path, error))?;
            let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { break };
            hasher.update(piece);
        }
        let (length, sha256) = hasher.finish();
        Ok(Self { path: path.to_owned(), name: name.to_owned(), content_type: media_type(name).into(), length, sha256 })
    }

    /// The file as the interface announces it.
    pub(crate) fn header(&self) -> FileHeader {
        FileHeader {
            name: self.name.clone(),
            content_type: self.content_type.clone(),
            length: self.length,
            sha256: self.sha256.as_bytes().to_vec(),
            description: String::new(),
        }
    }
}

/// SHA-256 and length of what went by.
#[derive(Clone)]
pub(crate) struct Hasher {
    context: Context,
    length: u64,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { context: Context::new(&SHA256), length: 0 }
    }
}

impl Hasher {
    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.context.update(piece);
        self.length += u64::try_from(piece.len()).unwrap_or(0);
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn finish(self) -> (u64, Digest) {
        let bytes = self.context.finish();
        let digest = Digest::try_from(bytes.as_ref()).expect("SHA-256 has 32 bytes");
        (self.length, digest)
    }
}

/// Media type by the extension, as edXML producers write it.
pub(crate) fn media_type(name: &str) -> &'static str {
    let extension = Path::new(name).extension().and_then(|text| text.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "pdf" => "application/pdf",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xls" => "application/vnd.ms-excel",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "ppt" => "application/vnd.ms-powerpoint",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt" => "application/vnd.oasis.opendocument.text",
        "ods" => "application/vnd.oasis.opendocument.spreadsheet",
        "txt" => "text/plain",
        "csv" => "text/csv",
        "xml" => "application/xml",
        "json" => "application/json",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "tif" | "tiff" => "image/tiff",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

/// A name from a packet made harmless: no folder, no hidden file, nothing that a file system or shell minds.
pub(crate) fn safe_name(name: &str, otherwise: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().map(|c| if c.is_control() || r#"<>:"|?*"#.contains(c) { '_' } else { c }).collect();
    let kept = kept.trim().trim_start_matches('.').trim_end_matches('.');
    if kept.is_empty() { otherwise.to_owned() } else { kept.to_owned() }
}

/// Reads a small file whole; a larger one is another file.
pub(crate) fn read_small(path: &Path, max: u64) -> Result<Vec<u8>, Failure> {
    let file = File::open(path).map_err(|error| Failure::file(path, error))?;
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes).map_err(|error| Failure::file(path, error))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > max {
        return Err(Failure::file(path, format!("quá {max} byte (more than {max} bytes)")));
    }
    Ok(bytes)
}

/// Writes a file that must not be there yet.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    File::create_new(path).and_then(|mut file| file.write_all(bytes)).map_err(|error| Failure::file(path, error))
}

#[cfg(test)]
mod tests;
