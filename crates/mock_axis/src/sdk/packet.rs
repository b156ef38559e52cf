//! Packets to send: small documents and statuses.

use std::io::Read;

use edxml::{
    AttachmentHead, Document, DocumentCode, EdxmlDate, EdxmlTimestamp, Organization, PacketWriter, PromulgationInfo,
    ResponseFor, Status, write_status,
};
use types::{StatusCode, UnixMillis};

use crate::clock;

/// A document with one attachment.
#[derive(Clone, Debug)]
pub struct Draft<'d> {
    /// The sender's agency code, as it is written into the packet.
    pub from: &'d str,
    /// The receivers' codes.
    pub to: &'d [&'d str],
    /// Its `DocumentId`.
    pub id: &'d str,
    /// Its subject.
    pub subject: &'d str,
    /// When it is made.
    pub at: UnixMillis,
}

/// A status about a document.
#[derive(Clone, Debug)]
pub struct Letter<'d> {
    /// Who reports.
    pub from: &'d str,
    /// The agency that issued the document.
    pub about: &'d str,
    /// The document's `DocumentId`.
    pub id: &'d str,
    /// What is reported.
    pub status: StatusCode,
    /// When it is made.
    pub at: UnixMillis,
}

impl Draft<'_> {
    /// The packet with a small text attached.
    ///
    /// # Errors
    /// What is no code or id, in words.
    pub fn packet(&self) -> Result<Vec<u8>, String> {
        let mut packet = Vec::new();
        self.write(&mut packet, "Nội dung thử nghiệm".as_bytes())?;
        Ok(packet)
    }

    /// Writes the packet with this attachment, piece by piece.
    ///
    /// # Errors
    /// What is no code or id, or that `out` failed, in words.
    pub fn write(&self, out: impl std::io::Write, attachment: impl Read) -> Result<(), String> {
        let words = |error: &dyn std::fmt::Display| error.to_string();
        let to = self.to.iter().map(|code| organization(code)).collect::<Result<_, _>>()?;
        let id = self.id.parse().map_err(|error| words(&error))?;
        let code = DocumentCode::new("1", "TN-LT");
        let promulgation = PromulgationInfo { place: None, date: date(self.at)? };
        let mut document = Document::new(organization(self.from)?, to, id, code, promulgation, self.subject);
        let head = AttachmentHead::new("cid:1", "noi-dung.txt", "text/plain");
        document.list(&head);
        let mut writer = PacketWriter::new(out, &document).map_err(|error| words(&error))?;
        writer.attachment(&head, attachment).map_err(|error| words(&error))?;
        let mut out = writer.finish().map_err(|error| words(&error))?;
        out.flush().map_err(|error| words(&error))
    }
}

impl Letter<'_> {
    /// The packet.
    ///
    /// # Errors
    /// What is no code or id, in words.
    pub fn packet(&self) -> Result<Vec<u8>, String> {
        let response = ResponseFor {
            organ_id: self.about.parse().map_err(|error| format!("{}: {error}", self.about))?,
            code: Some("1/TN-LT".to_owned()),
            promulgation_date: Some(date(self.at)?),
            document_id: Some(self.id.parse().map_err(|error| format!("{}: {error}", self.id))?),
        };
        let at = EdxmlTimestamp::new(date(self.at)?, 8, 0, 0).map_err(|error| error.to_string())?;
        let status = Status::new(organization(self.from)?, response, self.status, at);
        let mut packet = Vec::new();
        write_status(&mut packet, &status).map_err(|error| error.to_string())?;
        Ok(packet)
    }
}

fn organization(code: &str) -> Result<Organization, String> {
    let organ = code.parse().map_err(|error| format!("{code}: {error}"))?;
    Ok(Organization::new(organ).named(&format!("Cơ quan {code}")))
}

fn date(at: UnixMillis) -> Result<EdxmlDate, String> {
    let time = clock::date_time(at, 0).ok_or_else(|| "a time beyond the year 9999".to_owned())?;
    let year = u16::try_from(time.year()).map_err(|error| error.to_string())?;
    let [month, day] = [time.month(), time.day()].map(|part| u8::try_from(part).unwrap_or_default());
    EdxmlDate::new(year, month, day).map_err(|error| error.to_string())
}
