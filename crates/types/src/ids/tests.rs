use super::*;

#[test]
fn an_exchange_id_prints_and_reads_back() {
    let text = "019aa6c2-7d0e-7b3a-8f00-0123456789ab";
    let id: ExchangeId = text.parse().unwrap();
    assert_eq!(id.to_string(), text);
}

#[test]
fn an_exchange_id_with_a_hyphen_out_of_place_is_refused() {
    let found = "019aa6c27-d0e-7b3a-8f00-0123456789ab".parse::<ExchangeId>();
    assert_eq!(found, Err(IdError::NotUuid { kind: "exchange id" }));
}

#[test]
fn an_exchange_id_with_a_sign_is_refused() {
    assert!("+19aa6c2-7d0e-7b3a-8f00-0123456789ab".parse::<ExchangeId>().is_err());
}

#[test]
fn a_document_id_keeps_its_vietnamese_letters() {
    let text = "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT";
    assert_eq!(text.parse::<DocumentId>().unwrap().as_str(), text);
}

#[test]
fn a_control_character_is_refused_with_its_position() {
    let found = "ab\u{7}c".parse::<DocumentId>();
    assert_eq!(found, Err(IdError::Character { kind: "DocumentId", position: 2, found: '\u{7}' }));
}

#[test]
fn a_system_id_with_a_space_is_refused() {
    assert!("vxp saas".parse::<SystemId>().is_err());
}
