//! The process under test: the real store, put to work, printing each answer once it has it.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use queue::{
    Accept, Accepted, ClaimRequest, Confirm, Content, DocumentKey, EngineKind, EntryKind, Hold, HoldNote, InboxQuery,
    ItemId, NoteKind, Origin, Outcome, Plan, RecipientPlan, Seq, Settled, Settlement, Start, Store, StoreError,
    StoreOptions,
};
use types::{AgencyCode, BusinessType, ErrorCode, ExchangeId, Lane, NeighbourId, UnixMillis};

use crate::random::Random;

pub(crate) const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);
/// Documents of the first rounds are settled before this; the others after it.
const OLD: Duration = Duration::from_secs(60);
pub(crate) const LATER: Duration = Duration::from_secs(3600);
const HOP: &str = "tinh-h48";
const BEYOND: &str = "H48.20";
pub(crate) const HERE: &str = "H48.21";
const SENDER: &str = "G22";
/// Entries in flight together.
const IN_FLIGHT: usize = 6;
/// Largest content: several pages of every engine, and soon written.
const LENGTH_MAX: u64 = 40_000;

/// What to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    pub(crate) engine: EngineKind,
    pub(crate) seed: u64,
    pub(crate) rounds: u64,
}

pub(crate) fn options(directory: &Path, engine: EngineKind) -> StoreOptions {
    StoreOptions { engine, reserve_percent: 0, ..StoreOptions::new(directory) }
}

/// Valid because it is written here.
fn word<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().expect("a word of the harness's own")
}

pub(crate) fn agency(code: &str) -> AgencyCode {
    word(code)
}

pub(crate) fn key(id: &str) -> DocumentKey {
    DocumentKey { sender: agency(SENDER), document_id: word(id) }
}

pub(crate) fn to_hop() -> RecipientPlan {
    RecipientPlan { code: agency(BEYOND), plan: Plan::Hop(word(HOP)), evidence: None }
}

pub(crate) fn to_inbox() -> RecipientPlan {
    RecipientPlan { code: agency(HERE), plan: Plan::Inbox(agency(HERE)), evidence: None }
}

/// The bytes of a document: known from its name, so that every reader can tell them.
pub(crate) fn content(id: &str) -> Vec<u8> {
    let mut random = Random::new(id.bytes().fold(7, |hash: u64, byte| hash.wrapping_mul(31).wrapping_add(byte.into())));
    let length = match random.below(3) {
        0 => random.below(queue::INLINE_MAX as u64),
        _ => random.below(LENGTH_MAX),
    };
    let words = (0..=length / 8).flat_map(|_| random.next().to_le_bytes());
    words.take(usize::try_from(length).unwrap_or(0)).collect()
}

/// A request to take a document in; `about` names the document whose order it keeps.
pub(crate) fn accept(id: &str, content: Content, about: Option<DocumentKey>) -> Accept {
    let mut exchange = [0; 16];
    exchange.iter_mut().zip(id.bytes()).for_each(|(place, byte)| *place = byte);
    Accept {
        exchange: ExchangeId::from_bytes(exchange),
        kind: EntryKind::Document,
        key: key(id),
        business: BusinessType::New,
        lane: Lane::Normal,
        received_at: NOW,
        content,
        side: Content::Inline(format!("envelope of {id}").into_bytes()),
        summary: id.as_bytes().to_vec(),
        origin: Origin::Local(word("qlvb")),
        hops: Vec::new(),
        about,
        recipients: vec![to_hop(), to_inbox()],
        receipt: format!("receipt of {id}").into_bytes(),
        answers: Vec::new(),
        acts: Vec::new(),
        hold: None,
        due: None,
    }
}

pub(crate) fn staged(store: &Store, bytes: &[u8]) -> Result<Content, StoreError> {
    let failed = |source| StoreError::Io { what: "write a payload", source };
    let mut writer = store.stage()?;
    // In pieces, as they come from a network.
    for piece in bytes.chunks(16 * 1024) {
        writer.write_all(piece).map_err(failed)?;
    }
    writer.finish().map(Content::Staged)
}

fn content_of(store: &Store, id: &str) -> Result<Content, StoreError> {
    let bytes = content(id);
    if bytes.len() <= queue::INLINE_MAX { Ok(Content::Inline(bytes)) } else { staged(store, &bytes) }
}

fn say(line: &str) {
    // Whole lines in one write: the record has them as they are. A reader that went away wants none.
    let mut out = std::io::stdout().lock();
    drop(out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush()));
}

/// Runs to the end, or to the first failure, which is printed too: `failed <code> <poisoned|sound> <words>`.
pub(crate) fn run(directory: &Path, work: Work) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime of one thread");
    runtime.block_on(async {
        for half in 0..2 {
            let store = match Store::open(options(directory, work.engine)) {
                Ok(store) => store,
                Err(error) => return say(&format!("failed {} unopened {}", error.code().as_str(), words(&error))),
            };
            let result = rounds(&store, work, half).await;
            if let Err(error) = &result {
                let state = if store.is_poisoned() { "poisoned" } else { "sound" };
                say(&format!("failed {} {state} {}", error.code().as_str(), words(error)));
            }
            let closed = store.close().await;
            if result.is_err() || closed.is_err() {
                return;
            }
            say("closed");
        }
    });
}

fn words(error: &StoreError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{error}{cause}").replace('\n', " ")
}

async fn rounds(store: &Store, work: Work, half: u64) -> Result<(), StoreError> {
    let mut random = Random::new(work.seed ^ half);
    let middle = work.rounds / 2;
    let range = if half == 0 { 0..middle } else { middle..work.rounds };
    for round in range {
        let now = if round < work.rounds / 3 { NOW + OLD / 2 } else { NOW + LATER };
        take_in(store, round).await?;
        hold(store, round, now).await?;
        for seq in settle(store, now, usize::try_from(2 + random.below(6)).unwrap_or(2)).await? {
            say(&format!("settled {}", seq.as_number()));
        }
        for seq in confirm(store, now, usize::try_from(random.below(5)).unwrap_or(0)).await? {
            say(&format!("confirmed {}", seq.as_number()));
        }
        if round % 4 == 3 {
            say("purging");
            store.purge(NOW + OLD, now, 20).await?;
        }
    }
    Ok(())
}

/// Several documents together; the first of each round is about the first of all, so that they keep their order.
async fn take_in(store: &Store, round: u64) -> Result<(), StoreError> {
    let ids: Vec<String> = (0..IN_FLIGHT).map(|number| format!("D{round}-{number}")).collect();
    let mut requests = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        let about = (number == 0 && round > 0).then(|| key("D0-0"));
        requests.push(accept(id, content_of(store, id)?, about));
    }
    let answers = join_all(requests.into_iter().map(|request| store.accept(request))).await;
    let mut failure = None;
    for (id, answer) in ids.iter().zip(answers) {
        match answer {
            Ok(Accepted::New { seq }) => say(&format!("accepted {id} {}", seq.as_number())),
            Ok(other) => say(&format!("wrong {id} {other:?}")),
            Err(error) => failure = Some(error),
        }
    }
    failure.map_or(Ok(()), Err)
}

/// One document stays in quarantine, one is released and started.
async fn hold(store: &Store, round: u64, now: UnixMillis) -> Result<(), StoreError> {
    for part in ["stays", "goes"] {
        let id = format!("H{round}-{part}");
        let hold = Hold { code: ErrorCode::PeerUnavailable, text: String::new(), until: now + LATER * 24 };
        let request = Accept { hold: Some(hold), ..accept(&id, content_of(store, &id)?, None) };
        let Accepted::New { seq } = store.accept(request).await? else {
            say(&format!("wrong {id} is not new"));
            continue;
        };
        say(&format!("held {id} {}", seq.as_number()));
        if part == "goes" {
            say(&format!("starting {}", seq.as_number()));
            let (text, by, report) = (String::new(), String::new(), Vec::new());
            let note = HoldNote { at: now, kind: NoteKind::Released, code: None, text, by, report };
            store.release(seq, note).await?;
            store.start_held(Start { seq, now, evidence: Vec::new() }).await?;
            say(&format!("started {}", seq.as_number()));
        }
    }
    Ok(())
}

pub(crate) fn request(now: UnixMillis, max: usize) -> ClaimRequest {
    ClaimRequest { hop: word::<NeighbourId>(HOP), now, lease: Duration::from_secs(60), max, least: Lane::Normal }
}

/// Delivers what is due, and gives the entries in the order in which they were claimed.
pub(crate) async fn settle(store: &Store, now: UnixMillis, max: usize) -> Result<Vec<Seq>, StoreError> {
    let claims = store.claim(&request(now, max))?;
    let settlements = claims.iter().map(|claim| {
        let delivered = || Outcome::Delivered { evidence: b"their receipt".to_vec() };
        let outcomes = claim.recipients.iter().map(|recipient| (recipient.index, delivered())).collect();
        Settlement { fence: claim.fence.clone(), now, outcomes }
    });
    let answers = store.settle(settlements.collect()).await?;
    let mut settled = Vec::new();
    for (claim, answer) in claims.iter().zip(answers) {
        if matches!(answer, Settled::Done { .. }) {
            settled.push(claim.document.seq);
        }
    }
    Ok(settled)
}

/// Confirms the first items of the inbox; gives their entries, in order.
pub(crate) async fn confirm(store: &Store, now: UnixMillis, max: usize) -> Result<Vec<Seq>, StoreError> {
    let mut confirmed = Vec::new();
    if max == 0 {
        return Ok(confirmed);
    }
    let query = InboxQuery { agency: agency(HERE), kind: None, after: ItemId::default(), max, now };
    for item in store.inbox(&query)?.items {
        let confirm =
            Confirm { agency: agency(HERE), item: item.id, token: None, now, evidence: b"handed over".to_vec() };
        store.confirm(confirm).await?;
        confirmed.push(item.document.seq);
    }
    Ok(confirmed)
}
