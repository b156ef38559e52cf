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
use crate::material::Material;
use crate::signing::load;
use crate::tls::Transport;
use crate::validation;

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
                validation::reload(&self.core.validation, &material);
                self.core.material.store(Arc::new(material));
                self.core.prepare_workers();
                tracing::info!("reloaded the trust stores");
            }
            Err(error) => kept("the trust stores", &error),
        }
        self.signing_key();
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

    /// The key that signs receipts: the next one, once its certificate is valid.
    fn signing_key(&self) {
        let (config, now) = (&self.core.config, crate::clock::now());
        match load::load(&config.signing, config.example_certificates, now) {
            Ok(loaded) => {
                let certificate = loaded.signer.certificate().signatory();
                if let Some(warning) = load::warning(&loaded.signer, now) {
                    tracing::warn!("{warning}");
                }
                self.core.signing.replace(loaded);
                tracing::info!(
                    certificate.subject = certificate.subject,
                    certificate.sha256 = %certificate.sha256,
                    "receipts are signed with the key of this certificate"
                );
            }
            Err(error) => kept("the signing key", &error),
        }
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

    /// Reads the directory again whenever its file, or the axis's list beside the store, has changed, and lets the next
    /// signing key take over when it is due, until `stop`.
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
            if self.core.signing.is_next_due(crate::clock::now()) {
                let reload = self.clone();
                if tokio::task::spawn_blocking(move || reload.signing_key()).await.is_err() {
                    tracing::error!("the signing key's reader failed");
                }
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
