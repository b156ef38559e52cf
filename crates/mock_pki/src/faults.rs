//! Faults on demand: which service does what wrong.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Longest delay: longer than any client waits.
const DELAY_MAX: Duration = Duration::from_secs(600);

/// What the server answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// The OCSP responder, `/ocsp`.
    Ocsp,
    /// The revocation lists, `/pki/pub/crl/`.
    Crl,
    /// The certificates of the CAs, `/pki/pub/crt/`.
    Aia,
    /// The time-stamping authority, `/tsa`.
    Tsa,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 4] = [Self::Ocsp, Self::Crl, Self::Aia, Self::Tsa];

    /// Its name in faults and counts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ocsp => "ocsp",
            Self::Crl => "crl",
            Self::Aia => "aia",
            Self::Tsa => "tsa",
        }
    }
}

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Fault {
    /// Every service: the connection closes without an answer.
    Away,
    /// Every service: the answer comes this much later, at most ten minutes.
    Slow(Duration),
    /// Every service: HTTP 500.
    Error,
    /// Every service: HTTP 302 to the same place, for ever.
    Redirect,
    /// Every service: 64 MiB of zeros.
    Oversized,
    /// Every service: the first half of the answer.
    Truncated,
    /// OCSP: tryLater. Time-stamps: a rejection. Lists and certificates: HTTP 404.
    Refuse,
    /// OCSP and lists: nextUpdate has passed. Time-stamps: a time ten minutes ago.
    Expired,
    /// OCSP and time-stamps: the nonce is another one.
    WrongNonce,
    /// OCSP and time-stamps: signed by somebody who may not. Lists: the list of another CA.
    WrongSigner,
    /// Time-stamps: over another digest.
    WrongImprint,
    /// OCSP: the status of every certificate is unknown.
    Unknown,
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Slow(_) => "slow",
            Self::Error => "error",
            Self::Redirect => "redirect",
            Self::Oversized => "oversized",
            Self::Truncated => "truncated",
            Self::Refuse => "refuse",
            Self::Expired => "expired",
            Self::WrongNonce => "wrong-nonce",
            Self::WrongSigner => "wrong-signer",
            Self::WrongImprint => "wrong-imprint",
            Self::Unknown => "unknown",
        }
    }

    /// Whether a service knows how to do this wrong.
    const fn concerns(self, service: Service) -> bool {
        match self {
            Self::Away
            | Self::Slow(_)
            | Self::Error
            | Self::Redirect
            | Self::Oversized
            | Self::Truncated
            | Self::Refuse => true,
            Self::Expired | Self::WrongSigner => !matches!(service, Service::Aia),
            Self::WrongNonce => matches!(service, Service::Ocsp | Service::Tsa),
            Self::WrongImprint => matches!(service, Service::Tsa),
            Self::Unknown => matches!(service, Service::Ocsp),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Slow(delay) => write!(f, "slow:{}ms", delay.as_millis()),
            other => f.write_str(other.name()),
        }
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> Self {
        fault.to_string()
    }
}

/// A text that is no fault of that service. Code: `invalid_argument`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "fault {0:?}: SERVICE=FAULT with ocsp, crl, aia, tsa or all, and away, slow:2s, error, redirect, oversized, \
     truncated, refuse, expired, wrong-nonce, wrong-signer, wrong-imprint or unknown, where the service has it"
)]
pub struct FaultError(String);

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        const PLAIN: [Fault; 11] = [
            Fault::Away,
            Fault::Error,
            Fault::Redirect,
            Fault::Oversized,
            Fault::Truncated,
            Fault::Refuse,
            Fault::Expired,
            Fault::WrongNonce,
            Fault::WrongSigner,
            Fault::WrongImprint,
            Fault::Unknown,
        ];
        let plain = PLAIN.into_iter().find(|fault| fault.name() == text);
        let slow = || text.strip_prefix("slow:").and_then(delay).map(Self::Slow);
        plain.or_else(slow).ok_or_else(|| FaultError(text.to_owned()))
    }
}

impl TryFrom<String> for Fault {
    type Error = FaultError;

    fn try_from(text: String) -> Result<Self, FaultError> {
        text.parse()
    }
}

/// `500ms` or `2s`.
fn delay(text: &str) -> Option<Duration> {
    let delay = match text.strip_suffix("ms") {
        Some(number) => Duration::from_millis(number.parse().ok()?),
        None => Duration::from_secs(text.strip_suffix('s')?.parse().ok()?),
    };
    (delay <= DELAY_MAX).then_some(delay)
}

/// The faults in force, by service. In JSON: `{"ocsp": ["wrong-nonce", "slow:2000ms"]}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Faults(BTreeMap<Service, Vec<Fault>>);

impl Faults {
    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The same with one more.
    ///
    /// # Errors
    /// The service cannot do that wrong.
    pub fn with(mut self, service: Service, fault: Fault) -> Result<Self, FaultError> {
        if !fault.concerns(service) {
            return Err(FaultError(format!("{}={fault}", service.as_str())));
        }
        self.0.entry(service).or_default().push(fault);
        Ok(self)
    }

    /// Adds what `SERVICE=FAULT` says, for example `ocsp=wrong-nonce`, `tsa=slow:2s` or `all=away`.
    ///
    /// # Errors
    /// No such service or fault, or not one of that service.
    pub fn set(&mut self, text: &str) -> Result<(), FaultError> {
        let wrong = || FaultError(text.to_owned());
        let (service, fault) = text.split_once('=').ok_or_else(wrong)?;
        let fault: Fault = fault.parse().map_err(|_| wrong())?;
        let mut services = Service::ALL.into_iter().filter(|known| service == "all" || known.as_str() == service);
        let named: Vec<Service> = services.by_ref().collect();
        if named.is_empty() {
            return Err(wrong());
        }
        for service in named {
            *self = std::mem::take(self).with(service, fault).map_err(|_| wrong())?;
        }
        Ok(())
    }

    /// Reads the JSON form; `{}` ends every fault.
    ///
    /// # Errors
    /// What is not that form, or a fault that its service does not have.
    pub fn from_json(bytes: &[u8]) -> Result<Self, FaultError> {
        let read: Self = serde_json::from_slice(bytes).map_err(|error| FaultError(error.to_string()))?;
        let each = read.0.iter().flat_map(|(service, faults)| faults.iter().map(move |fault| (*service, *fault)));
        each.clone().try_fold(Self::none(), |all, (service, fault)| all.with(service, fault))
    }

    /// What a service does wrong.
    #[must_use]
    pub fn of(&self, service: Service) -> &[Fault] {
        self.0.get(&service).map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_read_from_flags_and_from_json_alike() {
        let mut faults = Faults::none();
        for flag in ["ocsp=wrong-nonce", "ocsp=slow:2s", "tsa=wrong-imprint", "crl=slow:20ms"] {
            faults.set(flag).unwrap();
        }
        let json = serde_json::to_string(&faults).unwrap();
        let expected = r#"{"ocsp":["wrong-nonce","slow:2000ms"],"crl":["slow:20ms"],"tsa":["wrong-imprint"]}"#;
        assert_eq!(json, expected);
        assert_eq!(Faults::from_json(json.as_bytes()), Ok(faults));
        assert_eq!(Faults::from_json(b"{}"), Ok(Faults::none()));
    }

    #[test]
    fn all_services_can_be_away() {
        let mut faults = Faults::none();
        faults.set("all=away").unwrap();
        assert!(Service::ALL.into_iter().all(|service| faults.of(service) == [Fault::Away]));
    }

    #[test]
    fn what_a_service_cannot_do_wrong_is_refused() {
        for flag in
            ["aia=expired", "crl=wrong-nonce", "ocsp=wrong-imprint", "all=unknown", "http=away", "ocsp", "tsa=slow:1h"]
        {
            assert!(Faults::none().set(flag).is_err(), "{flag}");
        }
        assert!(Faults::from_json(br#"{"aia":["wrong-nonce"]}"#).is_err());
    }
}
