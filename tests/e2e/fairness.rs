//! Quotas, what a node has found out about its neighbours, and warnings before deadlines.

use std::time::{Duration, SystemTime};

use crate::harness::{AXIS, DISTRICT, PATIENCE, PROVINCE, World, list, send_args, text, until};

#[test]
fn a_system_over_its_quota_is_told_when_to_come_back_and_others_are_not() {
    let mut world = World::new();
    world.scene.configure(PROVINCE, "\n[quota]\ndocuments_per_minute = 1\n");
    world.start(AXIS);
    world.start(PROVINCE);
    let file = world.file("a.txt", "nội dung");
    world.send("so-ttt", "1", &["H48"], &file);
    // A minute may pass on a slow machine, not four.
    let tried = ["2", "3", "4", "5"].map(|number| world.run("so-ttt", &send_args(number, &["H48"], &file)));
    let refused = tried.into_iter().find(|ran| ran.exit != 0);
    let ran = refused.unwrap_or_else(|| panic!("five documents in a minute were taken"));
    assert_eq!(text(&ran.error["code"]), "quota_exceeded", "{}", ran.error);
    let wait = ran.error["problem"]["retryAfterSeconds"].as_u64().unwrap_or_else(|| panic!("{}", ran.error));
    assert!((1..=60).contains(&wait), "{}", ran.error);
    let node = world.ok("so-ttt", &["node"]);
    assert_eq!(text(&node["quota"]["documentsPerMinute"]), "1", "{node}");
    world.send("ubnd-h48", "1", &["H48.15"], &file);
}

#[test]
fn a_document_that_waits_for_a_node_that_is_away_is_warned_of_before_its_deadline() {
    let mut world = World::new();
    // Whatever is due today: the end of the day is less than two days away.
    world.scene.configure(PROVINCE, "\n[fairness]\ndeadline_warning = \"48h\"\n");
    world.start(AXIS);
    world.start(PROVINCE);
    let file = world.file("a.txt", "nội dung");
    let day = today();
    let sent = |number: &str, more: &[&str]| {
        let mut args = send_args(number, &["H48.35"], &file);
        args.extend(more);
        text(&world.ok("so-ttt", &args)["exchangeId"]).to_owned()
    };
    let due = sent("1", &["--due-date", &day]);
    sent("2", &[]);
    let listed = until("the warning", PATIENCE, || {
        let found = world.ok("so-ttt", &["list", "sent", "--at-risk"]);
        let found = list(&found["documents"]).to_vec();
        (!found.is_empty()).then_some(found)
    });
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(text(&listed[0]["exchangeId"]), due);
    let events = world.ok("so-ttt", &["track", &due]);
    let names: Vec<_> = list(&events["recipients"][0]["events"]).iter().map(|event| text(&event["event"])).collect();
    assert_eq!(names.iter().filter(|name| **name == "DeadlineAtRisk").count(), 1, "{events}");
    assert!(world.log(PROVINCE).contains("deadline_at_risk"));

    world.start(DISTRICT);
    world.arrived("huyen-h48-35", "H48.35", &due);
    until("it is no longer at risk", PATIENCE, || {
        let found = world.ok("so-ttt", &["list", "sent", "--at-risk"]);
        list(&found["documents"]).is_empty().then_some(())
    });
    let node = world.ok("so-ttt", &["node"]);
    let district = list(&node["neighbours"]).iter().find(|one| one["id"] == DISTRICT).unwrap().clone();
    assert_eq!(text(&district["circuit"]), "closed", "{node}");
    assert!(district["window"].as_u64().is_some_and(|window| window >= 12), "{node}");
}

/// Today in Vietnam, as edXML writes it.
fn today() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + Duration::from_secs(7 * 3600);
    let days = i64::try_from(now.as_secs() / 86_400).unwrap();
    let day = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(days);
    day.strftime("%Y/%m/%d").to_string()
}
