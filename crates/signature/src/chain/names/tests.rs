use super::*;
use crate::pki::{ca_params, leaf_params, params, root, root_of};
use rcgen::{CidrSubnet, DnType, DnValue, GeneralSubtree, NameConstraints as Constraints, SanType};

/// Whether a leaf with this name may be below a CA with these permitted and excluded subtrees.
fn is_allowed(name: SanType, permitted: Vec<GeneralSubtree>, excluded: Vec<GeneralSubtree>) -> bool {
    let mut leaf = leaf_params("EXAMPLE Leaf");
    leaf.subject_alt_names = vec![name];
    outcome(leaf, permitted, excluded).is_ok()
}

fn outcome(
    leaf: rcgen::CertificateParams,
    permitted_subtrees: Vec<GeneralSubtree>,
    excluded_subtrees: Vec<GeneralSubtree>,
) -> Result<(), ChainReason> {
    let root = root();
    let mut ca = ca_params("EXAMPLE CA", None);
    ca.name_constraints = Some(Constraints { permitted_subtrees, excluded_subtrees });
    let ca = root.issue(ca);
    let leaf = ca.issue(leaf);
    check(&root.certificate(), &[&ca.certificate(), &leaf.certificate()])
}

fn dns_name(text: &str) -> SanType {
    SanType::DnsName(text.try_into().unwrap())
}

fn dns_tree(text: &str) -> Vec<GeneralSubtree> {
    vec![GeneralSubtree::DnsName(text.to_owned())]
}

#[test]
fn a_host_is_within_its_domain_and_not_within_one_that_only_ends_alike() {
    assert!(is_allowed(dns_name("nut.example.vn"), dns_tree("example.vn"), Vec::new()));
    assert!(is_allowed(dns_name("EXAMPLE.vn"), dns_tree("example.vn"), Vec::new()));
    assert!(!is_allowed(dns_name("myexample.vn"), dns_tree("example.vn"), Vec::new()));
    assert!(!is_allowed(dns_name("example.vn"), dns_tree(".example.vn"), Vec::new()));
}

#[test]
fn what_is_excluded_is_refused_even_when_it_is_permitted() {
    assert!(!is_allowed(dns_name("nut.example.vn"), dns_tree("vn"), dns_tree("example.vn")));
    assert!(is_allowed(dns_name("nut.khac.vn"), dns_tree("vn"), dns_tree("example.vn")));
}

#[test]
fn a_wildcard_is_neither_permitted_nor_safely_outside() {
    assert!(!is_allowed(dns_name("*.example.vn"), dns_tree("example.vn"), Vec::new()));
    assert!(!is_allowed(dns_name("*.vn"), Vec::new(), dns_tree("example.vn")));
}

#[test]
fn a_constraint_says_nothing_about_other_kinds_of_names() {
    assert!(is_allowed(SanType::Rfc822Name("a@khac.vn".try_into().unwrap()), dns_tree("example.vn"), Vec::new()));
}

#[test]
fn mailboxes_match_one_box_a_host_or_a_domain() {
    let allowed = |mailbox: &str, base: &str| {
        let tree = vec![GeneralSubtree::Rfc822Name(base.to_owned())];
        is_allowed(SanType::Rfc822Name(mailbox.try_into().unwrap()), tree, Vec::new())
    };
    assert!(allowed("a@example.vn", "example.vn"));
    assert!(!allowed("a@nut.example.vn", "example.vn"));
    assert!(allowed("a@nut.example.vn", ".example.vn"));
    assert!(!allowed("a@example.vn", ".example.vn"));
    assert!(allowed("a@EXAMPLE.vn", "a@example.vn"));
    assert!(!allowed("A@example.vn", "a@example.vn"));
}

#[test]
fn addresses_match_by_mask() {
    let tree = || vec![GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([10, 1, 0, 0], 16))];
    let address = |text: &str| SanType::IpAddress(text.parse().unwrap());
    assert!(is_allowed(address("10.1.2.3"), tree(), Vec::new()));
    assert!(!is_allowed(address("10.2.2.3"), tree(), Vec::new()));
    assert!(!is_allowed(address("fd00::1"), tree(), Vec::new()));
    assert!(!is_allowed(address("10.1.2.3"), Vec::new(), tree()));
}

#[test]
fn hosts_of_uris_match_and_a_uri_without_a_host_cannot() {
    assert_eq!(uri("https://a.example.vn:8443/x", ".example.vn"), Some(true));
    assert_eq!(uri("https://example.vn/x", ".example.vn"), Some(false));
    assert_eq!(uri("https://user@example.vn?x", "EXAMPLE.vn"), Some(true));
    assert_eq!(uri("https://example.vn@khac.vn/", "example.vn"), Some(false));
    assert_eq!(uri("urn:lienthong:node:so-tttt", "example.vn"), None);
    assert_eq!(uri("https://10.1.2.3/", "example.vn"), None);
}

#[test]
fn subjects_are_held_against_directory_constraints_across_string_types() {
    let tree = |organisation: &str| {
        let mut name = rcgen::DistinguishedName::new();
        name.push(DnType::CountryName, "VN");
        let text = rcgen::string::PrintableString::try_from(organisation).unwrap();
        name.push(DnType::OrganizationName, DnValue::PrintableString(text));
        vec![GeneralSubtree::DirectoryName(name)]
    };
    let leaf = || {
        let mut leaf = leaf_params("EXAMPLE Leaf");
        leaf.distinguished_name = rcgen::DistinguishedName::new();
        leaf.distinguished_name.push(DnType::CountryName, "VN");
        leaf.distinguished_name.push(DnType::OrganizationName, "EXAMPLE");
        leaf.distinguished_name.push(DnType::CommonName, "EXAMPLE Leaf");
        leaf
    };
    assert_eq!(outcome(leaf(), tree("Example"), Vec::new()), Ok(()));
    assert!(outcome(leaf(), tree("Other"), Vec::new()).is_err());
    assert!(outcome(leaf(), Vec::new(), tree("Example")).is_err());
}

#[test]
fn a_subject_whose_text_is_not_certain_does_not_slip_past_an_exclusion() {
    let mut name = rcgen::DistinguishedName::new();
    name.push(DnType::OrganizationName, "Excluded");
    let tree = vec![GeneralSubtree::DirectoryName(name)];
    let mut leaf = params("EXAMPLE Leaf");
    leaf.distinguished_name = rcgen::DistinguishedName::new();
    let text = rcgen::string::TeletexString::try_from("Excluded").unwrap();
    leaf.distinguished_name.push(DnType::OrganizationName, DnValue::TeletexString(text));
    assert!(outcome(leaf, Vec::new(), tree).is_err());
}

#[test]
fn the_anchors_constraints_count() {
    let mut anchor = ca_params("EXAMPLE Root", None);
    anchor.name_constraints =
        Some(Constraints { permitted_subtrees: dns_tree("example.vn"), excluded_subtrees: Vec::new() });
    let anchor = root_of(anchor);
    let mut leaf = leaf_params("EXAMPLE Leaf");
    leaf.subject_alt_names = vec![dns_name("khac.vn")];
    let leaf = anchor.issue(leaf).certificate();
    assert!(matches!(check(&anchor.certificate(), &[&leaf]), Err(ChainReason::NameConstraint { .. })));
}
