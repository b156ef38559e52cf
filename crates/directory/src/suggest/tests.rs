use proptest::prelude::*;

use super::*;

fn check(text: &str, expected: &[&str]) {
    let rows = "H48,a,province,,\nH48.15,b,province,vxp.saas.02,\n000.00.99.H48,c,province,,\nG22,d,central,,\n\
                H48.14,e,province,,2024-12-31\n";
    let directory = Directory::from_csv(format!("code,name,level,aliases,valid_until\n{rows}").as_bytes()).unwrap();
    let found = directory.suggest(text, "2025-01-01".parse().unwrap());
    assert_eq!(found.iter().map(AgencyCode::as_str).collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn codes_within_two_edits_are_offered_and_only_the_nearest() {
    check("H48.155", &["H48.15"]);
    check("H4X.15", &["H48.15"]);
    check("G48.15", &["H48.15"]);
    check("H49", &["H48"]);
    check("G44", &["G22", "H48"]);
    check("h48.15", &["H48.15"]);
}

#[test]
fn an_alias_stands_for_its_agency() {
    check("vxp.saas.2", &["H48.15"]);
}

#[test]
fn the_other_generation_is_tried_too() {
    check("000.00.1S.H48", &["H48.15"]);
    check("H48.98", &["000.00.99.H48"]);
}

#[test]
fn dissolved_agencies_are_not_offered() {
    check("H48.14", &["H48.15"]);
}

#[test]
fn nothing_is_offered_for_nothing_or_too_much() {
    check("", &[]);
    check(&"H".repeat(65), &[]);
}

proptest! {
    #[test]
    fn the_distance_is_the_edit_distance_up_to_the_limit(a in "[AB.]{0,8}", b in "[AB.]{0,8}") {
        let (a, b) = (a.as_bytes(), b.as_bytes());
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut previous = row[0];
            row[0] = i + 1;
            for (j, y) in b.iter().enumerate() {
                let replaced = previous + usize::from(x != y);
                previous = row[j + 1];
                row[j + 1] = replaced.min(row[j] + 1).min(previous + 1);
            }
        }
        prop_assert_eq!(distance(a, b, 2), Some(row[b.len()]).filter(|distance| *distance <= 2));
    }

    #[test]
    fn counting_rules_nothing_out_that_is_near(a in "[A-C0-2.é]{0,8}", b in "[A-Ca-c0-2.é]{0,8}") {
        if let Some(distance) = distance(a.as_bytes(), b.as_bytes(), 2) {
            prop_assert!(Counts::of(&a).difference(&Counts::of(&b)) <= 2 * distance);
        }
    }
}
