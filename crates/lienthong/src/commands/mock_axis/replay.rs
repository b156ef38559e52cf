//! Playing a record of traffic against a server.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axis::Secret;
use clap::Args;
use http::Uri;
use mock_axis::{ReplayError, ReplayOptions, ReplayOutcome, Replayed, replay};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use types::ErrorCode;

use crate::failure::{Failure, chain};
use crate::output::Output;

/// What `replay` takes.
#[derive(Args, Debug)]
pub(crate) struct ReplayArgs {
    /// Tệp do --record ghi (a file written by --record)
    file: PathBuf,
    /// Máy chủ nhận lại các yêu cầu (the server that gets the requests)
    #[arg(long, value_name = "URL")]
    url: Uri,
    /// Ký lại bằng secret này và thay docId theo câu trả lời mới (sign anew with this secret)
    #[arg(long, value_name = "SECRET", conflicts_with = "secret_file")]
    secret: Option<String>,
    /// Như trên, đọc từ tệp (the same from a file)
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// CA của máy chủ HTTPS, PEM (the authority of an HTTPS server)
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Số giây chờ mỗi câu trả lời (seconds for each answer)
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
}

/// Plays the record; every answer has to be as it was.
pub(super) fn run(args: &ReplayArgs, output: &mut Output) -> Result<(), Failure> {
    let file = File::open(&args.file).map_err(|error| Failure::file(&args.file, error))?;
    let options = ReplayOptions {
        url: args.url.clone(),
        secret: secret(args)?,
        tls: args.ca.as_deref().map(trust).transpose()?,
        timeout: Duration::from_secs(args.timeout),
    };
    let (mut different, mut told) = (0u64, Ok(()));
    let playing = replay(BufReader::new(file), &options, |one| {
        different += u64::from(one.outcome == ReplayOutcome::Different);
        if told.is_ok() {
            told = output.show_line(one, line);
        }
    });
    super::super::wait(async { playing.await.map_err(|error| failed(&args.file, error)) })?;
    told?;
    match different {
        0 => Ok(()),
        count => Err(Failure::Unverified {
            code: ErrorCode::ProtocolViolation,
            detail: format!("{count} câu trả lời khác bản ghi (answers differ from the record)"),
        }),
    }
}

fn line(one: &Replayed) -> String {
    let outcome = match one.outcome {
        ReplayOutcome::Same => "giống (same)",
        ReplayOutcome::Different => "KHÁC (different)",
        ReplayOutcome::Skipped => "bỏ qua (skipped)",
    };
    format!("{:>5}  {:<22} {outcome}  {}", one.number, one.operation, one.differences.join("; "))
}

fn secret(args: &ReplayArgs) -> Result<Option<Secret>, Failure> {
    let Some(path) = &args.secret_file else {
        return Ok(args.secret.as_ref().map(|secret| Secret::new(secret.as_bytes())));
    };
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
    Ok(Some(Secret::new(text.trim_end_matches(['\r', '\n']).as_bytes())))
}

/// A TLS client that trusts the certificates of a file.
pub(super) fn trust(path: &Path) -> Result<Arc<rustls::ClientConfig>, Failure> {
    let mut roots = rustls::RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| Failure::file(path, error))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| Failure::file(path, error))?;
        roots.add(certificate).map_err(|error| Failure::file(path, error))?;
    }
    Ok(Arc::new(rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}

fn failed(file: &Path, error: ReplayError) -> Failure {
    match error {
        ReplayError::Read(_) | ReplayError::Line { .. } => Failure::file(file, error),
        ReplayError::Url(_) => Failure::usage(chain(&error)),
    }
}
