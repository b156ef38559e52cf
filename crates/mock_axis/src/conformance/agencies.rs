//! The three lists of agencies; registering and deleting one.

use serde_json::Value;

use super::stage::{Checked, Stage, accepted, ensure, failed, members, skipped, word};

/// What a member has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Integer,
    Truth,
}

impl Kind {
    fn fits(self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Text, Some(Value::String(_))) | (Self::Truth, Some(Value::Bool(_))) => true,
            (Self::Integer, Some(Value::Number(number))) => number.is_i64() || number.is_u64(),
            _ => false,
        }
    }
}

const PLAIN: [(&str, Kind); 6] = [
    ("id", Kind::Text),
    ("pid", Kind::Text),
    ("code", Kind::Text),
    ("name", Kind::Text),
    ("mail", Kind::Text),
    ("oldCode", Kind::Text),
];
const DECISION_20: [(&str, Kind); 5] =
    [("id", Kind::Text), ("code", Kind::Text), ("name", Kind::Text), ("mail", Kind::Text), ("code102", Kind::Text)];
const UNIT: [(&str, Kind); 10] = [
    ("id", Kind::Text),
    ("pid", Kind::Text),
    ("code", Kind::Text),
    ("name", Kind::Text),
    ("mail", Kind::Text),
    ("version", Kind::Integer),
    ("centerCode", Kind::Text),
    ("deleted", Kind::Truth),
    ("modifyDate", Kind::Text),
    ("isAgency", Kind::Truth),
];

async fn listed(stage: &mut Stage, operation: &str) -> Checked<Vec<Value>> {
    let mut sdk = stage.sender();
    let request = sdk.post_request(operation, "");
    let reply = stage.call(&mut sdk, request).await?;
    if usize::try_from(reply.length).ok() != Some(reply.body.len()) {
        return skipped(format!("{} byte: quá lớn để xem (too large to look at)", reply.length));
    }
    accepted(&reply)?;
    match members(&reply)?.remove("data") {
        Some(Value::Array(lines)) if !lines.is_empty() => Ok(lines),
        Some(Value::Array(_)) => failed("danh sách rỗng (the list is empty)"),
        _ => failed("data không phải mảng (data is no array)"),
    }
}

async fn shape(stage: &mut Stage, operation: &str, shape: &[(&str, Kind)]) -> Checked {
    for line in listed(stage, operation).await? {
        for (member, kind) in shape {
            let found = line.get(*member);
            ensure(kind.fits(found), || {
                let found = found.map_or("thiếu (missing)".to_owned(), ToString::to_string);
                format!("{member}: {found}, chờ {kind:?} ({:?} is needed)", kind)
            })?;
        }
    }
    Ok(())
}

pub(super) async fn plain(stage: &mut Stage) -> Checked {
    shape(stage, "getAgenciesList", &PLAIN).await
}

pub(super) async fn decision_20(stage: &mut Stage) -> Checked {
    shape(stage, "getAgenciesListQD20", &DECISION_20).await
}

pub(super) async fn unit(stage: &mut Stage) -> Checked {
    shape(stage, "getSynchronizeUnit", &UNIT).await
}

async fn has(stage: &mut Stage, code: &str) -> Checked<bool> {
    Ok(listed(stage, "getAgenciesList").await?.iter().any(|line| word(line, "code") == code))
}

fn asked_for(stage: &Stage) -> Checked<String> {
    match &stage.target.registered {
        Some(code) => Ok(code.clone()),
        None => skipped("--no-register"),
    }
}

pub(super) async fn registered(stage: &mut Stage) -> Checked {
    let code = asked_for(stage)?;
    if has(stage, &code).await.or_else(|_| skipped("không có danh sách (no list): AX-AGENCY-1"))? {
        return skipped(format!("{code} đã có trong danh sách (is on the list already)"));
    }
    let mut sdk = stage.sender();
    let agency = serde_json::json!({
        "id": "", "pcode": stage.target.sender.agency, "code": code, "name": "Đơn vị kiểm thử", "mail": "kt@example.vn",
        "mobile": "", "fax": "",
    });
    let request = sdk.post_request("registerAgency", &agency.to_string());
    accepted(&stage.call(&mut sdk, request).await?)?;
    ensure(has(stage, &code).await?, || format!("{code} không vào danh sách (is not listed)"))
}

pub(super) async fn deleted(stage: &mut Stage) -> Checked {
    let code = asked_for(stage)?;
    let is_there = has(stage, &code).await.or_else(|_| skipped("không có danh sách (no list): AX-AGENCY-1"))?;
    if !is_there {
        return skipped(format!("{code} chưa đăng ký được (was not registered): AX-AGENCY-4"));
    }
    let mut sdk = stage.sender();
    sdk.set("AgencyCode", code.as_str());
    let request = sdk.post_request("deleteAgency", "{}");
    accepted(&stage.call(&mut sdk, request).await?)?;
    ensure(!has(stage, &code).await?, || format!("{code} vẫn trong danh sách (is still listed)"))
}
