use super::*;

fn identities() -> Identities {
    let speaks_for = Arc::new(BTreeSet::from(["H48.15".parse().unwrap()]));
    let token = Digest::try_from(ring::digest::digest(&ring::digest::SHA256, b"s3cret").as_ref()).unwrap();
    let quota = Quota::per_hour(2.try_into().unwrap());
    let rate = DefaultDirectRateLimiter::direct(quota);
    Identities {
        systems: ArcSwap::from_pointee(BTreeMap::from([("so-ttt".parse().unwrap(), speaks_for)])),
        axis_ids: BTreeMap::from([("000.00.15.H48".into(), "so-ttt".parse().unwrap())]),
        rates: BTreeMap::from([("so-ttt".parse().unwrap(), rate)]),
        certificates: BTreeMap::from([(Digest::new([7; 32]), "so-ttt".parse().unwrap())]),
        tokens: BTreeMap::from([(token, "so-ttt".parse().unwrap())]),
        neighbours: BTreeSet::from(["node-h48-35".parse().unwrap()]),
    }
}

fn by_san(san: &str) -> Option<Caller> {
    identities().by_certificate(&[san.to_owned()], &Digest::new([0; 32]))
}

#[test]
fn a_system_is_known_by_its_name() {
    assert!(by_san("urn:lienthong:system:so-ttt").unwrap().speaks_for(&"000.00.15.H48".parse().unwrap()));
}

#[test]
fn a_system_is_known_by_its_fingerprint() {
    assert!(identities().by_certificate(&[], &Digest::new([7; 32])).is_some());
}

#[test]
fn a_node_is_no_system() {
    assert!(by_san("urn:lienthong:node:node-h48-35").is_none());
}

#[test]
fn a_system_is_no_neighbour() {
    let certificate = |san: &str| PeerCertificate { sans: vec![san.to_owned()], sha256: Digest::new([0; 32]) };
    assert_eq!(identities().neighbour(&certificate("urn:lienthong:system:node-h48-35")), None);
    assert!(identities().neighbour(&certificate("urn:lienthong:node:node-h48-35")).is_some());
}

#[test]
fn an_unconfigured_node_is_no_neighbour() {
    let certificate = PeerCertificate { sans: vec!["urn:lienthong:node:other".into()], sha256: Digest::new([0; 32]) };
    assert_eq!(identities().neighbour(&certificate), None);
}

#[test]
fn a_token_is_compared_by_its_digest() {
    assert!(identities().by_token("s3cret").is_some());
    assert!(identities().by_token("s3cre").is_none());
}

#[test]
fn a_system_is_known_by_its_axis_id_and_not_by_its_own() {
    assert_eq!(identities().by_axis_id("000.00.15.H48").unwrap().how, Credential::AxisSecret);
    assert!(identities().by_axis_id("so-ttt").is_none());
}

#[test]
fn who_asks_too_often_is_told_to_wait() {
    let identities = identities();
    let caller = identities.by_axis_id("000.00.15.H48").unwrap();
    let answers = [(); 3].map(|()| identities.admit(&caller));
    assert!(answers[0].is_ok() && answers[1].is_ok());
    let refusal = answers[2].as_ref().unwrap_err();
    assert!(refusal.code() == ErrorCode::RateLimited && refusal.wait().is_some());
}
