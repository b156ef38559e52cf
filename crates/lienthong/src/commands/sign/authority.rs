//! Time-stamps of an authority on the network. Source: RFC 3161.

use std::path::PathBuf;

use clap::Args;
use ring::rand::{SecureRandom as _, SystemRandom};
use signature::{Policy, Timestamp, TimestampRequest, TrustStore};
use validation_data::{Ask, Fetcher, Url};

use crate::commands::verify::desk::certificates;
use crate::commands::{now, wait};
use crate::failure::{Failure, chain};

/// Bytes of an answer: a token with its certificates has some ten thousand.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Options that name a time-stamping authority.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct AuthorityArgs {
    /// Xin dấu thời gian RFC 3161 ở địa chỉ này, http (ask this authority for a time-stamp)
    #[arg(long, value_name = "URL", requires = "tsa_trust")]
    tsa: Option<Url>,
    /// CA tin cậy của dịch vụ dấu thời gian: tệp hoặc thư mục (trust anchors of the authority)
    #[arg(long, value_name = "FILE|DIR", requires = "tsa")]
    tsa_trust: Vec<PathBuf>,
    /// CA trung gian của dịch vụ dấu thời gian (its intermediates)
    #[arg(long, value_name = "FILE|DIR", requires = "tsa")]
    tsa_intermediates: Vec<PathBuf>,
    /// Chính sách dấu thời gian muốn có, OID (policy to stamp under)
    #[arg(long, value_name = "OID", requires = "tsa")]
    tsa_policy: Option<String>,
}

impl AuthorityArgs {
    pub(super) fn is_given(&self) -> bool {
        self.tsa.is_some()
    }

    /// A token over these bytes, checked; `None` when no authority was named.
    pub(super) fn stamp(&self, stamped: &[u8]) -> Result<Option<Timestamp>, Failure> {
        let Some(url) = &self.tsa else { return Ok(None) };
        let trust = TrustStore::new(certificates(&self.tsa_trust)?, certificates(&self.tsa_intermediates)?);
        let request = TimestampRequest::over(stamped, nonce()?);
        let request = match &self.tsa_policy {
            Some(policy) => request.under(policy),
            None => request,
        };
        let ask = Ask::Post { content_type: "application/timestamp-query", body: request.to_der() };
        let mut answer = None;
        wait(async {
            let failed = |error| Failure::Unreachable { node: url.to_string(), source: Box::new(error) };
            answer = Some(Fetcher::default().ask(url, ask, ANSWER_BYTES_MAX).await.map_err(failed)?);
            Ok(())
        })?;
        let answer = answer.unwrap_or_default();
        let token = request.read_response(&answer, &trust, &Policy::documents(), now());
        token.map(Some).map_err(|reason| Failure::Unverified {
            code: reason.code(),
            detail: format!("dấu thời gian của {url} không dùng được ({})", chain(&reason)),
        })
    }
}

fn nonce() -> Result<u64, Failure> {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Failure::Internal("no random numbers".to_owned()))?;
    Ok(u64::from_be_bytes(bytes))
}
