use crate::{Directory, Endpoint, Reach};
use types::AgencyCode;

fn check(text: &str, problems: &[&str]) {
    let error = Directory::from_toml(text).expect_err("the text has problems");
    let found: Vec<String> =
        error.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.kind.en())).collect();
    assert_eq!(found, problems);
}

#[test]
fn the_sample_loads_and_says_what_it_means() {
    let directory = Directory::from_toml(include_str!("../../sample/agencies.toml")).unwrap();
    assert_eq!(directory.len(), 11);
    let find = |text: &str| directory.find_text(text).unwrap();
    assert_eq!(find("G22").reach, Reach::Neighbour("axis".parse().unwrap()));
    assert_eq!(find("000.00.00.H48").reach, Reach::Local(Endpoint::Inbox));
    assert_eq!(find("H48.113").reach, Reach::Local(Endpoint::Folder("/var/lib/lienthong/folders/H48.113".into())));
    assert_eq!(find("H48.35").last_day().unwrap().to_string(), "2025-06-30");
    assert_eq!(find("H48.35").succession.as_ref().unwrap().successors.len(), 2);
    assert_eq!(find("000.12.00.H48").parent.as_ref().map(AgencyCode::as_str), Some("H48"));
}

#[test]
fn every_problem_of_the_file_is_reported_with_its_line() {
    check(
        r#"
[[agency]]
name = "không mã"
level = "province"

[[agency]]
code = "H4 8"
name = "mã có dấu cách"
level = "tỉnh"

[[agency]]
code = "H48"
name = 7
level = "province"

[[agency]]
code = "H49"
name = "hai đường"
level = "province"
valid_from = "2025-07-01"
valid_until = 2025-06-30
route = "axis"
endpoint = "inbox"
colour = "red"

[agencies]
"#,
        &[
            "line 26: there is no key \"agencies\"; the keys are agency, include_csv",
            "line 2: code is missing; add it",
            "line 7: code: agency code \"H4 8\": a code has only A-Z, 0-9 and '.' (at character 3)",
            "line 9: \"tỉnh\" is no level; use central, province, district, commune or other",
            "line 13: name must be \"…\"",
            "line 24: there is no key \"colour\"; the keys are code, name, short_name, level, parent, aliases, code102, \
             old_code, valid_from, valid_until, successors, since, mail, route, endpoint, address",
            "line 22: give route or endpoint, not both",
            "line 20: valid_until 2025-06-30 is before valid_from 2025-07-01; correct the days",
        ],
    );
}

#[test]
fn days_succession_and_reach_must_make_sense() {
    let check = |lines: &str, problem: &str| {
        check(&format!("[[agency]]\ncode = \"H48\"\nname = \"x\"\nlevel = \"province\"\n{lines}"), &[problem]);
    };
    check(
        "valid_from = 2025-07-01\nvalid_until = 2025-06-30",
        "line 5: valid_until 2025-06-30 is before valid_from 2025-07-01; correct the days",
    );
    check("valid_from = \"1/7/2025\"", "line 5: valid_from: \"1/7/2025\" is no day; write yyyy-mm-dd");
    check(
        "valid_from = 2025-07-01T00:00:00Z",
        "line 5: valid_from: \"2025-07-01T00:00:00Z\" is no day; write yyyy-mm-dd",
    );
    check("since = 2025-07-01", "line 2: successors and since go together");
    check("route = \"axis\"\nendpoint = \"inbox\"", "line 5: give route or endpoint, not both");
    check(
        "route = \"a b\"",
        "line 5: route: neighbour id has the character ' ' at byte 1; use a neighbour's id of the configuration",
    );
    check("endpoint = \"fax\"", "line 5: \"fax\" is no endpoint; use inbox, push_grpc, webhook or folder");
    check("endpoint = \"webhook\"", "line 5: address does not fit the endpoint: webhook: https://…");
    check(
        "endpoint = \"webhook\"\naddress = \"stc.example\"",
        "line 5: address does not fit the endpoint: webhook: https://…",
    );
    check("endpoint = \"inbox\"\naddress = \"x\"", "line 5: address does not fit the endpoint: inbox: no address");
    check(
        "route = \"axis\"\naddress = \"x\"",
        "line 6: address does not fit the endpoint: endpoint = push_grpc | webhook | folder",
    );
    check("mail = \"a\\nb\"", "line 5: mail has a control character; remove it");
    check("aliases = [\"x\", 7]", "line 5: aliases must be [\"…\", \"…\"]");
}

#[test]
fn a_succession_begins_after_the_last_day() {
    check(
        r#"
[[agency]]
code = "H48.35"
name = "huyện"
level = "district"
valid_until = 2025-07-01
successors = "H48.36"
since = 2025-07-01

[[agency]]
code = "H48.36"
name = "xã"
level = "commune"
"#,
        &["line 8: since 2025-07-01 must be after the last day, valid_until 2025-07-01"],
    );
}

#[test]
fn a_syntax_error_has_its_line() {
    check("[[agency]]\ncode = \"H48\nname = 1\n", &["line 2: syntax: invalid basic string, expected `\"`"]);
}

#[test]
fn texts_and_lists_have_limits() {
    let aliases: Vec<String> = (0..17).map(|n| format!("\"x{n}\"")).collect();
    let text = format!(
        "[[agency]]\ncode = \"H48\"\nname = \"{}\"\nlevel = \"province\"\naliases = [{}]\n",
        "x".repeat(501),
        aliases.join(",")
    );
    check(&text, &["line 3: name is longer than 500 bytes; shorten it", "line 5: aliases has more than 16 entries"]);
}

#[test]
fn fifty_problems_are_listed_and_the_rest_counted() {
    let error = Directory::from_toml(&"[[agency]]\ncode = \"H48\"\nlevel = \"other\"\n".repeat(60)).unwrap_err();
    assert_eq!((error.problems.len(), error.total), (50, 60));
    assert!(error.to_string().ends_with("… và 10 lỗi nữa / and 10 more"), "{error}");
    assert_eq!(error.code(), types::ErrorCode::InvalidArgument);
}

#[test]
fn a_text_without_a_file_cannot_include_one() {
    check("include_csv = \"a.csv\"", &["line 1: include_csv works only in a file"]);
}

#[test]
fn an_empty_text_is_an_empty_directory() {
    assert!(Directory::from_toml("").unwrap().is_empty());
}

#[test]
fn a_long_text_is_cut_before_its_tables() {
    let text = "include_csv = []\n[[agency]]\ncode = \"H48\"\n[[agency]]\ncode = \"Đ49\"\n  [[agency]]\ncode = 1\n";
    let parts = super::parts(text, 3);
    assert_eq!((parts.len(), parts.concat().as_str()), (3, text));
    assert!(parts[1..].iter().all(|part| part.starts_with("[[agency]]\n")));
    let whole = format!("{text}name = {0}\n[[agency]]\n{0}\n", "\"\"\"");
    assert_eq!(super::parts(&whole, 3), [whole.as_str()]);
}

#[test]
fn lines_count_on_from_part_to_part() {
    let filler = format!("# {}\n", "Đ".repeat(super::PART_BYTES));
    let table = "[[agency]]\ncode = \"H48\"\nname = \"x\"\nlevel = \"other\"\n";
    let text = format!("{filler}{table}{filler}{table}");
    check(&text, &["line 8: code H48 is listed as H48 at line 3 too; keep one"]);
}
