use super::*;

fn line(fields: &[u8]) -> Vec<u8> {
    let length = u32::try_from(fields.len()).unwrap().to_le_bytes();
    [length.as_slice(), fields].concat()
}

#[test]
fn a_line_that_a_kill_has_cut_ends_the_record() {
    let mut bytes = line(&[&[9][..], &5_u64.to_le_bytes()].concat());
    bytes.extend(line(&[&[4][..], &1_u64.to_le_bytes(), &0_u64.to_le_bytes()].concat()));
    bytes.truncate(bytes.len() - 3);
    assert_eq!(read(&bytes).unwrap(), [Operation::SyncEnds { number: 5 }]);
}

#[test]
fn a_line_of_another_form_is_refused() {
    assert!(read(&line(&[99])).is_err());
    assert!(read(&line(&[9, 1])).is_err());
}

#[test]
fn only_whole_lines_count_as_printed() {
    let printed_bytes = |text: &str| Operation::Printed(text.as_bytes().to_vec());
    let operations = [printed_bytes("one\ntw"), printed_bytes("o\nthr")];
    assert_eq!(printed(&operations, 1), ["one"]);
    assert_eq!(printed(&operations, 2), ["one", "two"]);
}
