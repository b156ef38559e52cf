//! New directory, keys and trust stores without a restart; a bad file changes nothing and says why.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use directory::Directory;
use rustls::{ClientConfig, ServerConfig};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::agency_sync;
use crate::axis_door::Secrets;
use crate::core::Core;
use crate::material::{self, Material};
use crate::tls::Transport;

/// How often the directory's file is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The parts that can be replaced while the node runs.
#[derive(Clone, Debug)]
pub(crate) struct Reload {
    pub(crate) core: Arc<Core>,
    pub(crate) server: Arc<ArcSwap<ServerConfig>>,
    pub(crate) client: Arc<ArcSwap<ClientConfig>>,
    pub(crate) secrets: Arc<ArcSwap<Secrets>>,
}

impl Reload {
    /// Everything: certificates, trust stores and the directory, each on its own.
    pub(crate) fn all(&self) {
        match Transport::load(&self.core.config) {
            Ok(transport) => {
                self.server.store(transport.server);
                self.client.store(transport.client);
                tracing::info!("reloaded the transport certificates");
            }
            Err(error) => kept("the transport certificates", &error),
        }
        match Material::load(&self.core.config) {
            Ok(material) => {
                self.core.material.store(Arc::new(material));
                self.core.prepare_workers();
                tracing::info!("reloaded the trust stores");
            }
            Err(error) => kept("the trust stores", &error),
        }
        match material::signer(&self.core.config.signing, self.core.config.example_certificates) {
            Ok(signer) => {
                let subject = signer.certificate().subject().to_owned();
                self.core.signing.replace(signer);
                tracing::info!(certificate.subject = subject, "reloaded the signing key");
            }
            Err(error) => kept("the signing key", &error),
        }
        match Secrets::load(&self.core.config) {
            Ok(secrets) => {
                self.secrets.store(Arc::new(secrets));
                tracing::info!("reloaded the secrets of systems");
            }
            Err(error) => kept("the secrets of systems", &error),
        }
        self.core.axis.reload();
        self.directory();
    }

    fn directory(&self) {
        let _one = self.core.replacing.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = agency_sync::load_directory(&self.core.config);
        match loaded.and_then(|directory| self.core.registry.load().added_to(directory)) {
            Ok(new) => {
                let changes = Directory::diff(&self.core.directory.load(), &new);
                tracing::info!(agencies = new.len(), "reloaded the directory: {changes}");
                self.core.directory.store(Arc::new(new));
            }
            Err(error) => kept("the directory", &error),
        }
    }

    /// Reads the directory again whenever its file, or the axis's list beside the store, has changed, until `stop`.
    pub(crate) async fn watch(self, stop: CancellationToken) {
        let config = &self.core.config;
        let files = [config.directory_file.clone(), agency_sync::file(&config.data_dir)];
        let mut seen = stamps(&files).await;
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let found = stamps(&files).await;
            if found != seen {
                seen = found;
                let reload = self.clone();
                if tokio::task::spawn_blocking(move || reload.directory()).await.is_err() {
                    tracing::error!("the directory's reader failed");
                }
            }
        }
    }
}

fn kept(what: &str, error: &(dyn std::error::Error + 'static)) {
    tracing::error!(error, "{what} could not be reloaded; what was loaded before stays in use");
}

async fn stamps(files: &[PathBuf; 2]) -> [Option<(SystemTime, u64)>; 2] {
    let [own, listed] = files;
    [stamp(own).await, stamp(listed).await]
}

/// What changes when a file is written again.
async fn stamp(file: &Path) -> Option<(SystemTime, u64)> {
    let found = tokio::fs::metadata(file).await.ok()?;
    Some((found.modified().ok()?, found.len()))
}
