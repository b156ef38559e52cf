//! An agency's clerk: runs this program as a user does, with `--json` and the agency's profile.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use wire::exchange_v1::{InboxItem, ListInboxRequest};
use wire::types_v1::PacketKind;

use super::PATIENCE;
use crate::client::Client;
use crate::failure::Failure;
use crate::profile::Profile;

/// Seconds of one long poll; a node allows up to 60.
const POLL_SECONDS: u32 = 10;
/// Items of one page, the interface's maximum.
const PAGE_ITEMS: u32 = 500;

/// A connected system.
pub(super) struct Actor {
    binary: PathBuf,
    profile: PathBuf,
}

/// A command that did not end well.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) exit: i32,
    /// Stable error code; empty when there is none.
    pub(super) code: String,
    pub(super) text: String,
}

/// Why a step of the story could not be told to its end.
#[derive(Debug)]
pub(super) struct Broken(pub(super) String);

impl From<Refusal> for Broken {
    fn from(refusal: Refusal) -> Self {
        Self(format!("{} (mã thoát {}): {}", refusal.code, refusal.exit, refusal.text))
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self(failure.lines().join(" "))
    }
}

impl Actor {
    pub(super) fn new(binary: &Path, profile: PathBuf) -> Self {
        Self { binary: binary.to_owned(), profile }
    }

    /// Runs one command; its results, in order.
    pub(super) fn run(&self, args: &[&str]) -> Result<Vec<Value>, Refusal> {
        let lost = |text: String| Refusal { exit: -1, code: String::new(), text };
        let output = Command::new(&self.binary)
            .arg("--json")
            .args(args)
            .arg("--profile")
            .arg(&self.profile)
            .env_remove("LIENTHONG_NODE")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| lost(error.to_string()))?;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr);
            let said: Value = told.lines().find_map(|line| serde_json::from_str(line).ok()).unwrap_or_default();
            let code = text(&said, "/code").to_owned();
            return Err(Refusal { exit: output.status.code().unwrap_or(-1), code, text: told.trim().to_owned() });
        }
        let values = serde_json::Deserializer::from_slice(&output.stdout).into_iter().collect::<Result<_, _>>();
        values.map_err(|error| lost(error.to_string()))
    }

    /// Runs one command with one result.
    pub(super) fn ask(&self, args: &[&str]) -> Result<Value, Refusal> {
        self.run(args).map(|values| values.into_iter().next().unwrap_or_default())
    }

    /// Waits until `count` items that are `wanted` are in the agency's inbox.
    pub(super) fn wait_for(
        &self,
        agency: &str,
        kind: PacketKind,
        count: usize,
        wanted: impl Fn(&InboxItem) -> bool,
    ) -> Result<Vec<InboxItem>, Broken> {
        let deadline = Instant::now() + PATIENCE;
        let mut request = ListInboxRequest {
            agency: agency.to_owned(),
            after: 0,
            page_size: PAGE_ITEMS,
            wait_seconds: POLL_SECONDS,
            kind: kind.into(),
        };
        let mut found = Vec::new();
        super::super::wait(async {
            let mut client = Client::connect(&Profile::read(&self.profile)?).await?;
            while found.len() < count && Instant::now() < deadline {
                let answer = client.stub.list_inbox(request.clone()).await.map_err(|status| client.failed(status))?;
                let items = answer.into_inner().items;
                request.after = items.last().map_or(request.after, |item| item.item);
                found.extend(items.into_iter().filter(&wanted));
            }
            Ok(())
        })?;
        if found.len() == count {
            return Ok(found);
        }
        Err(Broken(format!("hộp đến {agency}: {} / {count} mục sau {PATIENCE:?} (items in the inbox)", found.len())))
    }
}

/// Asks again and again until there is an answer, for so long as the demo is patient.
pub(super) fn until<T>(what: &str, mut ask: impl FnMut() -> Result<Option<T>, Broken>) -> Result<T, Broken> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if Instant::now() > deadline {
            return Err(Broken(format!("{what}: không thấy sau {PATIENCE:?} (not seen in time)")));
        }
        // Nobody unparks this thread: a breath between two questions.
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

/// Text at a JSON pointer; empty when there is none.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// List at a JSON pointer; the JSON mapping leaves empty lists out.
pub(super) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
