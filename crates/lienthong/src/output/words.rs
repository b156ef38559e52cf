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
