//! States and times as the axis's lists write them.

use axis::TransferState;
use delivery::State;
use queue::{EntryKind, Plan, Recipient};
use types::UnixMillis;

use super::progress::Note;

/// Of every packet.
pub(super) const SERVICE_TYPE: &str = "eDoc";

/// `yyyy-MM-dd HH:mm:ss` in Vietnam, which has one zone without summer time; empty for a time outside the calendar.
pub(super) fn time(at: UnixMillis) -> String {
    civil(at).map(|at| at.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

/// The day in Vietnam.
pub(super) fn day(at: UnixMillis) -> Option<jiff::civil::Date> {
    civil(at).map(jiff::civil::DateTime::date)
}

fn civil(at: UnixMillis) -> Option<jiff::civil::DateTime> {
    let at = jiff::Timestamp::from_millisecond(i64::try_from(at.as_millis()).ok()?).ok()?;
    Some(jiff::tz::offset(7).to_datetime(at))
}

/// `edoc` or `status`.
pub(super) const fn message_type(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Status => axis::MessageType::Status.as_str(),
        EntryKind::Document | EntryKind::Receipt => axis::MessageType::Edoc.as_str(),
    }
}

/// Where the fetching of a waiting packet is, and in words.
pub(super) fn waiting(note: Option<Note>) -> (&'static str, String) {
    match note {
        None => ("initial", "Chờ nhận / waiting".to_owned()),
        Some(Note { state: TransferState::Fail, failures, .. }) => (
            "fail",
            format!("Nhận lỗi {failures} lần, chờ nhận lại / failed {failures} times, waits to be fetched again"),
        ),
        Some(Note { state, .. }) => (state.as_str(), "Đang nhận / being fetched".to_owned()),
    }
}

/// Where the sending to a receiver is, and in words.
pub(super) const fn sending(recipient: &Recipient) -> (&'static str, &'static str) {
    match recipient.delivery.state() {
        State::Delivered => ("sent", "Đã gửi / sent"),
        State::Waiting if recipient.is_held => {
            ("waiting", "Chờ kiểm tra chữ ký / held until its signatures can be checked")
        }
        State::Waiting if matches!(recipient.plan, Plan::Inbox(_)) => ("sent", "Đã gửi / sent"),
        State::Waiting => ("waiting", "Chờ gửi / waiting to be sent"),
        State::Sending => ("sending", "Đang gửi / being sent"),
        State::Returned => ("returned", "Trả lại nơi gửi / returned to the sender"),
        State::Parked(_) => ("parked", "Chờ người vận hành xử lý / waits for the operator"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_vietnam() {
        let at = UnixMillis::new(1_763_744_399_000);
        assert_eq!((time(at).as_str(), day(at).unwrap().to_string().as_str()), ("2025-11-21 23:59:59", "2025-11-21"));
    }
}
