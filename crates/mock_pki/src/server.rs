//! The PKI over HTTP: OCSP, lists, certificates, time-stamps, and an admin endpoint for faults, all on one port.

mod handle;
mod spoil;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use signature::CrlReason;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use types::UnixMillis;

use crate::faults::{Faults, Service};
use crate::pki::{OpenError, Pki, RevokeError};

/// Why a server does not start.
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
    /// The folder.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// A PKI that answers over HTTP.
#[derive(Debug)]
pub struct Server;

/// A port that is taken, before there is a PKI: certificates can then say its URL.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

/// A server that answers. Stop it; a dropped one ends too.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    desk: Arc<Desk>,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) pki: Pki,
    faults: Mutex<Faults>,
    requests: Mutex<BTreeMap<Service, u64>>,
    /// Whether the admin endpoint answers: only on a loopback address.
    pub(crate) is_local: bool,
}

impl Desk {
    pub(crate) fn faults(&self) -> Faults {
        lock(&self.faults).clone()
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        *lock(&self.faults) = faults;
    }

    /// Counts a request.
    pub(crate) fn count(&self, service: Service) {
        *lock(&self.requests).entry(service).or_default() += 1;
    }

    pub(crate) fn requests(&self) -> BTreeMap<Service, u64> {
        lock(&self.requests).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Server {
    /// Takes a port; port 0 takes a free one.
    ///
    /// # Errors
    /// The address.
    pub async fn bind(address: SocketAddr) -> Result<Bound, StartError> {
        let failed = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Bound { listener, address })
    }

    /// Opens the folder and answers for it when this returns.
    ///
    /// # Errors
    /// The address or the folder.
    pub async fn start(dir: &Path, address: SocketAddr) -> Result<Running, StartError> {
        let bound = Self::bind(address).await?;
        let dir = dir.to_owned();
        let pki = tokio::task::spawn_blocking(move || Pki::open(&dir)).await;
        let pki = pki.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        Ok(bound.serve(pki))
    }
}

impl Bound {
    /// Where it will answer, for example `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers for a PKI from now on.
    #[must_use]
    pub fn serve(self, pki: Pki) -> Running {
        let desk = Arc::new(Desk {
            pki,
            faults: Mutex::default(),
            requests: Mutex::default(),
            is_local: self.address.ip().is_loopback(),
        });
        let stop = CancellationToken::new();
        let app = handle::router(Arc::clone(&desk));
        let served = axum::serve(self.listener, app).with_graceful_shutdown(stop.clone().cancelled_owned());
        let task = tokio::spawn(async move {
            if let Err(error) = served.await {
                tracing::error!(%error, "the PKI no longer answers");
            }
        });
        Running { address: self.address, desk, stop, task: Some(task) }
    }
}

impl Running {
    /// Where it answers, for example `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The PKI that it answers for.
    #[must_use]
    pub fn pki(&self) -> &Pki {
        &self.desk.pki
    }

    /// The faults in force.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.desk.faults()
    }

    /// Puts other faults in force, for the requests that come from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.desk.set_faults(faults);
    }

    /// Requests to a service since the start, those that met a fault included.
    #[must_use]
    pub fn requests(&self, service: Service) -> u64 {
        self.desk.requests().get(&service).copied().unwrap_or_default()
    }

    /// Revokes a certificate of the folder, for the requests that come from now on. Blocking, for a small file's time.
    ///
    /// # Errors
    /// [`RevokeError`].
    pub fn revoke(&self, name: &str, reason: CrlReason, at: UnixMillis) -> Result<(), RevokeError> {
        self.desk.pki.revoke(name, reason, at)
    }

    /// Ends: open requests are broken off.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            task.abort();
            // Cancelled is what was asked for, and the loop itself does not panic.
            let _ended = task.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
