//! This crate's own server on a port of its own.

use std::sync::Arc;
use std::time::Duration;

use axis::client::Client;
use axis::server::{Options, router};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::time::{Instant, interval};

use crate::scripted::options;
use crate::shelf::Shelf;

pub(crate) struct Started {
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) port: u16,
    _folder: TempDir,
}

impl Started {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default(), |_| {}).await
    }

    pub(crate) async fn with(options: Options, set: impl FnOnce(&mut Shelf)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = Shelf::new(folder.path());
        set(&mut shelf);
        let shelf = Arc::new(shelf);
        let app = axum::Router::new().nest("/axis", router(Arc::clone(&shelf) as _, options));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { shelf, port, _folder: folder }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(options(self.port)).unwrap()
    }
}

/// Waits until something holds.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let mut ticks = interval(Duration::from_millis(5));
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        ticks.tick().await;
    }
}
