//! Signatures inside documents: what passes, what is refused, and what a hostile file costs.

pub(crate) mod pdf;

use std::path::PathBuf;
use std::process::Child;

use serde_json::Value;
use signature::{PdfPlace, PdfRole, PdfSignOptions, Signer, sign_pdf, sign_xml};
use types::UnixMillis;

use crate::harness::{AXIS, PATIENCE, PROVINCE, Ran, World, base64, hex, list, send_args, text, until};

/// A seal is required, and what is wrong is refused.
const SEALED: &str = "\n[policy]\nseal = \"required\"\nfailed = \"refuse\"\n";

/// A node with more configuration than the example's.
fn world(node: &'static str, toml: &str) -> World {
    let mut world = World::new();
    world.scene.configure(node, toml);
    world.start(node);
    world
}

/// The signing identity of a system of the example.
fn signer(world: &World, system: &str) -> Signer {
    let dir = world.scene.pki().join("systems").join(system);
    let read = |name: &str| std::fs::read(dir.join(name)).unwrap();
    Signer::from_pem(&read("signing.key.pem"), &read("signing.pem")).unwrap()
}

/// A PDF sealed by a system.
fn sealed(world: &World, system: &str) -> Vec<u8> {
    let signer = signer(world, system);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let time = UnixMillis::new(u64::try_from(now.as_millis()).unwrap());
    let options = PdfSignOptions { place: PdfPlace::Invisible, ..PdfSignOptions::new(PdfRole::Seal, &signer, time) };
    sign_pdf(&signer, &pdf::plain(0), &options).unwrap()
}

fn send(world: &World, number: &str, file: &[u8]) -> Ran {
    let path = world.file(&format!("{number}.pdf"), file);
    world.run("vpcp", &send_args(number, &["G22"], &path))
}

/// The results about PDFs in a report.
fn inside(report: &Value) -> Vec<&Value> {
    list(&report["signatures"]).iter().filter(|result| result["kind"] == "DOCUMENT").collect()
}

/// The remarks of an acceptance: code and rule of each.
fn remarks(accepted: &Value) -> Vec<(&str, &str)> {
    let all = list(&accepted["signatureReport"]["remarks"]).iter();
    all.map(|remark| (text(&remark["code"]), text(&remark["rule"]))).collect()
}

#[test]
fn a_sealed_pdf_passes_and_everyone_can_see_what_was_checked() {
    let world = world(AXIS, SEALED);
    let ran = send(&world, "1", &sealed(&world, "vpcp"));
    assert_eq!(ran.exit, 0, "{}", ran.error);
    let report = &ran.out[0]["signatureReport"];
    assert_eq!(report["ruling"], "ACCEPT", "{report}");
    let found = inside(report);
    let [seal] = found.as_slice() else { panic!("{report}") };
    assert_eq!(seal["indication"], "TOTAL_PASSED", "{seal}");
    assert_eq!(
        (&seal["agency"], &seal["role"], &seal["boundBy"]),
        (&"G22".into(), &"seal".into(), &"alternative_name".into())
    );
    assert_eq!((&seal["file"], &seal["covers"]), (&1.into(), &"ENTIRE_FILE".into()));

    let exchange = text(&ran.out[0]["exchangeId"]);
    let tracked = world.ok("vpcp", &["track", exchange]);
    assert_eq!(&tracked["signatureReport"], report);
    let receipt: Value = serde_json::from_slice(&base64(text(&ran.out[0]["receipt"]["payload"]))).unwrap();
    let digest = ring::digest::digest(&ring::digest::SHA256, &base64(text(&report["full"])));
    assert_eq!(receipt["report"]["sha256"], hex(digest.as_ref()));
    assert_eq!(receipt["verdict"], "TOTAL_PASSED");
}

#[test]
fn a_pdf_changed_after_it_was_sealed_is_refused() {
    let world = world(AXIS, SEALED);
    let mut changed = sealed(&world, "vpcp");
    let at = changed.windows(5).position(|window| window == b"(Xin)").unwrap();
    changed[at + 1..at + 4].copy_from_slice(b"Sua");
    let ran = send(&world, "1", &changed);
    assert_eq!((text(&ran.error["code"]), ran.exit), ("signature_invalid", 1), "{}", ran.error);
    assert_eq!(world.payloads(AXIS), Vec::<PathBuf>::new());
}

#[test]
fn a_pdf_with_something_appended_after_its_seal_is_refused() {
    let world = world(AXIS, SEALED);
    let ran = send(&world, "1", &pdf::replaced_content(&sealed(&world, "vpcp")));
    assert_eq!(ran.exit, 1, "{:?}", ran.out);
    assert!(text(&ran.error["detail"]).contains("changed after signing"), "{}", ran.error);
}

#[test]
fn a_missing_seal_is_refused_and_named() {
    let world = world(AXIS, SEALED);
    let ran = send(&world, "1", &pdf::plain(0));
    assert_eq!(text(&ran.error["code"]), "signature_missing", "{}", ran.error);
    assert!(text(&ran.error["problem"]["field"]).contains("attachments[0]"), "{}", ran.error);
    assert!(text(&ran.error["detail"]).contains("seal = required"), "{}", ran.error);
}

#[test]
fn another_agencys_seal_is_not_the_senders() {
    let world = world(AXIS, SEALED);
    let ran = send(&world, "1", &sealed(&world, "ubnd-h48"));
    assert_eq!(text(&ran.error["code"]), "signer_not_of_sender", "{}", ran.error);
}

#[test]
fn where_failures_are_flagged_what_is_wrong_inside_is_taken_with_a_warning() {
    let world = world(AXIS, "\n[policy]\nfailed = \"flag\"\n");
    let mut changed = sealed(&world, "vpcp");
    let at = changed.windows(5).position(|window| window == b"(Xin)").unwrap();
    changed[at + 1] = b'x';
    let ran = send(&world, "1", &changed);
    assert_eq!(ran.exit, 0, "{}", ran.error);
    assert_eq!(remarks(&ran.out[0]), [("signature_invalid", "failed = flag")]);
    let warned = list(&ran.out[0]["warnings"]).iter().any(|warning| warning["code"] == "signature_invalid");
    assert!(warned, "{}", ran.out[0]);
}

#[test]
fn without_a_choice_of_policy_an_altered_file_is_refused() {
    let world = world(AXIS, "");
    let mut changed = sealed(&world, "vpcp");
    let at = changed.windows(5).position(|window| window == b"(Xin)").unwrap();
    changed[at + 1] = b'x';
    let ran = send(&world, "1", &changed);
    assert_eq!(text(&ran.error["code"]), "signature_invalid", "{}", ran.error);
}

#[test]
fn an_xml_signature_over_the_packet_is_checked() {
    let world = world(AXIS, "\n[policy]\npacket = \"required\"\nfailed = \"refuse\"\n");
    let file = world.file("a.txt", "nội dung");
    let packet = world.path("packet.edxml");
    let built = send_args("1", &["G22"], &file);
    let mut args = vec!["packet", "build"];
    args.extend(&built[1..]);
    args.extend(["--output", packet.to_str().unwrap()]);
    world.ok("vpcp", &args);
    let submit = || {
        for made in ["manifest", "p7s"].map(|ending| format!("{}.{ending}", packet.display())) {
            drop(std::fs::remove_file(made));
        }
        world.ok("vpcp", &["packet", "sign", packet.to_str().unwrap()]);
        let signature = format!("{}.p7s", packet.display());
        world.run("vpcp", &["send", packet.to_str().unwrap(), "--signature", &signature])
    };
    let unsigned = submit();
    assert_eq!(text(&unsigned.error["code"]), "signature_missing", "{}", unsigned.error);

    let plain = std::fs::read(&packet).unwrap();
    let signed = sign_xml(&signer(&world, "vpcp"), &plain).unwrap();
    let changed = String::from_utf8(signed.clone()).unwrap().replacen("thử nghiệm", "thử nghiêm", 1);
    std::fs::write(&packet, changed).unwrap();
    let refused = submit();
    assert_eq!(text(&refused.error["code"]), "signature_invalid", "{}", refused.error);

    std::fs::write(&packet, signed).unwrap();
    let accepted = submit();
    assert_eq!(accepted.exit, 0, "{}", accepted.error);
    let results = list(&accepted.out[0]["signatureReport"]["signatures"]);
    let own = results.iter().find(|result| result["kind"] == "PACKET").unwrap();
    assert_eq!((&own["indication"], &own["covers"]), (&"TOTAL_PASSED".into(), &"/".into()), "{own}");
}

/// Process ids of a node's workers.
fn workers(node: u32) -> Vec<i32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let command = std::fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let is_child = status.lines().any(|line| line == format!("PPid:\t{node}"));
        if is_child && command.contains("verify-worker") {
            found.push(id);
        }
    }
    found
}

/// Sends in the background.
fn begin(world: &World, number: &str, file: &[u8]) -> Child {
    let path = world.file(&format!("{number}.pdf"), file);
    let mut command = world.command("vpcp", &send_args(number, &["G22"], &path));
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
}

fn ended(child: Child) -> Value {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_worker_that_is_killed_costs_its_document_the_check_and_nobody_anything_else() {
    let world = world(AXIS, "\n[verification]\nworkers = 1\ntime_max = \"50s\"\n");
    let slow = begin(&world, "1", &pdf::slow());
    let node = world.nodes[AXIS].id();
    let worker = until("a worker", PATIENCE, || workers(node).first().copied());
    // A worker that has the packet open is checking it.
    until("the packet open in the worker", PATIENCE, || {
        let open = std::fs::read_dir(format!("/proc/{worker}/fd")).ok()?;
        open.flatten()
            .find(|file| std::fs::read_link(file.path()).is_ok_and(|path| path.to_string_lossy().contains("staging")))
    });
    let id = rustix::process::Pid::from_raw(worker).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::KILL).unwrap();
    let accepted = ended(slow);
    assert_eq!(remarks(&accepted), [("verification_unfinished", "indeterminate = flag")]);
    let next = send(&world, "2", &sealed(&world, "vpcp"));
    assert_eq!(next.exit, 0, "{}", next.error);
    assert_eq!(inside(&next.out[0]["signatureReport"])[0]["indication"], "TOTAL_PASSED");
}

#[test]
fn a_pdf_that_burns_time_is_given_up_and_its_sender_pays() {
    let limits = "\n[verification]\ntime_max = \"500ms\"\ntime_per_minute = \"400ms\"\n";
    let world = world(PROVINCE, limits);
    let path = world.file("slow.pdf", pdf::slow());
    let accepted = world.ok("ubnd-h48", &send_args("1", &["H48"], &path));
    assert_eq!(remarks(&accepted), [("verification_unfinished", "indeterminate = flag")]);
    let again = world.file("a.pdf", sealed(&world, "ubnd-h48"));
    let refused = world.run("ubnd-h48", &send_args("2", &["H48"], &again));
    assert_eq!(text(&refused.error["code"]), "rate_limited", "{}", refused.error);
    let own = world.file("b.pdf", sealed(&world, "so-ttt"));
    let other = world.ok("so-ttt", &send_args("3", &["H48"], &own));
    assert_eq!(inside(&other["signatureReport"])[0]["indication"], "TOTAL_PASSED");
}

#[test]
fn a_file_that_burns_memory_ends_its_worker_only() {
    let limits = format!("\n[verification]\nmemory_max = {}\n\n[policy]\nindeterminate = \"refuse\"\n", 64 << 20);
    let world = world(AXIS, &limits);
    let path = world.file("a.zip", pdf::large_in_memory());
    let ran = world.run("vpcp", &send_args("1", &["G22"], &path));
    assert_eq!(text(&ran.error["code"]), "verification_unfinished", "{} {:?}", ran.error, ran.out);
    let next = send(&world, "2", &sealed(&world, "vpcp"));
    assert_eq!(next.exit, 0, "{}", next.error);
}

#[test]
fn a_packet_with_many_signed_files_is_bounded_as_one_document_and_the_next_sender_is_not_touched() {
    // Three checks for the manifest, three for every file: the fifth file is in the middle of its own when nothing is left.
    let limits = "\n[verification]\ndocument_checks_max = 16\n\n[policy]\nindeterminate = \"flag\"\n";
    let world = world(PROVINCE, limits);
    let files: Vec<PathBuf> = (0..12).map(|n| world.file(&format!("{n:02}.pdf"), sealed(&world, "ubnd-h48"))).collect();
    let mut args = vec!["send"];
    args.extend(files[1..].iter().map(|file| file.to_str().unwrap()));
    args.extend(&send_args("1", &["H48"], &files[0])[1..]);
    let accepted = world.ok("ubnd-h48", &args);
    let report = &accepted["signatureReport"];
    let found = inside(report);
    let passed = found.iter().filter(|result| result["indication"] == "TOTAL_PASSED").count();
    assert_eq!(passed, 4, "{report}");
    let cut = found.iter().find(|result| result["indication"] != "TOTAL_PASSED").unwrap();
    assert_eq!(
        (&cut["indication"], &cut["subIndication"], &cut["code"], &cut["rule"]),
        (
            &"INDETERMINATE".into(),
            &"SIG_CONSTRAINTS_FAILURE".into(),
            &"limit_exceeded".into(),
            &"work_budget_spent".into()
        )
    );
    // Those behind it are not even opened, and the report says so of each.
    assert_eq!(found.len(), 5, "{report}");
    let unopened: Vec<&str> =
        list(&report["notChecked"]).iter().map(text).filter(|line| line.contains(".pdf: ")).collect();
    assert_eq!(unopened.len(), 7, "{report}");
    assert!(
        unopened.iter().all(|line| line.contains("[INDETERMINATE, SIG_CONSTRAINTS_FAILURE, limit_exceeded]")),
        "{unopened:?}"
    );
    assert_eq!(remarks(&accepted), vec![("limit_exceeded", "indeterminate = flag"); 8]);

    let own = world.file("own.pdf", sealed(&world, "so-ttt"));
    let other = world.ok("so-ttt", &send_args("2", &["H48"], &own));
    assert_eq!(other["signatureReport"]["ruling"], "ACCEPT", "{other}");
    let next = world.ok("ubnd-h48", &send_args("3", &["H48"], &files[0]));
    assert_eq!(next["signatureReport"]["ruling"], "ACCEPT", "each document has its own: {next}");
}
