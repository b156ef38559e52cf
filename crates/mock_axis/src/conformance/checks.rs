//! The rules for a server, and what checks each.

use std::pin::Pin;
use std::time::Instant;

use serde::Serialize;

use super::stage::{Checked, Stage, Trouble};
use super::{Outcome, Report, Target, Verdict};
use super::{agencies, answers, counting, fetching, hashing, lists, provincial, sending, signing};

/// One rule of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its id. Never changes, and is never given to another rule.
    pub id: &'static str,
    /// The rule in Vietnamese.
    pub vi: &'static str,
    /// The rule in English.
    pub en: &'static str,
}

pub(super) const fn rule(id: &'static str, vi: &'static str, en: &'static str) -> Rule {
    Rule { id, vi, en }
}

/// The rules for a server, in the order in which they are checked.
#[rustfmt::skip]
pub const RULES: [Rule; 70] = [
    rule("AX-SIGN-1", "Yêu cầu ký đúng được nhận", "a rightly signed request is accepted"),
    rule("AX-SIGN-2", "hash-header sai: mã 15", "a wrong hash-header is refused with 15"),
    rule("AX-SIGN-3", "systemid lạ: mã 15", "an unknown systemid is refused with 15"),
    rule("AX-SIGN-4", "Header bị sửa sau khi ký: mã 15", "a header changed after signing is refused with 15"),
    rule("AX-SIGN-5", "sign-header-key thiếu tên đã ký: mã 15", "sign-header-key without a signed name is refused with 15"),
    rule("AX-SIGN-6", "sign-header-key thừa tên chưa ký: mã 15", "sign-header-key with an unsigned name is refused with 15"),
    rule("AX-SIGN-7", "systemid không được ký: mã 15", "a request whose systemid is not signed is refused with 15"),
    rule("AX-SIGN-8", "Tên header không phân biệt hoa thường", "the case of header names does not count"),
    rule("AX-SIGN-9", "Header còn lại từ lần gọi trước bị bỏ qua", "headers left over from earlier calls are ignored"),
    rule("AX-SIGN-10", "docId và docid là hai tham số khác nhau", "docId and docid are two parameters, read from the signed JSON"),
    rule("AX-SIGN-11", "Giá trị header UTF-8 được nhận", "a header value in UTF-8 is accepted"),
    rule("AX-SIGN-12", "Giá trị header Latin-1 được nhận", "a header value in Latin-1 is accepted"),
    rule("AX-SIGN-13", "timestamp cũ nhiều năm vẫn được nhận", "a timestamp of years ago is accepted"),
    rule("AX-SIGN-14", "HMAC tính trên byte của sign-header như nhận được", "the hash is over the bytes of sign-header as received"),
    rule("AX-SIGN-15", "Khóa HMAC là secret nguyên văn, không giải base64", "the key is the secret as given, not base64-decoded"),
    rule("AX-SIGN-16", "Không có chữ ký: mã 15", "a request without a signature is refused with 15"),
    rule("AX-SIGN-17", "Header đã ký mà không gửi: mã 15", "a signed header that is not sent is refused with 15"),
    rule("AX-SEND-1", "sendEdoc trả DocId", "sendEdoc answers with a DocId"),
    rule("AX-SEND-2", "Văn bản đã gửi vào danh sách của nơi nhận", "what was sent is listed for its receiver"),
    rule("AX-SEND-3", "Tham số to dạng mảng JSON được nhận", "parameter to is taken as a JSON array"),
    rule("AX-SEND-4", "Có tham số to thì to quyết định nơi nhận", "parameter to decides in place of the packet's To"),
    rule("AX-SEND-5", "Gói trạng thái đi qua sendEdoc và vào danh sách status", "a status packet goes through sendEdoc and is listed as status"),
    rule("AX-HASH-1", "hash-file không có số 0 đứng đầu mỗi byte được nhận", "hash-file without leading zeros is accepted"),
    rule("AX-HASH-2", "hash-file đủ 64 ký tự được nhận", "hash-file in full is accepted"),
    rule("AX-HASH-3", "hash-file sai: mã 10", "a wrong hash-file is refused with 10"),
    rule("AX-BODY-1", "CR LF cuối thân không thuộc tệp", "the CR LF after the file is no part of it"),
    rule("AX-BODY-2", "multipart với phần edocFile được nhận", "a form with part edocFile is accepted"),
    rule("AX-BODY-3", "multipart với phần file_doc được nhận", "a form with part file_doc is accepted"),
    rule("AX-BODY-4", "Expect: 100-continue được trả lời trước thân", "Expect: 100-continue is answered before the body"),
    rule("AX-BODY-5", "Kết nối dùng được cho nhiều yêu cầu", "a connection carries several requests"),
    rule("AX-BODY-6", "Thân rỗng được nhận", "an empty form is accepted"),
    rule("AX-CODE-1", "Nơi nhận không tồn tại: mã 18", "an unknown receiver is refused with 18"),
    rule("AX-CODE-2", "Nơi gửi chưa đăng ký: mã 19", "an unknown sender is refused with 19"),
    rule("AX-CODE-3", "XML không phải edXML đúng chuẩn: mã 22", "XML that is no edXML is refused with 22"),
    rule("AX-CODE-4", "Tệp không phải XML: mã 22", "what is no XML is refused with 22"),
    rule("AX-CODE-5", "Gói bị từ chối không được giữ lại", "nothing of a refused packet is kept"),
    rule("AX-LIST-1", "Dòng chờ nhận đủ 9 trường, đều là chuỗi", "a line that waits has all nine members, as strings"),
    rule("AX-LIST-2", "Dòng chờ nhận đúng loại, nơi gửi, nơi nhận", "a line that waits tells its kind, sender and receiver"),
    rule("AX-LIST-3", "Danh sách xếp cũ trước", "the list is oldest first"),
    rule("AX-LIST-4", "Danh sách tối đa 500 dòng", "the list has 500 lines at most"),
    rule("AX-LIST-5", "messagetype tách văn bản và trạng thái", "messagetype keeps documents and statuses apart"),
    rule("AX-GET-1", "getEdoc trả tệp base64 nguyên vẹn", "getEdoc gives the file whole, as base64"),
    rule("AX-GET-2", "downloadEdoc trả tệp nguyên vẹn", "downloadEdoc gives the file whole"),
    rule("AX-GET-3", "getEdoc với docId lạ: FAIL, không có data", "getEdoc of an unknown docId is FAIL, without data"),
    rule("AX-GET-4", "Tải về không phải là xác nhận", "fetching confirms nothing"),
    rule("AX-SENT-1", "getSentEdocList có văn bản đã gửi theo DocId", "getSentEdocList has what was sent, by its DocId"),
    rule("AX-SENT-2", "Dòng đã gửi đủ 14 trường, đều là chuỗi", "a sent line has all fourteen members, as strings"),
    rule("AX-COUNT-1", "countReceiveEdoc gọi bằng POST trả số nguyên", "countReceiveEdoc by POST gives an integer"),
    rule("AX-COUNT-2", "countReceiveEdoc gọi bằng GET trả số nguyên", "countReceiveEdoc by GET gives an integer"),
    rule("AX-COUNT-3", "countReceiveStatus trả số nguyên", "countReceiveStatus gives an integer"),
    rule("AX-COUNT-4", "count bằng số dòng của danh sách", "the count is the number of lines listed"),
    rule("AX-STATE-1", "processing: vẫn trong danh sách", "processing leaves it on the list"),
    rule("AX-STATE-2", "fail: vẫn trong danh sách, tải lại được", "fail leaves it to be fetched again"),
    rule("AX-STATE-3", "done: ra khỏi danh sách", "done takes it off the list"),
    rule("AX-STATE-4", "updateStatus với docid lạ: FAIL", "updateStatus of an unknown docid is FAIL"),
    rule("AX-AGENCY-1", "getAgenciesList đúng dạng", "getAgenciesList has its shape"),
    rule("AX-AGENCY-2", "getAgenciesListQD20 đúng dạng", "getAgenciesListQD20 has its shape"),
    rule("AX-AGENCY-3", "getSynchronizeUnit đúng dạng, đúng kiểu số và logic", "getSynchronizeUnit has its shape, with its integer and truth values"),
    rule("AX-AGENCY-4", "registerAgency đưa cơ quan vào danh sách", "registerAgency puts an agency on the list"),
    rule("AX-AGENCY-5", "deleteAgency đưa cơ quan ra khỏi danh sách", "deleteAgency takes it off the list"),
    rule("AX-V1-1", "/v1/sendEdoc trả data.docId", "/v1/sendEdoc answers with data.docId"),
    rule("AX-V1-2", "/v1/sendEdoc sai secret: mã 15", "/v1/sendEdoc with a wrong secret is refused with 15"),
    rule("AX-LARGE-1", "Tệp lớn đi và về nguyên vẹn", "a large file goes and comes back whole"),
    rule("AX-ANS-1", "Trả lời sendEdoc chỉ có ASCII", "answers of sendEdoc are ASCII"),
    rule("AX-ANS-2", "sendEdoc luôn có DocId, rỗng khi FAIL", "sendEdoc always has DocId, empty on FAIL"),
    rule("AX-ANS-3", "Trả lời là một dòng, không BOM", "an answer is one line without a BOM"),
    rule("AX-ANS-4", "status, ErrorCode, ErrorDesc luôn có, là chuỗi", "status, ErrorCode and ErrorDesc are always there, as strings"),
    rule("AX-ANS-5", "OK đi với mã 0, FAIL với mã khác", "OK goes with code 0, FAIL with another"),
    rule("AX-ANS-6", "ErrorCode nằm trong bảng mã", "ErrorCode is in the table of codes"),
    rule("AX-ANS-7", "HTTP 200 cả khi FAIL", "HTTP 200 also on FAIL"),
];

/// One more rule, looked at in every answer.
pub const SECRET_RULE: Rule =
    rule("AX-SIGN-18", "Secret không bao giờ nằm trong trả lời", "the secret is never in an answer");

type Work<'s> = Pin<Box<dyn Future<Output = Checked> + Send + 's>>;

/// The check of a rule.
fn work<'s>(stage: &'s mut Stage, id: &'static str) -> Work<'s> {
    match id {
        "AX-SIGN-1" => Box::pin(signing::right(stage)),
        "AX-SIGN-2" => Box::pin(signing::wrong_hash(stage)),
        "AX-SIGN-3" => Box::pin(signing::unknown_system(stage)),
        "AX-SIGN-4" => Box::pin(signing::header_changed(stage)),
        "AX-SIGN-5" => Box::pin(signing::key_left_out(stage)),
        "AX-SIGN-6" => Box::pin(signing::key_added(stage)),
        "AX-SIGN-7" => Box::pin(signing::system_unsigned(stage)),
        "AX-SIGN-8" => Box::pin(signing::header_case(stage)),
        "AX-SIGN-9" => Box::pin(signing::stale_headers(stage)),
        "AX-SIGN-10" => Box::pin(signing::two_ids(stage)),
        "AX-SIGN-11" => Box::pin(signing::utf8_value(stage)),
        "AX-SIGN-12" => Box::pin(signing::latin1_value(stage)),
        "AX-SIGN-13" => Box::pin(signing::old_timestamp(stage)),
        "AX-SIGN-14" => Box::pin(signing::bytes_as_received(stage)),
        "AX-SIGN-15" => Box::pin(signing::decoded_secret(stage)),
        "AX-SIGN-16" => Box::pin(signing::unsigned(stage)),
        "AX-SIGN-17" => Box::pin(signing::header_missing(stage)),
        "AX-SEND-1" => Box::pin(sending::sent(stage)),
        "AX-SEND-2" => Box::pin(sending::arrives(stage)),
        "AX-SEND-3" => Box::pin(sending::named_receivers(stage)),
        "AX-SEND-4" => Box::pin(sending::named_receivers_decide(stage)),
        "AX-SEND-5" => Box::pin(sending::status_packet(stage)),
        "AX-HASH-1" => Box::pin(hashing::unpadded(stage)),
        "AX-HASH-2" => Box::pin(hashing::full(stage)),
        "AX-HASH-3" => Box::pin(hashing::wrong(stage)),
        "AX-BODY-1" => Box::pin(hashing::line_end(stage)),
        "AX-BODY-2" => Box::pin(hashing::form(stage, "edocFile")),
        "AX-BODY-3" => Box::pin(hashing::form(stage, "file_doc")),
        "AX-BODY-4" => Box::pin(sending::waits_for_continue(stage)),
        "AX-BODY-5" => Box::pin(sending::same_connection(stage)),
        "AX-BODY-6" => Box::pin(sending::empty_form(stage)),
        "AX-CODE-1" => Box::pin(sending::unknown_receiver(stage)),
        "AX-CODE-2" => Box::pin(sending::unknown_sender(stage)),
        "AX-CODE-3" => Box::pin(sending::no_edxml(stage)),
        "AX-CODE-4" => Box::pin(sending::no_xml(stage)),
        "AX-CODE-5" => Box::pin(sending::nothing_kept(stage)),
        "AX-LIST-1" => Box::pin(lists::members_of_line(stage)),
        "AX-LIST-2" => Box::pin(lists::values_of_line(stage)),
        "AX-LIST-3" => Box::pin(lists::oldest_first(stage)),
        "AX-LIST-4" => Box::pin(lists::capped(stage)),
        "AX-LIST-5" => Box::pin(lists::kinds_apart(stage)),
        "AX-GET-1" => Box::pin(fetching::base64(stage)),
        "AX-GET-2" => Box::pin(fetching::raw(stage)),
        "AX-GET-3" => Box::pin(fetching::unknown(stage)),
        "AX-GET-4" => Box::pin(fetching::fetching_confirms_nothing(stage)),
        "AX-SENT-1" => Box::pin(lists::sent_listed(stage)),
        "AX-SENT-2" => Box::pin(lists::sent_members(stage)),
        "AX-COUNT-1" => Box::pin(counting::by_post(stage)),
        "AX-COUNT-2" => Box::pin(counting::by_get(stage)),
        "AX-COUNT-3" => Box::pin(counting::statuses(stage)),
        "AX-COUNT-4" => Box::pin(counting::agrees(stage)),
        "AX-STATE-1" => Box::pin(fetching::processing(stage)),
        "AX-STATE-2" => Box::pin(fetching::fail(stage)),
        "AX-STATE-3" => Box::pin(fetching::done(stage)),
        "AX-STATE-4" => Box::pin(fetching::unknown_confirmed(stage)),
        "AX-AGENCY-1" => Box::pin(agencies::plain(stage)),
        "AX-AGENCY-2" => Box::pin(agencies::decision_20(stage)),
        "AX-AGENCY-3" => Box::pin(agencies::unit(stage)),
        "AX-AGENCY-4" => Box::pin(agencies::registered(stage)),
        "AX-AGENCY-5" => Box::pin(agencies::deleted(stage)),
        "AX-V1-1" => Box::pin(provincial::send(stage)),
        "AX-V1-2" => Box::pin(provincial::wrong_secret(stage)),
        "AX-LARGE-1" => Box::pin(sending::large(stage)),
        of_every_answer => Box::pin(std::future::ready(answers::verdict(stage, of_every_answer))),
    }
}

/// Plays the real client against a server, rule by rule; `told` has each outcome as it comes.
///
/// What is sent is confirmed at the end, so that nothing of it waits.
pub async fn run(target: Target, mut told: impl FnMut(&Outcome) + Send) -> Report {
    let mut stage = Stage::new(target);
    let mut report = Report::default();
    stage.begin().await;
    for rule in RULES.into_iter().chain([SECRET_RULE]) {
        if rule.id == "AX-ANS-1" {
            stage.clear().await;
        }
        stage.shown = None;
        let started = Instant::now();
        let checked = work(&mut stage, rule.id).await;
        let verdict = match checked {
            Ok(()) => Verdict::Passed,
            Err(Trouble::Failed(why)) => Verdict::Failed(why),
            Err(Trouble::Skipped(why)) => Verdict::Skipped(why),
        };
        let shown = stage.shown.take().filter(|_| matches!(verdict, Verdict::Failed(_)));
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let outcome = Outcome { rule, verdict, millis, shown };
        told(&outcome);
        report.outcomes.push(outcome);
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_an_id_of_its_own_and_words() {
        let mut ids: Vec<&str> = RULES.iter().chain([&SECRET_RULE]).map(|rule| rule.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), RULES.len() + 1);
        assert!(RULES.iter().all(|rule| !rule.vi.is_empty() && !rule.en.is_empty()));
    }
}
