//! `send`: a document of files, or a ready-made packet.

pub(crate) mod upload;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use directory::Group;
use types::ErrorCode;
use wire::exchange_v1::{Acceptance, DocumentHeader, FindAgenciesRequest, PacketHeader, Party};
use wire::types_v1::BusinessType;

use super::{now, signatures};
use crate::client::{Client, expected};
use crate::failure::Failure;
use crate::files::{LocalFile, write_new};
use crate::header::{HeaderArgs, today};
use crate::output::{Output, Page, hex, route, size, time};
use crate::packet_file::{PacketFile, is_packet};
use crate::profile::{Connection, Profile, agency};
use crate::sealing::{EnvelopeFiles, Fresh, Seal, SealArgs, manifest_of_files, manifest_of_packet, wire_envelope};

/// Options of `send`.
#[derive(Args)]
pub(crate) struct SendArgs {
    /// Tệp đính kèm theo thứ tự; hoặc đúng một gói .edxml (files in order, or one packet)
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    header: HeaderArgs,
    #[command(flatten)]
    seal: SealArgs,
    #[command(flatten)]
    envelope: EnvelopeFiles,
    /// Ghi biên nhận đã ký vào tệp JSON, cả khi bị từ chối (write the signed receipt, of a refusal too)
    #[arg(long, value_name = "FILE")]
    receipt_out: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

/// Agencies asked for at a time while a group is written out.
const GROUP_PAGE: u32 = 500;

pub(crate) async fn run(args: &SendArgs, output: &mut Output) -> Result<(), Failure> {
    let profile = args.connection.resolve()?;
    if let Some(path) = args.receipt_out.as_deref().filter(|path| path.exists()) {
        return Err(Failure::file(path, "đã có tệp này (the file exists)"));
    }
    let acceptance = match args.files.as_slice() {
        [packet] if is_packet(packet) => send_packet(args, packet, &profile).await,
        files => send_files(args, files, &profile).await,
    };
    // A refusal has its signed receipt too.
    if let (Some(path), Err(Failure::Answer(answer))) = (&args.receipt_out, &acceptance)
        && let Some(receipt) = answer.receipt()
    {
        write_receipt(path, receipt)?;
    }
    let acceptance = acceptance?;
    if let Some(path) = &args.receipt_out {
        write_receipt(path, expected(acceptance.receipt.as_ref(), "receipt")?)?;
    }
    output.show(&acceptance, show_acceptance)
}

fn write_receipt(path: &Path, receipt: &impl serde::Serialize) -> Result<(), Failure> {
    let json = serde_json::to_vec_pretty(receipt).map_err(|error| Failure::Internal(error.to_string()))?;
    write_new(path, &json)
}

async fn send_packet(args: &SendArgs, path: &Path, profile: &Profile) -> Result<Acceptance, Failure> {
    if args.header.is_given() {
        return Err(Failure::usage(
            "gói .edxml đã có đủ thông tin; bỏ --to, --subject… (a packet brings its own header; drop these options)",
        ));
    }
    let file = PacketFile::read(path)?;
    let sign = |seal: Seal| seal.sign(&manifest_of_packet(file.outline()?, Fresh::new(now()))?, now());
    let envelope = match args.envelope.read(path)? {
        Some(envelope) => Some(wire_envelope(envelope)),
        None => args.seal.seal(profile)?.map(sign).transpose()?,
    };
    let header = PacketHeader { length: file.digest.length, sha256: file.digest.sha256.as_bytes().to_vec(), envelope };
    let mut client = Client::connect(profile).await?;
    upload::packet(&mut client, header, path).await
}

async fn send_files(args: &SendArgs, paths: &[PathBuf], profile: &Profile) -> Result<Acceptance, Failure> {
    if let Some(path) = paths.iter().find(|path| is_packet(path)) {
        return Err(Failure::usage(format!("{}: gói .edxml phải gửi riêng (a packet is sent alone)", path.display())));
    }
    if args.envelope.is_given() {
        return Err(Failure::usage("--signature chỉ dùng với gói .edxml (only with a packet)"));
    }
    let seal = args.seal.seal(profile)?;
    let mut header = args.header.header(profile.agency.as_deref(), today())?;
    agency(header.from.as_ref().map(|from| from.code.as_str()), profile, "--from")?;
    if paths.is_empty() && header.business_type() == BusinessType::New {
        return Err(Failure::usage("thiếu tệp đính kèm (a new document needs at least one file)"));
    }
    let files = paths.iter().map(|path| LocalFile::inspect(path)).collect::<Result<Vec<_>, _>>()?;
    header.files = files.iter().map(LocalFile::header).collect();
    let mut client = Client::connect(profile).await?;
    if let Some(seal) = seal {
        write_groups_out(&mut client, &mut header).await?;
        header.envelope = Some(seal.sign(&manifest_of_files(&header, &files, Fresh::new(now()))?, now())?);
    }
    upload::files(&mut client, header, files).await
}

/// Replaces groups by their members: a signature states the receivers one by one.
async fn write_groups_out(client: &mut Client, header: &mut DocumentHeader) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    let mut receivers = Vec::new();
    for party in std::mem::take(&mut header.to) {
        let members = match party.code.strip_prefix("group:") {
            Some(_) => members(client, &party.code).await?,
            None => vec![party],
        };
        receivers.extend(members.into_iter().filter(|member| seen.insert(member.code.clone())));
    }
    header.to = receivers;
    Ok(())
}

async fn members(client: &mut Client, text: &str) -> Result<Vec<Party>, Failure> {
    let group: Group = text.parse().map_err(|error: directory::GroupError| Failure::usage(error.to_string()))?;
    let mut request = FindAgenciesRequest {
        level: group.level.map(|level| level.to_string()).unwrap_or_default(),
        under: group.of.to_string(),
        page_size: GROUP_PAGE,
        ..FindAgenciesRequest::default()
    };
    let mut members = Vec::new();
    loop {
        let page = client.stub.find_agencies(request.clone()).await.map_err(|status| client.failed(status))?;
        let page = page.into_inner();
        // The body itself is no member of its group.
        let below = page.agencies.into_iter().filter(|agency| agency.code != group.of.as_str());
        members.extend(below.map(|agency| Party { code: agency.code, name: agency.name, ..Party::default() }));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    if members.is_empty() {
        let detail = format!("{text}: nhóm không có cơ quan nào (the group has no members)");
        return Err(Failure::Unverified { code: ErrorCode::UnknownAgency, detail });
    }
    Ok(members)
}

fn show_acceptance(acceptance: &Acceptance, page: &mut Page) {
    page.line(if acceptance.duplicate {
        "Gói tin này đã được nhận từ trước; đây là biên nhận lần đầu (accepted before: the first receipt)"
    } else if acceptance.signature_report.as_ref().is_some_and(|report| report.ruling == "QUARANTINE") {
        "Nút đã nhận và lưu văn bản, và ĐANG GIỮ LẠI chờ kiểm tra chữ ký, chưa chuyển đi (accepted and on disk, held until \
         its signatures can be checked)"
    } else {
        "Nút đã nhận và lưu văn bản (accepted and on disk)"
    });
    let receipt = acceptance.receipt.as_ref();
    page.facts([
        ("Mã trao đổi (exchange id)", acceptance.exchange_id.clone()),
        ("Mã văn bản (document id)", acceptance.document_id.clone()),
        ("Thời điểm (accepted at)", time(acceptance.accepted_at.as_ref())),
        ("Gói tin (packet)", format!("{}, SHA-256 {}", size(acceptance.length), hex(&acceptance.sha256))),
        ("Biên nhận (receipt)", receipt.map(|receipt| receipt_id(&receipt.payload)).unwrap_or_default()),
    ]);
    if let Some(report) = &acceptance.signature_report {
        signatures::show(report, page);
    }
    page.table(
        ["Nơi nhận", "Cơ quan", "Tên", "Đường đi"],
        acceptance
            .recipients
            .iter()
            .map(|one| [one.code.clone(), one.agency.clone(), one.name.clone(), route(&one.route)]),
    );
    let remarks = acceptance.signature_report.iter().flat_map(|report| &report.remarks);
    let said: BTreeSet<&str> = remarks.map(|remark| remark.code.as_str()).collect();
    for warning in acceptance.warnings.iter().filter(|warning| !said.contains(warning.code.as_str())) {
        page.line(format!("Cảnh báo {}: {} ({})", warning.code, warning.text_vi, warning.text_en));
    }
}

/// The receipt's own id where it has one, its beginning otherwise.
pub(crate) fn receipt_id(payload: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(payload).unwrap_or_default();
    let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    match (text("event"), text("id")) {
        (event, id) if !id.is_empty() => format!("{event} {id}").trim().to_owned(),
        (event, _) => event,
    }
}

#[cfg(test)]
mod tests;
