//! `status`: reports how far a received document is.

use clap::Args;
use types::StatusCode;
use wire::exchange_v1::{Acceptance, DocumentReference, ReportStatusRequest};

use crate::client::{Client, expected};
use crate::failure::Failure;
use crate::output::{Output, Page, time};
use crate::profile::{Connection, agency};

/// Options of `status`.
#[derive(Args)]
pub(crate) struct StatusArgs {
    /// Mã trao đổi của văn bản (exchange id of the document)
    #[arg(value_name = "EXCHANGE_ID")]
    exchange_id: String,
    /// 1 đã đến, 2 từ chối, 3 tiếp nhận, 4 phân công, 5 xử lý, 6 hoàn thành, 13 lấy lại, 15 đồng ý, 16 từ chối
    /// (status code of QCVN 102:2016)
    #[arg(value_name = "CODE", value_parser = code)]
    code: StatusCode,
    /// Nội dung hoặc lý do; bắt buộc với 2 và 16 (text or reason; required with 2 and 16)
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    description: String,
    /// Cán bộ xử lý (name of the clerk)
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    staff: String,
    /// Phòng ban (department)
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    department: String,
    /// Điện thoại (mobile number)
    #[arg(long, value_name = "NUMBER", default_value = "", hide_default_value = true)]
    mobile: String,
    /// Thư điện tử (e-mail)
    #[arg(long, value_name = "ADDRESS", default_value = "", hide_default_value = true)]
    email: String,
    /// Cơ quan báo, mặc định theo hồ sơ (reporting agency; the profile's by default)
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

fn code(text: &str) -> Result<StatusCode, String> {
    let wrong = || "1, 2, 3, 4, 5, 6, 13, 15, 16".to_owned();
    text.parse().ok().and_then(StatusCode::from_number).ok_or_else(wrong)
}

pub(crate) async fn run(args: &StatusArgs, output: &mut Output) -> Result<(), Failure> {
    if matches!(args.code, StatusCode::Refused | StatusCode::Declined) && args.description.trim().is_empty() {
        return Err(Failure::usage("thiếu --description: từ chối phải có lý do (a refusal needs its reason)"));
    }
    let profile = args.connection.resolve()?;
    let agency = agency(args.agency.as_deref(), &profile, "--agency")?;
    let mut client = Client::connect(&profile).await?;
    let request = ReportStatusRequest {
        agency,
        exchange_id: args.exchange_id.clone(),
        document: None::<DocumentReference>,
        status_code: args.code.as_number().into(),
        description: args.description.clone(),
        staff: args.staff.clone(),
        department: args.department.clone(),
        mobile: args.mobile.clone(),
        email: args.email.clone(),
        at: None,
    };
    let answer = client.stub.report_status(request).await.map_err(|status| client.failed(status))?;
    let acceptance = expected(answer.into_inner().acceptance, "acceptance")?;
    output.show(&acceptance, |acceptance, page| show(args.code, acceptance, page))
}

fn show(code: StatusCode, acceptance: &Acceptance, page: &mut Page) {
    page.line(format!("Đã báo trạng thái {code} {} (reported)", code.name_vi()));
    page.facts([
        ("Mã trao đổi (exchange id)", acceptance.exchange_id.clone()),
        ("Thời điểm (accepted at)", time(acceptance.accepted_at.as_ref())),
    ]);
    for warning in &acceptance.warnings {
        page.line(format!("Cảnh báo {}: {} ({})", warning.code, warning.text_vi, warning.text_en));
    }
}
