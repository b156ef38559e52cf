//! Config → build → run: the one place that knows every part.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use directory::{Directory, LoadError};
use gateway::PeerCertificate;
use queue::{Store, StoreError};
use relay::{Backoff, Dialer, Links, PeerIdentity};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use validation_data::{Options, Service, ShelfError, Stamping};

use crate::agency_sync;
use crate::axis_door::{self, Secrets};
use crate::axis_link::{self, DialError};
use crate::config::{Config, SecretError};
use crate::connect;
use crate::core::Core;
use crate::deadlines;
use crate::exchange::Desk;
use crate::identity::Identities;
use crate::links::{Receiving, Sending};
use crate::material::{Material, MaterialError};
use crate::quarantine::{self, AdminDesk};
use crate::registry::{Registry, RegistryError};
use crate::reload::Reload;
use crate::reports;
use crate::signing::{self, Signing, load};
use crate::stamping;
use crate::tls::Transport;
use crate::validation;

/// How often deliveries past their time to live are looked for.
const EXPIRE_EVERY: Duration = Duration::from_secs(1);
/// Entries returned in one step of expiry.
const EXPIRE_MAX: usize = 256;

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Keys or certificates.
    #[error(transparent)]
    Material(#[from] MaterialError),
    /// The directory's file.
    #[error("the directory of agencies")]
    Directory(#[source] LoadError),
    /// The list of registered agencies.
    #[error("the agencies registered by systems")]
    Registry(#[from] RegistryError),
    /// A system's secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The secret or the certificates towards the axis.
    #[error("the connection to the axis")]
    Axis(#[from] DialError),
    /// The store.
    #[error("open the store in {directory}")]
    Store {
        /// Its folder.
        directory: String,
        /// Why.
        source: StoreError,
    },
    /// The thread that signs receipts.
    #[error("start the thread that signs receipts")]
    Thread(#[source] std::io::Error),
    /// The folder of revocation lists and responses.
    #[error("open the validation data")]
    Validation(#[source] ShelfError),
    /// The address.
    #[error("listen on {address}")]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// Everything a configuration names, loaded and checked, with nothing started.
struct Loaded {
    transport: Transport,
    material: Material,
    signing: signing::Loaded,
    directory: Directory,
    registry: Registry,
    secrets: Secrets,
    sources: Options,
}

impl Loaded {
    fn of(config: &Config) -> Result<Self, StartError> {
        for link in config.neighbours.iter().filter_map(|neighbour| neighbour.axis.as_ref()) {
            axis_link::client(config, link)?;
        }
        let registry = Registry::load(&config.data_dir)?;
        let directory = agency_sync::load_directory(config).map_err(StartError::Directory)?;
        Ok(Self {
            transport: Transport::load(config)?,
            material: Material::load(config)?,
            signing: load::load(&config.signing, config.example_certificates, crate::clock::now())?,
            directory: registry.added_to(directory).map_err(StartError::Directory)?,
            registry,
            secrets: Secrets::load(config)?,
            sources: validation::options(config)?,
        })
    }
}

/// What `check-config` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Agencies in the directory.
    pub agencies: usize,
    /// Agencies of connected systems that the directory does not list.
    pub unlisted: Vec<String>,
    /// What is right and will not stay so, for people.
    pub warnings: Vec<String>,
}

/// Loads everything that the configuration names and starts nothing.
///
/// # Errors
/// As [`start`], but for the store and the address.
pub fn check(config: &Config) -> Result<Checked, StartError> {
    let loaded = Loaded::of(config)?;
    let warnings = load::check(&config.signing, config.example_certificates, crate::clock::now())?;
    let agencies = config.systems.iter().flat_map(|system| &system.agencies);
    let unlisted = agencies.filter(|code| loaded.directory.find(code).is_none()).map(ToString::to_string);
    Ok(Checked { agencies: loaded.directory.len(), unlisted: unlisted.collect(), warnings })
}

/// A running node.
pub struct Running {
    address: SocketAddr,
    core: Arc<Core>,
    links: Arc<Links<Sending>>,
    receiving: Receiving,
    reload: Reload,
    stop: CancellationToken,
    tasks: TaskTracker,
    server: tokio::task::JoinHandle<()>,
}

/// Starts a node; it serves when this returns.
///
/// # Errors
/// Each part's own, with what to do about it.
pub async fn start(config: Config) -> Result<Running, StartError> {
    let Loaded { transport, material, signing, directory, registry, secrets, sources } = Loaded::of(&config)?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|source| StartError::Listen { address: config.listen, source })?;
    let address = listener.local_addr().map_err(|source| StartError::Listen { address: config.listen, source })?;
    let store = open(&config).await?;
    if let Some(warning) = load::warning(&signing.signer, crate::clock::now()) {
        tracing::warn!("{warning}");
    }
    let signing = Signing::start(signing).map_err(StartError::Thread)?;
    let material = Arc::new(material);
    let validation = open_validation(&config, &material, sources).await?;
    let core = Core::new(config, store, directory, registry, material, signing, validation);
    core.prepare_workers();
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let tried = core.clone();
    tasks.spawn(stop.clone().run_until_cancelled_owned(async move { tried.workers.try_out().await }));
    let server_tls = Arc::new(ArcSwap::new(transport.server));
    let client_tls = Arc::new(ArcSwap::new(transport.client));
    let identities = Arc::new(Identities::new(&core.config, &core.registry.load()));
    let uploads = Arc::new(Semaphore::new(core.config.limits.uploads_max));

    let receiving = Receiving::new(core.clone(), uploads.clone());
    let sending = Arc::new(Sending::new(core.clone()));
    let links = Links::new(core.node.clone(), sending, Arc::new(receiving.clone()), link_limits(&core.config));
    dial(&core, &links, &client_tls, &stop, &tasks);
    axis_link::spawn(&core, &uploads, &stop, &tasks);

    let secrets = Arc::new(ArcSwap::from_pointee(secrets));
    let reload =
        Reload { core: core.clone(), server: server_tls.clone(), client: client_tls, secrets: secrets.clone() };
    tasks.spawn(reload.clone().watch(stop.clone()));
    tasks.spawn(core.validation.clone().run(stop.clone()));
    tasks.spawn(validation::follow(core.clone(), stop.clone()));
    tasks.spawn(stamping::run(core.clone(), stop.clone()));
    tasks.spawn(reports::run(core.clone(), stop.clone()));
    tasks.spawn(quarantine::start(core.clone(), stop.clone()));
    tasks.spawn(quarantine::settle(core.clone(), stop.clone()));
    tasks.spawn(expire(core.clone(), receiving.clone(), stop.clone()));
    tasks.spawn(deadlines::run(core.clone(), links.clone(), stop.clone()));

    let desk = Arc::new(Desk::new(core.clone(), links.clone(), uploads, stop.clone()));
    let options = gateway::Options { stop: stop.clone(), ..gateway::Options::default() };
    let calls = options.tasks.clone();
    let extra = gateway::Extra {
        http: axis_door::routes(&core, &desk, &identities, secrets, &options),
        grpc: relay_routes(&links, identities.clone())
            .merge(gateway::admin_routes(Arc::new(AdminDesk::new(core.clone())))),
    };
    let app = gateway::app(desk, identities, extra, options);
    let limits = gateway::Limits { grace: core.config.shutdown_grace, ..gateway::Limits::default() };
    let serving = gateway::serve(listener, server_tls, app, limits, stop.clone(), calls);
    let server = tokio::spawn(serving);
    tracing::info!(node.id = %core.node, %address, "the node is ready");
    Ok(Running { address, core, links, receiving, reload, stop, tasks, server })
}

async fn open(config: &Config) -> Result<Store, StartError> {
    let options = config.store_options();
    let failed = |source| StartError::Store { directory: config.data_dir.display().to_string(), source };
    let opened = tokio::task::spawn_blocking(move || Store::open(options)).await;
    opened.unwrap_or(Err(StoreError::Internal)).map_err(failed)
}

async fn open_validation(
    config: &Config,
    material: &Arc<Material>,
    sources: Options,
) -> Result<(Service, Option<Stamping>), StartError> {
    let (own, material) = (config.clone(), material.clone());
    let opened = tokio::task::spawn_blocking(move || {
        let stamping = stamping::open(&own, &sources)?;
        Ok((validation::open(&own, &material, sources)?, stamping))
    });
    let opened = opened.await;
    let failed = |error| ShelfError { path: config.data_dir.clone(), source: std::io::Error::other(error) };
    opened.unwrap_or_else(|error| Err(failed(error))).map_err(StartError::Validation)
}

fn link_limits(config: &Config) -> relay::Limits {
    relay::Limits { grace: config.shutdown_grace, ..relay::Limits::default() }
}

/// Keeps a link up to every neighbour that has an address.
fn dial(
    core: &Arc<Core>,
    links: &Arc<Links<Sending>>,
    tls: &Arc<ArcSwap<rustls::ClientConfig>>,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    for neighbour in &core.config.neighbours {
        let Some(address) = neighbour.address.clone() else { continue };
        let tls = tls.clone();
        let connect = move || connect::channel(tls.clone(), address.clone());
        let dialer = Dialer::new(links, neighbour.id.clone(), Backoff::default(), connect);
        tasks.spawn(dialer.run(stop.child_token()));
    }
}

/// The relay service, for connections whose certificate is a neighbour's.
fn relay_routes(links: &Arc<Links<Sending>>, identities: Arc<Identities>) -> Router {
    let identify = move |mut request: Request, next: Next| {
        let identities = identities.clone();
        async move {
            let certificate = request.extensions().get::<PeerCertificate>();
            if let Some(neighbour) = certificate.and_then(|certificate| identities.neighbour(certificate)) {
                request.extensions_mut().insert(PeerIdentity(neighbour));
            }
            next.run(request).await
        }
    };
    tonic::service::Routes::new(links.server()).into_axum_router().reset_fallback().layer(from_fn(identify))
}

/// Returns what is past its time to live, and drops what nobody came back for, now and then.
async fn expire(core: Arc<Core>, receiving: Receiving, stop: CancellationToken) {
    let mut ticks = interval(EXPIRE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        receiving.sweep();
        loop {
            match core.store.expire(crate::clock::now(), EXPIRE_MAX).await {
                Ok(changes) if changes.len() >= EXPIRE_MAX => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "expired deliveries could not be returned"
                    );
                    break;
                }
            }
        }
    }
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Reads certificates, trust stores and the directory again.
    pub fn reload(&self) {
        self.reload.all();
    }

    /// Stops: no new requests, what is in flight finishes or is handed back, the store is closed.
    ///
    /// # Errors
    /// `store_poisoned` when the last write failed.
    pub async fn stop(self) -> Result<(), StoreError> {
        tracing::info!(node.id = %self.core.node, "stopping");
        self.stop.cancel();
        self.links.shutdown().await;
        if self.server.await.is_err() {
            tracing::error!("the server task failed");
        }
        self.tasks.close();
        self.tasks.wait().await;
        self.receiving.close();
        self.core.store.close().await
    }
}
