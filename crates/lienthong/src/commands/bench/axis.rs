//! Two nodes under load with a mock axis between them, and the lists of agencies that all of them give.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axis::Secret;
use axis::client::{AgencyList, Client, ClientOptions, Timeouts};
use tempfile::TempDir;

use super::report::List;
use super::stage::{Flushes, LINK_LOOK_EVERY, Parties, broken};
use super::usage::Usage;
use crate::failure::{Failure, chain};
use crate::header::today;
use crate::pki::{Existing, write_example};
use crate::profile::Profile;
use crate::scene::provinces::{Provinces, SIDES, SOFTWARE_SECRET};
use crate::scene::{MockAxisProcess, NodeProcess};

/// Sees both nodes take a national list: seconds on an idle machine.
const SYNC_PATIENCE: Duration = Duration::from_secs(120);
/// Fetches of each list.
const FETCHES: usize = 5;
const MOCK: &str = "mock-axis";

/// The processes of this run, the sender's node first. Dropping it ends them and removes their data.
pub(super) struct Stage {
    nodes: Vec<NodeProcess>,
    axis: MockAxisProcess,
    provinces: Provinces,
    dir: TempDir,
}

impl Stage {
    /// Starts a mock axis with so many agencies, and a node on either side, which take its list of them.
    pub(super) fn start(dir: &Path, agencies: u32) -> Result<Self, Failure> {
        let failed = |error| Failure::file(dir, error);
        let made = tempfile::Builder::new().prefix("lienthong-bench-").tempdir_in(dir).map_err(failed)?;
        let pki = made.path().join("pki");
        write_example(&pki, today().year().into(), Existing::Keep).map_err(|error| Failure::file(&pki, error))?;
        let mut provinces = Provinces::new(made.path(), &pki).map_err(failed)?;
        provinces.connect_with("agency_sync = \"apply\"\n");
        let binary = std::env::current_exe().map_err(|error| Failure::Internal(error.to_string()))?;
        let axis = provinces.start_axis(&binary, &["--agencies", &agencies.to_string()]).map_err(broken)?;
        let mut nodes = Vec::new();
        for side in SIDES {
            nodes.push(provinces.start(&binary, side).map_err(broken)?);
        }
        Ok(Self { nodes, axis, provinces, dir: made })
    }

    /// Departments of one side in turn, to the first agency of the other.
    pub(super) fn parties(&self) -> Result<Parties, Failure> {
        let [from, to] = SIDES;
        Ok(Parties {
            sender: Profile::read(&self.provinces.profile(from))?,
            reader: Some(Profile::read(&self.provinces.profile(to))?),
            receivers: vec![to.agency.to_owned()],
            senders: from.departments().collect(),
        })
    }

    /// Waits until both nodes have the axis's agencies.
    pub(super) async fn ready(&self, agencies: u32) -> Result<(), Failure> {
        let look = async {
            let mut ticks = tokio::time::interval(LINK_LOOK_EVERY);
            for (_, client) in self.clients()?.iter().filter(|(server, _)| *server != MOCK) {
                // A few are the node's own, or gone.
                while counted(client).await? < u64::from(agencies) / 10 * 9 {
                    ticks.tick().await;
                }
            }
            Ok(())
        };
        let late = |_| Failure::Internal("danh bạ của trục không đến (the axis's agencies did not come)".to_owned());
        tokio::time::timeout(SYNC_PATIENCE, look).await.map_err(late)?
    }

    /// Fetches the list of all agencies from each server.
    pub(super) async fn lists(&self) -> Result<Vec<List>, Failure> {
        let mut lists = Vec::new();
        for (server, client) in self.clients()? {
            let (mut times, mut agencies) = (Vec::new(), 0);
            for _ in 0..FETCHES {
                let begun = Instant::now();
                agencies = counted(&client).await?;
                times.push(begun.elapsed().as_secs_f64() * 1e3);
            }
            times.sort_by(f64::total_cmp);
            let at = |place: usize| times.get(place).copied().unwrap_or_default();
            lists.push(List { server, agencies, median_ms: at(FETCHES / 2), max_ms: at(FETCHES - 1) });
        }
        Ok(lists)
    }

    /// A client of each server, the nodes' first.
    fn clients(&self) -> Result<Vec<(&'static str, Client)>, Failure> {
        let mut clients = Vec::new();
        for side in SIDES {
            let endpoint = self.provinces.door(side).unwrap_or_default();
            clients.push((side.node, self.client(&endpoint, side.software, SOFTWARE_SECRET)?));
        }
        let [side, _] = SIDES;
        let endpoint = format!("http://{}", self.axis.address());
        clients.push((MOCK, self.client(&endpoint, side.axis_id, side.axis_secret)?));
        Ok(clients)
    }

    fn client(&self, endpoint: &str, system: &str, secret: &str) -> Result<Client, Failure> {
        let internal = |error: axis::client::OptionsError| Failure::Internal(chain(&error));
        let [side, _] = SIDES;
        let profile = Profile::read(&self.provinces.profile(side))?;
        let software = Profile { cert: None, key: None, ..profile };
        Client::new(ClientOptions {
            endpoint: endpoint.parse().map_err(internal)?,
            system: system.to_owned(),
            secret: Secret::new(secret.as_bytes()),
            proxy: None,
            tls: Some(Arc::new(crate::client::tls_config(&software)?)),
            timeouts: Timeouts::default(),
            idle_connections: 1,
        })
        .map_err(internal)
    }

    /// What each process has used so far, the axis last.
    pub(super) fn usage(&self) -> Vec<(&'static str, Usage)> {
        let nodes = self.nodes.iter().map(|node| (node.node(), node.id()));
        let all = nodes.chain([(MOCK, self.axis.id())]);
        all.map(|(name, process)| (name, Usage::of(process).unwrap_or_default())).collect()
    }

    /// Stops the nodes; what each asked of the disk. The axis does not tell.
    pub(super) fn stop(&mut self) -> Result<Vec<Flushes>, Failure> {
        let mut flushes = Vec::new();
        for node in std::mem::take(&mut self.nodes) {
            let id = node.node();
            node.stop().map_err(broken)?;
            flushes.push(Flushes::of(&self.provinces.log(id), &self.provinces.data(id))?);
        }
        flushes.push(Flushes::default());
        Ok(flushes)
    }

    /// A folder on the same disk as the nodes' data.
    pub(super) fn dir(&self) -> &Path {
        self.dir.path()
    }
}

/// How many agencies a server lists, read to the last one.
async fn counted(client: &Client) -> Result<u64, Failure> {
    let failed = |error: axis::client::CallError| Failure::Internal(chain(&error));
    let mut list = client.agencies(AgencyList::All).await.map_err(failed)?;
    let mut count = 0;
    while list.next().await.map_err(failed)?.is_some() {
        count += 1;
    }
    Ok(count)
}
