use signature::Signatory;
use signature::ruling::{BoundBy, Role};
use types::{Digest, UnixMillis};

use super::*;

const FILE: &str = r#"
[[agency]]
code = "H48"
level = "province"
name = "Ủy ban nhân dân tỉnh A"
[[agency]]
code = "H48.15"
level = "province"
parent = "H48"
name = "Sở Thông tin và Truyền thông"
[[agency]]
code = "H48.35.12"
level = "commune"
parent = "H48"
name = "Ủy ban nhân dân xã Tân Lập"
[[agency]]
code = "H48.36.12"
level = "commune"
parent = "H48"
name = "Ủy ban nhân dân xã Tân Lập"
"#;

fn signer(common_name: &str, organisations: &[&str], uris: &[&str]) -> Signatory {
    let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
    Signatory {
        subject: String::new(),
        issuer: String::new(),
        serial: String::new(),
        not_before: UnixMillis::new(0),
        not_after: UnixMillis::new(0),
        sha256: Digest::new([7; 32]),
        public_key: String::new(),
        public_key_bits: 0,
        common_name: Some(common_name.to_owned()),
        organisations: texts(organisations),
        uris: texts(uris),
    }
}

/// Agency, role and how it is bound, for a signer of a document of `sender`.
fn found(sender: &str, entries: &[SignerEntry], signer: &Signatory) -> Option<(String, Role, BoundBy)> {
    let directory = Directory::from_toml(FILE).unwrap();
    let sender = directory.find(&sender.parse().unwrap());
    let capacity = Signers { directory: &directory, entries, sender }.capacity(signer)?;
    Some((capacity.agency.to_string(), capacity.role, capacity.bound_by))
}

#[test]
fn the_operators_list_comes_first() {
    let entry = SignerEntry { certificate: Digest::new([7; 32]), agency: "H48".parse().unwrap(), role: Role::Copy };
    let signer = signer("x", &[], &["urn:lienthong:agency:H48.15"]);
    let expected = Some(("H48".to_owned(), Role::Copy, BoundBy::Configuration));
    assert_eq!(found("H48.15", &[entry], &signer), expected);
}

#[test]
fn an_alternative_name_binds_to_its_agency_whoever_sends() {
    let seal = signer("sở  thông tin và TRUYỀN THÔNG", &[], &["urn:lienthong:agency:H48.15"]);
    let expected = Some(("H48.15".to_owned(), Role::Seal, BoundBy::AlternativeName));
    assert_eq!(found("H48", &[], &seal), expected);
    let person = signer("Nguyễn Văn A", &[], &["urn:lienthong:agency:H48.15"]);
    assert_eq!(found("H48", &[], &person).unwrap().1, Role::Leader);
}

#[test]
fn two_alternative_names_bind_to_none() {
    let both = signer("x", &[], &["urn:lienthong:agency:H48", "urn:lienthong:agency:H48.15"]);
    assert_eq!(found("H48", &[], &both), None);
}

#[test]
fn a_name_binds_to_the_sender_or_its_parent_only() {
    let seal = signer("Ủy ban nhân dân tỉnh A", &[], &[]);
    assert_eq!(found("H48.15", &[], &seal), Some(("H48".to_owned(), Role::Seal, BoundBy::Name)));
    let person = signer("Nguyễn Văn A", &["Sở Thông tin và Truyền thông"], &[]);
    assert_eq!(found("H48.15", &[], &person), Some(("H48.15".to_owned(), Role::Leader, BoundBy::Name)));
    assert_eq!(found("H48", &[], &person), None);
}

#[test]
fn decomposed_letters_are_the_same_name() {
    let seal = signer("Ủy ban nhân dân tỉnh A", &[], &[]);
    let decomposed = signer("U\u{309}y ban nha\u{302}n da\u{302}n ti\u{309}nh A", &[], &[]);
    assert_eq!(found("H48", &[], &decomposed), found("H48", &[], &seal));
}

#[test]
fn a_name_that_two_agencies_have_binds_to_none() {
    let seal = signer("Ủy ban nhân dân xã Tân Lập", &[], &[]);
    assert_eq!(found("H48.35.12", &[], &seal), None);
}

#[test]
fn a_mark_of_an_example_is_no_part_of_a_name() {
    let seal = signer("Sở Thông tin và Truyền thông (EXAMPLE)", &[], &["urn:lienthong:agency:H48.15"]);
    assert_eq!(found("H48", &[], &seal).unwrap().1, Role::Seal);
}
