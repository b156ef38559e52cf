//! `list`: documents that an agency sent or received.

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use wire::exchange_v1::{Direction, ListDocumentsRequest, ListDocumentsResponse};

use super::inbox::{KindArg, kind, kind_of, sender, what};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, Page, lane, signatures, size, time};
use crate::profile::{Connection, agency};

/// Options of `list`.
#[derive(Args)]
pub(crate) struct ListArgs {
    /// sent: đã gửi, received: đã nhận (which side of the documents)
    #[arg(value_enum, value_name = "sent|received")]
    direction: DirectionArg,
    /// Từ ngày yyyy-MM-dd hoặc thời điểm RFC 3339 (accepted at or after)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Timestamp>,
    /// Trước ngày yyyy-MM-dd hoặc thời điểm RFC 3339 (accepted before)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<Timestamp>,
    /// Chỉ văn bản hoặc chỉ trạng thái (only documents, or only statuses)
    #[arg(long, value_enum)]
    kind: Option<KindArg>,
    /// Từ trong trích yếu, số ký hiệu, mã văn bản; không cần dấu (words to find, diacritics optional)
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true)]
    text: String,
    /// Chỉ với cơ quan này ở đầu bên kia (only with this agency on the other side)
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    counterpart: String,
    /// Chỉ văn bản đã gửi có thể đến trễ thời hạn (only sent documents that will probably miss their deadline)
    #[arg(long)]
    at_risk: bool,
    /// Số văn bản tối đa (documents at most)
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// Trang tiếp theo, như lần trước đã in (the next page, as printed before)
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    page_token: String,
    /// Cơ quan, mặc định theo hồ sơ (agency; the profile's by default)
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DirectionArg {
    /// Đã gửi (sent)
    Sent,
    /// Đã nhận (received)
    Received,
}

/// Most documents that one call answers with.
const PAGE_MAX: usize = 500;

pub(crate) async fn run(args: &ListArgs, output: &mut Output) -> Result<(), Failure> {
    let profile = args.connection.resolve()?;
    let agency = agency(args.agency.as_deref(), &profile, "--agency")?;
    let mut client = Client::connect(&profile).await?;
    let direction = match args.direction {
        DirectionArg::Sent => Direction::Sent,
        DirectionArg::Received => Direction::Received,
    };
    let mut request = ListDocumentsRequest {
        agency,
        direction: direction.into(),
        from_time: args.since.map(wire_time),
        to_time: args.until.map(wire_time),
        kind: kind_of(args.kind),
        text: args.text.clone(),
        counterpart: args.counterpart.clone(),
        page_size: 0,
        page_token: args.page_token.clone(),
        at_risk: args.at_risk,
    };
    let mut all = ListDocumentsResponse::default();
    while all.documents.len() < args.limit {
        let left = (args.limit - all.documents.len()).min(PAGE_MAX);
        request.page_size = u32::try_from(left).unwrap_or(0);
        let page = client.stub.list_documents(request.clone()).await.map_err(|status| client.failed(status))?;
        let page = page.into_inner();
        all.documents.extend(page.documents);
        all.next_page_token.clone_from(&page.next_page_token);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    output.show(&all, show)
}

fn show(list: &ListDocumentsResponse, page: &mut Page) {
    page.table(
        [
            "Lúc",
            "Mã trao đổi",
            "Loại",
            "Số ký hiệu",
            "Nơi gửi",
            "Trích yếu / trạng thái",
            "Độ khẩn",
            "Nơi nhận",
            "Cỡ",
            "Chữ ký",
        ],
        list.documents.iter().map(|document| {
            [
                time(document.accepted_at.as_ref()),
                document.exchange_id.clone(),
                kind(document),
                document.code.clone(),
                sender(document),
                what(document),
                lane(document.priority).to_owned(),
                document.recipient_count.to_string(),
                size(document.length),
                signatures(&document.signature_ruling, &document.signature_indication),
            ]
        }),
    );
    if !list.next_page_token.is_empty() {
        page.line(format!("Còn nữa: --page-token {} (more)", list.next_page_token));
    }
}

pub(super) fn wire_time(at: Timestamp) -> pbjson_types::Timestamp {
    pbjson_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
}

/// A day in Vietnam (its midnight), or a time with its zone.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    // A date's parser would also take the date of a whole time and drop the rest.
    let is_day = text.bytes().all(|byte| byte.is_ascii_digit() || b"-/".contains(&byte));
    if let (true, Ok(date)) = (is_day, text.replace('/', "-").parse::<jiff::civil::Date>()) {
        let midnight = date.to_datetime(jiff::civil::Time::midnight());
        return jiff::tz::Offset::constant(7).to_timestamp(midnight).map_err(|error| error.to_string());
    }
    text.parse::<Timestamp>().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_vietnam() {
        assert_eq!(moment("2026-11-21").unwrap().to_string(), "2026-11-20T17:00:00Z");
        assert_eq!(moment("2026/11/21"), moment("2026-11-21"));
    }

    #[test]
    fn a_time_keeps_its_zone() {
        assert_eq!(moment("2026-11-21T08:00:00+07:00").unwrap().to_string(), "2026-11-21T01:00:00Z");
        assert!(moment("hôm qua").is_err());
    }
}
