use std::sync::{Arc, Mutex};

use super::*;

/// Keeps what was written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What a command prints into a pipe.
pub(crate) fn printed(form: Form, run: impl FnOnce(&mut Output)) -> String {
    let kept = Kept::default();
    run(&mut Output { form, to: Box::new(kept.clone()), terminal: Terminal::No });
    let bytes = kept.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn text_from_elsewhere_cannot_steer_the_terminal() {
    assert_eq!(clean("a\u{1b}[31mb\u{202e}c\nd"), "a\u{fffd}[31mb\u{fffd}c d");
}

#[test]
fn a_time_is_shown_as_in_vietnam() {
    assert_eq!(time(Some(&Timestamp { seconds: 1_795_258_800, nanos: 5 })), "21/11/2026 18:00:00");
    assert_eq!(time(None), "");
}

#[test]
fn a_time_outside_the_calendar_is_left_out() {
    assert_eq!(time(Some(&Timestamp { seconds: i64::MAX, nanos: 0 })), "");
}

#[test]
fn sizes_are_cut_to_one_decimal() {
    assert_eq!(size(0), "0 B");
    assert_eq!(size(1023), "1023 B");
    assert_eq!(size(1536), "1.5 KiB");
    assert_eq!(size(2 << 30), "2.0 GiB");
    assert_eq!(size(u64::MAX), "17179869183.9 GiB");
}

#[test]
fn an_unknown_status_keeps_its_number() {
    assert_eq!(status_code(3), "03 đã tiếp nhận");
    assert_eq!(status_code(300), "300");
    assert_eq!(status_code(0), "");
}

#[test]
fn a_table_into_a_pipe_is_not_wrapped() {
    let long = "x".repeat(300);
    let text = printed(Form::Text, |output| {
        output.show(&1, |_, page| page.table(["Trích yếu"], [[long.clone()]])).unwrap();
    });
    assert!(text.contains(&long), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn an_empty_table_says_so() {
    let text = printed(Form::Text, |output| {
        output.show(&1, |_, page| page.table(["Mã"], Vec::<[String; 1]>::new())).unwrap();
    });
    assert_eq!(text, "(không có gì — nothing)\n");
}

#[test]
fn json_is_the_protobuf_mapping() {
    let item = wire::exchange_v1::InboxItem { item: 7, ..Default::default() };
    let text = printed(Form::Json, |output| output.show_line(&item, |_| unreachable!()).unwrap());
    assert_eq!(text, "{\"item\":\"7\"}\n");
}

#[test]
fn a_signer_is_named_shortly_where_the_subject_is_plain() {
    let subject = "C=VN, O=Sở Thông tin, Truyền thông, OU=Phòng 1, CN=Trần Thị Ví Dụ";
    assert_eq!(person(subject), "Trần Thị Ví Dụ, Sở Thông tin, Truyền thông");
    assert_eq!(person("C=VN, O=UBND tỉnh, CN=UBND tỉnh (EXAMPLE), OU=x"), "UBND tỉnh (EXAMPLE)");
    assert_eq!(person("CN=TSA"), "TSA");
}

#[test]
fn a_subject_with_two_names_is_shown_whole() {
    let subject = "C=VN, O=Công ty, CN=A, CN=Bộ trưởng";
    assert_eq!(person(subject), subject);
    assert_eq!(person("OU=x"), "OU=x");
}
