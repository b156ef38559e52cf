//! Who signs as what, and what the page then shows. Source: Decree 30/2020/NĐ-CP, articles 13 and 25 and annex I.

use types::UnixMillis;

use super::page::Area;
use crate::time::to_rfc3339;

/// What a signature on a document is for. It decides what is shown and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PdfRole {
    /// Ký phê duyệt: the leader's, a picture in blue between title and name.
    Leader,
    /// Ký phát hành: the agency's seal, a red picture over the left third of the leader's.
    Seal,
    /// The agency's on an attachment in a file of its own: text at the top right of the first page, no picture.
    Appendix {
        /// Number and notation of the document, for example `15/QĐ-UBND`.
        number: String,
    },
    /// On a copy: text at the top right of the first page.
    Copy {
        /// Kind of copy.
        form: CopyForm,
        /// Name of the agency that made it.
        agency: String,
    },
    /// Ký văn bản đến: the receiver's stamp at the top left of the first page.
    Incoming {
        /// Name of the receiving agency.
        agency: String,
        /// Number in its register of incoming documents.
        number: String,
    },
}

/// Kinds of copies. Source: Decree 30/2020/NĐ-CP article 25.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CopyForm {
    /// Sao y.
    #[default]
    Full,
    /// Sao lục.
    OfCopy,
    /// Trích sao.
    Extract,
}

/// Where a role's signature stands when nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    /// Last page, right half, above the lower margin.
    BelowText,
    /// Over the leader's.
    OverLeader,
    TopRight,
    TopLeft,
}

/// Points of a millimetre.
pub(super) const MILLIMETRE: f64 = 72.0 / 25.4;

impl PdfRole {
    /// Stem of the field's name.
    pub(super) const fn field_stem(&self) -> &'static str {
        match self {
            Self::Leader => LEADER_FIELD,
            Self::Seal => "ConDau",
            Self::Appendix { .. } => "PhuLuc",
            Self::Copy { .. } => "SaoY",
            Self::Incoming { .. } => "VanBanDen",
        }
    }

    pub(super) const fn habit(&self) -> Habit {
        match self {
            Self::Leader => Habit::BelowText,
            Self::Seal => Habit::OverLeader,
            Self::Appendix { .. } | Self::Copy { .. } => Habit::TopRight,
            Self::Incoming { .. } => Habit::TopLeft,
        }
    }

    /// Width of its picture when none is said, in millimetres; a seal's real diameter. `None`: text only.
    pub(super) const fn picture_width_mm(&self) -> Option<f64> {
        match self {
            Self::Leader => Some(40.0),
            Self::Seal => Some(36.0),
            Self::Appendix { .. } | Self::Copy { .. } | Self::Incoming { .. } => None,
        }
    }

    pub(super) const fn has_frame(&self) -> bool {
        matches!(self, Self::Incoming { .. })
    }

    /// What it shows as text; of leader and seal, what stands in for a picture.
    pub(super) fn lines(&self, signer: &str, time: UnixMillis) -> Vec<String> {
        let stamp = vietnam_time(time);
        match self {
            Self::Leader => vec![format!("Người ký: {signer}"), format!("Thời gian ký: {stamp}")],
            Self::Seal => vec![format!("Cơ quan ký: {signer}"), format!("Thời gian ký: {stamp}")],
            Self::Appendix { number } => vec![number.clone(), stamp],
            Self::Copy { form, agency } => vec![form.title().to_owned(), agency.clone(), stamp],
            Self::Incoming { agency, number } => {
                let mut date = stamp.get(..10).unwrap_or_default().split('-').rev().collect::<Vec<_>>().join("/");
                date.insert_str(0, "Ngày: ");
                vec![agency.clone(), "ĐẾN".to_owned(), format!("Số: {number}"), date]
            }
        }
    }
}

/// Name of the leader's field: a seal looks for it.
pub(super) const LEADER_FIELD: &str = "LanhDao";

impl CopyForm {
    const fn title(self) -> &'static str {
        match self {
            Self::Full => "SAO Y",
            Self::OfCopy => "SAO LỤC",
            Self::Extract => "TRÍCH SAO",
        }
    }
}

/// ISO 8601 in Vietnam's zone, to the second: `2026-11-21T10:00:00+07:00`.
pub(super) fn vietnam_time(time: UnixMillis) -> String {
    let local = to_rfc3339(UnixMillis::new(time.as_millis().saturating_add(SEVEN_HOURS_MS)));
    format!("{}+07:00", local.get(..19).unwrap_or_default())
}

/// The same as a date of clause 7.9.4: `D:20261121100000+07'00'`.
pub(super) fn pdf_date(time: UnixMillis) -> String {
    let digits: String = vietnam_time(time).chars().take(19).filter(char::is_ascii_digit).collect();
    format!("D:{digits}+07'00'")
}

const SEVEN_HOURS_MS: u64 = 7 * 3600 * 1000;

/// Where a seal stands over the leader's picture: its right edge a third into it, both at one height.
pub(super) fn over_leader(leader: &Area, width: f64, height: f64) -> Area {
    let right = leader.left + leader.width / 3.0;
    let middle = leader.top + leader.height / 2.0;
    Area { left: (right - width).max(0.0), top: (middle - height / 2.0).max(0.0), width, height }
}
