use proptest::prelude::*;

use super::*;

const REQUESTS: [Request; 3] = [Request::Withdraw, Request::Supersede, Request::Amend];

fn row(earlier: Standing, expected: [Effect; 3]) {
    assert_eq!(REQUESTS.map(|request| effect(request, earlier)), expected, "{earlier:?}");
}

#[test]
fn what_nobody_has_seen_is_recalled_or_replaced() {
    for earlier in [Standing::Untried, Standing::Unseen] {
        row(earlier, [Effect::Recall, Effect::Replace, Effect::Forward]);
    }
}

#[test]
fn what_somebody_may_have_gets_the_packet() {
    for earlier in [Standing::Tried, Standing::Seen, Standing::Delivered, Standing::Returned] {
        row(earlier, [Effect::Forward; 3]);
    }
}

#[test]
fn what_was_recalled_is_not_recalled_again() {
    row(Standing::Recalled, [Effect::Nothing, Effect::Forward, Effect::Forward]);
}

#[test]
fn business_types_and_take_back_are_requests() {
    let of = |business| Request::of_document(business, UpdateContent::Whole);
    assert_eq!(of(BusinessType::New), None);
    assert_eq!(of(BusinessType::Revoke), Some(Request::Withdraw));
    assert_eq!(of(BusinessType::Update), Some(Request::Supersede));
    assert_eq!(of(BusinessType::Replace), Some(Request::Supersede));
    assert_eq!(Request::of_document(BusinessType::Update, UpdateContent::HeaderOnly), Some(Request::Amend));
    let acting = StatusCode::ALL.into_iter().filter(|status| Request::of_status(*status).is_some());
    assert_eq!(acting.collect::<Vec<_>>(), [StatusCode::TakeBack]);
}

#[test]
fn a_receiver_without_an_earlier_delivery_gets_the_packet() {
    assert!(sends_packet([]));
}

fn any_request() -> impl Strategy<Value = Request> {
    proptest::sample::select(REQUESTS.to_vec())
}

fn any_standings() -> impl Strategy<Value = Vec<Standing>> {
    proptest::collection::vec(proptest::sample::select(Standing::ALL.to_vec()), 1..6)
}

proptest! {
    #[test]
    fn nothing_that_may_have_reached_another_is_ended(request in any_request(), standings in any_standings()) {
        for earlier in standings {
            prop_assert!(effect(request, earlier).ends_with().is_none() || earlier.is_untouched());
        }
    }

    #[test]
    fn whoever_may_have_one_of_the_documents_gets_the_packet(request in any_request(), standings in any_standings()) {
        let may_have = |earlier: &Standing| !earlier.is_untouched() && *earlier != Standing::Recalled;
        let effects = standings.iter().map(|earlier| effect(request, *earlier));
        prop_assert!(sends_packet(effects) || !standings.iter().any(may_have));
    }

    #[test]
    fn a_second_withdrawal_finds_nothing_to_do(standings in any_standings()) {
        for earlier in standings {
            if effect(Request::Withdraw, earlier) == Effect::Recall {
                prop_assert_eq!(effect(Request::Withdraw, Standing::Recalled), Effect::Nothing);
            }
        }
    }
}
