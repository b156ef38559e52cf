//! The kinds of problem, in words.

use types::{AgencyCode, CodeError};

use super::Place;
use crate::Day;

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident { $($(#[$field_doc:meta])* $field:ident : $type:ty),* } $vi:literal $en:literal;)*) => {
        /// One kind of problem; each text says what is wrong and what to do.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum ProblemKind { $($(#[$doc])* $variant { $($(#[$field_doc])* $field: $type,)* },)* }

        impl ProblemKind {
            /// In Vietnamese.
            #[must_use]
            #[allow(unused_variables, reason = "a text need not name every field")]
            pub fn vi(&self) -> String {
                match self { $(Self::$variant { $($field),* } => format!($vi),)* }
            }

            /// In English.
            #[must_use]
            #[allow(unused_variables, reason = "a text need not name every field")]
            pub fn en(&self) -> String {
                match self { $(Self::$variant { $($field),* } => format!($en),)* }
            }
        }
    };
}

kinds! {
    /// The file cannot be read.
    Unreadable {
        /// What the system says.
        cause: String
    } "không đọc được tệp ({cause}); kiểm tra đường dẫn và quyền đọc" "cannot read the file ({cause}); check path and permission";
    /// The file is larger than the limit.
    FileTooLarge {
        /// Bytes allowed.
        max: u64
    } "tệp lớn hơn {max} byte; chia nhỏ hoặc bỏ cột thừa" "the file is larger than {max} bytes; drop what is not needed";
    /// Neither `.toml` nor `.csv`.
    UnknownExtension {} "tên tệp phải kết thúc bằng .toml hoặc .csv" "the file name must end in .toml or .csv";
    /// Not UTF-8.
    NotUtf8 {} "tệp không phải UTF-8; lưu lại với bảng mã UTF-8" "the text is not UTF-8; save it as UTF-8";
    /// Not TOML, or not CSV.
    Syntax {
        /// What the reader says.
        message: String
    } "sai cú pháp: {message}" "syntax: {message}";
    /// A key, table or column that means nothing here.
    UnknownKey {
        /// The key.
        key: String,
        /// What is known.
        known: String
    } "không có khóa {key:?}; các khóa: {known}" "there is no key {key:?}; the keys are {known}";
    /// A column occurs twice.
    RepeatedColumn {
        /// The column.
        key: &'static str
    } "cột {key} bị lặp; giữ một cột" "column {key} occurs twice; keep one";
    /// A value of another type.
    WrongType {
        /// The key.
        key: &'static str,
        /// What it should be.
        wanted: &'static str
    } "{key} phải là {wanted}" "{key} must be {wanted}";
    /// A required value is missing.
    Missing {
        /// The key.
        key: &'static str
    } "thiếu {key}; bổ sung" "{key} is missing; add it";
    /// A row with too few or too many fields.
    FieldCount {
        /// Fields found.
        found: usize,
        /// Fields of the first line.
        wanted: usize
    } "dòng có {found} trường, tiêu đề có {wanted}; kiểm tra dấu phẩy và dấu nháy" "the row has {found} fields, the header {wanted}; check commas and quotes";
    /// A text longer than its limit.
    TextTooLong {
        /// The key.
        key: &'static str,
        /// Bytes allowed.
        max: usize
    } "{key} dài hơn {max} byte; rút ngắn" "{key} is longer than {max} bytes; shorten it";
    /// A text with line breaks or other control characters.
    ControlCharacter {
        /// The key.
        key: &'static str
    } "{key} có ký tự điều khiển; bỏ đi" "{key} has a control character; remove it";
    /// A list longer than its limit.
    TooMany {
        /// The key.
        key: &'static str,
        /// Entries allowed.
        max: usize
    } "{key} có hơn {max} mục" "{key} has more than {max} entries";
    /// A text that cannot be a code, not even a free-form one.
    BadCode {
        /// The key.
        key: &'static str,
        /// Position and rule.
        source: CodeError
    } "{key}: mã không dùng được: {source}" "{key}: {source}";
    /// Not a level.
    BadLevel {
        /// The text.
        text: String
    } "{text:?} không phải cấp; dùng central, province, district, commune hoặc other" "{text:?} is no level; use central, province, district, commune or other";
    /// Not a day.
    BadDay {
        /// The key.
        key: &'static str,
        /// The text.
        text: String
    } "{key}: {text:?} không phải ngày; viết yyyy-mm-dd" "{key}: {text:?} is no day; write yyyy-mm-dd";
    /// Not the id of a neighbour.
    BadRoute {
        /// What is wrong with it.
        cause: String
    } "route không hợp lệ: {cause}; dùng mã nút láng giềng trong cấu hình" "route: {cause}; use a neighbour's id of the configuration";
    /// Not a kind of endpoint.
    BadEndpoint {
        /// The text.
        text: String
    } "{text:?} không phải loại điểm nhận; dùng inbox, push_grpc, webhook hoặc folder" "{text:?} is no endpoint; use inbox, push_grpc, webhook or folder";
    /// An endpoint without the address it needs, or an address without an endpoint that takes one.
    BadAddress {
        /// What the endpoint takes.
        wanted: &'static str
    } "address không khớp endpoint: {wanted}" "address does not fit the endpoint: {wanted}";
    /// Both `route` and `endpoint`.
    TwoReaches {} "chỉ được có route hoặc endpoint, không cả hai" "give route or endpoint, not both";
    /// `successors` without `since`, or the reverse.
    HalfSuccession {} "successors và since phải đi cùng nhau" "successors and since go together";
    /// The last day is before the first.
    PeriodReversed {
        /// First day.
        from: Day,
        /// Last day.
        until: Day
    } "valid_until {until} trước valid_from {from}; sửa ngày" "valid_until {until} is before valid_from {from}; correct the days";
    /// The successors take over while the agency still exists.
    SuccessionEarly {
        /// Since when.
        since: Day,
        /// Last day.
        until: Day
    } "since {since} phải sau ngày cuối valid_until {until}" "since {since} must be after the last day, valid_until {until}";
    /// Two agencies with one code.
    DuplicateCode {
        /// The code.
        code: AgencyCode,
        /// The other's text of it.
        other: AgencyCode,
        /// Where the other is.
        place: Place
    } "mã {code} trùng với {other} tại {place}; giữ một" "code {code} is listed as {other} at {place} too; keep one";
    /// One text names two agencies.
    AliasClash {
        /// The text.
        text: String,
        /// The agency here.
        code: AgencyCode,
        /// The other agency.
        other: AgencyCode,
        /// Where the other is.
        place: Place
    } "{text} vừa là mã của {code} vừa của {other} ({place}); bỏ một bên" "{text} names both {code} and {other} ({place}); take it off one";
    /// The parent is not listed.
    UnknownParent {
        /// The agency.
        code: AgencyCode,
        /// Its parent.
        parent: AgencyCode
    } "cơ quan cấp trên {parent} của {code} không có trong danh bạ; bổ sung hoặc sửa parent" "{code}: parent {parent} is not listed; add it or correct parent";
    /// An agency stands above itself.
    ParentCycle {
        /// The circle, joined by arrows.
        circle: String
    } "cấp trên đi thành vòng: {circle}; sửa parent của một cơ quan" "the parents go in a circle: {circle}; correct one parent";
    /// A successor is not listed.
    UnknownSuccessor {
        /// The agency.
        code: AgencyCode,
        /// Its successor.
        successor: AgencyCode
    } "cơ quan kế thừa {successor} của {code} không có trong danh bạ; bổ sung hoặc sửa successors" "{code}: successor {successor} is not listed; add it or correct successors";
    /// An agency succeeds itself.
    SuccessionCycle {
        /// The circle, joined by arrows.
        circle: String
    } "kế thừa đi thành vòng: {circle}; sửa successors" "the successors go in a circle: {circle}; correct successors";
    /// More agencies than the limit.
    TooManyAgencies {
        /// Agencies allowed.
        max: usize
    } "danh bạ có hơn {max} cơ quan" "the directory has more than {max} agencies";
    /// `include_csv` in a text that has no folder.
    IncludeWithoutFolder {} "include_csv chỉ dùng được khi nạp từ tệp" "include_csv works only in a file";
    /// `include_csv` names something that is not CSV.
    IncludeNotCsv {
        /// The name.
        name: String
    } "include_csv {name:?} phải là tệp .csv" "include_csv {name:?} must be a .csv file";
}
