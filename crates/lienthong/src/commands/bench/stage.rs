//! The nodes under load: started for this run, or running already.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use wire::exchange_v1::GetNodeRequest;

use super::usage::Usage;
use crate::client::Client;
use crate::failure::{Failure, chain};
use crate::header::today;
use crate::pki::{Existing, write_example};
use crate::profile::Profile;
use crate::scene::{NodeProcess, SMALL_COMMUNES, Scene, SceneError};

/// Sees the lower node dial the upper one: a second on an idle machine.
const LINK_PATIENCE: Duration = Duration::from_secs(30);
pub(super) const LINK_LOOK_EVERY: Duration = Duration::from_millis(50);

/// Who sends to whom.
pub(super) struct Parties {
    pub(super) sender: Profile,
    /// Reads the receivers' inboxes; `None` when nobody here may.
    pub(super) reader: Option<Profile>,
    pub(super) receivers: Vec<String>,
    /// Agencies that send in turn; the profile's own when empty.
    pub(super) senders: Vec<String>,
}

/// Node processes of this run, the sender's first. Dropping it ends them and removes their data.
pub(super) struct Stage {
    nodes: Vec<NodeProcess>,
    scene: Scene,
    dir: TempDir,
}

/// What a node asked of the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flushes {
    /// Commits of its store.
    pub(super) commits: u64,
    /// Folders and payload files synced.
    pub(super) files: u64,
}

impl Flushes {
    /// Of a node that has stopped, from its log and its data folder.
    pub(super) fn of(log: &Path, data: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(log).map_err(|error| Failure::file(log, error))?;
        let said = |name: &str| tally(&text, name);
        let payloads = files_below(&data.join("payload")).map_err(|error| Failure::file(data, error))?;
        Ok(Self { commits: said("store.commits"), files: said("store.folder_syncs") + payloads })
    }
}

impl Stage {
    /// Starts the nodes; `unsigned` documents need a policy that lets them pass.
    pub(super) fn start(dir: &Path, hops: usize, policy: Option<&str>) -> Result<Self, Failure> {
        let failed = |error| Failure::file(dir, error);
        let made = tempfile::Builder::new().prefix("lienthong-bench-").tempdir_in(dir).map_err(failed)?;
        let pki = made.path().join("pki");
        write_example(&pki, today().year().into(), Existing::Keep).map_err(|error| Failure::file(&pki, error))?;
        let mut scene = Scene::new(made.path(), &pki).map_err(failed)?;
        let binary = std::env::current_exe().map_err(|error| Failure::Internal(error.to_string()))?;
        let mut nodes = Vec::new();
        for node in seats(hops) {
            scene.configure(node, policy.unwrap_or_default());
            nodes.push(scene.start(&binary, node).map_err(broken)?);
        }
        Ok(Self { nodes, scene, dir: made })
    }

    /// The sender at the first node, small communes at the last.
    pub(super) fn parties(&self, receivers: usize) -> Result<Parties, Failure> {
        let sender = if self.nodes.len() == 1 { "huyen-h48-35" } else { "ubnd-h48" };
        let profile = |system: &str| Profile::read(&self.scene.profile(system));
        Ok(Parties {
            sender: profile(sender)?,
            reader: Some(profile("huyen-h48-35")?),
            senders: Vec::new(),
            receivers: SMALL_COMMUNES.take(receivers).map(|number| format!("H48.35.{number}")).collect(),
        })
    }

    /// Waits until the link between the nodes is up.
    pub(super) async fn linked(&self, sender: &Profile) -> Result<(), Failure> {
        let Some(lower) = self.nodes.get(1) else { return Ok(()) };
        let mut client = Client::connect(sender).await?;
        let look = async {
            let mut ticks = tokio::time::interval(LINK_LOOK_EVERY);
            loop {
                ticks.tick().await;
                let answer = client.stub.get_node(GetNodeRequest {}).await.map_err(|status| client.failed(status))?;
                let neighbours = answer.into_inner().neighbours;
                if neighbours.iter().any(|neighbour| neighbour.id == lower.node() && neighbour.connected) {
                    return Ok(());
                }
            }
        };
        let late = |_| Failure::Internal(format!("{} không kết nối (did not connect)", lower.node()));
        tokio::time::timeout(LINK_PATIENCE, look).await.map_err(late)?
    }

    /// What each node has used so far.
    pub(super) fn usage(&self) -> Vec<(&'static str, Usage)> {
        self.nodes.iter().map(|node| (node.node(), Usage::of(node.id()).unwrap_or_default())).collect()
    }

    /// Stops the nodes; what each asked of the disk, the sender's first. The folder goes when `self` does.
    pub(super) fn stop(&mut self) -> Result<Vec<Flushes>, Failure> {
        let mut flushes = Vec::new();
        for node in std::mem::take(&mut self.nodes) {
            let id = node.node();
            node.stop().map_err(broken)?;
            flushes.push(Flushes::of(&self.scene.log(id), &self.scene.data(id))?);
        }
        Ok(flushes)
    }

    /// A folder on the same disk as the nodes' data.
    pub(super) fn dir(&self) -> &Path {
        self.dir.path()
    }
}

const fn seats(hops: usize) -> &'static [&'static str] {
    if hops == 1 { &["node-h48-35"] } else { &["lgsp-h48", "node-h48-35"] }
}

pub(super) fn broken(error: SceneError) -> Failure {
    Failure::Internal(chain(&error))
}

/// The number that the log's last line with this field states; 0 when no line does.
pub(super) fn tally(log: &str, field: &str) -> u64 {
    let start = format!("{field}=");
    let found = log.lines().rev().find_map(|line| line.split_whitespace().find_map(|word| word.strip_prefix(&start)));
    found.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn files_below(dir: &Path) -> std::io::Result<u64> {
    let mut count = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        count += if entry.file_type()?.is_dir() { files_below(&entry.path())? } else { 1 };
    }
    Ok(count)
}
