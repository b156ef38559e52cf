use super::*;

fn late(name: &str, value: &str) -> Result<(), Failure> {
    late_fields(&vec![(name.to_owned(), value.to_owned())])
}

#[test]
fn a_message_type_after_the_file_has_to_be_one() {
    assert_eq!(late("messageType", "status"), Ok(()));
    assert!(late("MESSAGETYPE", "letter").is_err());
}

#[test]
fn what_would_change_the_sending_may_not_follow_the_file() {
    for name in ["to", "from", "hash-file", "hashFile"] {
        assert!(late(name, "x").unwrap_err().description.contains(name));
    }
    assert_eq!(late("comment", "x"), Ok(()));
}
