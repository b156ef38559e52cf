//! Vietnamese words for the closed vocabularies of the interface.

use types::StatusCode;
use wire::exchange_v1::DeliveryState;
use wire::types_v1::{BusinessType, PacketKind, Priority};

/// Độ khẩn.
pub(crate) fn lane(priority: i32) -> &'static str {
    match Priority::try_from(priority) {
        Ok(Priority::Normal) => "thường",
        Ok(Priority::Urgent) => "khẩn",
        Ok(Priority::VeryUrgent) => "thượng khẩn",
        Ok(Priority::Express) => "hỏa tốc",
        Err(_) => "?",
    }
}

/// Loại nghiệp vụ.
pub(crate) fn business_type(kind: i32) -> &'static str {
    match BusinessType::try_from(kind) {
        Ok(BusinessType::New) => "mới",
        Ok(BusinessType::Revoke) => "thu hồi",
        Ok(BusinessType::Update) => "cập nhật",
        Ok(BusinessType::Replace) => "thay thế",
        Err(_) => "?",
    }
}

/// Document or status.
pub(crate) fn packet_kind(kind: i32) -> &'static str {
    match PacketKind::try_from(kind) {
        Ok(PacketKind::Document) => "văn bản",
        Ok(PacketKind::Status) => "trạng thái",
        Ok(PacketKind::Unspecified) | Err(_) => "?",
    }
}

/// `03 đã tiếp nhận`; the number alone when the standard does not have it, empty for 0.
pub(crate) fn status_code(number: u32) -> String {
    match u8::try_from(number).ok().and_then(StatusCode::from_number) {
        Some(code) => format!("{code} {}", code.name_vi()),
        None if number == 0 => String::new(),
        None => number.to_string(),
    }
}

/// State of a delivery.
pub(crate) fn delivery_state(state: i32) -> &'static str {
    match DeliveryState::try_from(state) {
        Ok(DeliveryState::Waiting) => "đang chờ",
        Ok(DeliveryState::Sending) => "đang chuyển",
        Ok(DeliveryState::Delivered) => "đã giao",
        Ok(DeliveryState::Returned) => "bị trả lại",
        Ok(DeliveryState::Parked) => "chờ người vận hành",
        Ok(DeliveryState::Recalled) => "đã thu hồi",
        Ok(DeliveryState::Held) => "chờ kiểm tra chữ ký",
        Ok(DeliveryState::Unspecified) | Err(_) => "?",
    }
}

/// Vietnamese for an event of ETSI EN 319 522; the name itself when it is another.
pub(crate) fn event(name: &str) -> &str {
    match name {
        "SubmissionAcceptance" => "nút gửi đã nhận",
        "SubmissionRejection" => "nút gửi từ chối",
        "RelayAcceptance" => "nút kế tiếp đã nhận",
        "RelayRejection" => "nút kế tiếp từ chối",
        "RelayFailure" => "không chuyển tiếp được",
        "ContentConsignment" => "đã vào hộp nơi nhận",
        "ContentConsignmentFailure" => "không giao được",
        "ContentHandover" => "nơi nhận đã lấy",
        "ContentHandoverFailure" => "nơi nhận không lấy được",
        "ReceivedFromNonERDS" => "đã nhận từ trục quốc gia",
        "RelayToNonERDS" => "trục quốc gia đã nhận",
        "RelayToNonERDSFailure" => "trục quốc gia không nhận",
        "Status" => "trạng thái xử lý",
        "ExternalState" => "trục quốc gia báo",
        "DeadlineAtRisk" => "có thể trễ hạn",
        "Revocation" => "đã chuyển yêu cầu thu hồi",
        "Update" => "đã chuyển bản cập nhật",
        "Replacement" => "đã chuyển bản thay thế",
        other => other,
    }
}

/// Verdict of a signature in ETSI EN 319 102-1 terms.
pub(crate) fn indication(text: &str) -> String {
    let vi = match text {
        "TOTAL_PASSED" => "hợp lệ",
        "TOTAL_FAILED" => "không hợp lệ",
        "INDETERMINATE" => "chưa xác định",
        _ => return text.to_owned(),
    };
    format!("{vi} ({text})")
}

/// What a node decided by a document's signatures, for a column of a list; empty for packets of earlier versions.
pub(crate) fn signatures(ruling: &str, worst: &str) -> String {
    let found = match worst {
        "TOTAL_PASSED" => "hợp lệ",
        "TOTAL_FAILED" => "không hợp lệ",
        "INDETERMINATE" => "chưa xác định",
        "" => "không có",
        other => other,
    };
    match ruling {
        "ACCEPT" => found.to_owned(),
        "FLAG" => format!("{found}, có lưu ý"),
        "QUARANTINE" => "đang giữ lại".to_owned(),
        "RELEASED" => format!("{found}, người vận hành cho qua"),
        "REFUSE" => "bị trả lại".to_owned(),
        other => other.to_owned(),
    }
}

/// In what capacity somebody signs.
pub(crate) fn role(text: &str) -> &str {
    match text {
        "leader" => "lãnh đạo (leader)",
        "seal" => "con dấu cơ quan (seal)",
        "copy" => "sao y (copy)",
        "incoming" => "dấu văn bản đến (incoming)",
        other => other,
    }
}

/// How a signer was bound to an agency.
pub(crate) fn bound_by(text: &str) -> &str {
    match text {
        "configuration" => "theo cấu hình của nút (configuration)",
        "alternative_name" => "theo mã ghi trong chứng thư (alternative name)",
        "name" => "theo tên trong chứng thư (name)",
        other => other,
    }
}

/// Whether a certificate was revoked.
pub(crate) fn revocation(state: &str) -> &str {
    match state {
        "GOOD" => "chưa bị thu hồi (good)",
        "REVOKED" => "đã bị thu hồi (revoked)",
        "UNKNOWN" => "chưa biết có bị thu hồi không (unknown)",
        other => other,
    }
}

/// Whom a certificate names, short enough for a line: the common name, then the organisation where that says more. A
/// subject in which either stands twice is shown whole: which of the two would be meant is not for this program to say.
pub(crate) fn person(subject: &str) -> String {
    let values = |key: &str| -> Vec<&str> {
        let marker = format!("{key}=");
        let starts = subject.match_indices(&marker).map(|(at, _)| at);
        let starts = starts.filter(|at| *at == 0 || subject.get(..*at).is_some_and(|before| before.ends_with(", ")));
        starts.filter_map(|at| subject.get(at + marker.len()..)).map(until_next).collect()
    };
    match (values("CN").as_slice(), values("O").as_slice()) {
        ([name], []) => (*name).to_owned(),
        ([name], [organisation]) if name.starts_with(*organisation) || organisation.starts_with(*name) => {
            (*name).to_owned()
        }
        ([name], [organisation]) => format!("{name}, {organisation}"),
        _ => subject.to_owned(),
    }
}

/// The value up to the next attribute: `, ` and a keyword or a dotted OID before `=`.
fn until_next(rest: &str) -> &str {
    let is_key = |text: &str| {
        text.split_once('=').is_some_and(|(key, _)| {
            !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
        })
    };
    let end = rest.match_indices(", ").find(|(at, _)| rest.get(at + 2..).is_some_and(is_key));
    end.and_then(|(at, _)| rest.get(..at)).unwrap_or(rest)
}

/// Level of an agency.
pub(crate) fn level(text: &str) -> &str {
    match text {
        "central" => "trung ương",
        "province" => "tỉnh",
        "district" => "huyện",
        "commune" => "xã",
        "other" => "khác",
        other => other,
    }
}

/// How a recipient is reached.
pub(crate) fn route(text: &str) -> String {
    match text.strip_prefix("neighbour:") {
        Some(id) => format!("qua {id}"),
        None if text == "local" => "tại nút này".to_owned(),
        None => text.to_owned(),
    }
}

/// Bytes for people: `12 B`, `3.4 MiB`.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u32); 3] = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    for (unit, shift) in UNITS {
        if bytes >> shift > 0 {
            let tenths = (u128::from(bytes) * 10) >> shift;
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
    }
    format!("{bytes} B")
}
