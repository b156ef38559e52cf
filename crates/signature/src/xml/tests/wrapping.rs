//! Signature wrapping by its classic shapes: what was signed stays in the packet, something else is in its place.

use super::*;

const HEADER: &str = "/edXML/edXMLEnvelope/edXMLHeader/MessageHeader";
const FORGED: &str = "<e:MessageHeader><e:From><e:OrganId>000.00.99.H48</e:OrganId></e:From><e:Subject>giả</e:Subject></e:MessageHeader>";

/// A packet whose message header is signed by its identifier, the signature beside it.
fn signed(world: &World) -> String {
    let packet = world.sign_references(PACKET, "</e:edXMLHeader>", &[by_id("#message")]);
    assert_eq!(world.only(&packet).covers, [HEADER]);
    packet
}

/// The signed element, cut out, and the packet with `instead` in its place.
fn moved(packet: &str, instead: &str) -> (String, String) {
    let start = packet.find("<e:MessageHeader").unwrap();
    let end = packet.find("</e:MessageHeader>").unwrap() + "</e:MessageHeader>".len();
    (packet[start..end].to_owned(), format!("{}{instead}{}", &packet[..start], &packet[end..]))
}

/// Puts the signed element somewhere else and a forged one in its place.
fn wrapped(world: &World, before: &str, place: impl Fn(&str) -> String) -> String {
    let (own, packet) = moved(&signed(world), FORGED);
    assert!(packet.contains(before));
    world.rule(&packet.replacen(before, &(place(&own) + before), 1))
}

#[test]
fn shape_1_the_signed_element_moves_to_a_sibling_of_its_parent() {
    let world = world();
    let rule = wrapped(&world, "<e:edXMLBody", |own| format!("<e:Wrapper>{own}</e:Wrapper>"));
    assert_eq!(rule, "xml_not_consumed");
}

#[test]
fn shape_2_the_signed_element_moves_into_the_signature() {
    let world = world();
    let rule = wrapped(&world, "</ds:Signature>", |own| format!("<ds:Object>{own}</ds:Object>"));
    // It covers a part of the signature, and so nothing.
    assert_eq!(rule, "xml_covers_nothing");
}

#[test]
fn shape_3_the_signed_element_moves_below_the_forged_one() {
    let world = world();
    let (own, packet) = moved(&signed(&world), FORGED);
    let packet = packet.replacen("<e:Subject>giả", &format!("{own}<e:Subject>giả"), 1);
    assert_eq!(world.rule(&packet), "xml_not_consumed");
}

#[test]
fn shape_4_the_forged_element_stands_beside_the_signed_one() {
    let world = world();
    for (before, after) in [(FORGED, ""), ("", FORGED)] {
        let (own, packet) = moved(&signed(&world), "HERE");
        let packet = packet.replacen("HERE", &format!("{before}{own}{after}"), 1);
        assert_eq!(world.rule(&packet), "xml_element_repeated");
    }
}

#[test]
fn shape_5_the_whole_packet_moves_into_a_new_root() {
    let world = world();
    let packet = signed(&world);
    let (_, inner) = packet.split_once("EXAMPLE?>").unwrap();
    let forged = PACKET.replace("Id=\"", "Nr=\"").replace("000.00.20.H48", "000.00.99.H48");
    let packet = forged.replacen("</e:edXML>", &format!("<e:Old>{inner}</e:Old></e:edXML>"), 1);
    assert_eq!(world.rule(&packet), "xml_signature_misplaced");
    // The signature alone goes up, so that its own place is a legal one.
    let start = packet.find("<ds:Signature").unwrap();
    let end = packet.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    let signature = packet[start..end].to_owned();
    let packet = packet.replacen(&signature, "", 1).replacen("<e:Old>", &format!("{signature}<e:Old>"), 1);
    assert_eq!(world.rule(&packet), "xml_not_consumed");
}

#[test]
fn shape_6_two_elements_have_the_signed_identifier() {
    let world = world();
    for forged in ["Id=\"message\"", "ID=\"message\"", "id=\"message\"", "xml:id=\"message\""] {
        let (own, packet) = moved(&signed(&world), &FORGED.replacen('>', &format!(" {forged}>"), 1));
        let packet = packet.replacen("<e:edXMLBody", &format!("<e:Wrapper>{own}</e:Wrapper><e:edXMLBody"), 1);
        assert_eq!(world.rule(&packet), "xml_duplicate_id", "{forged}");
    }
}

#[test]
fn a_moved_header_is_not_the_header() {
    let world = world();
    let packet = world.sign_references(PACKET, "</e:edXML>", &[by_id("#header")]);
    assert_eq!(world.only(&packet).covers, ["/edXML/edXMLEnvelope/edXMLHeader"]);
    let start = packet.find("<e:edXMLHeader").unwrap();
    let end = packet.find("</e:edXMLHeader>").unwrap() + "</e:edXMLHeader>".len();
    let own = packet[start..end].to_owned();
    let forged = format!("<e:edXMLHeader>{FORGED}</e:edXMLHeader>");
    let elsewhere =
        packet.replacen(&own, &forged, 1).replacen("<AttachmentEncoded", &format!("{own}<AttachmentEncoded"), 1);
    assert_eq!(world.rule(&elsewhere), "xml_not_consumed");
    let other_namespace = packet.replacen(&own, &format!("{forged}<o:o xmlns:o='urn:o'>{own}</o:o>"), 1);
    assert_eq!(world.rule(&other_namespace), "xml_not_consumed");
}

#[test]
fn attachments_of_two_namespaces_are_one_place() {
    let world = world();
    let packet = world.sign_references(PACKET, "</e:edXMLHeader>", &[by_id("#files")]);
    let forged = "<e:AttachmentEncoded/><AttachmentEncoded ";
    assert_eq!(world.rule(&packet.replacen("<AttachmentEncoded ", forged, 1)), "xml_element_repeated");
}

#[test]
fn a_counter_signature_is_not_believed() {
    let world = world();
    let packet = world.signed();
    let inner = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>";
    let packet = packet.replacen("</KeyInfo>", &format!("</KeyInfo><Object>{inner}</Object>"), 1);
    let report = world.report(&packet);
    assert!(report.signatures[0].is_passed());
    assert_eq!(report.signatures[1].rule.as_deref(), Some("xml_signature_misplaced"));
    assert!(!report.is_passed());
}

#[test]
fn a_second_signature_is_judged_by_itself() {
    let world = world();
    let once = world.sign_references(PACKET, "</e:edXMLHeader>", &[by_id("#body")]);
    let twice = String::from_utf8(sign_xml(&world.leaf.signer(&[]), once.as_bytes()).unwrap()).unwrap();
    let report = world.report(&twice);
    assert!(report.is_passed(), "{report:?}");
    assert_eq!(report.signatures.len(), 2);
    // The later one covers the earlier one.
    let cut = twice.replacen("<ds:KeyValue>ignored</ds:KeyValue>", "", 1);
    let rules: Vec<_> = world.report(&cut).signatures.into_iter().map(|entry| entry.rule).collect();
    assert_eq!(rules, [None, Some("xml_digest_mismatch".to_owned())]);
}
