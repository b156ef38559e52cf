use super::*;

fn args() -> HeaderArgs {
    HeaderArgs {
        to: vec!["H48".into(), "group:H48/commune".into()],
        number: Some("7816".into()),
        notation: Some("VPCP-TTĐT".into()),
        subject: Some("Về việc liên thông".into()),
        date: Some(EdxmlDate::new(2015, 9, 30).unwrap()),
        ..HeaderArgs::default()
    }
}

fn today() -> EdxmlDate {
    EdxmlDate::new(2026, 11, 21).unwrap()
}

fn missing(args: &HeaderArgs) -> String {
    match args.header(Some("G22"), today()) {
        Err(Failure::Usage(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_id_has_the_customary_form_in_generation_one() {
    let header = args().header(Some("G22"), today()).unwrap();
    assert_eq!(header.document_id, "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT");
    assert_eq!(header.from.unwrap().code, "G22");
    assert_eq!(header.to[1].code, "group:H48/commune");
}

#[test]
fn a_code_without_a_generation_one_form_stays_in_the_id() {
    let header = args().header(Some("H48.20.15.001.07"), today()).unwrap();
    assert!(header.document_id.starts_with("H48.20.15.001.07,"), "{}", header.document_id);
}

#[test]
fn a_document_without_a_date_is_of_today() {
    let header = HeaderArgs { date: None, ..args() }.header(Some("G22"), today()).unwrap();
    assert_eq!(header.promulgation_date, "2026/11/21");
}

#[test]
fn what_is_missing_is_named_by_its_option() {
    assert!(missing(&HeaderArgs { number: None, ..args() }).contains("--number"));
    assert!(missing(&HeaderArgs { subject: None, ..args() }).contains("--subject"));
    assert!(missing(&HeaderArgs { to: vec![], ..args() }).contains("--to"));
    assert!(missing(&HeaderArgs { business_type: Some(BusinessArg::Revoke), ..args() }).contains("--refers-to"));
    let Err(Failure::Usage(text)) = args().header(None, today()) else { panic!("no sender") };
    assert!(text.contains("--from"));
}

#[test]
fn a_file_after_the_receivers_is_not_taken_for_a_code() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.pdf");
    std::fs::write(&file, "a").unwrap();
    let args = HeaderArgs { to: vec!["H48".into(), file.to_str().unwrap().into()], ..args() };
    assert!(missing(&args).contains("--to"));
}

#[test]
fn options_lie_over_the_header_file() {
    let dir = tempfile::tempdir().unwrap();
    let toml = dir.path().join("header.toml");
    std::fs::write(
        &toml,
        "subject = \"cũ\"\ntypeName = \"Công văn\"\npriority = \"PRIORITY_EXPRESS\"\n\
         [from]\ncode = \"H48\"\nname = \"UBND\"\n[[to]]\ncode = \"G22\"\n",
    )
    .unwrap();
    let header = HeaderArgs { header: Some(toml), to: vec![], ..args() }.header(Some("G22"), today()).unwrap();
    assert_eq!(header.subject, "Về việc liên thông");
    assert_eq!(header.type_name, "Công văn");
    assert_eq!(header.priority(), Priority::Express);
    assert_eq!(header.from.unwrap().name, "UBND");
    assert_eq!(header.to[0].code, "G22");
}

#[test]
fn a_json_header_is_the_protobuf_mapping() {
    let dir = tempfile::tempdir().unwrap();
    let json = dir.path().join("header.json");
    std::fs::write(
        &json,
        r#"{"codeNumber":"1","subject":"s","to":[{"code":"H48"}],"businessType":3,"refersTo":{"documentId":"x"}}"#,
    )
    .unwrap();
    let header = HeaderArgs { header: Some(json), ..HeaderArgs::default() }.header(Some("G22"), today()).unwrap();
    assert_eq!(header.business_type(), BusinessType::Replace);
    assert_eq!(header.refers_to.unwrap().document_id, "x");
}

#[test]
fn a_misspelt_header_key_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let toml = dir.path().join("header.toml");
    std::fs::write(&toml, "subjekt = \"a\"\n").unwrap();
    assert!(missing(&HeaderArgs { header: Some(toml), ..args() }).contains("subjekt"));
}

#[test]
fn an_id_of_the_customary_form_tells_agency_date_and_code() {
    let answered = reference("000.00.00.G22,2015/09/30,7816/VPCP-TTĐT", "");
    assert_eq!(answered.agency, "000.00.00.G22");
    assert_eq!(answered.promulgation_date, "2015/09/30");
    assert_eq!(answered.code, "7816/VPCP-TTĐT");
    let plain = reference("0b0e6a4e-7a55-4b1e-8a43-8a3e6f3f0c11", "H48");
    assert_eq!((plain.agency.as_str(), plain.code.as_str()), ("H48", ""));
}

#[test]
fn a_date_is_taken_with_slashes_or_hyphens() {
    assert_eq!(day("2026-11-21"), Ok(today()));
    assert_eq!(day("2026/11/21"), Ok(today()));
    assert!(day("21/11/2026").is_err());
    assert!(day("2026/02/30").is_err());
}
