//! `getEdoc`, `downloadEdoc` and `updateStatus`.

use axis::MessageType;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::stage::{Checked, Stage, accepted, ensure, failed, members, refused_somehow, word};

/// An id that no server gave.
const UNKNOWN: &str = "khong-co-van-ban-nay";

/// The file inside the JSON of `getEdoc`.
async fn fetched(stage: &mut Stage, id: &str) -> Checked<Vec<u8>> {
    let mut sdk = stage.receiver();
    sdk.set("docId", id).set("filePath", "store");
    let request = sdk.post_request("getEdoc", "{}");
    let reply = stage.call(&mut sdk, request).await?;
    accepted(&reply)?;
    let members = members(&reply)?;
    let Some(Value::String(data)) = members.get("data") else {
        return failed("data không phải chuỗi (data is no string)");
    };
    STANDARD.decode(data).or_else(|error| failed(format!("data không phải base64 (data is no base64): {error}")))
}

/// The line end has its own rule.
fn same(found: &[u8], sent: &[u8]) -> Checked {
    let found = found.strip_suffix(b"\r\n").filter(|_| !sent.ends_with(b"\r\n")).unwrap_or(found);
    ensure(found == sent, || {
        format!("nhận {} byte, gửi {}: khác (got {0} bytes, sent {1}: they differ)", found.len(), sent.len())
    })
}

pub(super) async fn base64(stage: &mut Stage) -> Checked {
    let delivered = stage.delivered().await?;
    same(&fetched(stage, &delivered.received_id).await?, &delivered.packet)
}

pub(super) async fn raw(stage: &mut Stage) -> Checked {
    let delivered = stage.delivered().await?;
    let mut sdk = stage.receiver();
    sdk.set("docId", delivered.received_id.as_str()).set("filePath", "store");
    let request = sdk.get_request("downloadEdoc");
    let reply = stage.call(&mut sdk, request).await?;
    ensure(reply.status == 200, || format!("HTTP {}", reply.status))?;
    same(&reply.body, &delivered.packet)
}

pub(super) async fn unknown(stage: &mut Stage) -> Checked {
    let mut sdk = stage.receiver();
    sdk.set("docId", UNKNOWN).set("filePath", "store");
    let request = sdk.post_request("getEdoc", "{}");
    let reply = stage.call(&mut sdk, request).await?;
    refused_somehow(&reply)?;
    let members = members(&reply)?;
    let is_empty = matches!(members.get("data"), None | Some(Value::Null));
    ensure(is_empty, || "FAIL mà vẫn có data (FAIL, and data all the same)".to_owned())
}

async fn is_listed(stage: &mut Stage, id: &str) -> Checked<bool> {
    let mut sdk = stage.receiver();
    let lines = stage.list(&mut sdk, MessageType::Edoc).await?;
    Ok(lines.iter().any(|line| word(line, "docId") == id))
}

pub(super) async fn fetching_confirms_nothing(stage: &mut Stage) -> Checked {
    let id = stage.delivered().await?.received_id;
    fetched(stage, &id).await?;
    ensure(is_listed(stage, &id).await?, || "tải về rồi mất khỏi danh sách (fetched, and off the list)".to_owned())?;
    fetched(stage, &id).await.map(drop)
}

/// After this state, the document is still on the list.
async fn stays(stage: &mut Stage, state: &str) -> Checked<String> {
    let id = stage.delivered().await?.received_id;
    accepted(&stage.update(&id, state).await?)?;
    ensure(is_listed(stage, &id).await?, || format!("{state} làm mất khỏi danh sách ({state} took it off the list)"))?;
    Ok(id)
}

pub(super) async fn processing(stage: &mut Stage) -> Checked {
    stays(stage, "processing").await.map(drop)
}

pub(super) async fn fail(stage: &mut Stage) -> Checked {
    let id = stays(stage, "fail").await?;
    fetched(stage, &id).await.map(drop)
}

pub(super) async fn done(stage: &mut Stage) -> Checked {
    let id = stage.delivered().await?.received_id;
    stage.used_up();
    accepted(&stage.update(&id, "done").await?)?;
    ensure(!is_listed(stage, &id).await?, || "done mà vẫn trong danh sách (done, and still on the list)".to_owned())
}

pub(super) async fn unknown_confirmed(stage: &mut Stage) -> Checked {
    refused_somehow(&stage.update(UNKNOWN, "done").await?)
}
