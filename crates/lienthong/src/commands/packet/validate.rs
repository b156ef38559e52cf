//! `packet validate`: a packet and its detached signature, checked as a node does.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use signature::{Envelope, PacketFacts, Policy, Report, TrustStore, verify_envelope};
use types::{AgencyCode, ErrorCode};

use super::show::View;
use crate::commands::now;
use crate::failure::{Failure, chain};
use crate::files::read_small;
use crate::output::{Output, Page};
use crate::packet_file::PacketFile;
use crate::sealing::EnvelopeFiles;

/// Options of `packet validate`.
#[derive(Args)]
pub(crate) struct ValidateArgs {
    /// Gói tin edXML (the packet)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    envelope: EnvelopeFiles,
    /// CA tin cậy của chữ ký, PEM (trust anchors of the signature)
    #[arg(long, value_name = "FILE", requires = "signature")]
    trust: Option<PathBuf>,
    /// CA trung gian, PEM (intermediates)
    #[arg(long, value_name = "FILE", requires = "trust")]
    intermediates: Option<PathBuf>,
}

/// Bytes of a file of trust anchors: the country's CAs fit many times.
const TRUST_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// What came out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Validated {
    packet: View,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_report: Option<Report>,
}

pub(crate) fn run(args: &ValidateArgs, output: &mut Output) -> Result<(), Failure> {
    let file = PacketFile::read(&args.file)?;
    let report = match args.envelope.read(&args.file)? {
        Some(envelope) => Some(check(&file, &envelope, args)?),
        None => None,
    };
    let failed = report.as_ref().and_then(Report::code);
    let detail = report.as_ref().map(explain).unwrap_or_default();
    output.show(&Validated { packet: View::of(&file), signature_report: report }, show)?;
    failed.map_or(Ok(()), |code| Err(Failure::Unverified { code, detail }))
}

fn check(file: &PacketFile, envelope: &Envelope, args: &ValidateArgs) -> Result<Report, Failure> {
    let anchors = args.trust.as_deref().ok_or_else(|| {
        Failure::usage("thiếu --trust: CA tin cậy của chữ ký (trust anchors are needed to check a signature)")
    })?;
    let intermediates = match &args.intermediates {
        Some(path) => read_small(path, TRUST_BYTES_MAX)?,
        None => Vec::new(),
    };
    let trust = TrustStore::from_pem(&read_small(anchors, TRUST_BYTES_MAX)?, &intermediates)
        .map_err(|error| Failure::file(anchors, error))?;
    let verification = verify_envelope(envelope, &trust, &Policy::envelope(), now());
    if let Some(manifest) = &verification.manifest {
        manifest
            .matches(&facts(file)?)
            .map_err(|error| Failure::Unverified { code: error.code(), detail: chain(&error) })?;
    }
    Ok(verification.report)
}

/// What the packet itself says, to be compared with what was signed.
pub(crate) fn facts(file: &PacketFile) -> Result<PacketFacts, Failure> {
    let outline = file.outline()?;
    let code = |text: &str| {
        AgencyCode::opaque(text)
            .map_err(|error| Failure::Unverified { code: ErrorCode::MalformedCode, detail: error.to_string() })
    };
    Ok(PacketFacts {
        from: code(&outline.from)?,
        to: outline.to.iter().map(|to| code(to)).collect::<Result<_, _>>()?,
        document_id: outline.document_id,
        kind: outline.kind,
        business_type: outline.business_type,
        packet: outline.packet,
        parts: outline.parts,
    })
}

fn explain(report: &Report) -> String {
    let failed = report.signatures.iter().filter(|one| !one.is_passed());
    failed.map(|one| format!("{} ({})", one.explanation_vi, one.explanation_en)).collect::<Vec<_>>().join("; ")
}

fn show(validated: &Validated, page: &mut Page) {
    validated.packet.show(page);
    page.line("Gói tin đúng cấu trúc (the packet is well-formed)");
    let Some(report) = &validated.signature_report else {
        page.line("Chữ ký số: chưa kiểm tra, dùng --signature và --trust (signature not checked)");
        return;
    };
    for one in &report.signatures {
        let signer = one.signer.as_ref().map(|signer| signer.subject.as_str()).unwrap_or_default();
        page.line(format!("Chữ ký số: {} — {signer}", one.explanation_vi));
    }
    for one in &report.not_checked {
        page.line(format!("  chưa kiểm tra: {} ({})", one.why_vi, one.why_en));
    }
}
