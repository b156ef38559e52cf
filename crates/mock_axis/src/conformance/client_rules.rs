//! The rules for a client, and what an exchange with a mock says about each.

use std::collections::{BTreeMap, BTreeSet};

use axis::operation::Operation;
use axis::server::Dialect;

use super::checks::rule;
use super::{Outcome, Report, Rule, Shown, Verdict};
use crate::traffic::Exchange;

/// The rules for a client.
#[rustfmt::skip]
pub const CLIENT_RULES: [Rule; 16] = [
    rule("AX-C-SIGN-1", "Mọi yêu cầu ký đúng", "every request is rightly signed"),
    rule("AX-C-SIGN-2", "Ký servicetype khi gửi và liệt kê", "servicetype is signed where it is asked for"),
    rule("AX-C-HASH-1", "sendEdoc có hash-file đúng của tệp", "sendEdoc carries the hash-file of its file"),
    rule("AX-C-SEND-1", "sendEdoc có from và messagetype", "sendEdoc carries from and messagetype"),
    rule("AX-C-SEND-2", "Gói tin đúng chuẩn edXML", "packets hold the standard"),
    rule("AX-C-SEND-3", "Không gửi lại gói bị từ chối, trừ mã 20", "a refused packet is not sent again, but for code 20"),
    rule("AX-C-LIST-1", "getReceivedEdocList có messagetype", "getReceivedEdocList carries messagetype"),
    rule("AX-C-GET-1", "getEdoc, downloadEdoc dùng docId", "getEdoc and downloadEdoc use docId"),
    rule("AX-C-GET-2", "Chỉ tải docId đã liệt kê", "only ids from the list are fetched"),
    rule("AX-C-STATE-1", "updateStatus dùng docid (chữ thường)", "updateStatus uses docid, in lower case"),
    rule("AX-C-STATE-2", "updateStatus có status hợp lệ", "updateStatus has processing, done or fail"),
    rule("AX-C-STATE-3", "done chỉ sau khi đã tải", "done only after fetching"),
    rule("AX-C-STATE-4", "Mọi văn bản đã tải đều được done hoặc fail", "what was fetched is confirmed, or said to have failed"),
    rule("AX-C-AGENCY-1", "registerAgency gửi JSON có code", "registerAgency sends JSON with a code"),
    rule("AX-C-AGENCY-2", "deleteAgency có AgencyCode", "deleteAgency carries AgencyCode"),
    rule("AX-C-OPS-1", "Chỉ gọi các chức năng của giao thức", "only operations of the protocol are called"),
];

/// Operations that a client has to go through before the watch ends by itself.
pub(super) const WANTED: [Operation; 4] =
    [Operation::SendEdoc, Operation::GetReceivedEdocList, Operation::GetEdoc, Operation::UpdateStatus];

/// What a client did so far.
#[derive(Debug, Default)]
pub(super) struct Conduct {
    seen: BTreeMap<Operation, u64>,
    held: BTreeMap<&'static str, u64>,
    broken: BTreeMap<&'static str, (String, Shown)>,
    fetched: BTreeSet<String>,
    settled: BTreeSet<String>,
    refused: BTreeSet<String>,
}

impl Conduct {
    /// Operations seen, and how often.
    pub(super) fn seen(&self) -> &BTreeMap<Operation, u64> {
        &self.seen
    }

    /// Whether the client went through everything that is wanted, and confirmed what it fetched.
    pub(super) fn is_complete(&self) -> bool {
        let has = |operation: &Operation| self.seen.contains_key(operation);
        let fetches = has(&Operation::DownloadEdoc);
        let went_through = WANTED.iter().all(|wanted| has(wanted) || (*wanted == Operation::GetEdoc && fetches));
        went_through && self.fetched.is_subset(&self.settled)
    }

    fn judge(&mut self, rule: &'static str, holds: bool, exchange: &Exchange, why: impl FnOnce() -> String) {
        if holds {
            *self.held.entry(rule).or_default() += 1;
        } else {
            self.broken.entry(rule).or_insert_with(|| (why(), shown(exchange)));
        }
    }

    /// Looks at one exchange.
    pub(super) fn see(&mut self, exchange: &Exchange) {
        let name = exchange.line.operation.strip_prefix("v1/").unwrap_or(&exchange.line.operation);
        let dialect = if name.len() == exchange.line.operation.len() { Dialect::Axis } else { Dialect::Provincial };
        let Some(operation) = Operation::from_name(name) else {
            return self.judge("AX-C-OPS-1", false, exchange, || exchange.target.clone());
        };
        self.judge("AX-C-OPS-1", true, exchange, String::new);
        let is_proven = exchange.line.signature == "proven";
        self.judge("AX-C-SIGN-1", is_proven, exchange, || exchange.signature_fault.clone());
        if !is_proven {
            return;
        }
        *self.seen.entry(operation).or_default() += 1;
        let given = |name: &str| exchange.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty());
        if given("servicetype").is_some() || dialect == Dialect::Provincial {
            self.judge("AX-C-SIGN-2", true, exchange, String::new);
        } else if matches!(operation, Operation::SendEdoc | Operation::GetReceivedEdocList | Operation::GetSentEdocList)
        {
            self.judge("AX-C-SIGN-2", false, exchange, || "thiếu servicetype (missing)".to_owned());
        }
        match operation {
            Operation::SendEdoc => self.sent(exchange, dialect),
            Operation::GetReceivedEdocList => {
                let kind = given("messagetype").is_some();
                self.judge("AX-C-LIST-1", kind, exchange, || "thiếu messagetype (missing)".to_owned());
            }
            Operation::GetEdoc | Operation::DownloadEdoc => self.fetch(exchange, given("docId")),
            Operation::UpdateStatus => self.update(exchange, given("docid"), given("status")),
            Operation::RegisterAgency => {
                let is_taken = exchange.line.code != "21";
                self.judge("AX-C-AGENCY-1", is_taken, exchange, || exchange.description.clone());
            }
            Operation::DeleteAgency => {
                let code = given("AgencyCode").is_some();
                self.judge("AX-C-AGENCY-2", code, exchange, || "thiếu AgencyCode (missing)".to_owned());
            }
            Operation::GetSentEdocList
            | Operation::CountReceiveEdoc
            | Operation::CountReceiveStatus
            | Operation::GetAgenciesList
            | Operation::GetAgenciesListQd20
            | Operation::GetSynchronizeUnit => {}
        }
    }

    fn sent(&mut self, exchange: &Exchange, dialect: Dialect) {
        let given = |name: &str| exchange.parameters.get(name).is_some_and(|value| !value.is_empty());
        let code = exchange.line.code.as_str();
        if dialect == Dialect::Axis {
            let hash = given("hash-file") && code != "10";
            self.judge("AX-C-HASH-1", hash, exchange, || {
                format!("hash-file thiếu hoặc sai (missing or wrong): mã {code}")
            });
            let named = given("from") && given("messagetype");
            self.judge("AX-C-SEND-1", named, exchange, || "thiếu from hoặc messagetype (missing)".to_owned());
        }
        self.judge("AX-C-SEND-2", code != "22", exchange, || exchange.description.clone());
        let again = self.refused.contains(&exchange.request.sha256);
        self.judge("AX-C-SEND-3", !again, exchange, || "gói đã bị từ chối được gửi lại (sent again)".to_owned());
        if !matches!(code, "0" | "20" | "") {
            self.refused.insert(exchange.request.sha256.clone());
        }
    }

    fn fetch(&mut self, exchange: &Exchange, id: Option<&str>) {
        self.judge("AX-C-GET-1", id.is_some(), exchange, || "thiếu docId (missing)".to_owned());
        let Some(id) = id else { return };
        let is_found = exchange.line.code != "21";
        self.judge("AX-C-GET-2", is_found, exchange, || format!("docId {id} không có trong danh sách (not listed)"));
        if exchange.line.code == "0" {
            self.fetched.insert(id.to_owned());
        }
    }

    fn update(&mut self, exchange: &Exchange, id: Option<&str>, state: Option<&str>) {
        self.judge("AX-C-STATE-1", id.is_some(), exchange, || "thiếu docid (missing)".to_owned());
        let known = state.filter(|state| ["processing", "done", "fail"].contains(state));
        self.judge("AX-C-STATE-2", known.is_some(), exchange, || format!("status = {}", state.unwrap_or_default()));
        let (Some(id), Some(state)) = (id, known) else { return };
        if state == "done" {
            let is_fetched = self.fetched.contains(id);
            self.judge("AX-C-STATE-3", is_fetched, exchange, || format!("{id} chưa được tải về (was not fetched)"));
        }
        if state != "processing" && exchange.line.code == "0" {
            self.settled.insert(id.to_owned());
        }
    }

    /// What the rules came to.
    pub(super) fn report(&self) -> Report {
        let outcomes = CLIENT_RULES.into_iter().map(|rule| {
            let (verdict, shown) = self.verdict(rule.id);
            Outcome { rule, verdict, millis: 0, shown }
        });
        Report { outcomes: outcomes.collect() }
    }

    fn verdict(&self, id: &str) -> (Verdict, Option<Shown>) {
        if let Some((why, shown)) = self.broken.get(id) {
            return (Verdict::Failed(why.clone()), Some(shown.clone()));
        }
        if id == "AX-C-STATE-4" {
            let open: Vec<&str> = self.fetched.difference(&self.settled).map(String::as_str).take(5).collect();
            return match (self.fetched.is_empty(), open.is_empty()) {
                (true, _) => (unseen(), None),
                (false, true) => (Verdict::Passed, None),
                (false, false) => {
                    (Verdict::Failed(format!("chưa xác nhận (not confirmed): {}", open.join(", "))), None)
                }
            };
        }
        if self.held.contains_key(id) { (Verdict::Passed, None) } else { (unseen(), None) }
    }
}

fn unseen() -> Verdict {
    Verdict::Skipped("không thấy lời gọi nào như vậy (no such call was seen)".to_owned())
}

fn shown(exchange: &Exchange) -> Shown {
    let mut request = format!("{} {}\n", exchange.method, exchange.target);
    for (name, value) in &exchange.headers {
        request.push_str(&format!("{name}: {value}\n"));
    }
    request.push('\n');
    request.push_str(&exchange.request.text);
    let answer = format!("HTTP {}\n\n{}", exchange.line.status, exchange.response.text);
    Shown { request, answer }
}
