use std::collections::BTreeSet;

use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;

use super::*;

const YEAR: i32 = 2026;

fn written() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write_example(dir.path(), YEAR, Existing::Keep).unwrap();
    dir
}

fn chain(dir: &Path, name: &str) -> Vec<Pem> {
    Pem::iter_from_buffer(&std::fs::read(dir.join(name)).unwrap()).collect::<Result<_, _>>().unwrap()
}

#[test]
fn every_file_begins_with_the_mark() {
    let dir = tempfile::tempdir().unwrap();
    let files = write_example(dir.path(), YEAR, Existing::Keep).unwrap();
    assert!(files.len() > 40);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text.lines().next(), Some("# EXAMPLE - NOT FOR PRODUCTION"), "{}", file.display());
    }
}

#[test]
fn every_subject_carries_the_mark() {
    let dir = tempfile::tempdir().unwrap();
    for file in write_example(dir.path(), YEAR, Existing::Keep).unwrap() {
        let name = file.to_str().unwrap();
        if name.ends_with(".key.pem") || name.ends_with(".md") {
            continue;
        }
        for pem in chain(dir.path(), name) {
            let subject = pem.parse_x509().unwrap().subject().to_string();
            assert!(subject.contains(MARK), "{name}: {subject}");
        }
    }
}

#[test]
fn a_leaf_is_signed_by_the_ca_beside_it() {
    let dir = written();
    for (leaf, ca) in [
        ("nodes/axis-g22/transport.pem", "ca/transport.pem"),
        ("systems/vpcp/signing.pem", "ca/signing.pem"),
        ("rejected/foreign/signing.pem", "ca/foreign.pem"),
    ] {
        let chain = chain(dir.path(), leaf);
        let issuer = &super::tests::chain(dir.path(), ca)[0];
        assert_eq!(chain[1].contents, issuer.contents);
        let issuer = issuer.parse_x509().unwrap();
        chain[0].parse_x509().unwrap().verify_signature(Some(issuer.public_key())).unwrap();
    }
}

#[test]
fn a_node_is_named_by_urn_and_reached_on_this_machine() {
    let dir = written();
    let chain = chain(dir.path(), "nodes/node-h48-35/transport.pem");
    let leaf = chain[0].parse_x509().unwrap();
    let names: BTreeSet<_> = leaf
        .subject_alternative_name()
        .unwrap()
        .unwrap()
        .value
        .general_names
        .iter()
        .map(|name| match name {
            GeneralName::URI(text) | GeneralName::DNSName(text) => (*text).to_owned(),
            GeneralName::IPAddress(bytes) => format!("{bytes:?}"),
            other => panic!("{other}"),
        })
        .collect();
    assert!(names.contains("urn:lienthong:node:node-h48-35"));
    assert!(names.contains("localhost"));
    assert!(names.contains("[127, 0, 0, 1]"));
}

#[test]
fn an_agency_signs_under_its_vietnamese_name() {
    let dir = written();
    let chain = chain(dir.path(), "systems/so-ttt/signing.pem");
    let leaf = chain[0].parse_x509().unwrap();
    let organisation = leaf.subject().iter_organization().next().unwrap().as_str().unwrap();
    assert_eq!(organisation, "Sở Thông tin và Truyền thông tỉnh Quảng Ngãi");
    let usage = leaf.key_usage().unwrap().unwrap().value;
    assert!(usage.digital_signature() && usage.non_repudiation());
}

#[test]
fn the_expired_certificate_ended_before_the_others_began() {
    let dir = written();
    let expired = chain(dir.path(), "rejected/expired/signing.pem");
    let good = chain(dir.path(), "systems/xa-h48-35-15/signing.pem");
    let expired = expired[0].parse_x509().unwrap().validity().not_after;
    assert!(expired < good[0].parse_x509().unwrap().validity().not_before);
}

#[test]
fn a_folder_with_files_is_kept_unless_asked() {
    let dir = written();
    let before = std::fs::read(dir.path().join("ca/root.pem")).unwrap();
    assert!(matches!(write_example(dir.path(), YEAR, Existing::Keep), Err(PkiError::NotEmpty(_))));
    assert_eq!(std::fs::read(dir.path().join("ca/root.pem")).unwrap(), before);
    write_example(dir.path(), YEAR, Existing::Overwrite).unwrap();
    assert_ne!(std::fs::read(dir.path().join("ca/root.pem")).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn a_key_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = written();
    let mode = std::fs::metadata(dir.path().join("systems/vpcp/signing.key.pem")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
