//! `policy`: what a signature policy asks for, and what it would do with documents at hand.

mod desk;
mod show;
mod trial;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use signature::ruling::{NamedPolicy, PolicyName, Ruling};
use types::{ErrorCode, Level};

use crate::failure::Failure;
use crate::output::Output;
use crate::packet_file::is_packet;

use desk::Desk;
use show::Shown;
use trial::{Trial, Tried};

/// Commands of `policy`.
#[derive(Subcommand)]
pub(crate) enum PolicyCommand {
    /// In một chính sách có sẵn, hoặc của một cấu hình (print a shipped policy, or a configuration's)
    Show(ShowArgs),
    /// Thử chính sách với tệp PDF hoặc gói tin (what a policy would do with PDFs or packets)
    Test(Box<TestArgs>),
}

/// Options of `policy show`.
#[derive(Args)]
pub(crate) struct ShowArgs {
    /// default, strict, transition hoặc legacy-archive (its name)
    #[arg(value_name = "NAME", required_unless_present = "config")]
    name: Option<PolicyName>,
    /// Cấu hình của nút (a node's configuration)
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    config: Option<PathBuf>,
}

/// Options of `policy test`.
#[derive(Args)]
pub(crate) struct TestArgs {
    /// Gói tin .edxml, hoặc các tệp của một văn bản theo thứ tự gửi (packets, or the files of one document in order)
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Chính sách có sẵn (a shipped policy)
    #[arg(long, value_name = "NAME", default_value = "default")]
    policy: PolicyName,
    /// Cấu hình của nút: chính sách, CA tin cậy, danh bạ, người ký (policy, trust, directory and signers of a node)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["policy", "directory"])]
    config: Option<PathBuf>,
    /// CA tin cậy: tệp hoặc thư mục (trust anchors, files or folders)
    #[arg(long, value_name = "FILE|DIR", required_unless_present = "config")]
    trust: Vec<PathBuf>,
    /// CA trung gian (intermediates, files or folders)
    #[arg(long, value_name = "FILE|DIR")]
    intermediates: Vec<PathBuf>,
    /// Danh sách thu hồi (CRL) và trả lời OCSP: tệp hoặc thư mục (revocation lists and OCSP responses)
    #[arg(long, value_name = "FILE|DIR")]
    revocation: Vec<PathBuf>,
    /// Danh bạ cơ quan (the directory of agencies)
    #[arg(long, value_name = "FILE")]
    directory: Option<PathBuf>,
    /// Cơ quan gửi của các tệp; gói tin tự nêu (sender of loose files; packets name their own)
    #[arg(long, value_name = "CODE")]
    sender: Option<String>,
    /// Cấp của nơi gửi khi danh bạ không có (its level where the directory does not list it)
    #[arg(long, value_name = "LEVEL")]
    level: Option<Level>,
    /// Số loại văn bản của các tệp (document type of loose files)
    #[arg(long = "type", value_name = "NUMBER")]
    document_type: Option<i64>,
    /// Thời điểm kiểm tra, RFC 3339; mặc định là bây giờ (validation time; now without it)
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
}

pub(crate) fn run(command: &PolicyCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        PolicyCommand::Show(args) => {
            let named = match (&args.config, args.name) {
                (Some(config), _) => desk::config(config)?.policy.named,
                (None, name) => NamedPolicy::shipped(name.unwrap_or(PolicyName::Default)),
            };
            output.show(&Shown::of(&named), Shown::show)
        }
        PolicyCommand::Test(args) => test(args, output),
    }
}

fn test(args: &TestArgs, output: &mut Output) -> Result<(), Failure> {
    let desk = Desk::open(args)?;
    let (packets, loose): (Vec<_>, Vec<_>) = args.files.iter().cloned().partition(|path| is_packet(path));
    let mut documents = Vec::new();
    for packet in &packets {
        documents.push(Tried::packet(packet, &desk)?);
    }
    if !loose.is_empty() {
        documents.push(Tried::files(&loose, args, &desk)?);
    }
    let trial = Trial { policy: desk.named.signatures.name.clone(), documents };
    output.show(&trial, show::trial)?;
    let decisive = trial.documents.iter().filter_map(|document| document.judgement.decisive());
    // Of several documents the worst decides.
    let refused = decisive.filter(|remark| remark.ruling >= Ruling::Quarantine).max_by_key(|remark| remark.ruling);
    match refused {
        None => Ok(()),
        Some(remark) => {
            let detail = format!("{} ({}) [{}]", remark.vi, remark.en, remark.rule);
            Err(if remark.ruling == Ruling::Quarantine {
                Failure::Undecided { code: ErrorCode::VerificationPending, detail }
            } else {
                Failure::Unverified { code: remark.code, detail }
            })
        }
    }
}

#[cfg(test)]
mod tests;
