//! What is written reads back the same, whatever it holds.

use proptest::option;
use proptest::prelude::*;
use types::{BusinessType, DocumentId, Lane, StatusCode};

use crate::fixture::read;
use crate::{
    AttachmentHead, Business, ChangedInfo, Document, DocumentCode, DocumentType, EdxmlDate, EdxmlTimestamp, Manifest,
    ManifestEntry, OrganId, Organization, OtherInfo, Packet, PacketWriter, PromulgationInfo, Receiver, ReceiverChange,
    Replacement, ResponseFor, SignerInfo, StaffInfo, Status, TraceHeader, TraceHeaderList, write_status,
};

/// Any text XML can carry, with what is easily lost: markup, line ends, white space, Vietnamese.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~\t\r\n]{0,12}",
        "[àảãáạăâđêôơưĐ \u{301}&<>\"']{0,8}",
        any::<String>().prop_map(|text| text.chars().filter(|c| crate::xml::chars::is_legal(*c)).collect()),
        Just("]]>&amp;<![CDATA[\r\n".to_owned()),
    ]
}

fn some_text() -> impl Strategy<Value = Option<String>> {
    option::of(text())
}

fn filled_text() -> impl Strategy<Value = String> {
    text().prop_map(|text| format!("x{text}"))
}

fn organ_id() -> impl Strategy<Value = OrganId> {
    prop::sample::select(vec!["000.00.20.H48", "H48.20.15", "28.22.H17", "vxp.saas.02", "mã <lạ> & dài"])
        .prop_map(|text| text.parse().unwrap())
}

fn document_id() -> impl Strategy<Value = DocumentId> {
    prop::sample::select(vec!["000.00.00.G22,2015/09/30,7816/VPCP-TTĐT", "a <b> & c", "6f1c"])
        .prop_map(|text| text.parse().unwrap())
}

fn date() -> impl Strategy<Value = EdxmlDate> {
    (1_u16..=9999, 1_u8..=12, 1_u8..=28).prop_map(|(year, month, day)| EdxmlDate::new(year, month, day).unwrap())
}

fn timestamp() -> impl Strategy<Value = EdxmlTimestamp> {
    (date(), 0_u8..24, 0_u8..60, 0_u8..60).prop_map(|(date, h, m, s)| EdxmlTimestamp::new(date, h, m, s).unwrap())
}

prop_compose! {
    fn organization()(
        organ_id in organ_id(), organization_in_charge in some_text(), organ_name in some_text(),
        organ_add in some_text(), email in some_text(), telephone in some_text(), fax in some_text(),
        website in some_text(),
    ) -> Organization {
        Organization { organ_id, organization_in_charge, organ_name, organ_add, email, telephone, fax, website }
    }
}

prop_compose! {
    fn response_for()(
        organ_id in organ_id(), code in some_text(), promulgation_date in option::of(date()), id in document_id(),
    ) -> ResponseFor {
        ResponseFor { organ_id, code, promulgation_date, document_id: Some(id) }
    }
}

prop_compose! {
    fn staff()(department in some_text(), staff in some_text(), email in some_text(), mobile in some_text())
        -> StaffInfo {
        StaffInfo { department, staff, email, mobile }
    }
}

prop_compose! {
    fn other_info()(
        priority in option::of(prop::sample::select(Lane::ALL.to_vec())), sphere_of_promulgation in some_text(),
        typer_notation in some_text(), promulgation_amount in option::of(any::<i64>()),
        page_amount in option::of(any::<i64>()), reply_fors in some_text(), direction in option::of(any::<bool>()),
        reference_codes in some_text(), appendixes in option::of(prop::collection::vec(text(), 0..3)),
    ) -> OtherInfo {
        OtherInfo {
            priority, sphere_of_promulgation, typer_notation, promulgation_amount, page_amount, reply_fors, direction,
            reference_codes, appendixes,
        }
    }
}

fn receiver() -> impl Strategy<Value = Receiver> {
    let change = prop::sample::select(vec![ReceiverChange::Removed, ReceiverChange::Added]);
    (organ_id(), change).prop_map(|(organ_id, change)| Receiver { organ_id, change })
}

fn replacement() -> impl Strategy<Value = Replacement> {
    (document_id(), prop::collection::vec(organ_id(), 0..3))
        .prop_map(|(document_id, organ_ids)| Replacement { document_id, organ_ids })
}

prop_compose! {
    fn changed()(
        document_info in some_text(), document_receiver in some_text(),
        receivers in option::of(prop::collection::vec(receiver(), 0..3)),
    ) -> ChangedInfo {
        ChangedInfo { document_info, document_receiver, receivers }
    }
}

prop_compose! {
    fn business()(
        document_id in option::of(document_id()),
        doc_type in option::of((0_u8..4).prop_map(|number| BusinessType::from_number(number).unwrap())),
        doc_reason in some_text(), paper in option::of(any::<i64>()), staff in option::of(staff()),
        changed in option::of(changed()), replacements in option::of(prop::collection::vec(replacement(), 0..3)),
    ) -> Business {
        Business { document_id, doc_type, doc_reason, paper, staff, changed, replacements }
    }
}

prop_compose! {
    fn trace()(
        id in some_text(), version in some_text(), must_understand in some_text(), actor in some_text(),
        hops in prop::collection::vec((organ_id(), timestamp()), 0..3), business in option::of(business()),
    ) -> TraceHeaderList {
        let hops = hops.into_iter().map(|(organ_id, timestamp)| TraceHeader { organ_id, timestamp }).collect();
        TraceHeaderList { id, version, must_understand, actor, hops, business }
    }
}

prop_compose! {
    fn head()(
        name in some_text(), description in some_text(), content_type in some_text(), field_name in some_text(),
        mime_type in some_text(),
    ) -> AttachmentHead {
        AttachmentHead { content_id: String::new(), name, description, content_type, field_name, mime_type }
    }
}

prop_compose! {
    fn header()(
        from in organization(), to in prop::collection::vec(organization(), 1..4), document_id in document_id(),
        number in filled_text(), notation in some_text(), place in some_text(), date in date(),
        subject in filled_text(),
    ) -> Document {
        let code = DocumentCode { number, notation };
        Document::new(from, to, document_id, code, PromulgationInfo { place, date }, &subject)
    }
}

prop_compose! {
    fn extras()(
        kind in option::of((option::of(any::<i64>()), option::of(any::<i64>()), some_text())),
        signer in option::of((some_text(), some_text(), some_text())),
        content in some_text(), due_date in option::of(date()), other in option::of(other_info()),
        response_for in prop::collection::vec(response_for(), 0..3), steering_type in option::of(any::<i64>()),
        response_for_task in some_text(), application_type in some_text(),
        to_places in option::of(prop::collection::vec(text(), 0..3)), trace in option::of(trace()),
    )(mut document in header(), kind in Just(kind), signer in Just(signer), content in Just(content),
        due_date in Just(due_date), other in Just(other), response_for in Just(response_for),
        steering_type in Just(steering_type), response_for_task in Just(response_for_task),
        application_type in Just(application_type), to_places in Just(to_places), trace in Just(trace),
    ) -> Document {
        document.document_type = kind.map(|(kind, detail, name)| DocumentType { kind, detail, name });
        document.signer =
            signer.map(|(competence, position, full_name)| SignerInfo { competence, position, full_name });
        document.content = content;
        document.due_date = due_date;
        document.other = other;
        document.response_for = response_for;
        document.steering_type = steering_type;
        document.response_for_task = response_for_task;
        document.application_type = application_type;
        document.to_places = to_places;
        document.trace = trace;
        document
    }
}

type File = (AttachmentHead, Vec<u8>);

fn files() -> impl Strategy<Value = Vec<File>> {
    let content =
        prop_oneof![prop::collection::vec(any::<u8>(), 0..50), (49_140_usize..49_170).prop_map(|n| vec![7; n])];
    prop::collection::vec((head(), content), 0..3).prop_map(|mut files| {
        for (index, (head, _)) in files.iter_mut().enumerate() {
            head.content_id = format!("cid:{index}");
        }
        files
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_document_reads_back_as_it_was_written(
        mut document in extras(), files in files(), version in some_text(),
    ) {
        let entries: Vec<ManifestEntry> = files.iter().map(|(head, _)| ManifestEntry::of(head)).collect();
        document.manifest = Some(Manifest { version, entries });
        let mut writer = PacketWriter::new(Vec::new(), &document).unwrap();
        for (head, content) in &files {
            prop_assert_eq!(writer.attachment(head, content.as_slice()).unwrap(), content.len() as u64);
        }
        let bytes = writer.finish().unwrap();
        let (packet, contents) = read(&bytes).unwrap();
        let Packet::Document(mut found) = packet else { panic!("{packet:?}") };
        let attachments = std::mem::take(&mut found.attachments);
        prop_assert_eq!(found, document);
        prop_assert_eq!(attachments.len(), files.len());
        for (index, (head, content)) in files.iter().enumerate() {
            prop_assert_eq!(&attachments[index].head, head);
            prop_assert!(&contents.bytes[index] == content);
            prop_assert_eq!(attachments[index].decoded_length, content.len() as u64);
        }
    }

    #[test]
    fn a_status_reads_back_as_it_was_written(
        from in organization(), response_for in response_for(), staff in option::of(staff()),
        status_code in prop::sample::select(StatusCode::ALL.to_vec()), description in some_text(),
        timestamp in timestamp(), trace in option::of(trace()),
    ) {
        let mut status = Status::new(from, response_for, status_code, timestamp);
        status.staff = staff;
        status.description = description;
        status.trace = trace;
        let mut bytes = Vec::new();
        write_status(&mut bytes, &status).unwrap();
        let (packet, _) = read(&bytes).unwrap();
        prop_assert_eq!(packet, Packet::Status(status));
    }
}
