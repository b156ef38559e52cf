//! Validation data of this node: opened with the store, fetched while the node runs, reloaded with its trust stores.

use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};
use signature::Policy;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use validation_data::{FOLDER, FetchOptions, Options, Service, ShelfError, Trust};

use crate::config::{Config, RevocationSources};
use crate::core::Core;
use crate::material::{Material, MaterialError};
use crate::tls;

/// How often the workers are given new revocation data, at most: all of it is sent.
const PREPARE_EVERY: Duration = Duration::from_secs(1);

/// Rules for what is kept: as for documents, with the sizes of this node.
pub(crate) fn policy(material: &Material) -> Policy {
    let (name, rsa_bits_min) = (material.policy.name.clone(), material.policy.rsa_bits_min);
    Policy { name, rsa_bits_min, ..Policy::documents() }
}

/// What kept data is held against: the anchors of documents.
pub(crate) fn trust(material: &Material) -> Trust {
    Trust { store: Arc::new(material.documents.clone()), policy: Arc::new(policy(material)) }
}

/// How data is fetched, as the configuration says.
///
/// # Errors
/// The CAs of https addresses cannot be read.
pub(crate) fn options(config: &Config) -> Result<Options, MaterialError> {
    let RevocationSources {
        allow, crl_urls, proxy, refresh_interval, stale_after, fetch_time_max, ocsp, nonce, ..
    } = config.revocation.clone();
    let fetch = FetchOptions {
        proxy,
        tls: Some(Arc::new(towards_sources(config)?)),
        time_max: fetch_time_max,
        ..FetchOptions::default()
    };
    Ok(Options { allow, crl_urls, ocsp, nonce, refresh_interval, stale_after, fetch })
}

/// TLS towards sources with https addresses: no client certificate, the CAs of `revocation.ca_files`.
fn towards_sources(config: &Config) -> Result<ClientConfig, MaterialError> {
    let files = if config.revocation.ca.is_empty() { &config.tls.ca } else { &config.revocation.ca };
    let roots: RootCertStore = tls::roots(config, files)?;
    tls::anonymous_client(config, roots)
}

/// Loads what is kept. Blocking.
///
/// # Errors
/// The disk's.
pub(crate) fn open(config: &Config, material: &Material, options: Options) -> Result<Service, ShelfError> {
    Service::open(&config.data_dir.join(FOLDER), trust(material), options)
}

/// Holds what is kept against new trust stores. Blocking.
pub(crate) fn reload(service: &Service, material: &Material) {
    if let Err(error) = service.retrust(trust(material)) {
        tracing::error!(error = &error as &dyn std::error::Error, "the validation data could not be read again");
    }
}

/// Gives the workers what is new, at most once a second, until `stop`.
pub(crate) async fn follow(core: Arc<Core>, stop: CancellationToken) {
    let mut epoch = core.validation.epoch();
    let mut ticks = interval(PREPARE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            changed = epoch.changed() => if changed.is_err() { return },
        }
        let preparing = core.clone();
        if tokio::task::spawn_blocking(move || preparing.prepare_workers()).await.is_err() {
            tracing::error!("the workers could not be given new revocation data");
        }
        // What was held for want of data is looked at again.
        core.quarantine.ring();
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
    }
}
