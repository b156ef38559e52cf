//! Whatever is made of the values, the grammar takes the same bytes.

use proptest::prelude::*;

use super::*;
use crate::pdf::lexer::Origin;
use crate::pdf::survey::Survey;

const TOKENS: [&str; 34] = [
    "<<",
    ">>",
    "[",
    "]",
    "(a",
    ")",
    "\\",
    "<4a",
    ">",
    "/",
    "/Type",
    "/Sig",
    "/Kids",
    "/A#41",
    "/A#4",
    "null",
    "true",
    "false",
    "0",
    "12",
    "-3",
    "+4",
    "5.25",
    "5.2.5",
    "7 0 R",
    "7 65536 R",
    "4294967296 0 R",
    "R",
    "%c\n",
    " ",
    "\n",
    "99999999999999999999",
    "000000000000000000000001 0 R",
    "x",
];

const VALUES: [&str; 6] = ["0", "7 0 R", "null", "/Sig", "(s)", "<4a>"];

fn references(object: &Object, found: &mut Vec<u32>) {
    match object {
        Object::Reference(id) => found.push(id.number),
        Object::Array(list) => list.iter().for_each(|value| references(value, found)),
        Object::Dictionary(own) => own.values().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// Reads bytes both ways; whether they are an object.
fn check(bytes: &[u8]) -> Result<bool, TestCaseError> {
    let (mut one, mut other) = (Lexer::new(bytes, 0, Origin::File), Lexer::new(bytes, 0, Origin::File));
    let (made, mut survey) = (one.object(), Survey::default());
    let seen = other.read(&mut survey);
    prop_assert_eq!(one.at, other.at);
    match (made, seen) {
        (Ok(made), Ok(seen)) => {
            prop_assert_eq!(Tree::length(&made), Survey::length(&seen));
            let is_leaf = made.dictionary().is_some_and(|own| own.get(b"Kids").is_none());
            prop_assert_eq!(is_leaf, seen.is_leaf());
            let (mut expected, mut found) = (Vec::new(), survey.finish(&seen).references.to_vec());
            references(&made, &mut expected);
            expected.sort_unstable();
            found.sort_unstable();
            prop_assert_eq!(expected, found);
            Ok(true)
        }
        (Err(made), Err(seen)) => {
            prop_assert_eq!(made, seen);
            Ok(false)
        }
        (made, seen) => Err(TestCaseError::fail(format!("{made:?}, but {seen:?}"))),
    }
}

proptest! {
    #[test]
    fn of_anything(tokens in proptest::collection::vec(proptest::sample::select(&TOKENS[..]), 0..24)) {
        check(tokens.join(" ").as_bytes())?;
        check(tokens.concat().as_bytes())?;
    }

    #[test]
    fn of_dictionaries(keys in proptest::collection::vec(0_u8..90, 0..40), value in proptest::sample::select(&VALUES[..])) {
        let entries: String = keys.iter().map(|key| format!("/K{key} {value} ")).collect();
        let is_object = check(format!("<</K [{entries}] /L <<{entries}>> >>").as_bytes())?;
        let mut once = keys.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(is_object, once.len() == keys.len());
    }
}

#[test]
fn many_keys_are_told_apart_and_one_that_returns_is_found() {
    let keys: String = (0..1000).rev().map(|key| format!("/K{key} {key} 0 R ")).collect();
    assert!(check(format!("<<{keys}>>").as_bytes()).unwrap());
    assert!(!check(format!("<<{keys}/K500 0>>").as_bytes()).unwrap());
}
