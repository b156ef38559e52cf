use std::io::Write as _;

use signature::ruling::{NamedPolicy, PolicyName};
use signature::{BudgetLimits, Work};

use super::super::protocol::{ActiveContentText, read, write};
use super::*;

fn setup() -> Setup {
    Setup {
        anchors: Vec::new(),
        intermediates: Vec::new(),
        policy: NamedPolicy::shipped(PolicyName::Default).signatures,
        active_content: ActiveContentText::Refused,
        crls: Vec::new(),
        responses: Vec::new(),
        file_bytes_max: 4096,
        memory_max: 1 << 30,
        time_ms_max: 1000,
    }
}

fn task(path: &std::path::Path, subject: Subject) -> Task {
    Task { path: path.to_owned(), subject, at_ms: 0, limits: BudgetLimits::document(), spent: Work::default() }
}

/// What a worker finds in an attachment with this content.
fn found(content: &[u8]) -> Answer {
    done(content, Work::default()).answer
}

/// The same, when the document's checks have cost this much before.
fn done(content: &[u8], spent: Work) -> Done {
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, content);
    let mut packet = tempfile::NamedTempFile::new().unwrap();
    packet.write_all(b"before").unwrap();
    packet.write_all(text.as_bytes()).unwrap();
    packet.write_all(b"behind").unwrap();
    let subject = Subject::File { offset: 6, length: u64::try_from(text.len()).unwrap() };
    Bench::new(setup()).unwrap().check(&Task { spent, ..task(packet.path(), subject) })
}

fn zip_of(name: &str, content: &[u8]) -> Vec<u8> {
    // One stored entry, by PKWARE APPNOTE 4.3: local header, data, directory, end.
    let crc = crc(content);
    let (length, name_length) = (u32::try_from(content.len()).unwrap(), u16::try_from(name.len()).unwrap());
    let shared =
        [&[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..], &crc.to_le_bytes(), &length.to_le_bytes(), &length.to_le_bytes()];
    let shared = shared.concat();
    let mut zip = [b"PK\x03\x04", shared.as_slice(), &name_length.to_le_bytes(), &[0, 0], name.as_bytes()].concat();
    zip.extend_from_slice(content);
    let directory_at = u32::try_from(zip.len()).unwrap();
    let directory =
        [b"PK\x01\x02\x14\0".as_slice(), &shared, &name_length.to_le_bytes(), &[0; 16], name.as_bytes()].concat();
    // Of the sixteen zeros the last four are the offset of the local header, which is 0.
    zip.extend_from_slice(&directory);
    let directory_length = u32::try_from(directory.len()).unwrap();
    zip.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip.extend_from_slice(&directory_length.to_le_bytes());
    zip.extend_from_slice(&directory_at.to_le_bytes());
    zip.extend_from_slice(&[0, 0]);
    zip
}

fn crc(content: &[u8]) -> u32 {
    !content.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[test]
fn a_pdf_is_known_by_its_content_and_not_by_its_name() {
    assert!(matches!(found(b"junk before it\n%PDF-1.7\n"), Answer::Pdf(_)));
    assert!(matches!(found(b"just text"), Answer::NotPdf));
    assert!(matches!(found(b""), Answer::NotPdf));
}

#[test]
fn a_pdf_in_an_archive_is_looked_at() {
    assert!(matches!(found(&zip_of("a.pdf", b"%PDF-1.7\n")), Answer::Pdf(_)));
    assert!(matches!(found(&zip_of("a.txt", b"text")), Answer::NotPdf));
}

#[test]
fn a_pdf_larger_than_is_examined_is_unexamined_and_other_large_files_are_no_matter() {
    let pdf = [b"%PDF-1.7\n".as_slice(), &[b' '; 5000]].concat();
    assert!(matches!(found(&pdf), Answer::Unexamined(Unexamined::TooLarge)));
    assert!(matches!(found(&[b' '; 5000]), Answer::NotPdf));
}

#[test]
fn a_missing_packet_is_unreadable_and_no_end_of_the_worker() {
    let task = task("/no/such/packet".as_ref(), Subject::Packet);
    let done = Bench::new(setup()).unwrap().check(&task);
    assert!(matches!(done.answer, Answer::Unexamined(Unexamined::Unreadable)));
}

#[test]
fn a_task_before_the_setup_ends_the_worker() {
    let mut input = Vec::new();
    let task = task("/".as_ref(), Subject::Packet);
    write(&mut input, &Order::Task(task), ORDER_BYTES_MAX).unwrap();
    let mut output = Vec::new();
    assert!(matches!(run(input.as_slice(), &mut output), Err(WorkerError::Order)));
    assert!(read::<Reply>(&mut output.as_slice(), ANSWER_BYTES_MAX).unwrap().is_none());
}

#[test]
fn what_a_file_costs_is_told_and_what_came_before_it_counts() {
    let pdf = b"%PDF-1.7\n";
    let length = u64::try_from(pdf.len()).unwrap();
    assert_eq!(done(pdf, Work::default()).cost, Work { checks: 0, bytes: length });
    let all = BudgetLimits::document().bytes_max;
    let last = done(pdf, Work { checks: 0, bytes: all });
    let Answer::Pdf(report) = last.answer else { panic!("no report") };
    assert_eq!(report.rule.as_deref(), Some("work_budget_spent"));
    assert_eq!(last.cost.bytes, length);
}
