//! What a check lacked: asked for at once, once, and only where it is allowed.

use std::sync::Arc;
use std::time::Duration;

use signature::{CertStatus, Certificate, ResponseNonce, Wanted};
use tempfile::TempDir;
use validation_data::{AllowList, FetchOptions, Nonce, Options, Service, Trust};

use crate::pki::{Entity, HOUR, ca_params, judged, leaf_params, now, root, trust};
use crate::server::{Answer, Server};

struct Stage {
    dir: TempDir,
    server: Server,
    root: Arc<Entity>,
    leaf: Certificate,
    trust: Trust,
}

impl Stage {
    fn new() -> Self {
        let (server, root) = (Server::start(), root("EXAMPLE Root"));
        let (list, responder) = (server.url("/root.crl"), server.url("/ocsp"));
        let leaf = root.issue(leaf_params(Some(&list), Some(&responder), None)).certificate();
        let trust = trust(&[&root], &[]);
        Self { dir: tempfile::tempdir().unwrap(), server, root: Arc::new(root), leaf, trust }
    }

    fn options(&self) -> Options {
        Options {
            allow: AllowList::new(vec![self.server.host().parse().unwrap()], Vec::new()),
            fetch: FetchOptions { time_max: Duration::from_secs(2), ..FetchOptions::default() },
            refresh_interval: Duration::from_millis(300),
            ..Options::default()
        }
    }

    fn service(&self, options: Options) -> Service {
        Service::open(self.dir.path(), self.trust.clone(), options).unwrap()
    }

    fn wanted(&self) -> [Wanted; 1] {
        [status_of(&self.leaf, &self.root.certificate())]
    }

    fn respond(&self, status: CertStatus, nonce: ResponseNonce) {
        let root = self.root.clone();
        self.server.make("/ocsp", move |request| root.answer(request, status, nonce));
    }

    fn rule(&self, service: &Service) -> Option<&'static str> {
        judged(&self.leaf, &self.trust.store, &service.evidence())
    }
}

fn status_of(certificate: &Certificate, issuer: &Certificate) -> Wanted {
    Wanted {
        certificate: certificate.der().to_vec(),
        issuer: Some(issuer.der().to_vec()),
        crl_urls: certificate.crl_urls(),
        ocsp_urls: certificate.ocsp_urls().to_vec(),
        issuer_urls: certificate.issuer_urls().to_vec(),
    }
}

const WITHIN: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_responder_is_asked_once_and_its_answer_kept() {
    let stage = Stage::new();
    stage.respond(CertStatus::Good, ResponseNonce::LeftOut);
    let service = stage.service(stage.options());
    let epoch = service.epoch();
    let wanted = stage.wanted();
    let (one, other) = tokio::join!(service.obtain(&wanted, WITHIN), service.obtain(&wanted, WITHIN));
    assert_eq!((one.found, other.found), (1, 1));
    assert_eq!(stage.rule(&service), None);
    assert_eq!(*epoch.borrow(), 1);
    assert_eq!(service.obtain(&wanted, WITHIN).await.found, 1);
    assert_eq!(stage.server.asked("/ocsp"), 1);
    assert_eq!(stage.server.asked("/root.crl"), 0);
}

#[tokio::test]
async fn where_the_responder_fails_the_list_is_fetched() {
    let stage = Stage::new();
    stage.server.answer("/ocsp", Answer::Status(500));
    stage.server.answer("/root.crl", Answer::Bytes(stage.root.list(1, HOUR, &[&stage.leaf])));
    let service = stage.service(stage.options());
    assert_eq!(service.obtain(&stage.wanted(), WITHIN).await.found, 1);
    assert_eq!(stage.rule(&service), Some("certificate_revoked"));
    let mut urls: Vec<String> = service.sources().into_iter().map(|source| source.url).collect();
    urls.sort();
    assert_eq!(urls, [stage.server.url("/ocsp"), stage.server.url("/root.crl")]);
}

#[tokio::test]
async fn a_failure_answers_for_itself_for_a_while() {
    let stage = Stage::new();
    let service = stage.service(Options { refresh_interval: HOUR, ..stage.options() });
    let obtained = service.obtain(&stage.wanted(), WITHIN).await;
    assert!(obtained.missing[0].why.contains("HTTP 404"), "{obtained:?}");
    let again = service.obtain(&stage.wanted(), WITHIN).await;
    assert!(again.missing[0].why.contains("asked"), "{again:?}");
    assert_eq!((stage.server.asked("/ocsp"), stage.server.asked("/root.crl")), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_responder_costs_the_deadline_and_its_answer_is_kept_all_the_same() {
    let stage = Stage::new();
    let (root, (release, held)) = (stage.root.clone(), std::sync::mpsc::channel::<()>());
    let held = std::sync::Mutex::new(held);
    stage.server.make("/ocsp", move |request| {
        // Answers once the test lets go.
        tokio::task::block_in_place(|| held.lock().unwrap().recv().unwrap_err());
        root.answer(request, CertStatus::Good, ResponseNonce::LeftOut)
    });
    let service = stage.service(stage.options());
    let mut epoch = service.epoch();
    let obtained = service.obtain(&stage.wanted(), Duration::from_millis(50)).await;
    assert!(obtained.missing[0].why.contains("not within 50 ms"), "{obtained:?}");
    drop(release);
    tokio::time::timeout(WITHIN, epoch.changed()).await.unwrap().unwrap();
    assert_eq!(stage.rule(&service), None);
}

#[tokio::test]
async fn nobody_is_asked_who_is_not_allowed() {
    let stage = Stage::new();
    stage.respond(CertStatus::Good, ResponseNonce::LeftOut);
    let service = stage.service(Options { allow: AllowList::default(), ..stage.options() });
    let obtained = service.obtain(&stage.wanted(), WITHIN).await;
    assert!(obtained.missing[0].why.contains("revocation.allow"), "{obtained:?}");
    assert_eq!((stage.server.asked("/ocsp"), stage.server.asked("/root.crl")), (0, 0));
}

#[tokio::test]
async fn a_nonce_that_was_asked_for_has_to_come_back() {
    let stage = Stage::new();
    stage.server.answer("/root.crl", Answer::Status(404));
    for (nonce, is_taken) in
        [(ResponseNonce::LeftOut, false), (ResponseNonce::Other, false), (ResponseNonce::Repeated, true)]
    {
        stage.respond(CertStatus::Good, nonce);
        let dir = tempfile::tempdir().unwrap();
        let options = Options { nonce: Nonce::Required, ..stage.options() };
        let service = Service::open(dir.path(), stage.trust.clone(), options).unwrap();
        let obtained = service.obtain(&stage.wanted(), WITHIN).await;
        assert_eq!(obtained.found == 1, is_taken, "{nonce:?} {obtained:?}");
        assert!(is_taken || obtained.missing[0].why.contains("nonce"), "{obtained:?}");
    }
}

#[tokio::test]
async fn an_issuer_that_a_path_lacked_is_fetched_and_trusted_below_its_anchor() {
    let stage = Stage::new();
    let ca = stage.root.issue(ca_params("EXAMPLE CA", None));
    let leaf = ca.issue(leaf_params(None, None, Some(&stage.server.url("/ca.cer")))).certificate();
    stage.server.answer("/ca.cer", Answer::Bytes(ca.certificate().der().to_vec()));
    let service = stage.service(stage.options());
    let wanted = Wanted { issuer: None, ..status_of(&leaf, &ca.certificate()) };
    assert_eq!(service.obtain(&[wanted], WITHIN).await.found, 1);
    let issuers = service.trust().intermediates().to_vec();
    assert_eq!(issuers.iter().map(Certificate::sha256).collect::<Vec<_>>(), [ca.certificate().sha256()]);
    let foreign = root("EXAMPLE Other").issue(ca_params("EXAMPLE CA", None));
    stage.server.answer("/ca.cer", Answer::Bytes(foreign.certificate().der().to_vec()));
    let leaf = foreign.issue(leaf_params(None, None, Some(&stage.server.url("/ca.cer")))).certificate();
    let wanted = Wanted { issuer: None, ..status_of(&leaf, &foreign.certificate()) };
    let obtained = service.obtain(&[wanted], WITHIN).await;
    assert_eq!((obtained.found, service.trust().intermediates().len()), (0, 1), "{obtained:?}");
}

#[tokio::test]
async fn a_status_in_use_is_refreshed_before_it_ends() {
    let stage = Stage::new();
    let root = stage.root.clone();
    stage.server.make("/ocsp", move |request| {
        let next_update = Some(now() + Duration::from_secs(5));
        root.answer_until(request, CertStatus::Good, ResponseNonce::LeftOut, next_update)
    });
    let service = stage.service(stage.options());
    service.obtain(&stage.wanted(), WITHIN).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn(service.clone().run(stop.clone()));
    crate::server::until("a second answer", || (stage.server.asked("/ocsp") >= 2).then_some(())).await;
    assert_eq!(stage.rule(&service), None);
    stop.cancel();
    running.await.unwrap();
}
