//! Canonical forms, as the standards' own examples and libxml2 give them.

use super::super::canonical::Method;
use super::*;

fn canonical(text: &str, uri: &str, id: Option<&str>) -> String {
    let mut survey = Survey::default();
    walk(text, &Scopes::default(), &mut survey).unwrap();
    let target = id.map_or(Target::Whole, |id| Target::Element(survey.ids[id].number));
    let mut out = Vec::new();
    let mut extract = Extract::new(Method::of(uri).unwrap(), target, None, |piece| out.extend_from_slice(piece));
    walk(text, &Scopes::default(), &mut extract).unwrap();
    drop(extract);
    String::from_utf8(out).unwrap()
}

const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const INCLUSIVE_11: &str = "http://www.w3.org/2006/12/xml-c14n11";
const COMMENTS: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments";

#[test]
fn instructions_comments_and_what_is_outside_the_root() {
    // Canonical XML 1.0, example 3.1.
    let text = "<?xml version=\"1.0\"?>\n\n<?xml-stylesheet   href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n\n<doc>Hello, world!<!-- Comment 1 --></doc>\n\n<?pi-without-data     ?>\n\n<!-- Comment 2 -->\n\n<!-- Comment 3 -->\n";
    let plain =
        "<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!</doc>\n<?pi-without-data?>";
    assert_eq!(canonical(text, INCLUSIVE, None), plain);
    assert_eq!(canonical(text, INCLUSIVE_11, None), plain);
    let kept = "<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!<!-- Comment 1 --></doc>\n<?pi-without-data?>\n<!-- Comment 2 -->\n<!-- Comment 3 -->";
    assert_eq!(canonical(text, COMMENTS, None), kept);
}

#[test]
fn tags_namespaces_and_the_order_of_attributes() {
    // Canonical XML 1.0, example 3.3, without its DTD.
    let text = "<doc>\n   <e1   />\n   <e2   ></e2>\n   <e3   name = \"elem3\"   id=\"elem3\"   />\n   <e5 a:attr=\"out\" b:attr=\"sorted\" attr2=\"all\" attr=\"I'm\"\n      xmlns:b=\"http://www.ietf.org\"\n      xmlns:a=\"http://www.w3.org\"\n      xmlns=\"http://example.org\"/>\n   <e6 xmlns=\"\" xmlns:a=\"http://www.w3.org\">\n      <e7 xmlns=\"http://www.ietf.org\">\n         <e8 xmlns=\"\" xmlns:a=\"http://www.w3.org\">\n            <e9 xmlns=\"\" xmlns:a=\"http://www.ietf.org\"/>\n         </e8>\n      </e7>\n   </e6>\n</doc>";
    let expected = "<doc>\n   <e1></e1>\n   <e2></e2>\n   <e3 id=\"elem3\" name=\"elem3\"></e3>\n   <e5 xmlns=\"http://example.org\" xmlns:a=\"http://www.w3.org\" xmlns:b=\"http://www.ietf.org\" attr=\"I'm\" attr2=\"all\" b:attr=\"sorted\" a:attr=\"out\"></e5>\n   <e6 xmlns:a=\"http://www.w3.org\">\n      <e7 xmlns=\"http://www.ietf.org\">\n         <e8 xmlns=\"\">\n            <e9 xmlns:a=\"http://www.ietf.org\"></e9>\n         </e8>\n      </e7>\n   </e6>\n</doc>";
    assert_eq!(canonical(text, INCLUSIVE, None), expected);
}

#[test]
fn characters_and_references() {
    // Canonical XML 1.0, example 3.4, without its DTD.
    let text = "<doc>\r\n   <text>First line&#x0d;&#10;Second line</text>\n   <value>&#x32;</value>\n   <compute><![CDATA[value>\"0\" && value<\"10\" ?\"valid\":\"error\"]]></compute>\n   <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; \r\n\t'/>\n</doc>";
    let expected = "<doc>\n   <text>First line&#xD;\nSecond line</text>\n   <value>2</value>\n   <compute>value&gt;\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"</compute>\n   <norm attr=\" '    &#xD;&#xA;&#x9;   '   \"></norm>\n</doc>";
    assert_eq!(canonical(text, INCLUSIVE, None), expected);
}

#[test]
fn a_subtree_takes_along_what_is_in_scope() {
    let text = "<a:r xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" xmlns=\"urn:d\"><x Id=\"x\" b:y=\"1\"><a:z/></x></a:r>";
    let inclusive = "<x xmlns=\"urn:d\" xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" Id=\"x\" b:y=\"1\"><a:z></a:z></x>";
    assert_eq!(canonical(text, INCLUSIVE, Some("x")), inclusive);
    let exclusive = "<x xmlns=\"urn:d\" xmlns:b=\"urn:b\" Id=\"x\" b:y=\"1\"><a:z xmlns:a=\"urn:a\"></a:z></x>";
    assert_eq!(canonical(text, EXCLUSIVE, Some("x")), exclusive);
}

#[test]
fn an_inherited_xml_attribute_is_not_guessed() {
    let text = "<r xml:lang=\"vi\"><x Id=\"x\"/></r>";
    let mut extract = Extract::new(Method::of(INCLUSIVE).unwrap(), Target::Element(1), None, |_| {});
    let error = walk(text, &Scopes::default(), &mut extract).unwrap_err();
    assert!(matches!(error, XmlReason::Unsupported { .. }));
    assert_eq!(canonical(text, EXCLUSIVE, Some("x")), "<x Id=\"x\"></x>");
}
