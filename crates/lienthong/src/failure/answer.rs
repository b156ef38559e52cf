//! A node's refusal as it travels: a gRPC status with our code and the problem beside it.

use std::fmt;

use serde::Deserialize;
use tonic::{Code, Status};
use types::ErrorCode;

use super::coded;
use crate::exit::Exit;

/// Metadata key of the public code.
const CODE_KEY: &str = "lienthong-code";
/// Trailer with the problem as JSON (RFC 9457).
const PROBLEM_KEY: &str = "lienthong-problem-bin";

/// A node's refusal.
#[derive(Debug)]
pub(crate) struct Answer {
    grpc: Code,
    message: String,
    code_text: Option<String>,
    problem: Option<serde_json::Value>,
    facts: Facts,
}

/// What of the problem is shown; everything is optional, so that another version's answer is readable.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Facts {
    code: Option<String>,
    detail: Option<String>,
    detail_vi: Option<String>,
    title: Option<String>,
    title_en: Option<String>,
    action: Option<String>,
    action_en: Option<String>,
    field: Option<String>,
    position: Option<u64>,
    exchange_id: Option<String>,
    request_id: Option<String>,
    retry_after_seconds: Option<u64>,
}

impl Answer {
    pub(crate) fn of(status: &Status) -> Self {
        let bytes = status.metadata().get_bin(PROBLEM_KEY).and_then(|value| value.to_bytes().ok());
        let problem: Option<serde_json::Value> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let facts = problem.clone().and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
        let code_text = status.metadata().get(CODE_KEY).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self { grpc: status.code(), message: status.message().to_owned(), code_text, problem, facts }
    }

    /// The code as it travelled, also one of a later version.
    pub(crate) fn code_text(&self) -> Option<&str> {
        self.code_text.as_deref().or(self.facts.code.as_deref())
    }

    pub(crate) fn code(&self) -> Option<ErrorCode> {
        self.code_text().and_then(ErrorCode::from_text)
    }

    pub(crate) fn problem(&self) -> Option<&serde_json::Value> {
        self.problem.as_ref()
    }

    /// The signed `SubmissionRejection`, as the node sent it.
    pub(crate) fn receipt(&self) -> Option<&serde_json::Value> {
        self.problem.as_ref()?.get("receipt").filter(|receipt| receipt.is_object())
    }

    pub(crate) fn exit(&self) -> Exit {
        if let Some(code) = self.code() {
            return Exit::of_answer(code);
        }
        // A proxy or another version: only the gRPC status is there.
        match self.grpc {
            Code::NotFound => Exit::NotFound,
            Code::Unavailable | Code::DeadlineExceeded => Exit::Unreachable,
            Code::ResourceExhausted | Code::Aborted => Exit::TryLater,
            Code::Internal | Code::Unknown | Code::DataLoss => Exit::Internal,
            _ => Exit::Refused,
        }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let detail = self.facts.detail.as_deref().unwrap_or(&self.message);
        let mut details = Vec::new();
        details.extend(self.facts.detail_vi.as_deref().map(str::to_owned));
        details.push(detail.to_owned());
        details.extend(self.facts.field.as_deref().map(|field| format!("phần tử (field): {field}")));
        details.extend(self.facts.position.map(|position| format!("vị trí (position): {position}")));
        details.extend(self.facts.exchange_id.as_deref().map(|id| format!("mã trao đổi (exchange): {id}")));
        details.extend(self.facts.request_id.as_deref().map(|id| format!("mã yêu cầu (request): {id}")));
        details.extend(self.facts.retry_after_seconds.map(|wait| format!("thử lại sau (retry after): {wait} s")));
        match self.code() {
            Some(code) => coded(code, details.iter().map(String::as_str)),
            None => self.unknown(details),
        }
    }

    /// A code of a later version, or none: the node's own words, where it sent any.
    fn unknown(&self, details: Vec<String>) -> Vec<String> {
        let name = self.code_text().map_or_else(|| format!("{:?}", self.grpc), str::to_owned);
        let title = self.facts.title.as_deref().unwrap_or("nút từ chối");
        let title_en = self.facts.title_en.as_deref().unwrap_or("the node refused");
        let mut lines = vec![format!("lỗi {name}: {title} ({title_en})")];
        lines.extend(details.into_iter().filter(|text| !text.is_empty()).map(|text| format!("  {text}")));
        if let Some(action) = &self.facts.action {
            lines.push(format!("→ {action} ({})", self.facts.action_en.as_deref().unwrap_or_default()));
        }
        lines
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.facts.detail.as_deref().unwrap_or(&self.message))
    }
}

impl std::error::Error for Answer {}
