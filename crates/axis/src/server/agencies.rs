//! Lists of agencies: three shapes of one record, written in pieces as the client reads.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, header};
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::content::BrokenOff;
use super::places::Place;
use crate::AgencyEntry;
use crate::answer::{Answer, write};

/// Bytes of one piece: some hundred entries, well under a millisecond of work.
const PIECE_BYTES: usize = 64 * 1024;

/// The entries of a list taken at one moment.
pub(super) type Entries = Box<dyn Iterator<Item = AgencyEntry> + Send>;

/// What a list tells of each agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `getAgenciesList`.
    Plain,
    /// `getAgenciesListQD20`.
    Decision20,
    /// `getSynchronizeUnit`.
    Synchronize,
}

/// The list as the member `data`. Its length is not known before: it goes in chunks.
pub(super) fn list(answer: Answer, entries: Entries, shape: Shape, place: Place) -> Response {
    let mut line = answer.open("data");
    line.push(b'[');
    let writing = Writing { entries, shape, line, separator: Separator::None, _place: place };
    let pieces = stream::try_unfold(Some(writing), |writing| async move {
        let Some(writing) = writing else { return Ok(None) };
        // The entries may come from a disk, and writing them is work: not on a thread that serves others.
        spawn_blocking(move || writing.piece()).await.map(Some).map_err(|error| {
            tracing::error!(%error, "the list of agencies crashed");
            BrokenOff
        })
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

enum Separator {
    None,
    Comma,
}

struct Writing {
    entries: Entries,
    shape: Shape,
    line: Vec<u8>,
    separator: Separator,
    _place: Place,
}

impl Writing {
    /// The next piece, and what is left unless it was the last.
    fn piece(mut self) -> (Bytes, Option<Self>) {
        let mut line = std::mem::take(&mut self.line);
        line.reserve(PIECE_BYTES + PIECE_BYTES / 8);
        while line.len() < PIECE_BYTES {
            let Some(entry) = self.entries.next() else {
                line.push(b']');
                line.extend_from_slice(Answer::END);
                return (line.into(), None);
            };
            if let Separator::Comma = std::mem::replace(&mut self.separator, Separator::Comma) {
                line.push(b',');
            }
            self.shape.write(&mut line, &entry);
        }
        (line.into(), Some(self))
    }
}

impl Shape {
    fn write(self, line: &mut Vec<u8>, entry: &AgencyEntry) {
        let AgencyEntry { id, pid, code, name, mail, .. } = entry;
        match self {
            Self::Plain => write(line, &Plain { id, pid, code, name, mail, old_code: &entry.old_code }),
            Self::Decision20 => write(line, &Decision20 { id, code, name, mail, code102: &entry.code102 }),
            Self::Synchronize => {
                let AgencyEntry { version, center_code, deleted, modify_date, is_agency, .. } = entry;
                let (version, deleted, is_agency) = (*version, *deleted, *is_agency);
                let unit = Unit { id, pid, code, name, mail, version, center_code, deleted, modify_date, is_agency };
                write(line, &unit);
            }
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Plain<'e> {
    id: &'e str,
    pid: &'e str,
    code: &'e str,
    name: &'e str,
    mail: &'e str,
    old_code: &'e str,
}

#[derive(Serialize)]
struct Decision20<'e> {
    id: &'e str,
    code: &'e str,
    name: &'e str,
    mail: &'e str,
    code102: &'e str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Unit<'e> {
    id: &'e str,
    pid: &'e str,
    code: &'e str,
    name: &'e str,
    mail: &'e str,
    version: i64,
    center_code: &'e str,
    deleted: bool,
    modify_date: &'e str,
    is_agency: bool,
}
