use super::*;

#[test]
fn a_long_subject_is_cut_between_characters() {
    let text = "ế".repeat(300);
    let kept = cut(&text, LONG_TEXT_MAX);
    assert!(kept.len() <= LONG_TEXT_MAX && text.starts_with(&kept) && kept.len() > LONG_TEXT_MAX - 4);
}

#[test]
fn a_summary_with_every_text_at_its_limit_fits_the_store() {
    let long = |max: usize| "x".repeat(max);
    let about =
        AboutText { agency: long(256), code: long(TEXT_MAX), promulgation_date: long(10), document_id: long(256) };
    let summary = Summary {
        sender: long(256),
        sender_name: long(TEXT_MAX),
        code: long(TEXT_MAX),
        promulgation_date: long(10),
        type_name: long(TEXT_MAX),
        subject: long(LONG_TEXT_MAX),
        status_code: 16,
        status_description: long(LONG_TEXT_MAX),
        about: Some(about),
        attachments: u32::MAX,
        ruling: "QUARANTINE".to_owned(),
        indication: "INDETERMINATE".to_owned(),
    };
    assert!(summary.encoded_len() <= 3 * 1024, "{} bytes", summary.encoded_len());
}

#[test]
fn a_damaged_summary_is_told() {
    assert_eq!(Summary::read(&[0xff, 0xff]).unwrap_err().code(), ErrorCode::StoreDamaged);
}
