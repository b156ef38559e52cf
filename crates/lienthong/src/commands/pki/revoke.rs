//! `pki revoke`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use mock_pki::Pki;
use serde::Serialize;
use signature::CrlReason;

use super::{instant, not_opened, not_revoked};
use crate::commands::now;
use crate::failure::Failure;
use crate::output::Output;

/// Options of `pki revoke`.
#[derive(Args)]
pub(crate) struct RevokeArgs {
    /// Tên trong thư mục, không có đuôi .pem (its path in the folder without .pem): systems/vpcp/signing
    #[arg(value_name = "NAME")]
    name: String,
    /// Thư mục của pki example (the folder of the PKI)
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Lý do (why)
    #[arg(long, value_enum, default_value = "key-compromise")]
    reason: Reason,
    /// Thời điểm thu hồi, RFC 3339; mặc định là bây giờ (since when; now without it)
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
}

/// Why a certificate is revoked (RFC 5280 5.3.1).
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reason {
    /// Không nêu (not said)
    Unspecified,
    /// Lộ khóa (somebody else has the key)
    KeyCompromise,
    /// Lộ khóa của CA (somebody else has the CA's key)
    CaCompromise,
    /// Đổi tên hoặc đơn vị (the name or the agency changed)
    AffiliationChanged,
    /// Đã có chứng thư thay thế (another one takes its place)
    Superseded,
    /// Ngừng sử dụng (no longer used)
    CessationOfOperation,
    /// Tạm dừng (suspended)
    CertificateHold,
    /// Thu hồi quyền (the right to it was withdrawn)
    PrivilegeWithdrawn,
}

impl Reason {
    const fn for_lists(self) -> CrlReason {
        match self {
            Self::Unspecified => CrlReason::Unspecified,
            Self::KeyCompromise => CrlReason::KeyCompromise,
            Self::CaCompromise => CrlReason::CaCompromise,
            Self::AffiliationChanged => CrlReason::AffiliationChanged,
            Self::Superseded => CrlReason::Superseded,
            Self::CessationOfOperation => CrlReason::CessationOfOperation,
            Self::CertificateHold => CrlReason::CertificateHold,
            Self::PrivilegeWithdrawn => CrlReason::PrivilegeWithdrawn,
        }
    }
}

/// What was revoked.
#[derive(Serialize)]
struct Revoked {
    name: String,
    subject: String,
    serial: String,
    reason: &'static str,
    at: Timestamp,
}

pub(super) fn run(args: &RevokeArgs, output: &mut Output) -> Result<(), Failure> {
    let pki = Pki::open(&args.dir).map_err(not_opened)?;
    let at = args.at.map_or_else(|| Ok(now()), instant)?;
    let reason = args.reason.for_lists();
    pki.revoke(&args.name, reason, at).map_err(not_revoked)?;
    let certificate = pki.find(&args.name).map(|issued| &issued.certificate);
    let revoked = Revoked {
        name: args.name.clone(),
        subject: certificate.map(|certificate| certificate.subject().to_owned()).unwrap_or_default(),
        serial: certificate.map(signature::Certificate::serial_hex).unwrap_or_default(),
        reason: reason.as_str(),
        at: i64::try_from(at.as_millis()).ok().and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or_default(),
    };
    output.show(&revoked, |revoked, page| {
        page.line(format!("Đã thu hồi (revoked): {}", revoked.name));
        page.facts([
            ("Chủ thể (subject)", revoked.subject.clone()),
            ("Số hiệu (serial)", revoked.serial.clone()),
            ("Lý do (reason)", revoked.reason.to_owned()),
            ("Từ (since)", revoked.at.to_string()),
        ]);
    })
}
