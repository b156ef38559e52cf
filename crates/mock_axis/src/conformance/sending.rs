//! `sendEdoc`: what goes through, and the code of what does not.

use std::collections::BTreeSet;
use std::io::{Read, Seek as _, Write as _};

use axis::MessageType;
use axis::file_hash;
use ring::digest::{Context, SHA256};

use super::stage::{Checked, Stage, accepted, doc_id, ensure, failed, refused, skipped, word};
use crate::sdk::{Body, Continued, Draft, Reply};

/// Well-formed codes that no directory has.
const NOBODY: [&str; 2] = ["000.00.00.Z98", "000.00.00.Z99"];

pub(super) async fn sent(stage: &mut Stage) -> Checked {
    let (packet, _) = stage.packet()?;
    let mut sdk = stage.sender();
    let reply = stage.send(&mut sdk, MessageType::Edoc, packet).await?;
    accepted(&reply)?;
    doc_id(&reply).map(drop)
}

pub(super) async fn arrives(stage: &mut Stage) -> Checked {
    stage.deliver().await.map(drop)
}

async fn sent_to(stage: &mut Stage, to: &str) -> Checked<Reply> {
    let (packet, _) = stage.packet()?;
    let mut sdk = stage.sender();
    sdk.set("to", format!("[\"{to}\"]"));
    stage.send(&mut sdk, MessageType::Edoc, packet).await
}

pub(super) async fn named_receivers(stage: &mut Stage) -> Checked {
    let to = stage.target.receiver.agency.clone();
    accepted(&sent_to(stage, &to).await?)
}

pub(super) async fn named_receivers_decide(stage: &mut Stage) -> Checked {
    let [_, nobody] = NOBODY;
    refused(&sent_to(stage, nobody).await?, "18")
}

pub(super) async fn status_packet(stage: &mut Stage) -> Checked {
    let delivered = stage.delivered().await?;
    let status = stage.status(&delivered.document_id)?;
    let (mut receiver, mut sender) = (stage.receiver(), stage.sender());
    let known = stage.waiting(&mut sender, MessageType::Status).await?;
    accepted(&stage.send(&mut receiver, MessageType::Status, status).await?)?;
    let line = stage.arrival(&mut sender, MessageType::Status, &known).await?;
    let kind = word(&line, "messageType");
    ensure(kind == "status", || format!("messageType = {kind:?}, chờ status (expected status)"))
}

/// Sends what has to be refused.
async fn wrong_packet(stage: &mut Stage, from: &str, packet: Vec<u8>, code: &str) -> Checked {
    let mut sdk = stage.sender();
    let request = sdk.send_request(from, MessageType::Edoc, packet);
    refused(&stage.call(&mut sdk, request).await?, code)
}

pub(super) async fn unknown_receiver(stage: &mut Stage) -> Checked {
    let [_, nobody] = NOBODY;
    let from = stage.target.sender.agency.clone();
    let (packet, _) = stage.packet_of(&from, nobody)?;
    wrong_packet(stage, &from, packet, "18").await
}

pub(super) async fn unknown_sender(stage: &mut Stage) -> Checked {
    let [nobody, _] = NOBODY;
    let to = stage.target.receiver.agency.clone();
    let (packet, _) = stage.packet_of(nobody, &to)?;
    wrong_packet(stage, nobody, packet, "19").await
}

pub(super) async fn no_edxml(stage: &mut Stage) -> Checked {
    let from = stage.target.sender.agency.clone();
    wrong_packet(stage, &from, b"<edXML/>".to_vec(), "22").await
}

pub(super) async fn no_xml(stage: &mut Stage) -> Checked {
    let from = stage.target.sender.agency.clone();
    wrong_packet(stage, &from, b"PK\x03\x04 khong phai XML".to_vec(), "22").await
}

/// Everything refused in one go leaves the receiver's list as it was.
pub(super) async fn nothing_kept(stage: &mut Stage) -> Checked {
    let mut receiver = stage.receiver();
    let before = stage.waiting(&mut receiver, MessageType::Edoc).await?;
    let from = stage.target.sender.agency.clone();
    let mut sdk = stage.sender();
    let (packet, _) = stage.packet()?;
    sdk.about(&from, MessageType::Edoc, &"0".repeat(64));
    let request = sdk.packet_request(Body::file(packet));
    let reply = stage.call(&mut sdk, request).await?;
    if accepted(&reply).is_ok() {
        return skipped("gói tin sai mã băm được nhận: xem AX-HASH-3 (see AX-HASH-3)");
    }
    // A good one behind it: once that is listed, the refused one would be too.
    let known: BTreeSet<String> = before.clone();
    let (packet, _) = stage.packet()?;
    accepted(&stage.send(&mut sdk, MessageType::Edoc, packet).await?)?;
    stage.arrival(&mut receiver, MessageType::Edoc, &known).await?;
    let after = stage.waiting(&mut receiver, MessageType::Edoc).await?;
    let new = after.difference(&before).count();
    ensure(new == 1, || format!("{new} dòng mới, chờ 1: gói bị từ chối vẫn được giữ ({new} new lines, expected 1)"))
}

pub(super) async fn waits_for_continue(stage: &mut Stage) -> Checked {
    let mut sdk = stage.sender();
    let request = sdk.post_request("countReceiveEdoc", "{}");
    // Recorded by the stage, read here once more: what matters is when the server spoke.
    let reply = stage.call(&mut sdk, request).await?;
    match reply.continued {
        Continued::Yes => accepted(&reply),
        Continued::Silent => failed("không có 100 Continue sau 3 giây (no 100 Continue within 3 seconds)"),
        Continued::Answered | Continued::NotAsked => {
            failed("trả lời trước khi nhận thân (answered before it had the body)")
        }
    }
}

pub(super) async fn same_connection(stage: &mut Stage) -> Checked {
    let mut sdk = stage.sender();
    let (packet, _) = stage.packet()?;
    accepted(&stage.send(&mut sdk, MessageType::Edoc, packet).await?)?;
    accepted(&stage.probe(&mut sdk).await?)?;
    let carried = sdk.carried();
    ensure(carried == 2, || "kết nối bị đóng sau một yêu cầu (closed after one request)".to_owned())
}

pub(super) async fn empty_form(stage: &mut Stage) -> Checked {
    let mut sdk = stage.sender();
    stage.list(&mut sdk, MessageType::Status).await.map(drop)
}

/// A packet of many MiB goes through both ways; neither side of this program holds it.
pub(super) async fn large(stage: &mut Stage) -> Checked {
    let Some(mib) = stage.target.large_mib else {
        return skipped("--large không được yêu cầu (not asked for)");
    };
    let id = stage.next_id();
    let (from, to) = (stage.target.sender.agency.clone(), stage.target.receiver.agency.clone());
    let at = stage.target.at;
    let written = tokio::task::spawn_blocking(move || {
        let draft = Draft { from: &from, to: &[&to], id: &id, subject: "Kiểm thử tệp lớn", at };
        write_large(&draft, mib)
    });
    let (file, length, digest) = match written.await {
        Ok(Ok(written)) => written,
        Ok(Err(why)) => return skipped(why),
        Err(error) => return skipped(error.to_string()),
    };
    let (mut sender, mut receiver) = (stage.sender(), stage.receiver());
    let known = stage.waiting(&mut receiver, MessageType::Edoc).await?;
    let from = stage.target.sender.agency.clone();
    sender.about(&from, MessageType::Edoc, &file_hash::render(&digest));
    let request = sender.packet_request(Body::file_stream(tokio::fs::File::from_std(file), length));
    accepted(&stage.call(&mut sender, request).await?)?;
    let line = stage.arrival(&mut receiver, MessageType::Edoc, &known).await?;
    receiver.set("docId", word(&line, "docId"));
    let request = receiver.get_request("downloadEdoc");
    let reply = stage.call(&mut receiver, request).await?;
    ensure(reply.digest == digest, || format!("tải về {} byte, gửi {length}: khác (they differ)", reply.length))
}

/// A temporary file with the packet, its length and its digest.
fn write_large(draft: &Draft<'_>, mib: u32) -> Result<(std::fs::File, u64, [u8; 32]), String> {
    let words = |error: std::io::Error| error.to_string();
    let mut file = tempfile::tempfile().map_err(words)?;
    let mut buffered = std::io::BufWriter::with_capacity(1 << 20, &mut file);
    draft.write(&mut buffered, std::io::repeat(b'L').take(u64::from(mib) << 20))?;
    buffered.flush().map_err(words)?;
    drop(buffered);
    file.rewind().map_err(words)?;
    let (mut context, mut piece, mut length) = (Context::new(&SHA256), vec![0; 1 << 20], 0_u64);
    loop {
        let read = file.read(&mut piece).map_err(words)?;
        if read == 0 {
            break;
        }
        length += u64::try_from(read).unwrap_or(u64::MAX);
        context.update(piece.get(..read).unwrap_or_default());
    }
    file.rewind().map_err(words)?;
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    Ok((file, length, digest))
}
