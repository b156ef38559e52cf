//! Running a scenario.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axis::client::{ClientOptions, Endpoint, OptionsError, Timeouts};
use axis::{DocId, Registration, Secret};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use types::Digest;

use super::check::{Seen, check};
use super::external::{self, Claimed};
use super::file::Scenario;
use super::party::{Actor, Problem, Signed};
use super::report::{Outcome, Report, StepReport};
use super::step::{Act, Draft, Spoil, Step};
use super::written::{Bytes, Press, Written, halved};
use crate::{Change, FaultError, Gate, Mock, Options, Running, StartError, System};

/// Time between two looks at something that is awaited.
const LOOK: Duration = Duration::from_millis(100);

/// Against what a scenario runs.
#[derive(Clone, Debug)]
pub enum Target {
    /// A throw-away mock with the scenario's parties as its systems, listening here.
    Mock(SocketAddr),
    /// A server of the reader's.
    Server {
        /// Where it is.
        endpoint: Endpoint,
        /// Secrets of the parties' systems.
        systems: Vec<System>,
        /// Trust anchors for `https`.
        tls: Option<Arc<rustls::ClientConfig>>,
    },
}

impl Target {
    /// A server by its URL; `https` needs `tls`.
    ///
    /// # Errors
    /// No `http` or `https` URL.
    pub fn server(url: &str, systems: Vec<System>, tls: Option<Arc<rustls::ClientConfig>>) -> Result<Self, RunError> {
        Ok(Self::Server { endpoint: url.parse()?, systems, tls })
    }
}

/// How a scenario runs.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Against what.
    pub target: Target,
    /// Parties whose steps an outside program does.
    pub external: Vec<String>,
    /// How long to wait for a step of an outside program that does not say `within` itself.
    pub patience: Duration,
}

impl Default for RunOptions {
    /// A throw-away mock on a free port of 127.0.0.1, every party played here.
    fn default() -> Self {
        Self {
            target: Target::Mock(SocketAddr::from(([127, 0, 0, 1], 0))),
            external: Vec::new(),
            patience: Duration::from_secs(120),
        }
    }
}

/// Why a scenario cannot run at all.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The mock.
    #[error("start the mock axis")]
    Start(#[from] StartError),
    /// The address, or a system's id.
    #[error(transparent)]
    Client(#[from] OptionsError),
    /// A fault that there is not.
    #[error(transparent)]
    Fault(#[from] FaultError),
    /// No secret for a party's system.
    #[error("party {party}: no secret of system {system} is known")]
    NoSecret {
        /// The party.
        party: String,
        /// Its system.
        system: String,
    },
    /// A party that there is not.
    #[error("--external {0}: no party of the scenario has this name")]
    NoParty(String),
    /// Something that only the mock in this process can do.
    #[error("{0}")]
    NeedsMock(&'static str),
    /// A folder for packets.
    #[error("make a folder for packets")]
    Folder(#[from] std::io::Error),
    /// The mock's last write.
    #[error("stop the mock axis")]
    Stop(#[from] queue::StoreError),
}

/// What is told while a scenario runs.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// The throw-away mock listens here; before the first step.
    Listening(SocketAddr),
    /// A step has ended.
    Ended(&'a StepReport),
}

/// Runs a scenario; `watch` is told how it goes on. A step that fails is in the report, and those after it are skipped.
///
/// # Errors
/// The scenario could not begin, or the mock not end.
pub async fn run(
    scenario: &Scenario,
    options: &RunOptions,
    mut watch: impl FnMut(Progress<'_>),
) -> Result<Report, RunError> {
    let mut stage = Stage::open(scenario, options).await?;
    if let Some(mock) = &stage.mock {
        watch(Progress::Listening(mock.address()));
    }
    let mut report = Report { title: scenario.title.clone(), steps: Vec::new() };
    for (number, step) in (1..).zip(&scenario.steps) {
        let begun = Instant::now();
        let outcome = if report.has_passed() { stage.step(number, step).await } else { Outcome::Skipped };
        let by = step.by.and_then(|by| scenario.parties.get(by)).map(|party| party.name.clone()).unwrap_or_default();
        let (name, act) = (step.name.clone(), step.act.word());
        let step = StepReport { name, by, act, line: step.line, outcome, took: begun.elapsed() };
        watch(Progress::Ended(&step));
        report.steps.push(step);
    }
    if let Some(mock) = stage.mock {
        mock.stop().await?;
    }
    Ok(report)
}

/// Everything that a run holds.
struct Stage<'a> {
    scenario: &'a Scenario,
    options: &'a RunOptions,
    mock: Option<Running>,
    actors: Vec<Actor>,
    press: Press,
    folder: tempfile::TempDir,
    /// Packets by the step that made them.
    written: BTreeMap<String, Written>,
    /// The sender's ids of them.
    sent: BTreeMap<String, DocId>,
    claimed: Claimed,
}

impl<'a> Stage<'a> {
    async fn open(scenario: &'a Scenario, options: &'a RunOptions) -> Result<Self, RunError> {
        let unknown = options.external.iter().find(|name| !scenario.parties.iter().any(|party| party.name == **name));
        if let Some(name) = unknown {
            return Err(RunError::NoParty(name.clone()));
        }
        let own: Vec<System> = scenario.parties.iter().map(|party| party.system.clone()).collect();
        let (mock, endpoint, systems, tls) = match &options.target {
            Target::Mock(listen) => {
                let mock = Options { listen: *listen, systems: own.clone(), ..Options::default() };
                let mock = Mock::start(mock).await?;
                let endpoint = format!("http://{}", mock.address()).parse()?;
                (Some(mock), endpoint, own, None)
            }
            Target::Server { .. } if scenario.needs_mock() => {
                return Err(RunError::NeedsMock(
                    "do = \"fault\" và \"lock\" cần trục mô phỏng, không dùng với --url (need the mock, not --url)",
                ));
            }
            Target::Server { .. } if !options.external.is_empty() => {
                return Err(RunError::NeedsMock(
                    "--external cần trục mô phỏng để theo dõi, không dùng với --url (needs the mock, not --url)",
                ));
            }
            Target::Server { endpoint, systems, tls } => (None, endpoint.clone(), systems.clone(), tls.clone()),
        };
        let mut actors = Vec::new();
        for party in &scenario.parties {
            let (id, name) = (&party.system.id, &party.name);
            let secret = systems.iter().find(|system| system.id == *id).map(|system| system.secret.clone());
            let secret: Secret =
                secret.ok_or_else(|| RunError::NoSecret { party: name.clone(), system: id.clone() })?;
            actors.push(Actor::new(ClientOptions {
                endpoint: endpoint.clone(),
                system: id.clone(),
                secret,
                proxy: None,
                tls: tls.clone(),
                timeouts: Timeouts::default(),
                idle_connections: 1,
            })?);
        }
        let folder = tempfile::Builder::new().prefix("lienthong-scenario-").tempdir()?;
        let run = uuid::Uuid::now_v7().simple().to_string();
        let press = Press { folder: folder.path().to_owned(), run: run.get(4..16).unwrap_or(&run).to_owned() };
        let (written, sent, claimed) = (BTreeMap::new(), BTreeMap::new(), Claimed::new());
        Ok(Self { scenario, options, mock, actors, press, folder, written, sent, claimed })
    }

    /// Does a step, again and again while it may still come to hold.
    async fn step(&mut self, number: usize, step: &Step) -> Outcome {
        let party = step.by.and_then(|by| self.scenario.parties.get(by));
        if let Some(party) = party.filter(|party| self.options.external.contains(&party.name)) {
            let id = party.system.id.clone();
            return self.watch(step, &id).await;
        }
        if let Err(reason) = self.write(number, step).await {
            return Outcome::Failed(reason);
        }
        let until = Instant::now() + step.within.unwrap_or_default();
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let seen = self.act(step).await;
            match check(&step.expect, seen.as_ref(), &self.written) {
                Ok(()) => return Outcome::Passed,
                Err(reason) if Instant::now() >= until => return Outcome::Failed(reason),
                Err(_) => {}
            }
        }
    }

    /// Waits until an outside program did the step.
    async fn watch(&mut self, step: &Step, id: &str) -> Outcome {
        let until = Instant::now() + step.within.unwrap_or(self.options.patience);
        let mut looks = interval(LOOK);
        loop {
            if timeout_at(until, looks.tick()).await.is_err() {
                let wanted = step.act.word();
                return Outcome::Failed(format!(
                    "không thấy phần mềm ngoài làm {wanted} (the software outside did not {wanted}, code {})",
                    step.expect.code
                ));
            }
            let exchanges = self.mock.as_ref().map(Running::exchanges).unwrap_or_default();
            let Some(done) = external::find(step, id, &exchanges, &self.claimed, &self.written) else { continue };
            self.claimed.insert(done.number);
            if let Some(written) = done.written {
                self.written.insert(step.name.clone(), written);
            }
            return Outcome::Passed;
        }
    }

    /// Writes the packet that a step sends.
    async fn write(&mut self, number: usize, step: &Step) -> Result<(), String> {
        let about = step.act.names().and_then(|name| self.written.get(name)).cloned();
        let own = step.by.and_then(|by| self.scenario.parties.get(by)).map(|party| party.agency.clone());
        let own = own.unwrap_or_default();
        let (press, act) = (self.press.clone(), step.act.clone());
        let written = tokio::task::spawn_blocking(move || match (act, about) {
            (Act::Send(draft), about) => {
                let from = draft.from.as_deref().unwrap_or(&own);
                press.document(number, &draft, from, about.as_ref()).map(Some)
            }
            (Act::Status(draft), Some(about)) => {
                let from = draft.from.as_deref().unwrap_or(&own);
                press.status(number, &draft, from, &about).map(Some)
            }
            (Act::Again(_), Some(about)) => Ok(Some(about)),
            _ => Ok(None),
        });
        let written = written.await.map_err(|error| error.to_string())?;
        if let Some(written) = written.map_err(|error| error.to_string())? {
            self.written.insert(step.name.clone(), written);
        }
        Ok(())
    }

    async fn act(&mut self, step: &Step) -> Result<Seen, Problem> {
        let Some(by) = step.by else { return self.operate(&step.act).await };
        let gone = || Problem::Here("không có bên này (no such party)".to_owned());
        let folder = self.folder.path();
        let actor = self.actors.get_mut(by).ok_or_else(gone)?;
        let packet = step.act.names().and_then(|name| self.written.get(name));
        let packet = packet.ok_or_else(|| Problem::Here("không có gói tin (no packet)".to_owned()));
        Ok(match &step.act {
            Act::Send(_) | Act::Status(_) | Act::Again(_) => {
                let own = self.written.get(&step.name).ok_or_else(gone)?;
                let doc_id = send(actor, &step.act, own).await?;
                let missing = || Problem::Here("mã 0 mà không có DocId (code 0 without a DocId)".to_owned());
                self.sent.insert(step.name.clone(), doc_id.ok_or_else(missing)?);
                Seen::Done
            }
            Act::List(message_type) => Seen::Waiting(actor.list(*message_type, folder).await?),
            Act::Fetch(_, way) => {
                let doc_id = actor.doc_id(packet?, folder).await?;
                Seen::Fetched(actor.fetch(&doc_id, *way, folder).await?)
            }
            Act::Confirm(_, state) => {
                let doc_id = actor.doc_id(packet?, folder).await?;
                actor.client().update_status(&doc_id, *state).await?;
                Seen::Done
            }
            Act::Sent(name) => {
                let missing = || Problem::Here(format!("{name:?}: chưa có DocId (no DocId is known)"));
                let doc_id = self.sent.get(name).ok_or_else(missing)?;
                Seen::Sent(actor.client().sent_edocs(axis::MessageType::Edoc, Some(doc_id)).await?)
            }
            Act::Count(message_type) => Seen::Count(actor.client().count(*message_type).await?),
            Act::Register { agency, name, parent } => {
                let (code, name, pcode) = (agency.clone(), name.clone(), parent.clone());
                let registration = Registration { code, name, pcode, ..Registration::default() };
                actor.client().register_agency(&registration).await?;
                Seen::Done
            }
            Act::Delete(agency) => {
                actor.client().delete_agency(agency).await?;
                Seen::Done
            }
            Act::Agencies(list) => {
                let (mut codes, mut records) = (Vec::new(), actor.client().agencies(*list).await?);
                while let Some(record) = records.next().await? {
                    if !record.deleted {
                        codes.extend(
                            [record.code, record.code102, record.old_code].into_iter().filter(|c| !c.is_empty()),
                        );
                    }
                }
                codes.sort_unstable();
                codes.dedup();
                Seen::Agencies(codes)
            }
            Act::Fault(_) | Act::Lock(_) => return self.operate(&step.act).await,
        })
    }

    /// What is done to the mock itself.
    async fn operate(&self, act: &Act) -> Result<Seen, Problem> {
        let mock = self.mock.as_ref().ok_or_else(|| Problem::Here("không có trục mô phỏng (no mock)".to_owned()))?;
        let here = |error: &dyn std::error::Error| Problem::Here(error.to_string());
        match act {
            Act::Fault(faults) => mock.set_faults(faults.clone()).map_err(|error| here(&error))?,
            Act::Lock(agency) => {
                let change = Change { code: agency.clone(), gate: Some(Gate::Locked), ..Change::default() };
                mock.change_agency(change).await.map_err(|error| here(&error))?;
            }
            _ => {}
        }
        Ok(Seen::Done)
    }
}

async fn send(actor: &Actor, act: &Act, written: &Written) -> Result<Option<DocId>, Problem> {
    let missing = || Problem::Here("không có byte gốc để gửi lại (its bytes are not known here)".to_owned());
    let bytes = written.bytes.clone().ok_or_else(missing)?;
    let spoil = match act {
        Act::Send(Draft { spoil, .. }) => *spoil,
        _ => None,
    };
    let here = |error: &dyn std::error::Error| Problem::Here(error.to_string());
    let (signed, bytes, said): (Signed, Bytes, Digest) = match spoil {
        None => (Signed::Rightly, bytes.clone(), bytes.digest),
        Some(Spoil::Secret) => (Signed::Wrongly, bytes.clone(), bytes.digest),
        Some(Spoil::Hash) => (Signed::Rightly, bytes, Digest::new([0x5a; 32])),
        Some(Spoil::Packet) => {
            let halved = tokio::task::spawn_blocking(move || halved(&bytes)).await.map_err(|error| here(&error))?;
            let halved = halved.map_err(|error| here(&error))?;
            (Signed::Rightly, halved.clone(), halved.digest)
        }
    };
    actor.send(signed, written, &bytes, said).await
}
