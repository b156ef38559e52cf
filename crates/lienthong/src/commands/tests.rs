//! Commands against a node that is not one: the client's half of the interface, over real TLS.

mod fake_node;
pub(super) mod pdf;

use clap::Parser as _;
use fake_node::{FakeNode, Upload};
use ring::digest::{SHA256, digest};
use wire::exchange_v1::{Acceptance, Agency, DocumentHeader};

use super::*;
use crate::client::Client;
use crate::exit::Exit;
use crate::files::LocalFile;
use crate::output::tests::printed;
use crate::profile::Profile;

fn run(node: &FakeNode, line: &[&str]) -> (String, Result<(), Failure>) {
    let profile = node.text("vpcp.toml");
    let line = [&["lienthong"], line, &["--profile", &profile]].concat();
    let cli = Cli::try_parse_from(line).unwrap();
    let mut result = Ok(());
    let text = printed(Form::Json, |output| result = dispatch(cli.command, output));
    (text, result)
}

fn send<'a>(file: &'a str, extra: &[&'a str]) -> Vec<&'a str> {
    [&["send", file, "--number", "1", "--notation", "CV", "--subject", "Họp"], extra].concat()
}

fn with_file(node: &FakeNode, bytes: &[u8]) -> String {
    std::fs::write(node.dir.path().join("a.pdf"), bytes).unwrap();
    node.text("a.pdf")
}

#[test]
fn a_document_arrives_whole_with_its_digest_and_signature() {
    let node = FakeNode::start();
    let bytes: Vec<u8> = (0..1_000_003_u32).map(|i| i.to_le_bytes()[0]).collect();
    let file = with_file(&node, &bytes);
    let receipt = node.text("receipt.json");
    let (text, result) = run(&node, &send(&file, &["--to", "H48", "--receipt-out", &receipt]));
    result.unwrap();
    let acceptance: Acceptance = serde_json::from_str(&text).unwrap();
    assert_eq!(node.upload(), Upload::Ended);
    node.facts(|facts| {
        assert_eq!(facts.files, std::slice::from_ref(&bytes));
        let header = facts.header.as_ref().unwrap();
        assert_eq!(header.document_id, acceptance.document_id);
        assert_eq!(header.files[0].sha256, digest(&SHA256, &bytes).as_ref());
        let manifest = signature::Manifest::parse(&header.envelope.as_ref().unwrap().manifest).unwrap();
        assert_eq!(manifest.parts[0].sha256.as_bytes().as_slice(), header.files[0].sha256);
        assert_eq!(manifest.document_id.as_str(), header.document_id);
    });
    let kept: wire::types_v1::Receipt = serde_json::from_slice(&std::fs::read(receipt).unwrap()).unwrap();
    assert_eq!(Some(kept), acceptance.receipt);
}

#[test]
fn an_upload_whose_file_fails_is_cut_off_and_never_ends() {
    let node = FakeNode::start();
    let there = LocalFile::inspect(std::path::Path::new(&with_file(&node, &vec![1; 3 << 20]))).unwrap();
    let gone = LocalFile { path: "/nonexistent/b.pdf".into(), ..there.clone() };
    let profile = Profile::read(&node.dir.path().join("vpcp.toml")).unwrap();
    let result = wait(async {
        let mut client = Client::connect(&profile).await?;
        send::upload::files(&mut client, DocumentHeader::default(), vec![there, gone]).await.map(|_| ())
    });
    assert_eq!(result.unwrap_err().exit(), Exit::LocalFile);
    assert_eq!(node.upload(), Upload::Broken);
}

#[test]
fn without_a_signature_only_when_asked() {
    let node = FakeNode::start();
    let file = with_file(&node, b"a");
    run(&node, &send(&file, &["--no-sign", "--to", "group:H48/commune"])).1.unwrap();
    node.facts(|facts| {
        let header = facts.header.as_ref().unwrap();
        assert!(header.envelope.is_none());
        assert_eq!(header.to[0].code, "group:H48/commune", "the node writes an unsigned group out");
    });
}

#[test]
fn a_signed_group_is_written_out_without_repeats() {
    let node = FakeNode::start();
    let agency = |code: &str| Agency { code: code.into(), ..Agency::default() };
    node.facts(|facts| facts.agencies = vec![agency("H48"), agency("H48.35.12"), agency("H48.35.13")]);
    let file = with_file(&node, b"a");
    run(&node, &send(&file, &["--to", "H48.35.13", "group:H48/*"])).1.unwrap();
    node.facts(|facts| {
        let codes: Vec<_> = facts.header.as_ref().unwrap().to.iter().map(|to| to.code.as_str()).collect();
        assert_eq!(codes, ["H48.35.13", "H48.35.12"]);
    });
}

#[test]
fn a_refusal_in_the_middle_of_an_upload_is_told_as_the_node_told_it() {
    let node = FakeNode::start();
    let file = with_file(&node, &vec![1; 8 << 20]);
    let header = node.text("header.toml");
    std::fs::write(&header, "secrecy = \"Mật\"\n").unwrap();
    let receipt = node.text("receipt.json");
    let line = ["--to", "H48", "--header", &header, "--receipt-out", &receipt];
    let (_, result) = run(&node, &send(&file, &line));
    let failure = result.unwrap_err();
    assert_eq!(failure.exit(), Exit::Refused);
    assert!(failure.lines()[0].starts_with("lỗi secret_document"), "{:?}", failure.lines());
    let kept: wire::types_v1::Receipt = serde_json::from_slice(&std::fs::read(receipt).unwrap()).unwrap();
    assert_eq!(kept.payload, b"{}", "the signed rejection is kept");
}

#[test]
fn a_packet_is_sent_byte_for_byte_with_its_signature() {
    let node = FakeNode::start();
    let (file, packet) = (with_file(&node, b"a"), node.text("p.edxml"));
    let build = ["packet", "build", &file, "-o", &packet, "--to", "H48", "--number", "1", "--subject", "s"];
    run(&node, &build).1.unwrap();
    run(&node, &["send", &packet]).1.unwrap();
    let bytes = std::fs::read(&packet).unwrap();
    node.facts(|facts| {
        assert_eq!(facts.files, std::slice::from_ref(&bytes));
        let header = facts.packet_header.as_ref().unwrap();
        assert_eq!(header.sha256, digest(&SHA256, &bytes).as_ref());
        let manifest = signature::Manifest::parse(&header.envelope.as_ref().unwrap().manifest).unwrap();
        assert_eq!(manifest.packet.unwrap().sha256.as_bytes().as_slice(), header.sha256);
    });
}

#[test]
fn a_signature_made_elsewhere_travels_as_it_is() {
    let node = FakeNode::start();
    let (file, packet) = (with_file(&node, b"a"), node.text("p.edxml"));
    let build = ["packet", "build", &file, "-o", &packet, "--to", "H48", "--number", "1", "--subject", "s", "--sign"];
    run(&node, &build).1.unwrap();
    run(&node, &["send", &packet, "--signature", &node.text("p.edxml.p7s")]).1.unwrap();
    let manifest = std::fs::read(node.text("p.edxml.manifest")).unwrap();
    node.facts(|facts| {
        let envelope = facts.packet_header.as_ref().unwrap().envelope.clone().unwrap();
        assert_eq!(envelope.manifest, manifest);
    });
}

#[test]
fn a_broken_download_goes_on_where_it_stopped() {
    let node = FakeNode::start();
    let packet: Vec<u8> = (0..50_000_u32).flat_map(u32::to_le_bytes).collect();
    node.facts(|facts| {
        facts.packet_sha256 = digest(&SHA256, &packet).as_ref().to_vec();
        facts.packet = packet.clone();
        facts.break_after = Some(70_000);
    });
    let target = node.text("x.edxml");
    let line = ["fetch", "0199f1f0-7b1a-7c11-8a43-8a3e6f3f0c11", "-o", &target];
    let first = run(&node, &line).1.unwrap_err();
    assert_eq!(first.exit(), Exit::Unreachable);
    assert!(!std::path::Path::new(&target).exists());
    run(&node, &line).1.unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), packet);
    node.facts(|facts| {
        let [0, went_on] = facts.offsets.as_slice() else { panic!("{:?}", facts.offsets) };
        assert!(*went_on > 0 && *went_on <= 70_000, "{went_on}");
    });
}

#[test]
fn a_packet_with_another_digest_never_gets_its_name() {
    let node = FakeNode::start();
    node.facts(|facts| {
        facts.packet = b"changed".to_vec();
        facts.packet_sha256 = digest(&SHA256, b"original").as_ref().to_vec();
    });
    let target = node.text("x.edxml");
    let failure = run(&node, &["fetch", "x", "-o", &target]).1.unwrap_err();
    assert_eq!(failure.exit(), Exit::Unverified);
    assert!(!std::path::Path::new(&target).exists());
}

#[test]
fn what_the_node_does_not_have_is_not_found() {
    let node = FakeNode::start();
    assert_eq!(run(&node, &["fetch", "x"]).1.unwrap_err().exit(), Exit::NotFound);
}

#[test]
fn a_node_of_another_ca_is_not_talked_to() {
    let node = FakeNode::start();
    let foreign = node.text("pki/ca/foreign.pem");
    let failure = run(&node, &["fetch", "x", "--ca", &foreign]).1.unwrap_err();
    assert_eq!(failure.exit(), Exit::Unreachable);
    assert!(failure.lines()[1].contains("certificate"), "{:?}", failure.lines());
}
