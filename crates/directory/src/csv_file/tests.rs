use crate::Directory;

fn check(text: impl AsRef<[u8]>, problems: &[&str]) {
    let error = Directory::from_csv(text.as_ref()).expect_err("the rows have problems");
    let found: Vec<String> =
        error.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.kind.en())).collect();
    assert_eq!(found, problems);
}

#[test]
fn rows_read_by_the_names_of_their_columns() {
    let text = "level,code,name,aliases,valid_until,successors,since\n\
                province,H48,\"Ủy ban nhân dân, tỉnh Quảng Ngãi\",vxp.saas.02 | 00.01.H48,,,\n\
                district,H48.35,Bình Sơn,,2025-06-30,H48.112;H48.113,2025-07-01\n\
                commune,H48.112,Vạn Tường,,,,\ncommune,H48.113,Đông Sơn,,,,\n";
    let directory = Directory::from_csv(text.as_bytes()).unwrap();
    let find = |text: &str| directory.find_text(text).unwrap();
    assert_eq!(&*find("vxp.saas.02").name, "Ủy ban nhân dân, tỉnh Quảng Ngãi");
    assert_eq!(find("00.01.H48").code, find("H48").code);
    assert_eq!(find("H48.35").succession.as_ref().unwrap().successors.len(), 2);
}

#[test]
fn a_spreadsheets_byte_order_mark_and_semicolons_are_understood() {
    let directory = Directory::from_csv("\u{feff}code;name;level\r\nH48;Quảng Ngãi;province\r\n".as_bytes()).unwrap();
    assert_eq!(&*directory.find_text("H48").unwrap().name, "Quảng Ngãi");
}

#[test]
fn every_problem_of_the_file_is_reported_with_its_line() {
    check(
        b"code,name,level\nH48,Qu\xE3ng,province\nH49,one,province,extra\n\"H50\",\"two\nlines\",province\nH51,,county\n",
        &[
            "line 2: the text is not UTF-8; save it as UTF-8",
            "line 3: the row has 4 fields, the header 3; check commas and quotes",
            "line 4: name has a control character; remove it",
            "line 6: name is missing; add it",
            "line 6: \"county\" is no level; use central, province, district, commune or other",
        ],
    );
}

#[test]
fn unknown_repeated_and_missing_columns_are_refused() {
    let keys = "code, name, short_name, level, parent, aliases, code102, old_code, valid_from, valid_until, successors, \
                since, mail, route, endpoint, address";
    check(
        "code,name,level,name,colour\nH48,x,province,y,z\n",
        &[
            "line 1: column name occurs twice; keep one",
            &format!("line 1: there is no key \"colour\"; the keys are {keys}"),
        ],
    );
    check("code,name\nH48,x\n", &["line 1: level is missing; add it"]);
    check("", &["directory: code,name,level is missing; add it"]);
}

#[test]
fn a_source_that_fails_is_a_problem_not_a_short_directory() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::TimedOut.into())
        }
    }
    let start = "code,name,level\nH48,x,province\n".as_bytes();
    for source in [Box::new(Broken) as Box<dyn std::io::Read>, Box::new(std::io::Read::chain(start, Broken))] {
        let error = Directory::from_csv(source).unwrap_err();
        assert_eq!(error.problems[0].kind.en(), "cannot read the file (timed out); check path and permission");
    }
}
