//! Rules of the signature: every one is a small call with one thing different.

use axis::Secret;
use axis::verify::PREFIX;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::stage::{Checked, Stage, accepted, refused, refused_somehow, skipped};
use crate::sdk::{Reply, Request, Signed};

/// The call whose signature is tried.
const OPERATION: &str = "countReceiveEdoc";
/// `wrong system id or secret`.
const WRONG: &str = "15";

/// Signs a call, changes what was signed, and sends it.
async fn changed(stage: &mut Stage, change: impl FnOnce(Signed, &Secret) -> Signed) -> Checked<Reply> {
    let mut sdk = stage.sender();
    sdk.set("servicetype", "eDoc");
    let signed = change(sdk.sign("application/json"), &stage.secret());
    let request = Request::small(&stage.target.endpoint, OPERATION, &signed, "{}");
    stage.call(&mut sdk, request).await
}

/// One more header, signed as the client signs it.
async fn with_header(stage: &mut Stage, name: &str, value: &[u8]) -> Checked {
    let mut sdk = stage.sender();
    sdk.set(name, value);
    accepted(&stage.probe(&mut sdk).await?)
}

pub(super) async fn right(stage: &mut Stage) -> Checked {
    let mut sdk = stage.sender();
    accepted(&stage.probe(&mut sdk).await?)
}

pub(super) async fn wrong_hash(stage: &mut Stage) -> Checked {
    let other = |mut signed: Signed, _: &Secret| {
        if let Some(digit) = signed.hash.first_mut() {
            *digit = if *digit == b'0' { b'1' } else { b'0' };
        }
        signed
    };
    refused(&changed(stage, other).await?, WRONG)
}

pub(super) async fn unknown_system(stage: &mut Stage) -> Checked {
    let mut sdk = stage.sender();
    sdk.set("systemid", format!("khong-co-{}", stage.target.at.as_millis()));
    refused(&stage.probe(&mut sdk).await?, WRONG)
}

pub(super) async fn header_changed(stage: &mut Stage) -> Checked {
    refused(&changed(stage, |signed, _| signed.sending("servicetype", b"khac")).await?, WRONG)
}

pub(super) async fn key_left_out(stage: &mut Stage) -> Checked {
    let fewer = |signed: Signed, _: &Secret| Signed { keys: b"systemid;timestamp;Content-Type".to_vec(), ..signed };
    refused(&changed(stage, fewer).await?, WRONG)
}

pub(super) async fn key_added(stage: &mut Stage) -> Checked {
    let more = |signed: Signed, _: &Secret| {
        let keys = [signed.keys.as_slice(), b";from"].concat();
        Signed { keys, ..signed }.sending("from", b"000.00.00.H99")
    };
    refused(&changed(stage, more).await?, WRONG)
}

pub(super) async fn system_unsigned(stage: &mut Stage) -> Checked {
    let without = |signed: Signed, secret: &Secret| {
        let (systems, others): (Vec<_>, Vec<_>) = signed.headers.into_iter().partition(|(name, _)| name == "systemid");
        let fewer = Signed::new(others, secret);
        systems.into_iter().fold(fewer, |signed, (name, value)| signed.sending(&name, &value))
    };
    refused(&changed(stage, without).await?, WRONG)
}

pub(super) async fn header_missing(stage: &mut Stage) -> Checked {
    let without = |mut signed: Signed, _: &Secret| {
        signed.headers.retain(|(name, _)| name != "servicetype");
        signed
    };
    refused(&changed(stage, without).await?, WRONG)
}

pub(super) async fn header_case(stage: &mut Stage) -> Checked {
    let mut sdk = stage.sender();
    for to_case in [str::to_ascii_lowercase, str::to_ascii_uppercase] {
        let request = sdk.post_request(OPERATION, "{}").with_head(|head| recased(&head, to_case));
        accepted(&stage.call(&mut sdk, request).await?)?;
    }
    Ok(())
}

/// The names of all headers in another case.
fn recased(head: &[u8], to_case: fn(&str) -> String) -> Vec<u8> {
    let mut out = Vec::with_capacity(head.len());
    for (place, line) in head.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let colon = line.iter().position(|byte| *byte == b':').filter(|_| place > 0);
        let (name, rest) = line.split_at(colon.unwrap_or(0));
        out.extend_from_slice(to_case(&String::from_utf8_lossy(name)).as_bytes());
        out.extend_from_slice(rest);
    }
    out
}

pub(super) async fn stale_headers(stage: &mut Stage) -> Checked {
    let mut sdk = stage.sender();
    sdk.set("docId", "khong-co").set("docid", "khong-co-2").set("filePath", "store").set("status", "done");
    sdk.set("AgencyCode", "khong-co").set("hash-file", "0").set("from", "khong-co").set("messagetype", "edoc");
    accepted(&stage.probe(&mut sdk).await?)
}

pub(super) async fn two_ids(stage: &mut Stage) -> Checked {
    let delivered = stage.delivered().await?;
    let mut sdk = stage.receiver();
    let unknown = "khong-co-van-ban-nay";
    sdk.set("docId", unknown).set("docid", delivered.received_id.as_str()).set("status", "processing");
    let request = sdk.post_request("updateStatus", "{}");
    accepted(&stage.call(&mut sdk, request).await?)?;
    sdk.set("docId", delivered.received_id.as_str()).set("docid", unknown);
    let request = sdk.post_request("getEdoc", "{}");
    accepted(&stage.call(&mut sdk, request).await?)?;
    let request = sdk.post_request("updateStatus", "{}");
    refused_somehow(&stage.call(&mut sdk, request).await?)
}

pub(super) async fn utf8_value(stage: &mut Stage) -> Checked {
    with_header(stage, "title", "Đơn vị thử nghiệm".as_bytes()).await
}

pub(super) async fn latin1_value(stage: &mut Stage) -> Checked {
    with_header(stage, "title", b"caf\xe9").await
}

pub(super) async fn old_timestamp(stage: &mut Stage) -> Checked {
    let mut sdk = stage.sender();
    sdk.set("timestamp", "02012020T080000+0001");
    accepted(&stage.probe(&mut sdk).await?)
}

pub(super) async fn bytes_as_received(stage: &mut Stage) -> Checked {
    let spaced = |signed: Signed, secret: &Secret| {
        let members = signed.headers.iter().rev().map(|(name, value)| {
            // Another JSON library may escape what needs no escape.
            let value = String::from_utf8_lossy(value).replace('/', "\\/").replace('e', "\\u0065");
            format!("\"{PREFIX}{name}\" : \"{value}\"")
        });
        let object = format!("{{ {} }}", members.collect::<Vec<_>>().join(" , "));
        signed.over(object.into_bytes(), secret)
    };
    accepted(&changed(stage, spaced).await?)
}

pub(super) async fn decoded_secret(stage: &mut Stage) -> Checked {
    let secret = stage.secret();
    let Some(decoded) = leniently_decoded(secret.as_bytes()) else {
        return skipped("secret không có ký tự base64 nào (nothing in the secret is base64)");
    };
    let with = |signed: Signed, _: &Secret| {
        let object = signed.object.clone();
        signed.over(object, &Secret::new(decoded))
    };
    refused(&changed(stage, with).await?, WRONG)
}

/// As Java's MIME decoder reads base64: other characters are passed over, and what is left of a group is dropped.
fn leniently_decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut letters: Vec<u8> =
        text.iter().copied().filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')).collect();
    letters.truncate(letters.len() / 4 * 4);
    STANDARD.decode(&letters).ok().filter(|decoded| !decoded.is_empty())
}

pub(super) async fn unsigned(stage: &mut Stage) -> Checked {
    let mut sdk = stage.sender();
    let signed = sdk.sign("application/json");
    let request = Request::unsigned(&stage.target.endpoint, OPERATION, &signed.headers);
    refused(&stage.call(&mut sdk, request).await?, WRONG)
}
