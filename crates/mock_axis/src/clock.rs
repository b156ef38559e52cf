//! The time of this machine, and how the protocol writes it.

use std::time::{SystemTime, UNIX_EPOCH};

use types::UnixMillis;

/// Now.
pub(crate) fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::new(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// `yyyy-MM-dd HH:mm:ss` in Vietnam (UTC+7, no summer time), `skew_seconds` off.
pub(crate) fn vietnam(at: UnixMillis, skew_seconds: i64) -> String {
    date_time(at, skew_seconds).map(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

/// The same as a value; `None` beyond the year 9999.
pub(crate) fn date_time(at: UnixMillis, skew_seconds: i64) -> Option<jiff::civil::DateTime> {
    let millis = i64::try_from(at.as_millis()).ok()?.checked_add(skew_seconds.checked_mul(1000)?)?;
    let stamp = jiff::Timestamp::from_millisecond(millis).ok()?;
    Some(jiff::tz::Offset::constant(7).to_datetime(stamp))
}
