use serde_json::json;

use super::*;

#[test]
fn a_file_that_changed_on_the_way_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let (sent, same, other) = (dir.path().join("a"), dir.path().join("b"), dir.path().join("c"));
    for (path, content) in [(&sent, "x"), (&same, "x"), (&other, "y")] {
        std::fs::write(path, content).unwrap();
    }
    let sent = [LocalFile::inspect(&sent).unwrap()];
    assert!(equal(&[json!({"path": same})], &sent).is_ok());
    assert!(equal(&[json!({"path": other})], &sent).is_err());
    assert!(equal(&[], &sent).is_err());
}

#[test]
fn a_detour_a_missing_status_and_a_missing_recipient_are_noticed() {
    let receiver = Receiver { system: "huyen-h48-35", agency: "H48.35".to_owned() };
    let from = seat("vpcp").unwrap();
    let path: Vec<String> = ["axis-g22", "lgsp-h48", "node-h48-35"].map(ToOwned::to_owned).into();
    let good =
        Journey { to: "H48.35".into(), path, statuses: STATUSES.map(|code| (code, 0)).into(), ..Journey::default() };
    assert_eq!(right(&receiver, from, std::slice::from_ref(&good)), Ok(()));
    let mut detour = good.clone();
    detour.path.remove(1);
    assert!(right(&receiver, from, &[detour]).is_err());
    let mut silent = good.clone();
    silent.statuses.pop();
    assert!(right(&receiver, from, &[silent]).is_err());
    assert!(right(&receiver, from, &[]).is_err());
}

#[test]
fn only_the_sender_s_own_node_s_acceptance_names_the_first_node() {
    let with = |payload: &str| Acceptance {
        receipt: Some(wire::types_v1::Receipt { payload: payload.as_bytes().to_vec(), signature: String::new() }),
        ..Acceptance::default()
    };
    assert_eq!(first_node(&with(r#"{"event":"SubmissionAcceptance","node":"a"}"#)), "a");
    assert_eq!(first_node(&with(r#"{"event":"RelayAcceptance","node":"a"}"#)), "");
    assert_eq!(first_node(&Acceptance::default()), "");
}
