//! Lists on schedule: servers that are away, slow, lying, and that recover.

use std::path::Path;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use validation_data::{AllowList, FetchOptions, Options, Rewrite, Service, Source, Trust};

use crate::pki::{HOUR, ca_params, judged, leaf_params, now, root, trust};
use crate::server::{Answer, Server, until};

/// A service that asks often and waits little.
fn hasty(urls: &[String]) -> Options {
    Options {
        crl_urls: urls.iter().map(|url| url.parse().unwrap()).collect(),
        refresh_interval: Duration::from_millis(100),
        fetch: FetchOptions { time_max: Duration::from_millis(500), ..FetchOptions::default() },
        ..Options::default()
    }
}

struct Running {
    service: Service,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    fn start(dir: &Path, trust: &Trust, options: Options) -> Self {
        let service = Service::open(dir, trust.clone(), options).unwrap();
        let stop = CancellationToken::new();
        let task = tokio::spawn(service.clone().run(stop.clone()));
        Self { service, stop, task }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }

    fn source(&self) -> Option<Source> {
        self.service.sources().into_iter().next()
    }

    /// Waits until the source's last attempt failed with these words.
    async fn failed(&self, words: &str) {
        until(words, || self.source()?.error.filter(|error| error.contains(words))).await;
    }
}

#[tokio::test]
async fn a_list_is_fetched_replaced_and_survives_its_server() {
    let (dir, root, mut server) = (tempfile::tempdir().unwrap(), root("EXAMPLE Root"), Server::start());
    let leaf = root.issue(leaf_params(None, None, None)).certificate();
    let trust = trust(&[&root], &[]);
    server.answer("/root.crl", Answer::Bytes(root.list(1, HOUR, &[])));
    let running = Running::start(dir.path(), &trust, hasty(&[server.url("/root.crl")]));
    let rule = |running: &Running| judged(&leaf, &trust.store, &running.service.evidence());
    until("the first list", || rule(&running).is_none().then_some(())).await;

    server.leave().await;
    running.failed("connect to").await;
    assert_eq!(rule(&running), None, "what is kept stays in use");
    server.answer("/root.crl", Answer::Bytes(root.list(2, Duration::ZERO, &[&leaf])));
    server.come_back();
    until("the second list", || (rule(&running) == Some("certificate_revoked")).then_some(())).await;
    until("no error any more", || running.source()?.error.is_none().then_some(())).await;

    server.leave().await;
    running.stop().await;
    let offline = Running::start(dir.path(), &trust, hasty(&[server.url("/root.crl")]));
    assert_eq!(rule(&offline), Some("certificate_revoked"), "before anything was asked");
    let source = offline.source().unwrap();
    assert_eq!((source.number.as_deref(), source.entries), (Some("02"), Some(1)));
    offline.stop().await;
}

#[tokio::test]
async fn a_lying_server_changes_nothing_and_is_named() {
    let (dir, root, server) = (tempfile::tempdir().unwrap(), root("EXAMPLE Root"), Server::start());
    let impostor = crate::pki::root("EXAMPLE Root");
    let leaf = root.issue(leaf_params(None, None, None)).certificate();
    let trust = trust(&[&root], &[]);
    server.answer("/root.crl", Answer::Bytes(root.list(9, HOUR, &[&leaf])));
    let running = Running::start(dir.path(), &trust, hasty(&[server.url("/root.crl")]));
    let is_revoked = || judged(&leaf, &trust.store, &running.service.evidence()) == Some("certificate_revoked");
    until("the list", || is_revoked().then_some(())).await;

    let lies = [
        (Answer::Bytes(root.list(8, HOUR, &[])), "older than the one kept"),
        (Answer::Bytes(impostor.list(10, HOUR, &[])), "the signature is not that of"),
        (Answer::Bytes(crate::pki::root("EXAMPLE Other").list(10, HOUR, &[])), "no certificate in the trust store"),
        (Answer::Bytes(b"<html>proxy login</html>".to_vec()), "not a revocation list"),
        (Answer::Bytes(vec![0x30; 17 * 1024 * 1024]), "more than"),
        (Answer::Status(404), "HTTP 404"),
        (Answer::Never, "no whole answer within"),
    ];
    for (lie, told) in lies {
        server.answer("/root.crl", lie);
        running.failed(told).await;
        assert!(is_revoked(), "{told}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_list_that_is_over_is_stale_until_a_newer_one_comes() {
    let (dir, root, server) = (tempfile::tempdir().unwrap(), root("EXAMPLE Root"), Server::start());
    let soon = now() + Duration::from_secs(2);
    server.answer("/root.crl", Answer::Bytes(root.list_until(1, HOUR, soon, &[])));
    let running = Running::start(dir.path(), &trust(&[&root], &[]), hasty(&[server.url("/root.crl")]));
    let is_stale = |source: &Source| source.is_stale(Duration::from_secs(3600 * 24), now());
    until("a current list", || running.source().filter(|source| !is_stale(source))).await;
    until("a stale list", || running.source().filter(is_stale)).await;
    server.answer("/root.crl", Answer::Bytes(root.list(2, Duration::ZERO, &[])));
    until("a current list again", || running.source().filter(|source| !is_stale(source))).await;
    running.stop().await;
}

#[tokio::test]
async fn what_certificates_of_the_trust_store_name_is_fetched_only_where_it_is_allowed() {
    let (dir, root, server) = (tempfile::tempdir().unwrap(), root("EXAMPLE Root"), Server::start());
    let far = "http://ca.example/pki/root.crl";
    let ca = root.issue(ca_params("EXAMPLE CA", Some(far)));
    let trust = trust(&[&root], &[&ca]);
    server.answer("/mirror/root.crl", Answer::Bytes(root.list(1, HOUR, &[])));

    let running = Running::start(dir.path(), &trust, hasty(&[]));
    running.failed("revocation.allow").await;
    assert_eq!(server.asked("/mirror/root.crl"), 0);
    running.stop().await;

    let rewrite = Rewrite::new("http://ca.example/pki/", &server.url("/mirror/")).unwrap();
    let options = Options { allow: AllowList::new(Vec::new(), vec![rewrite]), ..hasty(&[]) };
    let running = Running::start(dir.path(), &trust, options);
    until("the list", || running.source()?.number).await;
    assert_eq!(running.source().unwrap().url, server.url("/mirror/root.crl"));
    running.stop().await;
}
