use proptest::prelude::*;

use super::*;

fn codes(numbers: &[u8]) -> Vec<StatusCode> {
    numbers.iter().map(|number| StatusCode::from_number(*number).unwrap()).collect()
}

fn check_in(business: BusinessType, history: &[u8], next: u8, expected: StatusVerdict) {
    let verdict = check(business, &codes(history), StatusCode::from_number(next).unwrap());
    assert_eq!(verdict, expected, "{business:?} {history:?} then {next}");
}

fn check_new(history: &[u8], next: u8, expected: StatusVerdict) {
    check_in(BusinessType::New, history, next, expected);
}

fn after(number: u8) -> StatusVerdict {
    StatusVerdict::OutOfOrder { after: StatusCode::from_number(number) }
}

fn closed(number: u8) -> StatusVerdict {
    StatusVerdict::AfterClosed { by: StatusCode::from_number(number).unwrap() }
}

#[test]
fn the_whole_way_is_in_order() {
    let way = [1, 3, 4, 5, 6];
    for (at, next) in way.iter().enumerate() {
        check_new(&way[..at], *next, StatusVerdict::InOrder);
    }
}

#[test]
fn steps_may_be_skipped_forward() {
    check_new(&[1, 3], 5, StatusVerdict::InOrder);
    check_new(&[], 6, StatusVerdict::InOrder);
    check_new(&[], 2, StatusVerdict::InOrder);
}

#[test]
fn a_step_back_is_out_of_order() {
    check_new(&[1, 3, 5], 4, after(5));
    check_new(&[6], 1, after(6));
}

#[test]
fn a_refusal_after_the_registration_is_out_of_order_and_does_not_close() {
    check_new(&[1, 3], 2, after(3));
    check_new(&[1, 3, 2], 4, StatusVerdict::InOrder);
}

#[test]
fn the_same_status_again_is_repeated() {
    for number in [1, 2, 3, 4, 5, 6] {
        check_new(&[number], number, StatusVerdict::Repeated);
    }
}

#[test]
fn a_flagged_status_does_not_move_the_order_back() {
    check_new(&[1, 5, 3], 4, after(5));
    check_new(&[1, 5, 3], 6, StatusVerdict::InOrder);
}

#[test]
fn a_refusal_closes() {
    check_new(&[1, 2], 3, closed(2));
    check_new(&[1, 2], 13, closed(2));
    check_new(&[1, 2], 2, StatusVerdict::Repeated);
}

#[test]
fn a_take_back_may_come_before_the_end_and_not_after() {
    for history in [&[][..], &[1], &[1, 3], &[1, 3, 5]] {
        check_new(history, 13, StatusVerdict::InOrder);
    }
    check_new(&[1, 3, 5, 6], 13, after(6));
}

#[test]
fn a_take_back_is_answered_once() {
    check_new(&[1, 13], 15, StatusVerdict::InOrder);
    check_new(&[1, 13], 16, StatusVerdict::InOrder);
    check_new(&[1, 13, 16], 16, StatusVerdict::Repeated);
    check_new(&[1, 13, 16], 15, after(1));
    check_new(&[1, 13, 15], 16, closed(15));
    check_new(&[1, 13, 15], 15, StatusVerdict::Repeated);
}

#[test]
fn an_answer_without_a_question_is_out_of_order_and_does_not_close() {
    check_new(&[1], 15, after(1));
    check_new(&[], 16, StatusVerdict::OutOfOrder { after: None });
    check_new(&[1, 15], 3, StatusVerdict::InOrder);
}

#[test]
fn a_second_take_back_waits_for_the_answer_to_the_first() {
    check_new(&[1, 13], 13, StatusVerdict::Repeated);
    check_new(&[1, 13, 16], 13, StatusVerdict::InOrder);
}

#[test]
fn work_goes_on_while_a_take_back_waits_and_after_it_was_declined() {
    check_new(&[1, 13], 3, StatusVerdict::InOrder);
    check_new(&[1, 13, 16], 5, StatusVerdict::InOrder);
}

#[test]
fn a_take_back_may_still_be_answered_after_the_end() {
    check_new(&[1, 13, 6], 16, StatusVerdict::InOrder);
}

#[test]
fn an_agreement_closes() {
    check_new(&[1, 13, 15], 3, closed(15));
}

#[test]
fn revocations_and_updates_are_answered_without_a_take_back() {
    for business in [BusinessType::Revoke, BusinessType::Update] {
        check_in(business, &[1], 15, StatusVerdict::InOrder);
        check_in(business, &[1], 16, StatusVerdict::InOrder);
        check_in(business, &[1, 15], 3, closed(15));
        check_in(business, &[1], 13, StatusVerdict::InOrder);
    }
}

fn any_code() -> impl Strategy<Value = StatusCode> {
    proptest::sample::select(StatusCode::ALL.to_vec())
}

proptest! {
    #[test]
    fn a_flagged_status_changes_no_later_verdict(
        history in proptest::collection::vec(any_code(), 0..12), odd in any_code(), next in any_code(),
    ) {
        prop_assume!(!check(BusinessType::New, &history, odd).is_in_order());
        let mut with_odd = history.clone();
        with_odd.push(odd);
        prop_assert_eq!(check(BusinessType::New, &with_odd, next), check(BusinessType::New, &history, next));
    }

    #[test]
    fn a_status_in_order_is_not_in_order_twice(history in proptest::collection::vec(any_code(), 0..12), code in any_code()) {
        let mut twice = history.clone();
        twice.push(code);
        prop_assert!(!check(BusinessType::New, &twice, code).is_in_order());
    }
}

fn check_asked(history: &[Word], next: u8, expected: StatusVerdict) {
    let verdict = check_words(BusinessType::New, history, StatusCode::from_number(next).unwrap());
    assert_eq!(verdict, expected, "{history:?} then {next}");
}

#[test]
fn a_later_revocation_is_answered_once() {
    let status = |number| Word::Status(StatusCode::from_number(number).unwrap());
    check_asked(&[status(1), status(3)], 15, after(3));
    check_asked(&[status(1), status(3), Word::Request], 15, StatusVerdict::InOrder);
    check_asked(&[status(1), status(3), Word::Request, status(16)], 15, after(3));
    check_asked(&[status(1), Word::Request, status(16), Word::Request], 15, StatusVerdict::InOrder);
}

#[test]
fn an_agreed_revocation_closes_the_document() {
    let status = |number| Word::Status(StatusCode::from_number(number).unwrap());
    check_asked(&[status(1), Word::Request, status(15)], 5, closed(15));
    check_asked(&[status(1), Word::Request, status(15), Word::Request], 16, closed(15));
}

#[test]
fn an_answer_to_a_replacement_leaves_the_replacement_open() {
    check_in(BusinessType::Replace, &[], 15, StatusVerdict::InOrder);
    check_in(BusinessType::Replace, &[1, 15], 3, StatusVerdict::InOrder);
    check_in(BusinessType::Replace, &[1, 15], 16, after(1));
}
