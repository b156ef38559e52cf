use proptest::prelude::*;

use super::*;

const fn part(offset: u64, length: u64) -> Wanted {
    Wanted::Part(Span { offset, length })
}

#[test]
fn ranges_select_what_rfc_9110_says() {
    let table = [
        ("bytes=0-0", 10, part(0, 1)),
        ("bytes=0-9", 10, part(0, 10)),
        ("bytes=0-99", 10, part(0, 10)),
        ("bytes=5-", 10, part(5, 5)),
        ("bytes=9-", 10, part(9, 1)),
        ("bytes=-1", 10, part(9, 1)),
        ("bytes=-99", 10, part(0, 10)),
        ("BYTES=2-3", 10, part(2, 2)),
        ("bytes=0-99999999999999999999999", 10, part(0, 10)),
        ("bytes=10-", 10, Wanted::Unsatisfiable),
        ("bytes=10-20", 10, Wanted::Unsatisfiable),
        ("bytes=99999999999999999999999-", 10, Wanted::Unsatisfiable),
        ("bytes=-0", 10, Wanted::Unsatisfiable),
        ("bytes=0-0", 0, Wanted::Unsatisfiable),
        ("bytes=-5", 0, Wanted::Unsatisfiable),
        ("bytes=3-2", 10, Wanted::Whole),
        ("bytes=-", 10, Wanted::Whole),
        ("bytes=0-1,3-4", 10, Wanted::Whole),
        ("bytes=a-b", 10, Wanted::Whole),
        ("bytes=+1-2", 10, Wanted::Whole),
        ("items=0-1", 10, Wanted::Whole),
        ("bytes", 10, Wanted::Whole),
        ("", 10, Wanted::Whole),
    ];
    for (range, total, expected) in table {
        assert_eq!(wanted(range, total), expected, "{range} of {total}");
    }
}

proptest! {
    #[test]
    fn a_part_lies_within_the_content(range in "(bytes=)?[0-9]{0,20}-[0-9]{0,20}", total: u64) {
        if let Wanted::Part(Span { offset, length }) = wanted(&range, total) {
            prop_assert!(length > 0 && offset.checked_add(length).is_some_and(|end| end <= total));
        }
    }
}
