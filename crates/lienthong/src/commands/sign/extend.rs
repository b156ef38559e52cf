//! `sign extend`: what a signed PDF needs to be checked for a long time. Source: EN 319 142-1 clause 5.4.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use signature::{
    ActiveContent, Certificate, Crl, OcspResponse, PdfLimits, ValidationData, add_validation_data,
    prepare_pdf_timestamp,
};

use super::authority::AuthorityArgs;
use super::refusal::of_pdf;
use super::written::{OutArgs, marked, rfc3339};
use crate::commands::verify::desk::{binary, files};
use crate::failure::Failure;
use crate::files::read_small;
use crate::output::{Output, Page};

/// Bytes of a certificate, list or response.
const DATA_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Endings of such files in a folder.
const ENDINGS: &[&str] = &["pem", "crt", "cer", "der", "crl", "ocsp", "ors"];

/// Options of `sign extend`.
#[derive(Args)]
pub(crate) struct ExtendArgs {
    /// Tệp PDF đã ký (the signed document)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Chứng thư, CRL, câu trả lời OCSP: tệp hoặc thư mục (certificates, lists, OCSP responses to keep in the file)
    #[arg(long, value_name = "FILE|DIR", required_unless_present = "tsa")]
    evidence: Vec<PathBuf>,
    #[command(flatten)]
    authority: AuthorityArgs,
    #[command(flatten)]
    out: OutArgs,
}

/// What was added.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Extended {
    file: PathBuf,
    certificates: usize,
    crls: usize,
    ocsp_responses: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    proved_time: Option<String>,
    verify: String,
}

pub(super) fn run(args: &ExtendArgs, output: &mut Output) -> Result<(), Failure> {
    let path = args.out.path(|| marked(&args.file, "extended"));
    args.out.check(&path)?;
    let limits = PdfLimits::document();
    let mut bytes = read_small(&args.file, u64::try_from(limits.bytes_max).unwrap_or(u64::MAX))?;
    let data = read_data(&args.evidence)?;
    // Scripts were the signers' matter; here nothing of the document is signed anew.
    let noted = ActiveContent::Noted;
    if !data.is_empty() {
        bytes = add_validation_data(&bytes, &data, &limits, noted).map_err(|error| of_pdf(&error))?;
    }
    let mut proved_time = None;
    if args.authority.is_given() {
        let prepared = prepare_pdf_timestamp(&bytes, &limits, noted).map_err(|error| of_pdf(&error))?;
        if let Some(stamp) = args.authority.stamp(&prepared.covered().concat())? {
            bytes = prepared.complete(&stamp.token).map_err(|error| of_pdf(&error))?;
            proved_time = Some(rfc3339(stamp.time));
        }
    }
    args.out.write(&path, &bytes)?;
    let extended = Extended {
        certificates: data.certificates.len(),
        crls: data.crls.len(),
        ocsp_responses: data.ocsp_responses.len(),
        proved_time,
        verify: format!("lienthong verify {} --trust CA", path.display()),
        file: path,
    };
    output.show(&extended, show)
}

fn show(extended: &Extended, page: &mut Page) {
    let Extended { certificates, crls, ocsp_responses, .. } = extended;
    page.facts([
        ("Đã ghi (written)", extended.file.display().to_string()),
        ("Đã thêm (added)", format!("{certificates} chứng thư, {crls} CRL, {ocsp_responses} OCSP")),
        ("Dấu thời gian (time-stamp)", extended.proved_time.clone().unwrap_or_default()),
        ("Kiểm tra (verify)", extended.verify.clone()),
    ]);
}

/// Files told apart by what they are.
fn read_data(paths: &[PathBuf]) -> Result<ValidationData, Failure> {
    let mut data = ValidationData::default();
    for file in files(paths, ENDINGS)? {
        sort(&file, &mut data)?;
    }
    Ok(data)
}

fn sort(file: &Path, data: &mut ValidationData) -> Result<(), Failure> {
    let bytes = read_small(file, DATA_BYTES_MAX)?;
    if let Ok(found) = Certificate::parse_all(&bytes) {
        data.certificates.extend(found.iter().map(|one| one.der().to_vec()));
        return Ok(());
    }
    let der = binary(bytes);
    match (Crl::parse(&der), OcspResponse::parse(&der)) {
        (Ok(_), _) => data.crls.push(der),
        (Err(_), Ok(_)) => data.ocsp_responses.push(der),
        (Err(list), Err(response)) => {
            let why =
                format!("không phải chứng thư, CRL hay OCSP (no certificate, list or response: {list}; {response})");
            return Err(Failure::file(file, why));
        }
    }
    Ok(())
}
