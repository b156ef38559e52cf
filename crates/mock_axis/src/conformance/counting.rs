//! `countReceiveEdoc` and `countReceiveStatus`.

use axis::MessageType;
use serde_json::Value;

use super::stage::{Checked, Stage, accepted, ensure, failed, members, skipped};
use crate::sdk::{Reply, Sdk};

fn count(reply: &Reply) -> Checked<u64> {
    accepted(reply)?;
    match members(reply)?.get("count") {
        Some(Value::Number(number)) if number.is_u64() => Ok(number.as_u64().unwrap_or_default()),
        other => failed(format!("count = {}, chờ số nguyên (an integer is needed)", other.unwrap_or(&Value::Null))),
    }
}

async fn posted(stage: &mut Stage, sdk: &mut Sdk, operation: &str) -> Checked<u64> {
    sdk.set("servicetype", "eDoc");
    let request = sdk.post_request(operation, "{}");
    count(&stage.call(sdk, request).await?)
}

pub(super) async fn by_post(stage: &mut Stage) -> Checked {
    let mut sdk = stage.receiver();
    posted(stage, &mut sdk, "countReceiveEdoc").await.map(drop)
}

pub(super) async fn by_get(stage: &mut Stage) -> Checked {
    let mut sdk = stage.receiver();
    sdk.set("servicetype", "eDoc");
    let request = sdk.get_request("countReceiveEdoc");
    count(&stage.call(&mut sdk, request).await?).map(drop)
}

pub(super) async fn statuses(stage: &mut Stage) -> Checked {
    let mut sdk = stage.sender();
    posted(stage, &mut sdk, "countReceiveStatus").await.map(drop)
}

pub(super) async fn agrees(stage: &mut Stage) -> Checked {
    stage.delivered().await?;
    let mut sdk = stage.receiver();
    let before = stage.list(&mut sdk, MessageType::Edoc).await?.len();
    let counted = posted(stage, &mut sdk, "countReceiveEdoc").await?;
    let after = stage.list(&mut sdk, MessageType::Edoc).await?.len();
    if before != after || before >= 500 {
        return skipped("danh sách thay đổi hoặc đã đầy (the list changes, or is full)");
    }
    let listed = u64::try_from(before).unwrap_or(u64::MAX);
    ensure(counted == listed, || format!("count = {counted}, danh sách có {listed} (listed: {listed})"))
}
