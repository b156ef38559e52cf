//! Traffic in a file: one JSON object a line, for `replay`.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::Exchange;
use super::capture::Captured;

/// One line of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    /// Counted from 1 in each run.
    pub number: u64,
    /// When it came, `yyyy-MM-dd HH:mm:ss`, Vietnam.
    pub at: String,
    /// `POST` or `GET`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The last segment of the path.
    pub operation: String,
    /// Header names in lower case and values as received, in order; secrets are hidden.
    pub headers: Vec<(String, String)>,
    /// The request's body.
    pub body: RecordedBody,
    /// The answer.
    pub answer: RecordedAnswer,
}

/// A body in a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecordedBody {
    /// The bytes in base64, or the beginning of them.
    pub base64: String,
    /// Bytes of the whole.
    pub bytes: u64,
    /// SHA-256 of the whole in hex.
    pub sha256: String,
    /// Whether `base64` is the whole.
    pub whole: bool,
}

/// An answer in a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedAnswer {
    /// HTTP status.
    pub status: u16,
    /// `ErrorCode`; empty where the axis did not get to answer.
    pub error_code: String,
    /// The body.
    pub body: RecordedBody,
    /// Faults carried out on it.
    pub faults: Vec<String>,
    /// What broke it off; empty when it went out whole.
    pub broken: String,
}

impl RecordedBody {
    fn of(captured: &Captured) -> Self {
        Self {
            base64: STANDARD.encode(&captured.beginning),
            bytes: captured.total,
            sha256: captured.digest.clone(),
            whole: captured.is_whole(),
        }
    }

    /// The bytes, when all of them are there.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        if self.whole { STANDARD.decode(&self.base64).ok() } else { None }
    }
}

/// The file being written.
#[derive(Debug)]
pub(super) struct Recorder {
    file: BufWriter<File>,
    bytes_max: usize,
}

impl Recorder {
    /// Appends to `path`, which it makes readable for its owner only: requests in it can be sent again.
    pub(super) fn open(path: &Path, bytes_max: usize) -> io::Result<Self> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        Ok(Self { file: BufWriter::new(file), bytes_max })
    }

    pub(super) fn write(&mut self, exchange: &Exchange, request: &Captured, response: &Captured) -> io::Result<()> {
        let recorded = Recorded {
            number: exchange.line.number,
            at: exchange.line.at.clone(),
            method: exchange.method.clone(),
            target: exchange.target.clone(),
            operation: exchange.line.operation.clone(),
            headers: exchange.headers.clone(),
            body: RecordedBody::of(&self.cut(request)),
            answer: RecordedAnswer {
                status: exchange.line.status,
                error_code: exchange.line.code.clone(),
                body: RecordedBody::of(&self.cut(response)),
                faults: exchange.line.faults.clone(),
                broken: exchange.broken.clone(),
            },
        };
        serde_json::to_writer(&mut self.file, &recorded)?;
        self.file.write_all(b"\n")?;
        self.file.flush()
    }

    fn cut(&self, captured: &Captured) -> Captured {
        let mut cut = captured.clone();
        cut.beginning.truncate(self.bytes_max);
        cut
    }
}
