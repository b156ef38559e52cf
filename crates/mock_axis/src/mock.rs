//! Starting and stopping a mock axis.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use queue::{Store, StoreError, StoreOptions};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use types::AgencyCode;

use crate::agencies::{Agencies, Change, ChangesError, National};
use crate::faults::layer::{Faulty, carry};
use crate::faults::{Board, FaultError, Faults};
use crate::listener::{self, Door, TlsError};
use crate::service::{Axis, Offered};
use crate::system::{System, SystemError, Systems, defaults};
use crate::traffic::{self, Exchange, PageAccess, Traffic, TrafficOptions};
use crate::{admin, page, samples};

/// Where the state lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// In this folder, for the next run.
    Folder(PathBuf),
    /// In a folder that is removed at the end.
    Ephemeral,
}

/// Whether sample documents wait at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Samples {
    /// They do, unless the data folder has them from an earlier run.
    Loaded,
    /// Nothing waits.
    None,
}

/// A certificate chain and its key, both PEM files.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The chain, the server's certificate first.
    pub certificate: PathBuf,
    /// The key of the first.
    pub key: PathBuf,
}

/// What a mock axis is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the admin endpoint listens; a loopback address. None without it.
    pub admin: Option<SocketAddr>,
    /// HTTPS in place of HTTP.
    pub tls: Option<TlsFiles>,
    /// Where the state lives.
    pub data: Data,
    /// Systems that may call; never empty.
    pub systems: Vec<System>,
    /// Agencies in the directory; `None` for the 4,497 of level 1, departments and communes.
    pub agencies: Option<u32>,
    /// Agencies that are locked: code 23.
    pub locked: Vec<AgencyCode>,
    /// Sample documents.
    pub samples: Samples,
    /// Seed of names and faults.
    pub seed: u64,
    /// Faults from the start.
    pub faults: Faults,
    /// Path before the operations, `/` and visible ASCII, or empty.
    pub root: String,
    /// Bytes of one packet at most.
    pub file_bytes_max: u64,
    /// Who may open the page.
    pub page: PageAccess,
    /// What is kept of the traffic.
    pub traffic: TrafficOptions,
}

impl Default for Options {
    /// The default systems on a free port of 127.0.0.1, throw-away, nothing waiting, no faults.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            admin: None,
            tls: None,
            data: Data::Ephemeral,
            systems: defaults(),
            agencies: None,
            locked: Vec::new(),
            samples: Samples::None,
            seed: 1,
            faults: Faults::default(),
            root: String::new(),
            file_bytes_max: 1 << 30,
            page: PageAccess::Loopback,
            traffic: TrafficOptions::default(),
        }
    }
}

/// Why a mock axis cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not this machine's.
    #[error("listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The admin endpoint changes everything, and asks for no secret.
    #[error("the admin endpoint {0} has to be a loopback address")]
    AdminNotLoopback(SocketAddr),
    /// The path before the operations.
    #[error("root {0:?}: empty, or / and visible ASCII without a / at its end")]
    Root(String),
    /// A system.
    #[error(transparent)]
    System(#[from] SystemError),
    /// A fault.
    #[error(transparent)]
    Fault(#[from] FaultError),
    /// A folder or file.
    #[error("{what}")]
    File {
        /// Which.
        what: String,
        /// Why.
        source: std::io::Error,
    },
    /// The store.
    #[error("open the store")]
    Store(#[from] StoreError),
    /// The directory.
    #[error("open the directory of agencies")]
    Agencies(#[from] ChangesError),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The sample documents.
    #[error("load the sample documents: {0}")]
    Samples(String),
}

/// A mock axis.
#[derive(Debug)]
pub struct Mock;

/// A mock axis that serves. Stop it; a dropped one ends with its runtime.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    address: SocketAddr,
    admin: Option<SocketAddr>,
    axis: Arc<Axis>,
    stop: CancellationToken,
    calls: TaskTracker,
    servers: TaskTracker,
    traffic: Arc<Traffic>,
    /// Removed when dropped.
    _folder: Option<tempfile::TempDir>,
}

impl Mock {
    /// Starts a mock axis; it answers when this returns.
    ///
    /// # Errors
    /// What is wrong with an option, an address, a file or the store.
    pub async fn start(options: Options) -> Result<Running, StartError> {
        if let Some(admin) = options.admin.filter(|admin| !admin.ip().is_loopback()) {
            return Err(StartError::AdminNotLoopback(admin));
        }
        check_root(&options.root)?;
        let opened = tokio::task::spawn_blocking({
            let options = options.clone();
            move || Opened::open(&options)
        });
        let Opened { axis, folder, tls } = opened.await.map_err(|error| StartError::Samples(error.to_string()))??;
        if options.samples == Samples::Loaded {
            samples::load(&axis).await.map_err(StartError::Samples)?;
        }
        let traffic = Traffic::start(&options.traffic, Arc::clone(&axis))
            .map_err(|source| StartError::File { what: "open the file of the record".to_owned(), source })?;
        let (stop, calls, servers) = (CancellationToken::new(), TaskTracker::new(), TaskTracker::new());
        let listener = bind(options.listen).await?;
        let address = listener.local_addr().map_err(|source| StartError::Listen { address: options.listen, source })?;
        let app = app(&options, &axis, &traffic, &calls, &stop);
        let door = Door { app, tls, board: Some(Arc::clone(&axis.board)) };
        let mut admin = None;
        if let Some(wanted) = options.admin {
            let listener = bind(wanted).await?;
            admin = listener.local_addr().ok();
            let door = Door { app: admin::router(Arc::clone(&axis)), tls: None, board: None };
            servers.spawn(listener::serve(listener, door, stop.clone()));
        }
        servers.spawn(listener::serve(listener, door, stop.clone()));
        servers.close();
        Ok(Running { address, admin, axis, stop, calls, servers, traffic, _folder: folder })
    }
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the admin endpoint listens.
    #[must_use]
    pub const fn admin(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// The faults in force.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.axis.board.faults()
    }

    /// Puts other faults in force; decisions start over from the seed.
    ///
    /// # Errors
    /// A value out of range: nothing changes then.
    pub fn set_faults(&self, faults: Faults) -> Result<(), FaultError> {
        self.axis.board.set(faults)
    }

    /// The secret of a system at this moment, where there is such a system.
    #[must_use]
    pub fn secret(&self, system: &str) -> Option<axis::Secret> {
        self.axis.systems.find(system).map(|system| self.axis.board.secret(system))
    }

    /// Adds, renames, deletes, locks or unlocks an agency, as an operator of the axis would. On disk when this returns.
    ///
    /// # Errors
    /// No code, or the file cannot be written.
    pub async fn change_agency(&self, change: Change) -> Result<(), ChangesError> {
        let axis = Arc::clone(&self.axis);
        let changed = tokio::task::spawn_blocking(move || axis.agencies.change(change)).await;
        changed.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    /// What goes through it.
    pub(crate) const fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    /// The exchanges that are kept, without order.
    pub(crate) fn exchanges(&self) -> Vec<Arc<Exchange>> {
        let (lines, _) = self.traffic.lines();
        lines.iter().filter_map(|line| self.traffic.exchange(line.number)).collect()
    }

    /// How many agencies the generated directory has.
    #[must_use]
    pub fn agencies(&self) -> u32 {
        self.axis.agencies.count()
    }

    /// Lets open calls end, writes what is to be written, and removes a throw-away folder.
    ///
    /// # Errors
    /// The last write failed.
    pub async fn stop(self) -> Result<(), StoreError> {
        self.stop.cancel();
        self.servers.wait().await;
        self.calls.close();
        self.calls.wait().await;
        self.traffic.stop().await;
        self.axis.store.close().await
    }
}

impl Drop for Running {
    /// Ends what would keep the runtime from ending; [`Running::stop`] has done it already, and waits.
    fn drop(&mut self) {
        self.stop.cancel();
        self.traffic.close();
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })
}

fn check_root(root: &str) -> Result<(), StartError> {
    let is_path = root.starts_with('/') && !root.ends_with('/') && !root.contains("//");
    let is_plain = root.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte));
    if root.is_empty() || (is_path && is_plain) { Ok(()) } else { Err(StartError::Root(root.to_owned())) }
}

/// The axis with the layers around it: the traffic sees what the faults leave.
fn app(
    options: &Options,
    axis: &Arc<Axis>,
    traffic: &Arc<Traffic>,
    calls: &TaskTracker,
    stop: &CancellationToken,
) -> Router {
    let server = axis::server::Options { tasks: calls.clone(), ..axis::server::Options::default() };
    let served = axis::server::router(Arc::new(Offered(Arc::clone(axis))), server);
    let served = if options.root.is_empty() { served } else { Router::new().nest(&options.root, served) };
    let faulty = Faulty { board: Arc::clone(&axis.board), systems: Arc::clone(&axis.systems) };
    let served = served
        .layer(axum::middleware::from_fn_with_state(faulty, carry))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(traffic), traffic::watch));
    served.merge(page::router(Arc::clone(traffic), options.page, stop.clone()))
}

/// What is opened before anything is served.
struct Opened {
    axis: Arc<Axis>,
    folder: Option<tempfile::TempDir>,
    tls: Option<tokio_rustls::TlsAcceptor>,
}

impl Opened {
    /// Blocking.
    fn open(options: &Options) -> Result<Self, StartError> {
        let file = |what: &str| {
            let what = what.to_owned();
            move |source| StartError::File { what, source }
        };
        let tls = options.tls.as_ref().map(|tls| listener::acceptor(&tls.certificate, &tls.key)).transpose()?;
        let systems = Arc::new(Systems::new(options.systems.clone())?);
        let faults = options.faults.clone().checked()?;
        let (path, folder) = match &options.data {
            Data::Folder(path) => {
                std::fs::create_dir_all(path).map_err(file(&path.display().to_string()))?;
                (path.clone(), None)
            }
            Data::Ephemeral => {
                let folder = tempfile::Builder::new().prefix("lienthong-mock-axis-").tempdir();
                let folder = folder.map_err(file("make a folder for temporary files"))?;
                (folder.path().to_owned(), Some(folder))
            }
        };
        let national = National::new(options.agencies, options.seed);
        let store = Store::open(StoreOptions::new(path.join("store")))?;
        let agencies = Agencies::open(&path, national, &systems, &options.locked)?;
        let axis = Axis {
            store,
            systems,
            agencies,
            board: Arc::new(Board::new(options.seed, faults)),
            file_bytes_max: options.file_bytes_max,
            repeats: Mutex::default(),
        };
        Ok(Self { axis: Arc::new(axis), folder, tls })
    }
}
