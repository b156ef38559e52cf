use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};

use super::*;

fn refused(code: &'static str, problem: &str) -> Failure {
    let mut metadata = MetadataMap::new();
    metadata.insert("lienthong-code", MetadataValue::from_static(code));
    metadata.insert_bin("lienthong-problem-bin", MetadataValue::from_bytes(problem.as_bytes()));
    let status = Status::with_metadata(Code::FailedPrecondition, "short", metadata);
    Failure::Answer(Box::new(Answer::of(&status)))
}

fn printed(failure: &Failure, json: bool) -> String {
    let mut bytes = Vec::new();
    failure.report(json, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_refusal_shows_code_detail_and_the_next_step() {
    let failure = refused("secret_document", r#"{"code":"secret_document","detail":"marked Mật","field":"secrecy"}"#);
    let text = printed(&failure, false);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("lỗi secret_document: "), "{text}");
    assert_eq!(lines[1], "  marked Mật");
    assert_eq!(lines[2], "  phần tử (field): secrecy");
    assert!(lines[3].starts_with("→ "), "{text}");
    assert_eq!(failure.exit(), Exit::Refused);
}

#[test]
fn json_carries_the_code_the_exit_and_the_whole_problem() {
    let failure = refused("not_found", r#"{"code":"not_found","detail":"no such exchange","later":1}"#);
    let value: serde_json::Value = serde_json::from_str(&printed(&failure, true)).unwrap();
    assert_eq!(value["code"], "not_found");
    assert_eq!(value["exit"], 3);
    assert_eq!(value["detail"], "no such exchange");
    assert_eq!(value["problem"]["later"], 1);
}

#[test]
fn a_code_of_a_later_version_is_still_named() {
    let failure = refused("quantum_unsafe", "not json");
    assert!(printed(&failure, false).starts_with("lỗi quantum_unsafe: "));
    assert_eq!(failure.exit(), Exit::Refused);
}

#[test]
fn an_answer_of_a_proxy_falls_back_on_the_grpc_status() {
    let failure = Failure::Answer(Box::new(Answer::of(&Status::unavailable("upstream"))));
    assert_eq!(failure.exit(), Exit::Unreachable);
}

#[test]
fn a_refusal_cannot_move_the_cursor() {
    let failure = refused("not_found", r#"{"detail":"a\u001b[2Jb"}"#);
    assert!(!printed(&failure, false).contains('\u{1b}'));
}

#[test]
fn a_pipe_closed_by_its_reader_is_success() {
    let closed = Failure::Output(io::Error::from(io::ErrorKind::BrokenPipe));
    assert_eq!(closed.exit(), Exit::Success);
    assert_eq!(Failure::Output(io::Error::from(io::ErrorKind::StorageFull)).exit(), Exit::LocalFile);
}

#[test]
fn causes_are_told_once() {
    let io = io::Error::other(io::Error::other("disk on fire"));
    let failure = Failure::file(Path::new("a.pdf"), io);
    assert_eq!(failure.lines(), ["lỗi: a.pdf (local file)", "  disk on fire"]);
}
