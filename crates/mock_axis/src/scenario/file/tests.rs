use super::*;

const PARTIES: &str = "title = \"Thử\"\n[[party]]\nname = \"a\"\nsystem = \"000.00.00.H48\"\nagencies = []\n";

fn read(steps: &str) -> Result<Scenario, FileError> {
    Scenario::from_toml(&format!("{PARTIES}{steps}"))
}

fn refused(steps: &str) -> String {
    read(steps).unwrap_err().to_string()
}

#[test]
fn a_step_is_read_with_its_line() {
    let scenario = read("[[step]]\nname = \"gửi\"\nby = \"a\"\ndo = \"send\"\nto = [\"H41\"]\n").unwrap();
    assert_eq!((scenario.steps[0].line, scenario.steps[0].act.word()), (6, "send"));
    assert_eq!(scenario.parties[0].agency, "000.00.00.H48");
}

#[test]
fn an_unknown_key_is_told_with_line_and_column() {
    let text = refused("[[step]]\nby = \"a\"\ndo = \"list\"\ncolour = 1\n");
    assert!(text.contains("line 9, column 1") && text.contains("colour"), "{text}");
}

#[test]
fn a_key_of_another_action_is_refused() {
    let text = refused("[[step]]\nby = \"a\"\ndo = \"list\"\nto = [\"H41\"]\n");
    assert!(text.contains("(line) 6") && text.contains("to:"), "{text}");
}

#[test]
fn a_step_names_only_what_was_sent_above() {
    let text = refused("[[step]]\nby = \"a\"\ndo = \"fetch\"\ndocument = \"gửi\"\n");
    assert!(text.contains("no sending step above"), "{text}");
}

#[test]
fn a_party_has_to_be_there() {
    assert!(refused("[[step]]\nby = \"b\"\ndo = \"list\"\n").contains("no such party"));
    assert!(refused("[[step]]\ndo = \"list\"\n").contains("missing: the acting party"));
}

#[test]
fn what_an_answer_does_not_show_cannot_be_expected() {
    let text = refused("[[step]]\nby = \"a\"\ndo = \"count\"\nexpect = { states = { H41 = \"done\" } }\n");
    assert!(text.contains("expect.states"), "{text}");
}

#[test]
fn sizes_times_and_statuses_have_their_forms() {
    let send = "[[step]]\nby = \"a\"\ndo = \"send\"\nto = [\"H41\"]\n";
    assert!(read(&format!("{send}attachments = [\"64 MiB\", \"10 B\"]\nwithin = \"10s\"\n")).is_ok());
    assert!(refused(&format!("{send}attachments = [\"64MB\"]\n")).contains("64MB"));
    assert!(refused(&format!("{send}within = \"soon\"\n")).contains("soon"));
    let status = "name = \"x\"\n[[step]]\nby = \"a\"\ndo = \"status\"\nabout = \"x\"\nstatus = \"07\"\n";
    assert!(refused(&format!("{send}{status}")).contains("07"));
}
