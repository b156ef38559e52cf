//! The metadata of a document, from options and a header file.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use edxml::EdxmlDate;
use jiff::civil::Date;
use types::AgencyCode;
use wire::exchange_v1::{DocumentHeader, DocumentReference, Party};
use wire::types_v1::{BusinessType, Priority};

use crate::failure::Failure;
use crate::files;

/// Bytes of a header file: 10,000 receivers with their addresses fit.
const HEADER_FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Options that describe the document; each lies over the header file's value.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct HeaderArgs {
    /// Tệp mô tả văn bản, .toml hoặc .json theo DocumentHeader (document header file)
    #[arg(long, value_name = "FILE")]
    pub(crate) header: Option<PathBuf>,
    /// Nơi nhận: mã cơ quan hoặc nhóm group:H48/commune (receivers: codes or groups)
    #[arg(long, value_name = "CODE", num_args = 1..)]
    pub(crate) to: Vec<String>,
    /// Cơ quan gửi, mặc định theo hồ sơ (sending agency; the profile's by default)
    #[arg(long, value_name = "CODE")]
    pub(crate) from: Option<String>,
    /// Mã văn bản, mặc định ghép từ mã, ngày, số ký hiệu (document id; made when absent)
    #[arg(long, value_name = "ID")]
    pub(crate) document_id: Option<String>,
    /// Số văn bản, ví dụ 7816 (number)
    #[arg(long, value_name = "NUMBER")]
    pub(crate) number: Option<String>,
    /// Ký hiệu, ví dụ VPCP-TTĐT (notation)
    #[arg(long, value_name = "TEXT")]
    pub(crate) notation: Option<String>,
    /// Trích yếu (subject)
    #[arg(long, value_name = "TEXT")]
    pub(crate) subject: Option<String>,
    /// Nội dung tóm tắt (content)
    #[arg(long, value_name = "TEXT")]
    pub(crate) content: Option<String>,
    /// Ngày ban hành yyyy/MM/dd, mặc định hôm nay (date of issue; today by default)
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) date: Option<EdxmlDate>,
    /// Nơi ban hành (place of issue)
    #[arg(long, value_name = "TEXT")]
    pub(crate) place: Option<String>,
    /// Hạn xử lý yyyy/MM/dd (due date)
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) due_date: Option<EdxmlDate>,
    /// Độ khẩn: thuong, khan, thuong-khan, hoa-toc (priority)
    #[arg(long, value_enum)]
    pub(crate) priority: Option<PriorityArg>,
    /// Mã loại văn bản (document type number)
    #[arg(long = "type", value_name = "N")]
    pub(crate) kind: Option<i32>,
    /// Tên loại văn bản, ví dụ "Công văn" (name of the document type)
    #[arg(long, value_name = "TEXT")]
    pub(crate) type_name: Option<String>,
    /// Nghiệp vụ: new, revoke, update, replace (business type)
    #[arg(long, value_enum)]
    pub(crate) business_type: Option<BusinessArg>,
    /// Lý do nghiệp vụ (reason of the business type)
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Văn bản bị thu hồi, cập nhật, thay thế (id of the document acted on)
    #[arg(long, value_name = "ID")]
    pub(crate) refers_to: Option<String>,
    /// Văn bản được trả lời (ids of the documents answered)
    #[arg(long, value_name = "ID")]
    pub(crate) answers: Vec<String>,
    /// Người ký (name of the signer)
    #[arg(long, value_name = "NAME")]
    pub(crate) signer_name: Option<String>,
    /// Chức vụ người ký (position of the signer)
    #[arg(long, value_name = "TEXT")]
    pub(crate) signer_position: Option<String>,
    /// Quyền hạn ký, ví dụ "TL. BỘ TRƯỞNG" (competence of the signer)
    #[arg(long, value_name = "TEXT")]
    pub(crate) signer_competence: Option<String>,
}

/// Độ khẩn on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PriorityArg {
    /// Thường (normal)
    #[value(name = "thuong", alias = "normal", alias = "0")]
    Normal,
    /// Khẩn (urgent)
    #[value(name = "khan", alias = "urgent", alias = "1")]
    Urgent,
    /// Thượng khẩn (very urgent)
    #[value(name = "thuong-khan", alias = "very-urgent", alias = "2")]
    VeryUrgent,
    /// Hỏa tốc (express)
    #[value(name = "hoa-toc", alias = "express", alias = "3")]
    Express,
}

impl From<PriorityArg> for Priority {
    fn from(priority: PriorityArg) -> Self {
        match priority {
            PriorityArg::Normal => Self::Normal,
            PriorityArg::Urgent => Self::Urgent,
            PriorityArg::VeryUrgent => Self::VeryUrgent,
            PriorityArg::Express => Self::Express,
        }
    }
}

/// Loại nghiệp vụ on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BusinessArg {
    /// Văn bản mới (new)
    #[value(alias = "0")]
    New,
    /// Thu hồi (revoke)
    #[value(alias = "1")]
    Revoke,
    /// Cập nhật (update)
    #[value(alias = "2")]
    Update,
    /// Thay thế (replace)
    #[value(alias = "3")]
    Replace,
}

impl From<BusinessArg> for BusinessType {
    fn from(kind: BusinessArg) -> Self {
        match kind {
            BusinessArg::New => Self::New,
            BusinessArg::Revoke => Self::Revoke,
            BusinessArg::Update => Self::Update,
            BusinessArg::Replace => Self::Replace,
        }
    }
}

impl HeaderArgs {
    /// True when any of these options was given.
    pub(crate) fn is_given(&self) -> bool {
        let texts = [&self.from, &self.document_id, &self.number, &self.notation, &self.subject, &self.content];
        let more = [&self.place, &self.type_name, &self.reason, &self.refers_to, &self.signer_name];
        let last = [&self.signer_position, &self.signer_competence];
        self.header.is_some()
            || !self.to.is_empty()
            || !self.answers.is_empty()
            || self.date.is_some()
            || self.due_date.is_some()
            || self.priority.is_some()
            || self.kind.is_some()
            || self.business_type.is_some()
            || texts.into_iter().chain(more).chain(last).any(Option::is_some)
    }

    /// The header of the document: the file's values, the options over them, the gaps filled.
    ///
    /// `agency` is the profile's, `today` the day in Vietnam.
    pub(crate) fn header(&self, agency: Option<&str>, today: EdxmlDate) -> Result<DocumentHeader, Failure> {
        if let Some(file) = self.swallowed() {
            return Err(Failure::usage(format!("{file} đứng sau --to: đặt tệp trước --to (files go before --to)")));
        }
        let mut header = self.header.as_deref().map(read).transpose()?.unwrap_or_default();
        self.lay_over(&mut header);
        if header.from.as_ref().is_none_or(|from| from.code.is_empty()) {
            header.from.get_or_insert_default().code = agency.unwrap_or_default().to_owned();
        }
        if header.promulgation_date.is_empty() {
            header.promulgation_date = today.to_string();
        }
        complete(&mut header, self)?;
        Ok(header)
    }

    /// A file among the receivers: `--to` takes everything up to the next option.
    fn swallowed(&self) -> Option<&str> {
        self.to.iter().map(String::as_str).find(|code| !code.starts_with("group:") && Path::new(code).is_file())
    }

    fn lay_over(&self, header: &mut DocumentHeader) {
        let text = |option: &Option<String>, field: &mut String| {
            if let Some(text) = option {
                field.clone_from(text);
            }
        };
        text(&self.document_id, &mut header.document_id);
        text(&self.number, &mut header.code_number);
        text(&self.notation, &mut header.code_notation);
        text(&self.subject, &mut header.subject);
        text(&self.content, &mut header.content);
        text(&self.place, &mut header.place);
        text(&self.type_name, &mut header.type_name);
        text(&self.reason, &mut header.business_reason);
        text(&self.signer_name, &mut header.signer_name);
        text(&self.signer_position, &mut header.signer_position);
        text(&self.signer_competence, &mut header.signer_competence);
        text(&self.date.map(|day| day.to_string()), &mut header.promulgation_date);
        text(&self.due_date.map(|day| day.to_string()), &mut header.due_date);
        text(&self.from, &mut header.from.get_or_insert_default().code);
        if !self.to.is_empty() {
            header.to = self.to.iter().map(|code| Party { code: code.clone(), ..Party::default() }).collect();
        }
        if let Some(priority) = self.priority {
            header.set_priority(priority.into());
        }
        if let Some(kind) = self.business_type {
            header.set_business_type(kind.into());
        }
        if let Some(kind) = self.kind {
            header.r#type = kind;
        }
    }
}

/// Checks what must be there and makes the document's id and references.
fn complete(header: &mut DocumentHeader, args: &HeaderArgs) -> Result<(), Failure> {
    let from = header.from.as_ref().map(|from| from.code.clone()).unwrap_or_default();
    for (value, what) in [
        (from.as_str(), "--from: cơ quan gửi (sending agency)"),
        (header.code_number.as_str(), "--number: số văn bản (number)"),
        (header.subject.as_str(), "--subject: trích yếu (subject)"),
        (header.to.first().map_or("", |to| to.code.as_str()), "--to: nơi nhận (receivers)"),
    ] {
        if value.trim().is_empty() {
            return Err(Failure::usage(format!("thiếu {what}")));
        }
    }
    if let Some(id) = &args.refers_to {
        header.refers_to = Some(reference(id, &from));
    }
    if !args.answers.is_empty() {
        header.response_for = args.answers.iter().map(|id| reference(id, "")).collect();
    }
    if header.business_type() != BusinessType::New && header.refers_to.is_none() {
        return Err(Failure::usage("thiếu --refers-to: văn bản gốc (the earlier document)"));
    }
    if header.document_id.is_empty() {
        header.document_id = document_id(&from, header);
    }
    Ok(())
}

/// `000.00.00.G22,2015/09/30,7816/VPCP-TTĐT`: the customary id, in generation 1 where the code has it.
fn document_id(from: &str, header: &DocumentHeader) -> String {
    let code = from.parse::<AgencyCode>().ok().and_then(|code| code.as_qcvn2016());
    format!("{},{},{}", code.as_deref().unwrap_or(from), header.promulgation_date, number_and_notation(header))
}

/// `7816/VPCP-TTĐT`, or the number alone.
pub(crate) fn number_and_notation(header: &DocumentHeader) -> String {
    match header.code_notation.as_str() {
        "" => header.code_number.clone(),
        notation => format!("{}/{notation}", header.code_number),
    }
}

/// A reference by id; an id of the customary form also tells agency, date and code.
fn reference(id: &str, agency: &str) -> DocumentReference {
    let mut reference =
        DocumentReference { agency: agency.to_owned(), document_id: id.to_owned(), ..DocumentReference::default() };
    let parts: Vec<&str> = id.splitn(3, ',').collect();
    if let [of, date, code] = parts.as_slice()
        && date.parse::<EdxmlDate>().is_ok()
    {
        (*of).clone_into(&mut reference.agency);
        (*date).clone_into(&mut reference.promulgation_date);
        (*code).clone_into(&mut reference.code);
    }
    reference
}

fn read(path: &Path) -> Result<DocumentHeader, Failure> {
    let bytes = files::read_small(path, HEADER_FILE_BYTES_MAX)?;
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let parsed = if is_json {
        serde_json::from_slice(&bytes).map_err(|error| error.to_string())
    } else {
        toml::from_slice(&bytes).map_err(|error| error.to_string())
    };
    parsed.map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

/// `2026/11/21` or `2026-11-21`.
fn day(text: &str) -> Result<EdxmlDate, String> {
    text.replace('-', "/").parse().map_err(|error: edxml::ValueError| error.to_string())
}

/// Today in Vietnam.
pub(crate) fn today() -> EdxmlDate {
    let date: Date = jiff::tz::Offset::constant(7).to_datetime(jiff::Timestamp::now()).date();
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    EdxmlDate::new(u16::try_from(date.year()).unwrap_or(1), part(date.month()), part(date.day()))
        .expect("a day of the calendar is a day of the calendar")
}

#[cfg(test)]
mod tests;
