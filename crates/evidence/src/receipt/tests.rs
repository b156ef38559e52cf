use proptest::prelude::*;
use ring::digest::{SHA256, digest};

use super::*;
use crate::NOTICE_TEXT_BYTES_MAX;

fn sha256(text: &str) -> Digest {
    Digest::try_from(digest(&SHA256, text.as_bytes()).as_ref()).unwrap()
}

fn code(text: &str) -> AgencyCode {
    AgencyCode::opaque(text).unwrap()
}

/// A receipt of the given event with every field that the event can have.
fn full(event: ReceiptEvent) -> Receipt {
    Receipt {
        event,
        id: "0192f0c1-2b3c-7d4e-8f50-61728394a5b6".parse().unwrap(),
        exchange: "0192f0c1-2b3c-7d4e-8f50-000000000001".parse().unwrap(),
        node: "node-h48".parse().unwrap(),
        at: UnixMillis::new(1_795_258_123_045),
        document: Some(DocumentFacts {
            sender: code("000.00.20.H48"),
            document_id: "000.00.20.H48,2026/11/21,12/QĐ-SNV".parse().unwrap(),
            kind: PacketKind::Document,
            business_type: BusinessType::Replace,
        }),
        content: Some(ContentFacts { length: 52_428_800, sha256: sha256("content") }),
        manifest: Some(sha256("manifest")),
        signature: Some(sha256("signature")),
        recipients: Recipients::new(&[code("H48.20.15"), code("000.00.21.H48")]),
        peer: Some(Peer::System("qlvb-snv".parse().unwrap())),
        reason: event.is_failure().then(|| Notice::new(ErrorCode::UnknownAgency, "H48.20.15 không có trong danh bạ")),
        verdict: Some(Indication::TotalPassed),
        report: None,
        warnings: vec![Notice::new(ErrorCode::CertificateExpired, "chứng thư hết hạn ngày mai")],
        previous: Some(sha256("previous")),
    }
}

/// The same with nothing that may be left out.
fn bare(event: ReceiptEvent) -> Receipt {
    Receipt {
        manifest: None,
        signature: None,
        peer: None,
        verdict: None,
        warnings: vec![],
        previous: None,
        ..full(event)
    }
}

fn json(receipt: &Receipt) -> String {
    String::from_utf8(receipt.to_json().unwrap()).unwrap()
}

/// Reads the canonical text after one replacement, which must have found something.
fn read_with(from: &str, to: &str) -> Result<Receipt, ReceiptError> {
    let text = json(&full(ReceiptEvent::SubmissionAcceptance));
    assert!(text.contains(from), "{from} is not in {text}");
    Receipt::from_json(text.replacen(from, to, 1).as_bytes())
}

fn field_of(result: Result<Receipt, ReceiptError>) -> &'static str {
    match result {
        Err(ReceiptError::Field { field, .. }) => field,
        other => panic!("expected a refused field, found {other:?}"),
    }
}

#[test]
fn every_event_reads_back_as_it_was_written() {
    for receipt in ReceiptEvent::ALL.into_iter().flat_map(|event| [full(event), bare(event)]) {
        assert_eq!(Receipt::from_json(&receipt.to_json().unwrap()), Ok(receipt));
    }
}

#[test]
fn the_form_is_fixed() {
    let expected = concat!(
        r#"{"at":"2026-11-21T10:48:43.045Z","businessType":3,"content":{"length":52428800,"sha256":"#,
        r#""ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"},"#,
        r#""documentId":"000.00.20.H48,2026/11/21,12/QĐ-SNV","domain":"vn.lienthong.receipt.v1","#,
        r#""event":"RelayRejection","exchange":"0192f0c1-2b3c-7d4e-8f50-000000000001","#,
        r#""id":"0192f0c1-2b3c-7d4e-8f50-61728394a5b6","kind":"document","node":"node-h48","#,
        r#""reason":{"code":"unknown_agency","text":"H48.20.15 không có trong danh bạ"},"#,
        r#""recipients":["H48.20.15","000.00.21.H48"],"sender":"000.00.20.H48"}"#
    );
    assert_eq!(json(&bare(ReceiptEvent::RelayRejection)), expected);
}

#[test]
fn a_status_receipt_reads_back() {
    let mut receipt = bare(ReceiptEvent::ContentConsignment);
    receipt.document.as_mut().unwrap().kind = PacketKind::Status;
    assert_eq!(Receipt::from_json(&receipt.to_json().unwrap()), Ok(receipt));
}

#[test]
fn a_rejection_may_be_about_something_unreadable() {
    for event in ReceiptEvent::ALL {
        let receipt = Receipt { document: None, content: None, recipients: Recipients::new(&[]), ..bare(event) };
        let read = receipt.to_json().and_then(|bytes| Receipt::from_json(&bytes));
        assert_eq!(read.is_ok(), event.is_rejection(), "{event}: {read:?}");
    }
}

#[test]
fn what_was_accepted_names_its_document_content_and_recipients() {
    let accepted = || bare(ReceiptEvent::SubmissionAcceptance);
    let check = |receipt: Receipt, field| match receipt.to_json() {
        Err(ReceiptError::Field { field: found, .. }) => assert_eq!(found, field),
        other => panic!("{other:?} without {field}"),
    };
    check(Receipt { document: None, ..accepted() }, "documentId");
    check(Receipt { content: None, ..accepted() }, "content");
    check(Receipt { recipients: Recipients::new(&[]), ..accepted() }, "recipients");
}

#[test]
fn failures_have_a_reason_and_others_have_none() {
    for event in ReceiptEvent::ALL {
        let other = if event.is_failure() { None } else { Some(Notice::new(ErrorCode::Internal, "")) };
        let wrong = Receipt { reason: other, ..full(event) }.to_json();
        assert!(matches!(wrong, Err(ReceiptError::Field { field: "reason", .. })), "{event}: {wrong:?}");
    }
}

#[test]
fn another_domain_is_refused_by_its_name() {
    let refused = read_with("vn.lienthong.receipt.v1", "vn.lienthong.manifest.v1").unwrap_err();
    assert_eq!(refused, ReceiptError::Domain { found: "vn.lienthong.manifest.v1".to_owned() });
    assert_eq!(refused.code(), ErrorCode::ProtocolViolation);
}

#[test]
fn another_spelling_of_the_same_receipt_is_refused() {
    for (from, to) in [
        (r#""businessType":3"#, r#""businessType": 3"#),
        (r#""businessType":3"#, r#""businessType":3.0"#),
        (r#""kind":"document""#, r#""kind":"\u0064ocument""#),
        (".045Z", ".0450Z"),
        (".045Z", ".045+00:00"),
        ("2026-11-21T10", "2026-11-21t10"),
        ("0192f0c1-2b3c-7d4e", "0192F0C1-2b3c-7d4e"),
        (r#","documentId""#, r#","previous":null,"documentId""#),
        (r#"{"at""#, r#" {"at""#),
    ] {
        let read = read_with(from, to);
        assert!(read.is_err(), "{from} as {to}: {read:?}");
    }
    let text = json(&bare(ReceiptEvent::ContentHandover));
    assert!(Receipt::from_json(format!("{text}\n").as_bytes()).is_err());
    let swapped = text.replace(r#""businessType":3,"#, "").replace(r#"{"at""#, r#"{"businessType":3,"at""#);
    assert_eq!(Receipt::from_json(swapped.as_bytes()), Err(ReceiptError::NotCanonical));
}

#[test]
fn unknown_missing_and_doubled_members_are_refused() {
    for (from, to) in [
        (r#","kind""#, r#","ki":1,"kind""#),
        (r#""node":"node-h48","#, ""),
        (r#""node":"node-h48","#, r#""node":"node-h48","node":"node-h48","#),
        (r#"{"length":52428800,"#, r#"{"length":52428800,"more":1,"#),
        (r#""code":"certificate_expired","#, r#""code":"certificate_expired","more":1,"#),
    ] {
        let read = read_with(from, to);
        assert!(matches!(read, Err(ReceiptError::Json { .. })), "{from} as {to}: {read:?}");
    }
}

#[test]
fn the_members_of_the_header_come_together() {
    assert_eq!(field_of(read_with(r#","kind":"document""#, "")), "documentId");
}

#[test]
fn values_that_break_their_rule_are_refused_by_name() {
    for (from, to, field) in [
        ("SubmissionAcceptance", "SubmissionAcceptances", "event"),
        ("61728394a5b6", "61728394a5bx", "id"),
        ("000000000001", "00000000000", "exchange"),
        ("node-h48", "node h48", "node"),
        ("10:48:43", "10:48:73", "at"),
        ("2026-11-21T", "1969-11-21T", "at"),
        ("ed7002b4", "ed7002b", "content.sha256"),
        (r#""businessType":3"#, r#""businessType":4"#, "businessType"),
        (r#""H48.20.15""#, r#""H48 20 15""#, "recipients"),
        ("qlvb-snv", "", "peer"),
        ("certificate_expired", "Certificate", "warnings"),
        ("chứng thư hết", "chứng thư\\nhết", "warnings"),
    ] {
        assert_eq!(field_of(read_with(from, to)), field, "{from} as {to}");
    }
}

#[test]
fn a_code_of_a_newer_node_is_kept_as_text() {
    let receipt = read_with("certificate_expired", "certificate_eaten").unwrap();
    let warning = receipt.warnings.first().unwrap();
    assert_eq!((warning.code(), warning.code_text()), (None, "certificate_eaten"));
}

#[test]
fn a_receipt_with_every_list_at_its_limit_fits() {
    // Quotes and backslashes take two bytes each in JSON.
    let quotes = |count| "\"".repeat(count);
    let codes: Vec<AgencyCode> = (0..64).map(|_| code(&quotes(64))).collect();
    let notice = || Notice::new(ErrorCode::AgencyNotSpokenFor, &quotes(1000));
    let receipt = Receipt {
        node: "n".repeat(64).parse().unwrap(),
        document: Some(DocumentFacts {
            sender: code(&quotes(64)),
            document_id: quotes(256).parse().unwrap(),
            kind: PacketKind::Document,
            business_type: BusinessType::New,
        }),
        content: Some(ContentFacts { length: (1 << 53) - 1, sha256: sha256("content") }),
        recipients: Recipients::new(&codes),
        peer: Some(Peer::External { system: "s".repeat(64).parse().unwrap(), reference: Some(quotes(255).into()) }),
        reason: Some(notice()),
        warnings: (0..WARNINGS_MAX).map(|_| notice()).collect(),
        ..full(ReceiptEvent::ContentConsignmentFailure)
    };
    let bytes = receipt.to_json().unwrap();
    assert!(bytes.len() > RECEIPT_BYTES_MAX * 9 / 10, "{} bytes: the limits could be wider", bytes.len());
}

#[test]
fn a_usual_receipt_of_ten_thousand_recipients_stays_below_four_kib() {
    let codes: Vec<AgencyCode> = (0..10_000).map(|at| code(&format!("H48.{at}"))).collect();
    let receipt = Receipt { recipients: Recipients::new(&codes), ..full(ReceiptEvent::SubmissionAcceptance) };
    assert!(receipt.to_json().unwrap().len() < 4096);
    assert_eq!(Receipt::from_json(&receipt.to_json().unwrap()), Ok(receipt));
}

#[test]
fn limits_are_named_with_what_was_found() {
    let warnings = vec![Notice::new(ErrorCode::Internal, ""); WARNINGS_MAX + 1];
    let refused = Receipt { warnings, ..full(ReceiptEvent::ContentHandover) }.to_json().unwrap_err();
    assert_eq!(refused, ReceiptError::Limit { what: "warnings of the receipt", found: 9, max: 8 });
    assert_eq!(refused.code(), ErrorCode::LimitExceeded);

    let refused = Receipt::from_json(&vec![b' '; RECEIPT_BYTES_MAX + 1]).unwrap_err();
    assert!(matches!(refused, ReceiptError::Limit { found: 16_385, .. }));

    let listed = Recipients::Listed(vec![code("H48"); 65]);
    let refused = Receipt { recipients: listed, ..full(ReceiptEvent::ContentHandover) }.to_json().unwrap_err();
    assert!(matches!(refused, ReceiptError::Limit { found: 65, max: 64, .. }));
}

#[test]
fn few_recipients_are_not_counted() {
    let recipients = Recipients::Counted { count: 64, sha256: sha256("") };
    let refused = Receipt { recipients, ..full(ReceiptEvent::ContentHandover) }.to_json().unwrap_err();
    assert!(matches!(refused, ReceiptError::Field { field: "recipients", .. }));
}

#[test]
fn numbers_that_json_readers_round_are_refused() {
    let content = Some(ContentFacts { length: 1 << 53, sha256: sha256("") });
    let refused = Receipt { content, ..full(ReceiptEvent::ContentHandover) }.to_json().unwrap_err();
    assert!(matches!(refused, ReceiptError::Field { field: "content.length", .. }));
}

#[test]
fn a_time_after_the_year_9999_is_refused() {
    let refused = Receipt { at: UnixMillis::new(u64::MAX), ..full(ReceiptEvent::ContentHandover) }.to_json();
    assert!(matches!(refused, Err(ReceiptError::Field { field: "at", .. })), "{refused:?}");
}

#[test]
fn a_notice_is_cut_at_a_character() {
    let notice = Notice::new(ErrorCode::Internal, &"ệ".repeat(100));
    assert_eq!(notice.text(), "ệ".repeat(85));
    assert!(notice.text().len() <= NOTICE_TEXT_BYTES_MAX);
}

#[test]
fn a_notice_has_no_control_characters() {
    assert_eq!(Notice::new(ErrorCode::Internal, "a\r\nb\u{85}c").text(), "a  b c");
}

fn any_text() -> impl Strategy<Value = String> {
    proptest::string::string_regex("\\PC{0,40}|[\"\\\\/<>&\u{1}\u{7f}ệ😀]{0,40}").unwrap()
}

fn any_receipt() -> impl Strategy<Value = Receipt> {
    let ids = (any::<[u8; 16]>(), any::<[u8; 16]>(), "[A-Za-z0-9._-]{1,64}", 0_u64..253_402_300_800_000);
    let digests = proptest::array::uniform4(proptest::option::of(any::<[u8; 32]>().prop_map(Digest::new)));
    let texts = (any_text(), "[^\\p{C}]{0,20}x", proptest::collection::vec(any_text(), 0..WARNINGS_MAX));
    let document = (proptest::option::of((any::<bool>(), 0_u8..4)), 0_u64..1 << 53, 0_usize..100);
    (proptest::sample::select(ReceiptEvent::ALL.to_vec()), ids, digests, texts, document).prop_map(
        |(event, (id, exchange, node, at), [manifest, signature, previous, content], texts, document)| {
            let (reason, document_id, warnings) = texts;
            let (header, length, recipients) = document;
            let (header, content) = if event.is_rejection() {
                (header, content)
            } else {
                (header.or(Some((true, 0))), content.or(Some(Digest::new([0; 32]))))
            };
            let least = usize::from(!event.is_rejection());
            let codes: Vec<AgencyCode> = (0..recipients.max(least)).map(|at| code(&format!("H48.{at}ệ"))).collect();
            Receipt {
                event,
                id: ReceiptId::from_bytes(id),
                exchange: ExchangeId::from_bytes(exchange),
                peer: previous.map(|_| Peer::Node(node.parse().unwrap())),
                node: node.parse().unwrap(),
                at: UnixMillis::new(at),
                document: header.map(|(is_status, business_type)| DocumentFacts {
                    sender: code("000.00.20.H48"),
                    document_id: document_id.parse().unwrap(),
                    kind: if is_status { PacketKind::Status } else { PacketKind::Document },
                    business_type: BusinessType::from_number(business_type).unwrap(),
                }),
                content: content.map(|sha256| ContentFacts { length, sha256 }),
                manifest,
                signature,
                recipients: Recipients::new(&codes),
                reason: event.is_failure().then(|| Notice::new(ErrorCode::NoRoute, &reason)),
                verdict: manifest.map(|_| Indication::Indeterminate),
                report: signature,
                warnings: warnings.iter().map(|text| Notice::new(ErrorCode::HopLimit, text)).collect(),
                previous,
            }
        },
    )
}

proptest! {
    #[test]
    fn any_receipt_reads_back_and_is_written_the_same(receipt in any_receipt()) {
        let bytes = receipt.to_json().unwrap();
        let read = Receipt::from_json(&bytes).unwrap();
        prop_assert_eq!(&read, &receipt);
        prop_assert_eq!(read.to_json().unwrap(), bytes);
    }

    /// What RFC 8785 asks for, seen by another reader: the same members, sorted by their names, without white space.
    #[test]
    fn the_canonical_form_is_what_a_sorting_json_writer_writes(receipt in any_receipt()) {
        let text = json(&receipt);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(value.to_string(), text);
    }

    #[test]
    fn hostile_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Receipt::from_json(&bytes).is_err());
    }

    /// Another byte makes another receipt or none: never the same one.
    #[test]
    fn a_changed_byte_never_reads_as_the_same_receipt(receipt in any_receipt(), at: proptest::sample::Index, to: u8) {
        let mut bytes = receipt.to_json().unwrap();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        prop_assert_ne!(Receipt::from_json(&bytes).ok(), Some(receipt));
    }
}

fn relayed(reference: &str) -> Receipt {
    let peer = Peer::External { system: "truc-quoc-gia".parse().unwrap(), reference: Some(reference.into()) };
    Receipt { peer: Some(peer), ..bare(ReceiptEvent::RelayToNonERDS) }
}

#[test]
fn the_axis_and_its_id_of_the_transfer_are_named() {
    let receipt = relayed("8c1d-77");
    let text = json(&receipt);
    assert!(text.contains(r#""peer":{"external":{"reference":"8c1d-77","system":"truc-quoc-gia"}}"#), "{text}");
    assert_eq!(Receipt::from_json(text.as_bytes()).unwrap(), receipt);
}

#[test]
fn an_external_reference_is_held_to_its_characters_and_length() {
    for reference in [String::new(), "a b".to_owned(), "x".repeat(256)] {
        assert!(relayed(&reference).to_json().is_err(), "{reference:?}");
    }
}
