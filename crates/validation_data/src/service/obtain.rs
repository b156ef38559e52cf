//! What a check lacked: asked for at once, each thing once, whoever asks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, join_all};
use signature::{Certificate, NONCE_BYTES, OcspResponse, Wanted, ocsp_request};
use tokio::time::timeout_at;
use types::Digest;

use super::{LEARNED_MAX, Nonce, Ocsp, QUESTIONS_MAX, RETRY_MIN, Service, locked};
use crate::allow::Url;
use crate::clock;
use crate::fetch::Ask;
use crate::keeper::{HeldResponse, ISSUER_BYTES_MAX, KeepError, RESPONSE_BYTES_MAX};
use crate::source::{Origin, Source, SourceKind};

/// Things that one check may ask for.
const WANTED_MAX: usize = 64;
/// Addresses of one kind that one certificate may send us to.
const URLS_MAX: usize = 4;
/// Failures that are remembered, so that nobody is asked for the same again and again.
const FAILED_MAX: usize = 4_096;

/// A question on its way; whoever has the same waits for its answer.
pub(super) type Question = Shared<BoxFuture<'static, Result<(), Arc<str>>>>;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Obtained {
    /// How many of the things wanted are there now.
    pub found: usize,
    /// What could not be had.
    pub missing: Vec<Missing>,
}

/// Something that could not be had, in time or at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The subject of the certificate whose status or issuer was wanted.
    pub subject: String,
    /// Why, in English.
    pub why: String,
}

impl Service {
    /// Asks responders, list servers and issuers' addresses for what a check lacked, as far as the operator allows, and
    /// waits at most `within`. What comes later is kept all the same, and told by [`Self::epoch`].
    ///
    /// A check that is done again after this sees what was found in [`Self::evidence`] and [`Self::trust`].
    pub async fn obtain(&self, wanted: &[Wanted], within: Duration) -> Obtained {
        let deadline = tokio::time::Instant::now() + within;
        let all = wanted.iter().take(WANTED_MAX).map(|one| async move {
            let certificate = Certificate::parse(&one.certificate).map_err(|error| error.to_string());
            let subject = certificate.as_ref().map_or_else(|_| String::new(), |one| one.subject().to_owned());
            let answer = async {
                let question = self.question(certificate?, one)?;
                question.await.map_err(|why| why.to_string())
            };
            let answer = timeout_at(deadline, answer)
                .await
                .unwrap_or_else(|_| Err(format!("not within {} ms", within.as_millis())));
            answer.map_err(|why| Missing { subject, why })
        });
        let mut obtained = Obtained::default();
        for answer in join_all(all).await {
            match answer {
                Ok(()) => obtained.found += 1,
                Err(missing) => obtained.missing.push(missing),
            }
        }
        for left in wanted.iter().skip(WANTED_MAX) {
            let subject = Certificate::parse(&left.certificate).map(|one| one.subject().to_owned()).unwrap_or_default();
            obtained.missing.push(Missing { subject, why: format!("one check may ask for {WANTED_MAX} things") });
        }
        obtained
    }

    /// The question that answers a want: one that is on its way already, or a new one.
    fn question(&self, certificate: Certificate, wanted: &Wanted) -> Result<Question, String> {
        let issuer = wanted.issuer.as_deref().map(Certificate::parse).transpose().map_err(|error| error.to_string())?;
        let key = match &issuer {
            Some(issuer) => HeldResponse::key_of(issuer, &certificate.serial_hex()),
            None => certificate.sha256(),
        };
        let mut questions = locked(&self.0.questions);
        if let Some(question) = questions.get(&key) {
            return Ok(question.clone());
        }
        if let Some((at, why)) = locked(&self.0.failed).get(&key)
            && at.elapsed() < self.quiet()
        {
            return Err(format!("{why} (asked {} s ago)", at.elapsed().as_secs()));
        }
        self.has_way(wanted)?;
        if questions.len() >= QUESTIONS_MAX {
            return Err(format!("{QUESTIONS_MAX} questions are on their way already"));
        }
        let (service, wanted) = (self.clone(), wanted.clone());
        // In a task of its own: a check that gives up does not take the answer from others.
        let asked = self.0.tasks.spawn(async move {
            let asking = async {
                match issuer {
                    Some(issuer) => service.status(certificate, issuer, &wanted).await,
                    None => service.issuer(&wanted).await,
                }
            };
            let answer = tokio::select! {
                answer = asking => answer,
                () = service.0.stop.cancelled() => Err("the node is stopping".to_owned()),
            };
            service.answered(key, answer)
        });
        let question = asked.map(|done| done.unwrap_or_else(|failed| Err(failed.to_string().into()))).boxed().shared();
        questions.insert(key, question.clone());
        Ok(question)
    }

    /// Whether any address that the certificate names may be asked; costs no task and no memory where none may.
    fn has_way(&self, wanted: &Wanted) -> Result<(), String> {
        let responders = if self.0.options.ocsp == Ocsp::On { wanted.ocsp_urls.as_slice() } else { &[] };
        let of_status = responders.iter().chain(&wanted.crl_urls);
        let urls: Vec<&String> =
            if wanted.issuer.is_some() { of_status.collect() } else { wanted.issuer_urls.iter().collect() };
        let mut why = "the certificate names no address that is asked".to_owned();
        for url in urls.into_iter().filter(|url| !url.starts_with("ldap")) {
            match self.0.options.allow.resolve(url) {
                Ok(_) => return Ok(()),
                Err(error) => why = error.to_string(),
            }
        }
        Err(why)
    }

    fn answered(&self, key: Digest, answer: Result<(), String>) -> Result<(), Arc<str>> {
        let answer = answer.map_err(Arc::from);
        let mut failed = locked(&self.0.failed);
        match &answer {
            Ok(()) => drop(failed.remove(&key)),
            Err(why) => {
                if failed.len() >= FAILED_MAX {
                    let quiet = self.quiet();
                    failed.retain(|_, (at, _)| at.elapsed() < quiet);
                }
                if failed.len() < FAILED_MAX {
                    failed.insert(key, (Instant::now(), Arc::clone(why)));
                }
            }
        }
        drop(failed);
        locked(&self.0.questions).remove(&key);
        answer
    }

    /// How long a failure answers for itself.
    fn quiet(&self) -> Duration {
        RETRY_MIN.min(self.0.options.refresh_interval)
    }

    /// A current response, or else the lists that the certificate names.
    async fn status(&self, certificate: Certificate, issuer: Certificate, wanted: &Wanted) -> Result<(), String> {
        let mut why = Vec::new();
        if self.0.options.ocsp == Ocsp::On {
            let (service, key) = (self.clone(), HeldResponse::key_of(&issuer, &certificate.serial_hex()));
            let kept = tokio::task::spawn_blocking(move || locked(&service.0.keeper).has_current(key, clock::now()));
            if kept.await.unwrap_or(false) {
                return Ok(());
            }
            for text in wanted.ocsp_urls.iter().take(URLS_MAX) {
                match self.ask_responder(text, &certificate, &issuer).await {
                    Ok(()) => return Ok(()),
                    Err(error) => why.push(error),
                }
            }
        }
        let mut fetched = false;
        for text in wanted.crl_urls.iter().take(URLS_MAX).filter(|text| !text.starts_with("ldap")) {
            match self.fetch_named_crl(text).await {
                Ok(()) => fetched = true,
                Err(error) => why.push(error),
            }
        }
        match (fetched, why.is_empty()) {
            (true, _) => Ok(()),
            (false, true) => Err("the certificate names no address that is asked".to_owned()),
            (false, false) => Err(why.join("; ")),
        }
    }

    async fn fetch_named_crl(&self, text: &str) -> Result<(), String> {
        let url = self.0.options.allow.resolve(text).map_err(|error| error.to_string())?;
        let held = self.fetch_crl(&url).await?;
        self.learn(text, &url, &held);
        Ok(())
    }

    /// Asks one responder about one certificate and keeps its answer.
    async fn ask_responder(&self, text: &str, certificate: &Certificate, issuer: &Certificate) -> Result<(), String> {
        let url = self.0.options.allow.resolve(text).map_err(|error| error.to_string())?;
        let asked = self.ask_for_status(&url, certificate.clone(), issuer.clone()).await;
        let mut sources = locked(&self.0.sources);
        // Hosts are the operator's, paths are anybody's: only so many are shown.
        let responders = sources.values().filter(|source| source.kind == SourceKind::Ocsp).count();
        if responders < LEARNED_MAX || sources.contains_key(url.as_str()) {
            let source = sources
                .entry(url.to_string())
                .or_insert_with_key(|url| Source::new(url, SourceKind::Ocsp, Origin::Learned));
            match &asked {
                Ok(()) => {
                    source.succeeded(clock::now());
                    source.issuer = Some(issuer.subject().to_owned());
                }
                Err(error) => source.failed(error.clone(), clock::now()),
            }
        }
        asked
    }

    async fn ask_for_status(&self, url: &Url, certificate: Certificate, issuer: Certificate) -> Result<(), String> {
        let nonce: Option<[u8; NONCE_BYTES]> = match self.0.options.nonce {
            Nonce::LeftOut => None,
            Nonce::Required => Some(clock::random().ok_or("the system gives no random numbers")?),
        };
        let body = ocsp_request(&certificate, &issuer, nonce.as_ref());
        let permit = self.0.requests.acquire().await;
        let ask = Ask::Post { content_type: "application/ocsp-request", body };
        let bytes = self.0.fetcher.ask(url, ask, RESPONSE_BYTES_MAX).await.map_err(|error| error.to_string())?;
        drop(permit);
        let kept = self.keep(move |keeper, now| {
            let answers = |nonce| OcspResponse::parse(&bytes).map(|response| response.answers_nonce(nonce));
            match nonce.as_ref().map(answers).transpose()? {
                Some(false) => Err(KeepError::Nonce),
                Some(true) | None => keeper.keep_response(&certificate, &issuer, &bytes, now),
            }
        });
        kept.await.map(drop).map_err(|error| format!("{url}: {error}"))
    }

    /// Refreshes a status ahead of its end, from wherever its certificate says.
    pub(super) async fn refresh_status(&self, certificate: Certificate, issuer: Certificate) -> Result<(), String> {
        let mut last = Err("the certificate names no responder".to_owned());
        for text in certificate.ocsp_urls().iter().take(URLS_MAX) {
            last = self.ask_responder(text, &certificate, &issuer).await;
            if last.is_ok() {
                break;
            }
        }
        last
    }

    /// The certificate of the issuer that a path lacked.
    async fn issuer(&self, wanted: &Wanted) -> Result<(), String> {
        let mut why = Vec::new();
        for text in wanted.issuer_urls.iter().take(URLS_MAX).filter(|text| !text.starts_with("ldap")) {
            match self.fetch_issuer(text).await {
                Ok(()) => return Ok(()),
                Err(error) => why.push(error),
            }
        }
        if why.is_empty() {
            Err("the certificate does not say where its issuer's is".to_owned())
        } else {
            Err(why.join("; "))
        }
    }

    async fn fetch_issuer(&self, text: &str) -> Result<(), String> {
        let url = self.0.options.allow.resolve(text).map_err(|error| error.to_string())?;
        let permit = self.0.requests.acquire().await;
        let bytes = self.0.fetcher.ask(&url, Ask::Get, ISSUER_BYTES_MAX).await.map_err(|error| error.to_string())?;
        drop(permit);
        let certificates = Certificate::parse_all(&bytes).map_err(|error| format!("{url}: {error}"))?;
        let certificate = certificates.into_iter().next().ok_or_else(|| format!("{url}: no certificate"))?;
        let kept = self.keep(move |keeper, now| keeper.keep_issuer(&certificate, now)).await;
        kept.map_err(|error| format!("{url}: {error}"))?;
        self.name_sources();
        Ok(())
    }
}
