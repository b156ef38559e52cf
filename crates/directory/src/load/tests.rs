use std::fs;

use super::*;

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn check(files: &[(&str, &[u8])], name: &str, problems: &[&str]) {
    let folder = folder(files);
    let error = Directory::load(&folder.path().join(name)).expect_err("the files have problems");
    let start = format!("{}/", folder.path().display());
    let found: Vec<String> =
        error.problems.iter().map(|p| format!("{}: {}", p.place, p.kind.en()).replace(&start, "")).collect();
    assert_eq!(found, problems);
}

const CSV: &[u8] = "code,name,level\nH48.112,Vạn Tường,commune\n".as_bytes();

#[test]
fn the_extension_decides_the_form() {
    let folder =
        folder(&[("a.csv", CSV), ("a.toml", br#"agency = [{ code = "H48", name = "x", level = "province" }]"#)]);
    for name in ["a.csv", "a.toml"] {
        assert_eq!(Directory::load(&folder.path().join(name)).unwrap().len(), 1, "{name}");
    }
}

#[test]
fn included_rows_join_the_tables_and_hang_below_them() {
    let toml = br#"
include_csv = ["a.csv", "b.csv"]
[[agency]]
code = "H48"
name = "x"
level = "province"
"#;
    let more = "code,name,level,parent\nH34.01,y,commune,H48\n".as_bytes();
    let folder = folder(&[("x.toml", toml), ("a.csv", CSV), ("b.csv", more)]);
    let directory = Directory::load(&folder.path().join("x.toml")).unwrap();
    assert_eq!(directory.children(&"H48".parse().unwrap()).count(), 2);
}

#[test]
fn a_problem_names_its_file_and_line() {
    let toml = b"include_csv = [\"a.csv\", \"none.csv\", \"b.txt\"]\n[[agency]]\ncode = \"H48.112\"\nname = \"x\"\n";
    let problems = [
        "x.toml:3: level is missing; add it",
        "a.csv:3: \"xa\" is no level; use central, province, district, commune or other",
        "none.csv: cannot read the file (entity not found); check path and permission",
        "x.toml:1: include_csv \"b.txt\" must be a .csv file",
    ];
    check(&[("x.toml", toml), ("a.csv", b"code,name,level\nH48,x,province\nH49,y,xa\n")], "x.toml", &problems);
}

#[test]
fn a_duplicate_across_files_names_both_places() {
    let toml = b"include_csv = \"a.csv\"\n[[agency]]\ncode = \"000.00.20.H48\"\nname = \"x\"\nlevel = \"other\"\n";
    let csv = b"code,name,level\nH48.20,y,other\n";
    check(
        &[("x.toml", toml), ("a.csv", csv)],
        "x.toml",
        &["a.csv:2: code H48.20 is listed as 000.00.20.H48 at x.toml:3 too; keep one"],
    );
}

#[test]
fn a_file_that_is_not_there_not_utf8_or_of_another_kind_is_refused() {
    check(&[], "none.toml", &["none.toml: cannot read the file (entity not found); check path and permission"]);
    check(&[("a.toml", b"\xFF")], "a.toml", &["a.toml: the text is not UTF-8; save it as UTF-8"]);
    check(&[("a.xlsx", b"")], "a.xlsx", &["a.xlsx: the file name must end in .toml or .csv"]);
}

#[test]
fn a_problem_prints_place_vietnamese_and_english_on_one_line() {
    let error = Directory::from_csv("code,name,level\n,x,other\n".as_bytes()).unwrap_err();
    assert_eq!(error.problems[0].to_string(), "line 2: thiếu code; bổ sung / code is missing; add it");
}
