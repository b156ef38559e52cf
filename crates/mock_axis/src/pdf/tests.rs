use super::*;

fn text() -> String {
    String::from_utf8(page(&["Cong van (so 1)", r"a\b", "Hành"])).unwrap()
}

#[test]
fn every_cross_reference_points_at_its_object() {
    let text = text();
    let table = &text[text.rfind("xref\n0 ").unwrap()..];
    let entries: Vec<&str> = table.lines().skip(3).take_while(|line| line.ends_with(" n ")).collect();
    assert_eq!(entries.len(), 5);
    for (number, entry) in (1..).zip(entries) {
        assert_eq!(entry.len(), 19, "20 bytes with the line end");
        let offset: usize = entry[..10].parse().unwrap();
        assert!(text[offset..].starts_with(&format!("{number} 0 obj\n")), "{entry}");
    }
}

#[test]
fn startxref_points_at_the_table() {
    let text = text();
    let start: usize = text.lines().rev().nth(1).unwrap().parse().unwrap();
    assert!(text[start..].starts_with("xref\n0 6\n"));
}

#[test]
fn the_length_of_the_stream_is_what_stands_between_its_words() {
    let text = text();
    let (before, after) = text.split_once("stream\n").unwrap();
    let told: usize = before.rsplit("/Length ").next().unwrap().split(' ').next().unwrap().parse().unwrap();
    assert_eq!(after.find("\nendstream"), Some(told));
}

#[test]
fn brackets_are_escaped_and_other_letters_left_out() {
    let text = text();
    assert!(text.contains(r"(Cong van \(so 1\)) Tj") && text.contains(r"(a\\b) Tj") && text.contains("(Hnh) Tj"));
    assert!(text.is_ascii());
}
