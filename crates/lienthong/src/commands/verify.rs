//! `verify`: the signatures of a PDF, a packet, a CMS file or receipts, checked on this machine.

mod cms;
pub(super) mod desk;
mod kind;
mod online;
mod packet;
mod receipt;
mod report;
mod show;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use signature::verify_pdf_with;

use crate::failure::Failure;
use crate::files::read_small;
use crate::output::Output;
use crate::sealing::EnvelopeFiles;

use desk::Desk;
use kind::FileKind;
use online::OnlineArgs;
use report::{Finding, Part, PartKind, Verified};

/// Options of `verify`.
#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// PDF, gói tin edXML, chữ ký CMS (.p7s, .p7m) hoặc biên nhận JSON (PDF, packet, CMS signature or receipts)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// CA tin cậy: tệp hoặc thư mục PEM, DER; lặp lại được (trust anchors, a file or a folder)
    #[arg(long, value_name = "FILE|DIR", required = true)]
    trust: Vec<PathBuf>,
    /// CA trung gian: tệp hoặc thư mục (intermediates, a file or a folder)
    #[arg(long, value_name = "FILE|DIR")]
    intermediates: Vec<PathBuf>,
    /// Danh sách thu hồi (CRL) và trả lời OCSP: tệp hoặc thư mục (revocation lists and OCSP responses)
    #[arg(long, value_name = "FILE|DIR")]
    revocation: Vec<PathBuf>,
    /// Chứng thư bị thu hồi thì sao: xem khi có dữ liệu, bắt buộc biết, hoặc không xem (what revocation counts for)
    #[arg(long, value_enum, default_value = "prefer")]
    check_revocation: RevocationChoice,
    /// Tệp được ký rời, hoặc gói tin mà biên nhận nói đến (what was signed apart, or the packet that receipts are about)
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,
    #[command(flatten)]
    envelope: EnvelopeFiles,
    /// Thời điểm kiểm tra, RFC 3339; mặc định là bây giờ (validation time; now without it)
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    #[command(flatten)]
    online: OnlineArgs,
    /// PDF có mã lệnh hoặc lệnh chạy chương trình thì làm gì (what to do with JavaScript and launched programs)
    #[arg(long, value_enum, default_value = "refuse")]
    active_content: ActiveContentChoice,
}

/// What to do with active content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ActiveContentChoice {
    /// Không đạt (the document does not pass)
    Refuse,
    /// Chỉ ghi nhận (the report says so)
    Note,
}

/// What revocation counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RevocationChoice {
    /// Chưa biết thì chưa kết luận (unknown leaves the signature undecided)
    Require,
    /// Chưa biết thì ghi rõ là chưa kiểm tra (unknown is said and refuses nothing)
    Prefer,
    /// Không xem (not looked at)
    Off,
}

pub(crate) fn run(args: &VerifyArgs, output: &mut Output) -> Result<(), Failure> {
    let mut desk = Desk::open(args)?;
    let kind = FileKind::of(&args.file)?;
    args.check_fits(kind)?;
    let mut parts = check(args, kind, &desk)?;
    let mut asked = None;
    if let Some(online) = args.online.open(&desk)? {
        let outcome = online.complete(&mut desk, parts, |desk| check(args, kind, desk), output)?;
        (parts, asked) = (outcome.parts, Some(outcome.missing));
    }
    let verified = Verified::new(&args.file, kind, &desk, parts, asked);
    output.show(&verified, show::verified)?;
    verified.outcome()
}

fn check(args: &VerifyArgs, kind: FileKind, desk: &Desk) -> Result<Vec<Part>, Failure> {
    Ok(match kind {
        FileKind::Pdf => vec![pdf(args, desk)?],
        FileKind::Packet => packet::check(args, desk)?,
        FileKind::Cms => vec![cms::check(args, desk)?],
        FileKind::Receipts => receipt::check(args, desk)?,
    })
}

impl VerifyArgs {
    /// Options that mean nothing for this kind of file are a mistake, not a wish.
    fn check_fits(&self, kind: FileKind) -> Result<(), Failure> {
        if self.content.is_some() && !matches!(kind, FileKind::Cms | FileKind::Receipts) {
            return Err(Failure::usage(
                "--content chỉ dùng với chữ ký CMS và biên nhận (only with CMS signatures and receipts)",
            ));
        }
        if self.envelope.is_given() && kind != FileKind::Packet {
            return Err(Failure::usage("--signature chỉ dùng với gói tin edXML (only with packets)"));
        }
        Ok(())
    }
}

fn pdf(args: &VerifyArgs, desk: &Desk) -> Result<Part, Failure> {
    let bytes = read_small(&args.file, u64::try_from(desk.pdf.limits.bytes_max).unwrap_or(u64::MAX))?;
    let report = verify_pdf_with(&bytes, &desk.trust, &desk.policy, &desk.pdf, &desk.evidence, desk.at);
    Ok(Part::new(PartKind::File, Finding::Pdf(Box::new(report))))
}

#[cfg(test)]
mod tests;
