//! Why a command did not do what it was asked, and how that is told.

mod answer;

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use types::ErrorCode;

pub(crate) use answer::Answer;

use crate::exit::Exit;
use crate::output::clean;

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line or the profile.
    #[error("{0}")]
    Usage(String),
    /// The node said no.
    #[error(transparent)]
    Answer(Box<Answer>),
    /// No connection, or it broke.
    #[error("cannot reach {node}")]
    Unreachable {
        /// Address as configured.
        node: String,
        /// What the connection said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Sources of revocation data gave none.
    #[error("{failing} of {all} sources of revocation data could not be fetched")]
    Sources {
        /// Those that failed.
        failing: usize,
        /// All that were asked.
        all: usize,
    },
    /// A file on this machine.
    #[error("{}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Something local does not verify.
    #[error("{detail}")]
    Unverified {
        /// Public code.
        code: ErrorCode,
        /// The values at fault.
        detail: String,
    },
    /// A signature is neither proved nor disproved.
    #[error("{detail}")]
    Undecided {
        /// Public code.
        code: ErrorCode,
        /// What is missing.
        detail: String,
    },
    /// What a scenario expects did not hold.
    #[error("{0}")]
    Unmet(String),
    /// The node broke the interface, or this program has a fault.
    #[error("{0}")]
    Internal(String),
    /// A signal came before the work was done.
    #[error("interrupted")]
    Interrupted,
    /// The terminal or the pipe is gone.
    #[error("write the output")]
    Output(#[source] io::Error),
}

impl Failure {
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    pub(crate) fn file(path: &Path, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::File { path: path.to_owned(), source: source.into() }
    }

    /// The exit code's meaning.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Answer(answer) => answer.exit(),
            Self::Unreachable { .. } | Self::Sources { .. } => Exit::Unreachable,
            Self::File { .. } => Exit::LocalFile,
            Self::Unverified { .. } => Exit::Unverified,
            Self::Undecided { .. } => Exit::Undecided,
            Self::Unmet(_) => Exit::Refused,
            Self::Interrupted => Exit::TryLater,
            Self::Internal(_) => Exit::Internal,
            // `lienthong list sent | head` ends well.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Success,
            Self::Output(_) => Exit::LocalFile,
        }
    }

    /// Headline, details and the next step, one line each.
    pub(crate) fn lines(&self) -> Vec<String> {
        match self {
            Self::Usage(text) => vec![
                format!("lỗi: {text}"),
                "→ Xem `lienthong help` hoặc docs/cli.md (see the help or the manual)".to_owned(),
            ],
            Self::Answer(answer) => answer.lines(),
            Self::Unreachable { node, source } => vec![
                format!("lỗi: không kết nối được với {node} (cannot reach the node)"),
                format!("  {}", chain(source.as_ref())),
                "→ Kiểm tra địa chỉ, tường lửa và chứng thư (check address, firewall and certificates)".to_owned(),
            ],
            Self::Sources { failing, all } => vec![
                format!(
                    "lỗi: không tải được {failing} trên {all} nguồn dữ liệu thu hồi, lý do ở cột Lỗi ({failing} of {all} \
                     sources could not be fetched, see the table)"
                ),
                "→ Kiểm tra địa chỉ, [revocation] proxy và tường lửa; không có mạng thì `lienthong revocation import` \
                 (check address, proxy and firewall; without a network, import files)"
                    .to_owned(),
            ],
            Self::File { path, source } => {
                vec![format!("lỗi: {} (local file)", path.display()), format!("  {}", chain(source.as_ref()))]
            }
            Self::Unverified { code, detail } | Self::Undecided { code, detail } => coded(*code, [detail.as_str()]),
            Self::Internal(text) => vec![
                format!("lỗi: {text}"),
                "→ Báo người vận hành nút hoặc nhóm phát triển (tell the operator or the developers)".to_owned(),
            ],
            Self::Unmet(text) => vec![format!("lỗi: {text}")],
            Self::Interrupted => vec!["Bị ngắt giữa chừng (interrupted)".to_owned()],
            Self::Output(error) => vec![format!("lỗi: không ghi được kết quả: {error} (cannot write the output)")],
        }
    }

    /// Writes the failure for people, or as one JSON object with `--json`.
    pub(crate) fn report(&self, json: bool, to: &mut dyn Write) -> io::Result<()> {
        if json {
            return writeln!(to, "{}", serde_json::to_string(&self.json()).map_err(io::Error::other)?);
        }
        self.lines().iter().try_for_each(|line| writeln!(to, "{}", clean(line)))
    }

    fn json(&self) -> Json<'_> {
        let (code, answer) = match self {
            Self::Answer(answer) => (answer.code(), Some(answer.as_ref())),
            Self::Unverified { code, .. } | Self::Undecided { code, .. } => (Some(*code), None),
            _ => (None, None),
        };
        Json {
            exit: self.exit().number(),
            code: answer.and_then(Answer::code_text).or(code.map(ErrorCode::as_str)),
            title_vi: code.map(ErrorCode::title_vi),
            title_en: code.map(ErrorCode::title_en),
            detail: chain(self),
            action_vi: code.map(ErrorCode::action_vi),
            action_en: code.map(ErrorCode::action_en),
            problem: answer.and_then(Answer::problem),
        }
    }
}

/// Machine-readable failure, on standard error.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Json<'a> {
    exit: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title_vi: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title_en: Option<&'a str>,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_vi: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_en: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a serde_json::Value>,
}

/// The lines of an error that has a public code.
fn coded<'a>(code: ErrorCode, details: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut lines = vec![format!("lỗi {code}: {} ({})", code.title_vi(), code.title_en())];
    lines.extend(details.into_iter().filter(|text| !text.is_empty()).map(|text| format!("  {text}")));
    lines.push(format!("→ {} ({})", code.action_vi(), code.action_en()));
    lines
}

/// An error and its causes on one line; a cause that repeats what was said is left out.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
