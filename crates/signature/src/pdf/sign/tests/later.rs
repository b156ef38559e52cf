//! Time-stamps and validation data: PAdES levels B-T to B-LTA.

use super::*;
use crate::der::{self, tag};
use crate::pdf::sign::{
    TIMESTAMP_ROOM_BYTES, ValidationData, add_validation_data, prepare_pdf_signature, prepare_pdf_timestamp,
};
use crate::pdf::{ActiveContent, Change, PdfLimits};
use crate::report::TimestampKind;
use crate::sign::{Stamping, add_signature_timestamp, signature_value, stamp};
use crate::timestamp::TimestampRequest;

fn token(cast: &Cast, stamped: &[u8]) -> Vec<u8> {
    let stamping = Stamping { policy: "1.3.6.1.4.1.99999.1".to_owned(), serial: 7, time: AT, accuracy_seconds: 1 };
    let response = stamp(&cast.authority(), &TimestampRequest::over(stamped, 7).to_der(), &stamping).unwrap();
    let mut inside = der::single(&response, tag::SEQUENCE).unwrap().inside();
    inside.next().unwrap();
    inside.next().unwrap().raw.to_vec()
}

fn with_token(cast: &Cast, file: &[u8], role: PdfRole) -> Vec<u8> {
    let signer = cast.signer("EXAMPLE Leader");
    let mut options = options(cast, role);
    options.room_bytes += TIMESTAMP_ROOM_BYTES;
    let prepared = prepare_pdf_signature(file, &options).unwrap();
    let signature = prepared.sign(&signer).unwrap();
    let token = token(cast, &signature_value(&signature).unwrap());
    prepared.complete(&add_signature_timestamp(&signature, &token).unwrap()).unwrap()
}

fn with_data(cast: &Cast, file: &[u8]) -> Vec<u8> {
    let data = ValidationData {
        certificates: vec![cast.root.certificate().der().to_vec(), cast.authority().certificate().der().to_vec()],
        ..ValidationData::default()
    };
    add_validation_data(file, &data, &PdfLimits::document(), ActiveContent::Refused).unwrap()
}

fn stamped(cast: &Cast, file: &[u8]) -> Vec<u8> {
    let prepared = prepare_pdf_timestamp(file, &PdfLimits::document(), ActiveContent::Refused).unwrap();
    let covered = prepared.covered().concat();
    prepared.complete(&token(cast, &covered)).unwrap()
}

#[test]
fn a_signature_takes_a_time_stamp() {
    let cast = Cast::new();
    let report = assert_passed(&cast, &with_token(&cast, &plain(), PdfRole::Leader));
    let signature = &report.signatures[0].signature;
    assert_eq!((signature.proved_time, signature.timestamps.len()), (Some(AT), 1));
    assert_eq!(signature.timestamps[0].kind, TimestampKind::Signature);
}

#[test]
fn validation_data_and_a_document_time_stamp_follow_and_more_signatures_after_them() {
    let cast = Cast::new();
    for file in [plain(), with_streams()] {
        let signed = with_token(&cast, &file, PdfRole::Leader);
        let kept = with_data(&cast, &signed);
        assert!(kept.starts_with(&signed));
        let archived = stamped(&cast, &kept);
        assert!(archived.starts_with(&kept));
        let report = assert_passed(&cast, &archived);
        let changes: Vec<_> = report.signatures[0].changes.iter().map(|change| change.change.clone()).collect();
        assert_eq!(changes, [Change::Timestamp { field: "DauThoiGian".to_owned() }, Change::SecurityStore]);
        // And again: the receiver's stamp, more data, another time-stamp.
        let received = signed_as(&cast, &archived, incoming(), "EXAMPLE Incoming");
        let renewed = stamped(&cast, &with_data(&cast, &received));
        let report = assert_passed(&cast, &renewed);
        let fields: Vec<_> = report.signatures.iter().map(|entry| entry.field.as_str()).collect();
        assert_eq!(fields, ["LanhDao", "DauThoiGian", "VanBanDen", "DauThoiGian2"]);
    }
}

#[test]
fn what_the_store_has_is_not_added_again() {
    let cast = Cast::new();
    let root = cast.root.certificate();
    let data = |certificates: Vec<Vec<u8>>| ValidationData { certificates, ..ValidationData::default() };
    let add = |file: &[u8], data: &ValidationData| {
        add_validation_data(file, data, &PdfLimits::document(), ActiveContent::Refused).unwrap()
    };
    let once = add(&plain(), &data(vec![root.der().to_vec(), root.der().to_vec()]));
    let twice = add(&once, &data(vec![root.der().to_vec(), b"another".to_vec()]));
    let count = |bytes: &[u8]| bytes.windows(root.der().len()).filter(|window| *window == root.der()).count();
    assert_eq!((count(&once), count(&twice)), (1, 1));
    assert!(twice.windows(7).any(|window| window == b"another"));
}
