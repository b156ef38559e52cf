//! One document from its sender to its receivers, and what comes back.

use std::path::{Path, PathBuf};

use serde_json::Value;
use wire::exchange_v1::Acceptance;
use wire::types_v1::PacketKind;

use super::Story;
use super::journey::{journey, path_between};
use crate::commands::demo::actor::{Actor, Broken, list, text, until};
use crate::commands::demo::report::{Journey, LINES_MAX, Traced};
use crate::files::LocalFile;
use crate::output::size;
use crate::pki::{SYSTEMS, SystemSeat};

/// What receivers report: arrived, received, done.
const STATUSES: [u64; 3] = [1, 3, 6];

/// A document that is to arrive.
pub(super) struct Exchange<'a> {
    pub(super) sender: &'static str,
    pub(super) number: &'static str,
    pub(super) notation: &'static str,
    pub(super) files: &'a [&'a Path],
    pub(super) receivers: Vec<Receiver>,
}

/// An agency and the system that speaks for it.
#[derive(Clone)]
pub(super) struct Receiver {
    pub(super) system: &'static str,
    pub(super) agency: String,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(
        sender: &'static str,
        number: &'static str,
        notation: &'static str,
        files: &'a [&'a Path],
        receivers: Vec<Receiver>,
    ) -> Self {
        Self { sender, number, notation, files, receivers }
    }

    fn code(&self) -> String {
        format!("{}/{}", self.number, self.notation)
    }

    fn command(&self) -> Result<Vec<&str>, Broken> {
        let mut args = vec!["send"];
        for file in self.files {
            args.push(file.to_str().ok_or_else(|| Broken(format!("{} is not UTF-8", file.display())))?);
        }
        args.extend(["--number", self.number, "--notation", self.notation, "--priority", "khan"]);
        args.extend(["--subject", "Về việc liên thông văn bản điện tử", "--to"]);
        args.extend(self.receivers.iter().map(|receiver| receiver.agency.as_str()));
        Ok(args)
    }
}

impl Story<'_> {
    /// Sends, receives, reports, and looks at what came back.
    pub(super) fn exchange(&mut self, exchange: &Exchange) -> Result<(), Broken> {
        let from = seat(exchange.sender)?;
        let sender = self.stage.actor(exchange.sender);
        let files = exchange.files.iter().map(|file| LocalFile::inspect(file)).collect::<Result<Vec<_>, _>>()?;
        let acceptance = accepted(sender.ask(&exchange.command()?)?)?;
        let id = acceptance.exchange_id.clone();
        let count = exchange.receivers.len();
        let total = size(files.iter().map(|file| file.length).sum());
        let names = files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(" + ");
        self.expect(
            &format!("{} ký và gửi {} đến {count} nơi: {names}, {total} (signed, sent)", from.agency, exchange.code()),
            signed(&acceptance),
        );
        self.all_receive(exchange, &id, &files)?;
        self.comes_back(exchange, &sender, &acceptance)
    }

    /// One line for each of a few receivers, one for all of many; the first that fails ends the step.
    fn all_receive(&mut self, exchange: &Exchange, id: &str, files: &[LocalFile]) -> Result<(), Broken> {
        let what = "nhận, mã băm khớp, xác nhận, báo 01 03 06 (received, digests equal, statuses reported)";
        let count = exchange.receivers.len();
        for receiver in &exchange.receivers {
            let agency = &receiver.agency;
            self.receive(receiver, id, files).map_err(|Broken(why)| Broken(format!("{agency} {what}: {why}")))?;
            if count <= LINES_MAX {
                self.expect(&format!("{agency} {what}"), Ok(()));
            } else {
                self.report.held += 1;
            }
        }
        if count > LINES_MAX {
            self.line(format!("   ✓ {count} nơi {what}"));
        }
        Ok(())
    }

    fn receive(&self, receiver: &Receiver, id: &str, sent: &[LocalFile]) -> Result<(), Broken> {
        let actor = self.stage.actor(receiver.system);
        let is_it = |item: &wire::exchange_v1::InboxItem| {
            item.document.as_ref().is_some_and(|document| document.exchange_id == id)
        };
        let items = actor.wait_for(&receiver.agency, PacketKind::Document, 1, is_it)?;
        let item = items.first().map(|item| item.item.to_string()).unwrap_or_default();
        let dir = self.stage.dir().join("received").join(format!("{id}-{}", receiver.agency));
        std::fs::create_dir(&dir).map_err(|error| Broken(format!("{}: {error}", dir.display())))?;
        let fetched = actor.run(&["fetch", id, "--all", "--output", &dir.display().to_string()])?;
        equal(&fetched, sent)?;
        actor.run(&["confirm", &item, "--agency", &receiver.agency])?;
        for code in STATUSES {
            actor.run(&["status", id, &code.to_string(), "--agency", &receiver.agency, "--staff", "Nguyễn Văn A"])?;
        }
        Ok(())
    }

    /// The sender's side: status packets in its inbox, and receipts and statuses of every recipient in order.
    fn comes_back(&mut self, exchange: &Exchange, sender: &Actor, acceptance: &Acceptance) -> Result<(), Broken> {
        let from = seat(exchange.sender)?;
        let count = exchange.receivers.len() * STATUSES.len();
        let (id, document) = (acceptance.exchange_id.as_str(), acceptance.document_id.as_str());
        let about = |item: &wire::exchange_v1::InboxItem| {
            let about = item.document.as_ref().and_then(|document| document.about.as_ref());
            about.is_some_and(|about| about.document_id == document)
        };
        let arrived = sender.wait_for(from.agency, PacketKind::Status, count, about)?;
        let items: Vec<_> = arrived.iter().map(|item| item.item.to_string()).collect();
        // A sender's software takes the statuses out of its inbox, too.
        let confirmed =
            sender.run(&["confirm"].into_iter().chain(items.iter().map(String::as_str)).collect::<Vec<_>>());
        self.expect(
            &format!("{} nhận lại đủ {count} trạng thái (all statuses are back)", from.agency),
            confirmed.map(drop).map_err(|refusal| Broken::from(refusal).0),
        );
        let first = first_node(acceptance);
        let recipients = until("biên nhận (receipts)", || {
            let tracking = sender.ask(&["track", id])?;
            let all = list(&tracking, "/recipients");
            let journeys =
                all.iter().map(|one| journey(&first, &tracking, one, STATUSES.len())).collect::<Option<Vec<_>>>();
            Ok(journeys.filter(|journeys| journeys.len() == exchange.receivers.len()))
        })?;
        let right = exchange.receivers.iter().try_for_each(|receiver| right(receiver, from, &recipients));
        self.expect(
            "đường đi, biên nhận từng chặng và thứ tự trạng thái đúng (path, receipts, order as expected)",
            right,
        );
        let length = acceptance.length;
        let code = exchange.code();
        self.report.documents.push(Traced { code, exchange_id: id.to_owned(), from: from.agency, length, recipients });
        Ok(())
    }
}

fn seat(system: &str) -> Result<&'static SystemSeat, Broken> {
    SYSTEMS.iter().find(|seat| seat.id == system).ok_or_else(|| Broken(format!("{system} is no system")))
}

fn accepted(answer: Value) -> Result<Acceptance, Broken> {
    serde_json::from_value(answer).map_err(|error| Broken(error.to_string()))
}

/// The node that signed the acceptance; empty without its receipt.
fn first_node(acceptance: &Acceptance) -> String {
    let payload = acceptance.receipt.as_ref().map(|receipt| receipt.payload.as_slice()).unwrap_or_default();
    let payload: Value = serde_json::from_slice(payload).unwrap_or_default();
    if text(&payload, "/event") == "SubmissionAcceptance" { text(&payload, "/node").to_owned() } else { String::new() }
}

/// The node found the one signature good.
fn signed(acceptance: &Acceptance) -> Result<(), String> {
    let found = acceptance.signature_report.iter().flat_map(|report| &report.signatures);
    let found: Vec<_> = found.map(|one| one.indication.as_str()).collect();
    if found == ["TOTAL_PASSED"] { Ok(()) } else { Err(format!("chữ ký (signature): {found:?}")) }
}

/// The files that arrived, read again from the disk, are those that were sent.
fn equal(fetched: &[Value], sent: &[LocalFile]) -> Result<(), Broken> {
    if fetched.len() != sent.len() {
        return Err(Broken(format!("{} / {} tệp (files)", fetched.len(), sent.len())));
    }
    for (fetched, sent) in fetched.iter().zip(sent) {
        let here = LocalFile::inspect(&PathBuf::from(text(fetched, "/path")))?;
        if (here.length, &here.sha256) != (sent.length, &sent.sha256) {
            return Err(Broken(format!("{}: mã băm khác (another digest)", sent.name)));
        }
    }
    Ok(())
}

fn right(receiver: &Receiver, from: &'static SystemSeat, found: &[Journey]) -> Result<(), String> {
    let agency = &receiver.agency;
    let journey = found.iter().find(|one| one.to == *agency).ok_or_else(|| format!("{agency}: không có (missing)"))?;
    let to = seat(receiver.system).map_err(|Broken(why)| why)?;
    let path = path_between(from.node, to.node);
    if journey.path != path {
        return Err(format!("{agency}: {:?}, cần (wanted) {path:?}", journey.path));
    }
    let codes: Vec<_> = journey.statuses.iter().map(|(code, _)| *code).collect();
    if codes == STATUSES { Ok(()) } else { Err(format!("{agency}: {codes:?}, cần (wanted) {STATUSES:?}")) }
}

#[cfg(test)]
mod tests;
