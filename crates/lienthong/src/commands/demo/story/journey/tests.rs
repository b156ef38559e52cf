use serde_json::json;

use super::*;

#[test]
fn a_path_goes_up_to_the_common_node_and_down() {
    assert_eq!(path_between("axis-g22", "node-h48-35"), ["axis-g22", "lgsp-h48", "node-h48-35"]);
    assert_eq!(path_between("node-h48-35", "lgsp-h48"), ["node-h48-35", "lgsp-h48"]);
    assert_eq!(path_between("lgsp-h48", "lgsp-h48"), ["lgsp-h48"]);
}

fn tracking(state: &str) -> Value {
    let event = |name: &str, node: &str, at: &str| json!({"event": name, "node": node, "at": at});
    json!({
        "document": {"acceptedAt": "2026-11-21T11:00:00Z"},
        "recipients": [{"code": "H48", "state": state, "events": [
            event("RelayAcceptance", "b", "2026-11-21T11:00:00.120Z"),
            event("ContentConsignment", "b", "2026-11-21T11:00:00.130Z"),
            event("ContentHandover", "b", "2026-11-21T11:00:01Z"),
            {"event": "Status", "node": "b", "at": "2026-11-21T11:00:02Z", "statusCode": 3},
        ]}],
    })
}

#[test]
fn events_become_the_way_and_its_times() {
    let tracking = tracking("DELIVERY_STATE_DELIVERED");
    let found = journey("a", &tracking, &tracking["recipients"][0], 1).unwrap();
    assert_eq!(found.path, ["a", "b"]);
    assert_eq!((found.relayed_ms, found.consigned_ms, found.handed_over_ms), (vec![120], Some(130), Some(1000)));
    assert_eq!(found.statuses, [(3, 2000)]);
}

#[test]
fn a_way_with_something_missing_is_not_there_yet() {
    let waiting = tracking("DELIVERY_STATE_SENDING");
    assert!(journey("a", &waiting, &waiting["recipients"][0], 1).is_none());
    let delivered = tracking("DELIVERY_STATE_DELIVERED");
    assert!(journey("a", &delivered, &delivered["recipients"][0], 2).is_none(), "a status is missing");
}
