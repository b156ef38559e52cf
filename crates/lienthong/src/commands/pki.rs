//! `pki`: example certificates, and what a PKI runs.

mod example;
mod revoke;
mod serve;

use clap::Subcommand;
use jiff::Timestamp;
use mock_pki::{OpenError, PkiError, RevokeError};
use types::UnixMillis;

use crate::failure::{Failure, chain};
use crate::output::Output;

/// Subcommands of `pki`.
#[derive(Subcommand)]
pub(crate) enum PkiCommand {
    /// Tạo bộ chứng thư mẫu để chạy thử; không dùng thực tế (write the example PKI; never for production)
    Example(example::ExampleArgs),
    /// Chạy OCSP, CRL và dấu thời gian của bộ mẫu (an OCSP responder, revocation lists and time-stamps, for tests)
    Serve(serve::ServeArgs),
    /// Thu hồi một chứng thư mẫu; máy chủ đang chạy biết ngay (revoke an example certificate; a server knows at once)
    Revoke(revoke::RevokeArgs),
}

pub(crate) fn run(command: &PkiCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        PkiCommand::Example(args) => example::run(args, output),
        PkiCommand::Serve(args) => serve::run(args, output),
        PkiCommand::Revoke(args) => revoke::run(args, output),
    }
}

/// The time that an option gives.
fn instant(at: Timestamp) -> Result<UnixMillis, Failure> {
    let millis = u64::try_from(at.as_millisecond());
    millis.map(UnixMillis::new).map_err(|_| Failure::usage(format!("--at {at}: trước năm 1970 (before 1970)")))
}

fn not_written(error: PkiError) -> Failure {
    match error {
        PkiError::Certificate { .. } => Failure::Internal(error.to_string()),
        PkiError::NotEmpty(dir) => {
            Failure::file(&dir, "thư mục đã có tệp; --force để ghi đè (not empty; --force writes over it)")
        }
        PkiError::Write { path, source } => Failure::file(&path, source),
    }
}

fn not_opened(error: OpenError) -> Failure {
    match error {
        OpenError::Read { path, source } => Failure::file(&path, source),
        OpenError::Malformed { path, why } => Failure::file(&path, why),
        OpenError::NotExample { path, subject } => {
            let why = "không mang dấu EXAMPLE: lệnh này chỉ dùng khóa mẫu (not marked EXAMPLE: this command answers with \
                       example keys only)";
            Failure::file(&path, format!("{subject}: {why}"))
        }
        OpenError::NoAuthority(ref dir) => Failure::file(dir, chain(&error)),
    }
}

fn not_revoked(error: RevokeError) -> Failure {
    match error {
        RevokeError::Unknown { name, nearest } => Failure::usage(format!(
            "{name}: không có chứng thư này (no such certificate); gần nhất (the nearest): {nearest}"
        )),
        RevokeError::Open(error) => not_opened(error),
        RevokeError::Write { path, source } => Failure::file(&path, source),
    }
}
