//! The provincial dialect: a plain form, the secret in a header.

use serde_json::Value;

use super::Provincial;
use super::stage::{Checked, Stage, accepted, failed, members, refused, skipped};
use crate::sdk::{Reply, Request};

async fn sent(stage: &mut Stage, secret: &[u8]) -> Checked<Reply> {
    if stage.target.provincial == Provincial::LeftOut {
        return skipped("--no-v1");
    }
    let (packet, _) = stage.packet()?;
    let system = stage.target.sender.system.clone();
    let parts = [("messageType", None, b"edoc".as_slice()), ("edocFile", Some("edoc.edxml"), &packet)];
    let request = Request::provincial(&stage.target.endpoint, "sendEdoc", &system, secret, &parts);
    let mut sdk = stage.sender();
    stage.call(&mut sdk, request).await
}

pub(super) async fn send(stage: &mut Stage) -> Checked {
    let secret = stage.secret();
    let reply = sent(stage, secret.as_bytes()).await?;
    accepted(&reply)?;
    let members = members(&reply)?;
    match members.get("data").and_then(|data| data.get("docId")) {
        Some(Value::String(id)) if !id.is_empty() => Ok(()),
        other => failed(format!("data.docId = {}", other.unwrap_or(&Value::Null))),
    }
}

pub(super) async fn wrong_secret(stage: &mut Stage) -> Checked {
    refused(&sent(stage, b"sai-mat-khau").await?, "15")
}
