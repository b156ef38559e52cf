//! Faults on the command line: `latency=200ms±50ms`, `error=20@10%:sendEdoc`, `reset=5%` …

use super::{Away, ErrorFault, FaultError, Faults, Latency, Maintenance, Rotation};

impl Faults {
    /// Adds one fault written as `name=value`.
    ///
    /// Rates are `5%` or `0.05`, times `200ms`, `30s`, `5m` or `1h`.
    /// `latency=200ms±50ms[@RATE][:OPERATION]` (`+-` for `±`), `error=CODE[@RATE][:OPERATION]` (repeatable),
    /// `reset`, `truncate`, `duplicate`, `wrong-base64`, `repeat`, `shuffle`, `early-status` `=RATE`,
    /// `clock-skew=-5m`, `rotate=100` (requests) or `rotate=60s`, `maintenance=30s/5m[:refuse]`.
    ///
    /// # Errors
    /// A name or value that is none of these, or out of range.
    pub fn set(&mut self, text: &str) -> Result<(), FaultError> {
        let wrong = || FaultError::Flag(text.to_owned());
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        let rate = |value: &str| rate(value).ok_or_else(wrong);
        match name.trim() {
            "latency" => self.latency = Some(latency(value).ok_or_else(wrong)?),
            "error" => self.error.push(error(value).ok_or_else(wrong)?),
            "reset" => self.reset = rate(value)?,
            "truncate" => self.truncate = rate(value)?,
            "duplicate" => self.duplicate = rate(value)?,
            "wrong-base64" => self.wrong_base64 = rate(value)?,
            "repeat" => self.repeat = rate(value)?,
            "shuffle" => self.shuffle = rate(value)?,
            "early-status" => self.early_status = rate(value)?,
            "clock-skew" => self.clock_skew_seconds = skew(value).ok_or_else(wrong)?,
            "rotate" => self.rotate = Some(rotation(value).ok_or_else(wrong)?),
            "maintenance" => self.maintenance = Some(maintenance(value).ok_or_else(wrong)?),
            _ => return Err(wrong()),
        }
        *self = std::mem::take(self).checked()?;
        Ok(())
    }
}

fn rate(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok().map(|percent| percent / 100.0),
        None => text.parse().ok(),
    }
}

/// Milliseconds of `200ms`, `30s`, `5m`, `1h`.
fn millis(text: &str) -> Option<u64> {
    let text = text.trim();
    let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
    let (number, unit) = units.iter().find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, unit)))?;
    number.trim().parse::<u64>().ok()?.checked_mul(*unit)
}

fn seconds(text: &str) -> Option<u64> {
    millis(text).filter(|millis| millis.is_multiple_of(1000)).map(|millis| millis / 1000)
}

/// `VALUE[@RATE][:OPERATION]`
fn tail(text: &str) -> Option<(&str, f64, Option<String>)> {
    let (text, operation) = match text.split_once(':') {
        Some((text, operation)) => (text, Some(operation.trim().to_owned())),
        None => (text, None),
    };
    match text.split_once('@') {
        Some((value, share)) => Some((value, rate(share)?, operation)),
        None => Some((text, 1.0, operation)),
    }
}

fn latency(text: &str) -> Option<Latency> {
    let (value, rate, operation) = tail(text)?;
    let (mean, spread) = value.split_once('±').or_else(|| value.split_once("+-")).unwrap_or((value, "0ms"));
    Some(Latency { mean_ms: millis(mean)?, spread_ms: millis(spread)?, rate, operation })
}

fn error(text: &str) -> Option<ErrorFault> {
    let (code, rate, operation) = tail(text)?;
    Some(ErrorFault { code: code.trim().parse().ok()?, rate, operation })
}

fn skew(text: &str) -> Option<i64> {
    match text.trim().strip_prefix('-') {
        Some(behind) => i64::try_from(seconds(behind)?).ok().map(|seconds| -seconds),
        None => i64::try_from(seconds(text.trim().trim_start_matches('+'))?).ok(),
    }
}

fn rotation(text: &str) -> Option<Rotation> {
    let rotation = match text.trim().parse() {
        Ok(requests) => Rotation::Requests(requests),
        Err(_) => Rotation::Seconds(seconds(text)?),
    };
    (!matches!(rotation, Rotation::Requests(0) | Rotation::Seconds(0))).then_some(rotation)
}

fn maintenance(text: &str) -> Option<Maintenance> {
    let (text, mode) = match text.split_once(':') {
        Some((text, "refuse")) => (text, Away::Refuse),
        Some((text, "code20")) => (text, Away::Code20),
        Some(_) => return None,
        None => (text, Away::Code20),
    };
    let (lasts, every) = text.split_once('/')?;
    Some(Maintenance { every_seconds: seconds(every)?, for_seconds: seconds(lasts)?, mode })
}
