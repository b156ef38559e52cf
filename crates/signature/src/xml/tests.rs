use super::*;
use crate::pki::{AT, Entity, RSA_KEY, leaf_params, root};
use crate::report::Indication;
use crate::sign::{RsaPadding, sign_xml};

mod canonical;
mod wrapping;
mod xmlsec;

/// A packet as a producer writes it, with the identifiers that its signatures name.
const PACKET: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<?producer EXAMPLE?>
<e:edXML xmlns:e="http://www.mic.gov.vn/TBT/QCVN_102_2016" xmlns:unused="urn:unused">
 <!-- a comment is not signed -->
 <e:edXMLEnvelope>
  <e:edXMLHeader Id="header"><e:MessageHeader Id="message"><e:From><e:OrganId>000.00.20.H48</e:OrganId></e:From>
   <e:Subject>V/v kiểm tra &amp; báo cáo &#x1F1;&lt;</e:Subject></e:MessageHeader></e:edXMLHeader>
  <e:edXMLBody Id="body"><e:edXMLManifest version="1.0"/></e:edXMLBody>
 </e:edXMLEnvelope>
 <AttachmentEncoded Id="files"><Attachment><ContentTransferEncoded>Q2jDoG8=</ContentTransferEncoded></Attachment></AttachmentEncoded>
</e:edXML>
"#;

struct World {
    leaf: Entity,
    trust: TrustStore,
}

fn world() -> World {
    world_of(crate::pki::key())
}

fn world_of(key: rcgen::KeyPair) -> World {
    let root = root();
    let leaf = root.issue_to(leaf_params("EXAMPLE Leaf"), key);
    World { trust: TrustStore::new(vec![root.certificate()], vec![]), leaf }
}

impl World {
    fn signed(&self) -> String {
        String::from_utf8(sign_xml(&self.leaf.signer(&[]), PACKET.as_bytes()).unwrap()).unwrap()
    }

    fn report(&self, packet: &str) -> Report {
        verify_xml(packet.as_bytes(), &self.trust, &Policy::envelope(), AT)
    }

    fn only(&self, packet: &str) -> SignatureReport {
        let report = self.report(packet);
        assert_eq!(report.signatures.len(), 1, "{report:?}");
        report.signatures[0].clone()
    }

    fn rule(&self, packet: &str) -> String {
        let entry = self.only(packet);
        assert_eq!(entry.covers.is_empty(), !entry.is_passed());
        entry.rule.unwrap_or_else(|| "passed".to_owned())
    }

    /// Signs whatever references are given, by exclusive C14N, and puts the signature before `before`.
    fn sign_references(&self, packet: &str, before: &str, references: &[Ref<'_>]) -> String {
        self.sign_with(packet, before, references, "", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256")
    }

    fn sign_with(&self, packet: &str, before: &str, references: &[Ref<'_>], object: &str, algorithm: &str) -> String {
        let at = packet.find(before).unwrap();
        let (head, tail) = packet.split_at(at);
        let build = |digests: &[String], value: &str| {
            let references: String = references
                .iter()
                .zip(digests)
                .map(|(reference, digest)| {
                    format!(
                        r#"<ds:Reference URI="{}"><ds:Transforms>{}</ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"#,
                        reference.uri,
                        reference.transforms.iter().map(|uri| format!(r#"<ds:Transform Algorithm="{uri}"/>"#)).collect::<String>(),
                    )
                })
                .collect();
            let certificate =
                base64::Engine::encode(&base64::engine::general_purpose::STANDARD, self.leaf.certificate().der());
            format!(
                r#"{head}<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/><ds:SignatureMethod Algorithm="{algorithm}"/>{references}</ds:SignedInfo><ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><ds:KeyValue>ignored</ds:KeyValue><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>{object}</ds:Signature>{tail}"#
            )
        };
        let none: Vec<String> = references.iter().map(|_| String::new()).collect();
        let digests: Vec<String> =
            references.iter().map(|reference| digest(&build(&none, ""), reference, at)).collect();
        let unsigned = build(&digests, "");
        let method = Method::of(EXCLUSIVE).unwrap();
        let info = canonical_signed_info(&unsigned, at, &method).unwrap();
        let value = rcgen::SigningKey::sign(&self.leaf.key, &info).unwrap();
        build(&digests, &encode(&fixed(&value)))
    }
}

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

#[derive(Clone, Copy)]
struct Ref<'a> {
    uri: &'a str,
    transforms: &'a [&'a str],
}

fn by_id(uri: &str) -> Ref<'_> {
    Ref { uri, transforms: &[EXCLUSIVE] }
}

fn encode(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
}

/// Both numbers of an ECDSA value on P-256 at full width.
fn fixed(asn1: &[u8]) -> Vec<u8> {
    let mut inside = crate::der::single(asn1, crate::der::tag::SEQUENCE).unwrap().inside();
    let mut number = || {
        let content = inside.next().unwrap().content;
        let content = content.strip_prefix(&[0]).unwrap_or(content);
        [vec![0; 32 - content.len()], content.to_vec()].concat()
    };
    [number(), number()].concat()
}

fn digest(text: &str, reference: &Ref<'_>, signature: usize) -> String {
    let mut survey = Survey::default();
    walk(text, &Scopes::default(), &mut survey).unwrap();
    let target = match reference.uri.strip_prefix('#') {
        Some(id) => survey.ids.get(id).map_or(Target::Whole, |found| Target::Element(found.number)),
        None => Target::Whole,
    };
    let own = survey.signatures.iter().find(|place| place.bytes.start == signature).unwrap();
    let skipped = reference.transforms.contains(&ENVELOPED).then_some(own.number);
    let method = reference.transforms.iter().find_map(|uri| Method::of(uri));
    let mut out = Vec::new();
    let method = method.unwrap_or(Method::default_for_references());
    let mut extract = Extract::new(method, target, skipped, |piece| out.extend_from_slice(piece));
    walk(text, &Scopes::default(), &mut extract).unwrap();
    drop(extract);
    encode(crate::certificate::sha256(&out).as_bytes())
}

#[test]
fn an_enveloped_signature_covers_the_whole_packet() {
    let world = world();
    let entry = world.only(&world.signed());
    assert!(entry.is_passed(), "{entry:?}");
    assert_eq!(entry.covers, ["/"]);
    assert_eq!((entry.kind, entry.format), (SignatureKind::Packet, SignatureFormat::XmlDsig));
    assert!(entry.signer.unwrap().subject.contains("EXAMPLE Leaf"));
}

#[test]
fn every_kind_of_key_signs() {
    let rsa = || rcgen::KeyPair::from_pem(RSA_KEY).unwrap();
    for key in [
        rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap(),
        rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap(),
        rsa(),
    ] {
        let world = world_of(key);
        assert_eq!(world.rule(&world.signed()), "passed");
    }
    let world = world_of(rsa());
    let pss = world.leaf.signer(&[]).with_padding(RsaPadding::Pss);
    let packet = String::from_utf8(sign_xml(&pss, PACKET.as_bytes()).unwrap()).unwrap();
    assert_eq!(world.only(&packet).algorithm.unwrap().as_str(), "RSA-PSS-SHA256");
}

#[test]
fn a_packet_without_signatures_says_so() {
    let report = world().report(PACKET);
    assert_eq!(report.code(), Some(types::ErrorCode::SignatureMissing));
    assert!(!report.is_passed());
}

#[test]
fn what_was_not_checked_is_said() {
    let world = world();
    let what: Vec<Unchecked> = world.report(&world.signed()).not_checked.iter().map(|entry| entry.what).collect();
    assert_eq!(what, [Unchecked::Revocation, Unchecked::PdfSignatures, Unchecked::Timestamps]);
}

#[test]
fn a_policy_that_requires_revocation_data_does_not_pass_without() {
    let world = world();
    let policy = Policy { revocation: crate::policy::Revocation::Require, ..Policy::envelope() };
    let report = verify_xml(world.signed().as_bytes(), &world.trust, &policy, AT);
    assert_eq!(report.signatures[0].indication, Indication::Indeterminate);
    assert!(report.not_checked.iter().any(|entry| entry.what == Unchecked::Revocation));
}

#[test]
fn any_change_of_the_packet_is_seen() {
    let world = world();
    let signed = world.signed();
    for (from, to) in [
        ("000.00.20.H48", "000.00.21.H48"),
        ("Q2jDoG8=", "Q2jDoG9="),
        ("version=\"1.0\"/>", "version=\"1.1\"/>"),
        ("<e:Subject>", "<e:Subject x=\"\">"),
        ("<?producer EXAMPLE?>", "<?producer other?>"),
        ("báo cáo", "báo  cáo"),
        ("<e:edXMLBody Id=\"body\">", "<e:edXMLBody Id=\"body\"> "),
    ] {
        assert_eq!(world.rule(&signed.replacen(from, to, 1)), "xml_digest_mismatch", "{from}");
    }
}

#[test]
fn what_canonicalisation_leaves_out_may_change() {
    let world = world();
    let signed = world.signed();
    for (from, to) in [
        ("<!-- a comment is not signed -->", "<!-- another -->"),
        ("&#x1F1;", "Ǳ"),
        ("<e:edXMLManifest version=\"1.0\"/>", "<e:edXMLManifest  version='1.0' ></e:edXMLManifest>"),
        ("\n", "\r\n"),
    ] {
        assert_eq!(world.rule(&signed.replace(from, to)), "passed", "{from}");
    }
}

#[test]
fn a_changed_signed_info_or_value_is_refused() {
    let world = world();
    let signed = world.signed();
    let value = signed.find("<SignatureValue>").unwrap() + 16;
    let mut other = signed.clone();
    other.replace_range(value..value + 4, "AAAA");
    assert_eq!(world.rule(&other), "signature_wrong");
    // By inclusive C14N, SignedInfo takes along every namespace around it.
    assert_eq!(world.rule(&signed.replacen("urn:unused", "urn:used", 1)), "signature_wrong");
    let extra = signed.replacen("<Reference URI=\"\">", "<Reference Id=\"r\" URI=\"\">", 1);
    assert_eq!(world.rule(&extra), "signature_wrong");
}

#[test]
fn algorithm_swaps_are_refused() {
    let world = world();
    let signed = world.signed();
    let ecdsa = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    for (to, rule) in [
        ("http://www.w3.org/2000/09/xmldsig#hmac-sha1", "algorithm_unsupported"),
        ("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "algorithm_unsupported"),
        ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", "algorithm_unsupported"),
        ("http://www.w3.org/2000/09/xmldsig#dsa-sha1", "algorithm_unsupported"),
        ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", "algorithm_unsupported"),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "algorithm_mismatch"),
        ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", "algorithm_mismatch"),
        ("http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", "algorithm_mismatch"),
        ("", "algorithm_unsupported"),
    ] {
        assert_eq!(world.rule(&signed.replacen(ecdsa, to, 1)), rule, "{to}");
    }
    let sha1 = signed.replacen("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1", 1);
    assert_eq!(world.rule(&sha1), "algorithm_unsupported");
}

#[test]
fn transforms_other_than_the_two_are_refused() {
    let world = world();
    for uri in [
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "http://www.w3.org/2002/06/xmldsig-filter2",
        "http://www.w3.org/2000/09/xmldsig#base64",
    ] {
        let reference = Ref { uri: "", transforms: &[ENVELOPED, uri] };
        let packet = world.sign_references(PACKET, "</e:edXMLHeader>", &[reference]);
        assert_eq!(world.rule(&packet), "xml_transform_refused", "{uri}");
    }
    let twice = Ref { uri: "", transforms: &[ENVELOPED, EXCLUSIVE, EXCLUSIVE] };
    assert_eq!(world.rule(&world.sign_references(PACKET, "</e:edXMLHeader>", &[twice])), "xml_transform_refused");
}

#[test]
fn references_stay_inside_the_packet() {
    let world = world();
    for uri in
        ["http://example.invalid/x", "file:///etc/passwd", "other.xml", "#xpointer(/)", "#xpointer(id('body'))", "#"]
    {
        let packet = world.sign_references(PACKET, "</e:edXMLHeader>", &[by_id(uri)]);
        assert_eq!(world.rule(&packet), "xml_reference_refused", "{uri}");
    }
    let packet = world.sign_references(PACKET, "</e:edXMLHeader>", &[by_id("#nobody")]);
    assert_eq!(world.rule(&packet), "xml_reference_missing");
    let many = [by_id("#body"); 5];
    assert_eq!(world.rule(&world.sign_references(PACKET, "</e:edXMLHeader>", &many)), "xml_limit");
}

#[test]
fn a_reference_covers_its_element_and_no_other() {
    let world = world();
    let packet = world.sign_references(PACKET, "</e:edXMLHeader>", &[by_id("#message"), by_id("#files")]);
    let entry = world.only(&packet);
    assert!(entry.is_passed(), "{entry:?}");
    assert_eq!(entry.covers, ["/edXML/edXMLEnvelope/edXMLHeader/MessageHeader", "/edXML/AttachmentEncoded"]);
    // The body is not covered, and the report does not say so.
    assert_eq!(world.rule(&packet.replacen("version=\"1.0\"/>", "version=\"1.1\"/>", 1)), "passed");
    assert_eq!(world.rule(&packet.replacen("Q2jDoG8=", "Q2jDoG9=", 1)), "xml_digest_mismatch");
}

#[test]
fn a_signature_over_its_own_object_covers_nothing() {
    let world = world();
    let object = r#"<ds:Object Id="own">properties</ds:Object>"#;
    let algorithm = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    let packet = world.sign_with(PACKET, "</e:edXMLHeader>", &[by_id("#own")], object, algorithm);
    assert_eq!(world.rule(&packet), "xml_covers_nothing");
}

/// Signed properties of XAdES that name a certificate and a time.
fn properties(certificate: &[u8], time: &str) -> String {
    let digest = encode(crate::certificate::sha256(certificate).as_bytes());
    format!(
        r#"<ds:Object><x:QualifyingProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#"><x:SignedProperties Id="own"><x:SignedSignatureProperties><x:SigningTime>{time}</x:SigningTime><x:SigningCertificateV2><x:Cert><x:CertDigest><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>{digest}</ds:DigestValue></x:CertDigest></x:Cert></x:SigningCertificateV2></x:SignedSignatureProperties></x:SignedProperties></x:QualifyingProperties></ds:Object>"#
    )
}

#[test]
fn signed_properties_name_the_certificate_and_claim_a_time() {
    let world = world();
    let algorithm = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    let references = [Ref { uri: "", transforms: &[ENVELOPED, EXCLUSIVE] }, by_id("#own")];
    let sign = |object: &str| world.sign_with(PACKET, "</e:edXMLHeader>", &references, object, algorithm);
    let own = world.leaf.certificate();
    let entry = world.only(&sign(&properties(own.der(), "2026-11-21T09:00:00+07:00")));
    assert!(entry.is_passed(), "{entry:?}");
    assert_eq!(entry.claimed_time.map(UnixMillis::as_millis), Some(AT.as_millis() - 3_600_000));
    let other = sign(&properties(b"another certificate", "2026-11-21T02:00:00Z"));
    assert_eq!(world.rule(&other), "signing_certificate_mismatch");
    let ahead = sign(&properties(own.der(), "2026-11-22T02:00:00Z"));
    assert_eq!(world.rule(&ahead), "claimed_time_ahead");
}

#[test]
fn the_issuer_and_serial_number_choose_the_certificate() {
    let world = world();
    let signed = world.signed();
    let with = |serial: &str| {
        let named = format!("<X509IssuerSerial><X509SerialNumber>{serial}</X509SerialNumber></X509IssuerSerial>");
        signed.replacen("<X509Data>", &format!("<X509Data>{named}"), 1)
    };
    let hexadecimal = world.leaf.certificate().serial_hex();
    // Long division, by hand: the number in tens.
    let mut decimal = String::new();
    let mut digits: Vec<u32> = hexadecimal.chars().map(|c| c.to_digit(16).unwrap()).collect();
    while digits.iter().any(|digit| *digit > 0) {
        let mut rest = 0;
        for digit in &mut digits {
            let value = rest * 16 + *digit;
            (*digit, rest) = (value / 10, value % 10);
        }
        decimal.insert_str(0, &rest.to_string());
    }
    assert_eq!(world.rule(&with(&decimal)), "passed");
    assert_eq!(world.rule(&with("1")), "signer_certificate_missing");
}

#[test]
fn a_signature_with_the_leaf_alone_is_completed_from_the_store() {
    let root = root();
    let middle = root.issue(crate::pki::ca_params("EXAMPLE Sub CA", Some(0)));
    let leaf = middle.issue(leaf_params("EXAMPLE Leaf"));
    let packet = sign_xml(&leaf.signer(&[]), PACKET.as_bytes()).unwrap();
    let check = |trust: &TrustStore| verify_xml(&packet, trust, &Policy::envelope(), AT).signatures[0].rule.clone();
    assert_eq!(check(&TrustStore::new(vec![root.certificate()], vec![])).as_deref(), Some("no_issuer"));
    assert_eq!(check(&TrustStore::new(vec![root.certificate()], vec![middle.certificate()])), None);
}

#[test]
fn a_key_counts_only_with_a_path() {
    let (world, other) = (world(), self::world());
    let entry = world.only(&other.signed());
    assert_eq!(entry.rule.as_deref(), Some("chain_signature_wrong"));
    assert_eq!(entry.indication, Indication::Indeterminate);
    let bare = world.signed();
    let start = bare.find("<X509Certificate>").unwrap();
    let end = bare.find("</X509Certificate>").unwrap() + "</X509Certificate>".len();
    let bare = format!("{}<X509SubjectName>CN=x</X509SubjectName>{}", &bare[..start], &bare[end..]);
    assert_eq!(world.rule(&bare), "signer_certificate_missing");
}

#[test]
fn a_dtd_an_entity_and_broken_xml_are_refused() {
    let world = world();
    let signed = world.signed();
    for (from, to, rule) in [
        ("<?producer", "<!DOCTYPE e:edXML [<!ENTITY x \"y\">]><?producer", "xml_forbidden"),
        ("báo cáo", "&x;", "xml_forbidden"),
        ("báo cáo", "&#0;", "xml_malformed"),
        ("báo cáo", "]]>", "xml_malformed"),
        ("</e:Subject>", "</e:subject>", "xml_malformed"),
        ("<e:Subject>", "<f:Subject>", "xml_malformed"),
        ("<e:Subject>", "<e:Subject a='1' a='1'>", "xml_malformed"),
        ("<e:Subject>", "<e:Subject xmlns:p='urn:1' xmlns:q='urn:1' p:a='1' q:a='1'>", "xml_malformed"),
        ("</e:edXML>", "</e:edXML><again/>", "xml_malformed"),
        ("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"", "xml_malformed"),
    ] {
        assert_eq!(world.rule(&signed.replacen(from, to, 1)), rule, "{to}");
    }
    let deep = format!("{}{}", "<a>".repeat(70), "</a>".repeat(70));
    assert_eq!(world.rule(&signed.replacen("báo cáo", &deep, 1)), "xml_limit");
    let report = verify_xml(&[0xff, 0xfe], &world.trust, &Policy::envelope(), AT);
    assert!(!report.is_passed());
}

#[test]
fn a_packet_too_large_is_undecided() {
    let reason = Reason::from(XmlReason::TooLarge { length: 2, max: 1 });
    assert_eq!(reason.sub_indication().indication(), Indication::Indeterminate);
}

/// Writes what xmlsec1 then checks, where `LIENTHONG_SIGN_OUT` names a folder.
#[test]
fn packets_are_written_for_a_second_opinion() {
    let Some(folder) = std::env::var_os("LIENTHONG_SIGN_OUT").map(std::path::PathBuf::from) else {
        println!("LIENTHONG_SIGN_OUT is not set: nothing written");
        return;
    };
    for (name, key) in [("p256", crate::pki::key()), ("rsa", rcgen::KeyPair::from_pem(RSA_KEY).unwrap())] {
        let root = root();
        let leaf = root.issue_to(leaf_params("EXAMPLE Leaf"), key);
        std::fs::write(folder.join(format!("{name}-root.pem")), &root.pem).unwrap();
        std::fs::write(folder.join(format!("{name}.xml")), sign_xml(&leaf.signer(&[]), PACKET.as_bytes()).unwrap())
            .unwrap();
    }
}
