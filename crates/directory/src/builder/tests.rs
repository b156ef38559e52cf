use crate::{Agency, Directory, Reach};

fn check(rows: &str, problems: &[&str]) {
    let text = format!("code,name,level,parent,aliases,successors,since\n{rows}");
    let error = Directory::from_csv(text.as_bytes()).expect_err("the rows have problems");
    let found: Vec<String> =
        error.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.kind.en())).collect();
    assert_eq!(found, problems);
}

#[test]
fn one_code_may_be_listed_once_whatever_its_generation() {
    check(
        "H48.20,x,other,,,,\n000.00.20.H48,y,other,,,,\n",
        &["line 3: code 000.00.20.H48 is listed as H48.20 at line 2 too; keep one"],
    );
}

#[test]
fn one_text_may_name_one_agency() {
    check(
        "H48,x,other,,a.1,,\nH49,y,other,,a.1,,\n",
        &["line 3: a.1 names both H49 and H48 (line 2); take it off one"],
    );
    check("H48,x,other,,H49,,\nH49,y,other,,,,\n", &["line 3: H49 names both H49 and H48 (line 2); take it off one"]);
}

#[test]
fn parents_and_successors_must_be_listed() {
    check(
        "H48.35,x,other,H49,,H50 H48.35,2025-07-01\n",
        &[
            "line 2: H48.35: parent H49 is not listed; add it or correct parent",
            "line 2: H48.35: successor H50 is not listed; add it or correct successors",
            "line 2: the successors go in a circle: H48.35 → H48.35; correct successors",
        ],
    );
}

#[test]
fn nobody_stands_above_himself() {
    check(
        "H48,x,other,H48.20,,,\nH48.20,y,other,H48.20.15,,,\nH48.20.15,z,other,H48,,,\n",
        &["line 2: the parents go in a circle: H48 → H48.20 → H48.20.15 → H48; correct one parent"],
    );
    check("H48,x,other,000.00.00.H48,,,\n", &["line 2: the parents go in a circle: H48 → H48; correct one parent"]);
}

#[test]
fn a_circle_entered_from_outside_is_reported_without_its_approach() {
    check(
        "H48,x,other,H49,,,\nH49,y,other,H50,,,\nH50,z,other,H49,,,\n",
        &["line 3: the parents go in a circle: H49 → H50 → H49; correct one parent"],
    );
}

#[test]
fn nobody_succeeds_himself_through_others() {
    check(
        "H48,x,other,,,H49 H50,2025-07-01\nH49,y,other,,,H48,2025-07-01\nH50,z,other,,,,\n",
        &["line 2: the successors go in a circle: H48 → H49 → H48; correct successors"],
    );
}

#[test]
fn two_agencies_may_merge_into_one_and_be_no_circle() {
    let text = "code,name,level,successors,since\nH48,x,other,H49 H50,2020-01-01\nH49,y,other,H51,2025-07-01\n\
                H50,z,other,H51,2025-07-01\nH51,w,other,,\n";
    assert_eq!(Directory::from_csv(text.as_bytes()).unwrap().len(), 4);
}

#[test]
fn an_alias_that_looks_like_a_body_above_makes_no_circle() {
    let text = "code,name,level,aliases\nH48.20,x,province,H48\n";
    let directory = Directory::from_csv(text.as_bytes()).unwrap();
    assert!(directory.find_text("H48").unwrap().parent.is_none());
}

#[test]
fn agencies_from_elsewhere_are_checked_too() {
    let agency = |code: &str| Agency {
        code: code.parse().unwrap(),
        level: types::Level::Other,
        parent: None,
        name: "x".into(),
        short_name: None,
        aliases: Vec::new(),
        valid_from: None,
        valid_until: None,
        succession: None,
        mail: None,
        reach: Reach::Unstated,
    };
    let directory = Directory::from_agencies(["H48.20", "H48"].map(agency)).unwrap();
    assert_eq!(directory.children(&"H48".parse().unwrap()).count(), 1);
    let error = Directory::from_agencies(["H48", "000.00.00.H48"].map(agency)).unwrap_err();
    assert_eq!(error.problems[0].place.line, Some(2));
}

#[test]
fn a_long_chain_of_parents_needs_no_deep_stack() {
    let mut text = "code,name,level,parent\nx0,x,other,\n".to_owned();
    (1..100_000).for_each(|n| text.push_str(&format!("x{n},x,other,x{}\n", n - 1)));
    assert_eq!(Directory::from_csv(text.as_bytes()).unwrap().len(), 100_000);
}

#[test]
fn who_names_a_broken_row_as_parent_or_successor_is_not_wrong_too() {
    check(
        "H48,x,no level,,,,\nH34.01,y,other,H48,,000.00.00.H48,2025-07-01\n",
        &["line 2: \"no level\" is no level; use central, province, district, commune or other"],
    );
}
