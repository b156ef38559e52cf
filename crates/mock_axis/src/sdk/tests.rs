use super::*;

const SYSTEM: &str = "000.00.00.H30";
const SECRET: &str = "Kh0a/Rieng+Cua-Chung-Toi==";

/// 5 March 2026, 09:15:00.007 in Vietnam.
const AT: u64 = 1_772_676_900_007;

fn sdk() -> Sdk {
    let endpoint = "http://127.0.0.1:18090".parse().unwrap();
    Sdk::new(endpoint, SYSTEM, Secret::new(SECRET.as_bytes()), UnixMillis::new(AT))
}

fn golden(name: &str, request: &Request) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let written = request.bytes().unwrap();
    let expected = std::fs::read(&path).unwrap_or_default();
    assert!(
        written == expected,
        "{name} differs:\n{}\n--- expected ---\n{}",
        String::from_utf8_lossy(&written),
        String::from_utf8_lossy(&expected)
    );
}

#[test]
fn a_timestamp_has_milliseconds_in_four_digits() {
    assert_eq!(timestamp(UnixMillis::new(AT)), "05032026T091500+0007");
}

/// The sequence whose form was read off the wire: two client objects, headers of earlier calls kept.
#[test]
fn twelve_calls_in_a_row_are_written_as_the_real_client_writes_them() {
    let mut sdk = sdk();
    let file = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<edXML>Ủy ban</edXML>\r\n".as_bytes().to_vec();
    golden("01-sendEdoc.http", &sdk.send_request(SYSTEM, MessageType::Edoc, file));
    golden("02-getReceivedEdocList.http", &sdk.post_request("getReceivedEdocList", ""));
    sdk.set("docId", "m7").set("filePath", "kho");
    golden("03-getEdoc.http", &sdk.post_request("getEdoc", "{}"));
    golden("04-downloadEdoc.http", &sdk.get_request("downloadEdoc"));
    sdk.set("docid", "q2").set("status", "done");
    golden("05-updateStatus.http", &sdk.post_request("updateStatus", "{}"));
    golden("06-getSentEdocList.http", &sdk.post_request("getSentEdocList", ""));
    golden("07-countReceiveEdoc.http", &sdk.post_request("countReceiveEdoc", "{}"));
    let mut sdk = self::sdk();
    golden("08-getAgenciesList.http", &sdk.post_request("getAgenciesList", ""));
    golden("09-getAgenciesListQD20.http", &sdk.post_request("getAgenciesListQD20", ""));
    golden("10-getSynchronizeUnit.http", &sdk.post_request("getSynchronizeUnit", ""));
    let agency = r#"{"id":"","pcode":"000.00.00.H30","code":"000.00.77.H30","name":"Tổ thử nghiệm","mail":"t@vd.vn"}"#;
    golden("11-registerAgency.http", &sdk.post_request("registerAgency", agency));
    sdk.set("AgencyCode", "000.00.77.H30");
    golden("12-deleteAgency.http", &sdk.post_request("deleteAgency", "{}"));
}

#[test]
fn an_answer_without_a_member_is_refused_where_the_real_client_throws() {
    let reply = |body: &str| Reply {
        status: 200,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
        length: 0,
        digest: [0; 32],
        continued: Continued::NotAsked,
    };
    let member = |body: &str| match Answer::read_sent(&reply(body)) {
        Err(Unreadable::Member { member, found }) => format!("{member} {found}"),
        other => format!("{other:?}"),
    };
    assert_eq!(member(r#"{"ErrorCode":"0","ErrorDesc":"","DocId":"a"}"#), "status missing");
    assert_eq!(member(r#"{"status":"OK","ErrorCode":0,"ErrorDesc":"","DocId":"a"}"#), "ErrorCode a number");
    assert_eq!(member(r#"{"status":"OK","ErrorCode":"0","ErrorDesc":null,"DocId":"a"}"#), "ErrorDesc null");
    assert_eq!(member(r#"{"status":"FAIL","ErrorCode":"10","ErrorDesc":""}"#), "DocId missing");
    let accented = Answer::read_sent(&reply(r#"{"status":"OK","ErrorCode":"0","ErrorDesc":"Thành công","DocId":"a"}"#));
    assert_eq!(accented, Err(Unreadable::NotAscii { byte: 0xc3, offset: 46 }));
}
