use super::*;

#[track_caller]
fn check(code: ErrorCode, expected: Exit) {
    assert_eq!(Exit::of_answer(code), expected, "{code}");
}

#[test]
fn a_refusal_is_told_from_a_busy_node_and_from_nothing_found() {
    check(ErrorCode::SecretDocument, Exit::Refused);
    check(ErrorCode::SignatureInvalid, Exit::Refused);
    check(ErrorCode::NotFound, Exit::NotFound);
    check(ErrorCode::UnknownAgency, Exit::NotFound);
    check(ErrorCode::DiskReserve, Exit::TryLater);
    check(ErrorCode::RateLimited, Exit::TryLater);
    check(ErrorCode::Internal, Exit::Internal);
}

#[test]
fn numbers_count_up_from_zero_without_gaps() {
    let numbers: Vec<u8> = Exit::ALL.iter().map(|exit| exit.number()).collect();
    assert_eq!(numbers, (0..10).collect::<Vec<u8>>());
}

#[test]
fn the_manual_lists_every_exit_code() {
    let manual = include_str!("../../../../docs/cli.md");
    for exit in Exit::ALL {
        let (vi, en) = exit.meaning();
        assert!(manual.contains(&format!("| {} | {vi} | {en} |", exit.number())), "{exit:?}");
    }
}
