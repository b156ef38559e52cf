//! `hash-file`, and what belongs to the file.

use axis::MessageType;

use super::stage::{Checked, Delivered, Stage, accepted, ensure, refused, skipped};
use crate::sdk::{Body, Reply, Request, multipart, sha256, unpadded_hash};

/// A packet whose digest has a byte below 16, so that the two renderings differ.
fn packet_with_short_hash(stage: &mut Stage) -> Checked<Vec<u8>> {
    for _ in 0..64 {
        let (packet, _) = stage.packet()?;
        if unpadded_hash(&packet).len() < 64 {
            return Ok(packet);
        }
    }
    skipped("không tạo được gói tin phù hợp (no such packet was found)")
}

async fn send_hashed(stage: &mut Stage, packet: Vec<u8>, hash: &str) -> Checked<Reply> {
    let mut sdk = stage.sender();
    let from = stage.target.sender.agency.clone();
    sdk.about(&from, MessageType::Edoc, hash);
    let request = sdk.packet_request(Body::file(packet));
    stage.call(&mut sdk, request).await
}

pub(super) async fn unpadded(stage: &mut Stage) -> Checked {
    let packet = packet_with_short_hash(stage)?;
    let hash = unpadded_hash(&packet);
    accepted(&send_hashed(stage, packet, &hash).await?)
}

pub(super) async fn full(stage: &mut Stage) -> Checked {
    let packet = packet_with_short_hash(stage)?;
    let hash: String = sha256(&packet).iter().map(|byte| format!("{byte:02x}")).collect();
    accepted(&send_hashed(stage, packet, &hash).await?)
}

pub(super) async fn wrong(stage: &mut Stage) -> Checked {
    let (packet, _) = stage.packet()?;
    refused(&send_hashed(stage, packet, &"0".repeat(64)).await?, "10")
}

/// The bytes as `downloadEdoc` gives them.
async fn downloaded(stage: &mut Stage, delivered: &Delivered) -> Checked<Vec<u8>> {
    let mut sdk = stage.receiver();
    sdk.set("docId", delivered.received_id.as_str());
    let request = sdk.get_request("downloadEdoc");
    Ok(stage.call(&mut sdk, request).await?.body)
}

pub(super) async fn line_end(stage: &mut Stage) -> Checked {
    let delivered = stage.delivered().await?;
    let body = downloaded(stage, &delivered).await?;
    let kept = [delivered.packet.as_slice(), b"\r\n"].concat();
    ensure(body != kept, || {
        "CR LF cuối thân thành một phần của tệp (the final CR LF became part of the file)".to_owned()
    })
}

pub(super) async fn form(stage: &mut Stage, part: &'static str) -> Checked {
    let (packet, _) = stage.packet()?;
    let mut sdk = stage.sender();
    let (from, hash) = (stage.target.sender.agency.clone(), unpadded_hash(&packet));
    sdk.about(&from, MessageType::Edoc, &hash);
    let (content_type, body) = multipart(&[(part, Some("edoc.edxml"), &packet)]);
    let signed = sdk.sign("multipart/form-data");
    let request = Request::packet_of_type(&stage.target.endpoint, &signed, &content_type, Body::Bytes(body));
    accepted(&stage.call(&mut sdk, request).await?)
}
