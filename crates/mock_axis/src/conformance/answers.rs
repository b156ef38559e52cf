//! Rules that hold for every answer, looked at as the answers come.

use std::collections::BTreeMap;

use axis::{AxisCode, Secret};
use serde_json::Value;

use super::Shown;
use super::stage::{Checked, Stage, failed, skipped};
use crate::sdk::Reply;

/// The first answer that broke each rule.
pub(super) struct Watched {
    broken: BTreeMap<&'static str, (String, Shown)>,
    answers: u64,
    sent: [u64; 2],
    secrets: Vec<Secret>,
}

impl Watched {
    pub(super) fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self { broken: BTreeMap::new(), answers: 0, sent: [0, 0], secrets: secrets.into_iter().collect() }
    }

    fn broke(&mut self, rule: &'static str, shown: &Shown, why: String) {
        self.broken.entry(rule).or_insert_with(|| (why, shown.clone()));
    }

    /// Looks at one answer.
    pub(super) fn see(&mut self, operation: &str, reply: &Reply, shown: &Shown) {
        self.secrets(reply, shown);
        if operation == "downloadEdoc" {
            return;
        }
        self.answers += 1;
        self.line(reply, shown);
        if reply.status != 200 && !(reply.status == 201 && operation.ends_with("sendEdoc")) {
            self.broke("AX-ANS-7", shown, format!("HTTP {}", reply.status));
        }
        let body = reply.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&reply.body);
        let Ok(Value::Object(members)) = serde_json::from_str(&String::from_utf8_lossy(body)) else {
            return self.broke("AX-ANS-4", shown, "không phải đối tượng JSON (no JSON object)".to_owned());
        };
        let required: &[&str] = &["status", "ErrorCode", "ErrorDesc"];
        for member in required {
            if !matches!(members.get(*member), Some(Value::String(_))) {
                let found = members.get(*member).map_or("thiếu (missing)".to_owned(), ToString::to_string);
                self.broke("AX-ANS-4", shown, format!("{member}: {found}; chờ một chuỗi (a string is needed)"));
            }
        }
        let code = match members.get("ErrorCode") {
            Some(Value::String(code)) => code.clone(),
            Some(Value::Number(code)) => code.to_string(),
            _ => return,
        };
        self.words(&members, &code, shown);
        if operation == "sendEdoc" {
            self.sent_answer(reply, &members, &code, shown);
        }
    }

    fn secrets(&mut self, reply: &Reply, shown: &Shown) {
        let holds = |bytes: &[u8], secret: &Secret| {
            let wanted = secret.as_bytes();
            wanted.len() >= 4 && bytes.windows(wanted.len()).any(|window| window == wanted)
        };
        let leaks = self
            .secrets
            .iter()
            .any(|secret| holds(&reply.body, secret) || reply.headers.iter().any(|(_, value)| holds(value, secret)));
        if leaks {
            // Shown without the answer: the secret is in it.
            let shown = Shown { request: shown.request.clone(), answer: "(ẩn/hidden)".to_owned() };
            self.broke("AX-SIGN-18", &shown, "secret nằm trong trả lời (the secret is in the answer)".to_owned());
        }
    }

    fn line(&mut self, reply: &Reply, shown: &Shown) {
        if reply.body.starts_with("\u{feff}".as_bytes()) {
            self.broke("AX-ANS-3", shown, "trả lời bắt đầu bằng BOM (the answer begins with a BOM)".to_owned());
        }
        let line = reply.body.strip_suffix(b"\n").unwrap_or(&reply.body);
        if line.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            self.broke("AX-ANS-3", shown, "trả lời có nhiều dòng (the answer has several lines)".to_owned());
        }
    }

    fn words(&mut self, members: &serde_json::Map<String, Value>, code: &str, shown: &Shown) {
        let status = members.get("status").and_then(Value::as_str).unwrap_or_default();
        let is_one = if code == "0" { status == "OK" } else { status == "FAIL" };
        if !is_one {
            self.broke("AX-ANS-5", shown, format!("status = {status:?}, ErrorCode = {code}"));
        }
        if !AxisCode::ALL.iter().any(|known| known.to_string() == code) {
            self.broke("AX-ANS-6", shown, format!("ErrorCode {code} không có trong bảng mã (is not in the table)"));
        }
    }

    fn sent_answer(&mut self, reply: &Reply, members: &serde_json::Map<String, Value>, code: &str, shown: &Shown) {
        let [succeeded, refused] = &mut self.sent;
        *(if code == "0" { succeeded } else { refused }) += 1;
        if let Some(byte) = reply.body.iter().find(|byte| !byte.is_ascii()) {
            self.broke("AX-ANS-1", shown, format!("byte {byte:#04x} trong trả lời sendEdoc: chỉ ASCII (ASCII only)"));
        }
        match members.get("DocId") {
            Some(Value::String(id)) if id.is_empty() == (code != "0") => {}
            found => {
                let found = found.map_or("thiếu (missing)".to_owned(), ToString::to_string);
                self.broke("AX-ANS-2", shown, format!("DocId: {found}, ErrorCode {code}"));
            }
        }
    }
}

/// What the answers so far say about a rule.
pub(super) fn verdict(stage: &mut Stage, rule: &'static str) -> Checked {
    let watched = &stage.watched;
    if let Some((why, shown)) = watched.broken.get(rule) {
        let (why, shown) = (why.clone(), shown.clone());
        stage.shown = Some(shown);
        return failed(why);
    }
    let is_seen = match rule {
        "AX-ANS-1" | "AX-ANS-2" => watched.sent.iter().all(|count| *count > 0),
        _ => watched.answers > 0,
    };
    if is_seen { Ok(()) } else { skipped("không có trả lời nào để xem (no such answer came)") }
}
