//! `getReceivedEdocList` and `getSentEdocList`.

use axis::MessageType;
use serde_json::Value;

use super::stage::{Checked, Stage, accepted, ensure, failed, members, skipped, word};

/// Members of a line of `getReceivedEdocList`.
const RECEIVED: [&str; 9] =
    ["docId", "serviceType", "messageType", "created_time", "updated_time", "from", "to", "status", "status_desc"];
/// Members of a line of `getSentEdocList`.
const SENT: [&str; 14] = [
    "serviceType",
    "messageType",
    "senderDocId",
    "receiverDocId",
    "fromCode",
    "toCode",
    "title",
    "notation",
    "sentTime",
    "receivedTime",
    "sendStatus",
    "sendStatusDesc",
    "receiveStatus",
    "receiveStatusDesc",
];
/// Lines of an answer at most.
const LINES_MAX: usize = 500;

fn all_texts(line: &Value, wanted: &[&str]) -> Checked {
    let wrong = wanted.iter().find(|member| !matches!(line.get(**member), Some(Value::String(_))));
    match wrong {
        None => Ok(()),
        Some(member) => {
            let found = line.get(*member).map_or("thiếu (missing)".to_owned(), ToString::to_string);
            failed(format!("{member}: {found}; chờ một chuỗi (a string is needed)"))
        }
    }
}

pub(super) async fn members_of_line(stage: &mut Stage) -> Checked {
    let delivered = stage.delivered().await?;
    all_texts(&delivered.line, &RECEIVED)
}

pub(super) async fn values_of_line(stage: &mut Stage) -> Checked {
    let line = stage.delivered().await?.line;
    let (service, kind) = (word(&line, "serviceType"), word(&line, "messageType"));
    ensure(service == "eDoc" && kind == "edoc", || format!("serviceType = {service:?}, messageType = {kind:?}"))?;
    let ends = [("from", &stage.target.sender.agency), ("to", &stage.target.receiver.agency)];
    for (member, agency) in ends {
        let found = word(&line, member);
        let (found, agency) = (plain(found), plain(agency));
        ensure(found == agency, || format!("{member} = {found}, chờ {agency} (expected {agency})"))?;
    }
    Ok(())
}

/// A code without the empty groups of generation 1: `000.00.00.H48` and `H48` are one agency.
fn plain(code: &str) -> String {
    let mut groups: Vec<&str> = code.split('.').filter(|group| group.bytes().any(|byte| byte != b'0')).collect();
    let is_first_generation = code.split('.').count() == 4 && code.len() == 13;
    if is_first_generation {
        groups.reverse();
    }
    groups.join(".")
}

pub(super) async fn oldest_first(stage: &mut Stage) -> Checked {
    stage.deliver().await.or_else(|_| skipped("không gửi được hai văn bản (two documents could not be sent)"))?;
    stage.deliver().await.or_else(|_| skipped("không gửi được hai văn bản (two documents could not be sent)"))?;
    let mut sdk = stage.receiver();
    let lines = stage.list(&mut sdk, MessageType::Edoc).await?;
    let times: Vec<&str> = lines.iter().map(|line| word(line, "created_time")).collect();
    let later = times.windows(2).find(|pair| matches!(pair, [first, second] if first > second));
    match later {
        Some(pair) => failed(format!("{} đứng trước (stands before)", pair.join(" > "))),
        None => Ok(()),
    }
}

pub(super) async fn capped(stage: &mut Stage) -> Checked {
    let mut sdk = stage.receiver();
    let count = stage.list(&mut sdk, MessageType::Edoc).await?.len();
    ensure(count <= LINES_MAX, || format!("{count} dòng, tối đa {LINES_MAX} ({count} lines, {LINES_MAX} at most)"))
}

pub(super) async fn kinds_apart(stage: &mut Stage) -> Checked {
    let delivered = stage.delivered().await?;
    let mut sdk = stage.receiver();
    let statuses = stage.list(&mut sdk, MessageType::Status).await?;
    let found = statuses.iter().any(|line| word(line, "docId") == delivered.received_id);
    ensure(!found, || "danh sách status có văn bản (a document is on the list of statuses)".to_owned())
}

/// The sender's line about the delivered document.
async fn sent_line(stage: &mut Stage) -> Checked<Value> {
    let delivered = stage.delivered().await?;
    let mut sdk = stage.sender();
    sdk.set("servicetype", "eDoc").set("messagetype", "edoc").set("docId", delivered.sent_id.as_str());
    let request = sdk.post_request("getSentEdocList", "");
    let reply = stage.call(&mut sdk, request).await?;
    accepted(&reply)?;
    let members = members(&reply)?;
    let lines = members.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
    let line = lines.into_iter().find(|line| word(line, "senderDocId") == delivered.sent_id);
    line.map_or_else(|| failed(format!("không có dòng senderDocId = {} (no such line)", delivered.sent_id)), Ok)
}

pub(super) async fn sent_listed(stage: &mut Stage) -> Checked {
    sent_line(stage).await.map(drop)
}

pub(super) async fn sent_members(stage: &mut Stage) -> Checked {
    let line = sent_line(stage).await.or_else(|_| skipped("không có dòng để xem (no line): AX-SENT-1"))?;
    all_texts(&line, &SENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generations_of_a_code_are_one_agency() {
        assert_eq!(plain("000.00.00.H48"), plain("H48"));
        assert_eq!(plain("000.00.15.H48"), plain("H48.15"));
        assert_ne!(plain("000.00.00.H48"), plain("H49"));
    }
}
