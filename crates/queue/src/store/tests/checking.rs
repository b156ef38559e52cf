use types::ErrorCode;

use super::support::*;
use crate::{Accept, Content, StoreError, key};

#[tokio::test]
async fn a_flipped_bit_is_named_and_the_other_entries_are_served() {
    let bench = Bench::new();
    let damaged = bench.accept(document("D1", vec![to_hop("H48.20", HOP), to_inbox("H48.21")])).await;
    bench.accept(document("D2", vec![to_hop("H48.20", HOP), to_inbox("H48.21")])).await;
    bench.disk.flip_bit(&key::document(damaged.as_number()));
    let error = bench.store.document(damaged).unwrap_err();
    assert_eq!(error.code(), ErrorCode::StoreDamaged);
    assert!(error.to_string().contains(&format!("Document {}", damaged.as_number())), "{error}");
    assert_eq!(names(&claims(&bench.store, NOW)), ["D2"]);
    let query =
        crate::InboxQuery { agency: agency("H48.21"), kind: None, after: crate::ItemId::default(), max: 10, now: NOW };
    assert_eq!(bench.store.inbox(&query).unwrap().items.len(), 1);
    assert_eq!(bench.store.list(&crate::Query::default(), None, 10).unwrap().rows.len(), 1);
    let report = bench.store.check().unwrap();
    assert!(report.damage.iter().any(|damage| damage.what == format!("Document {}", damaged.as_number())));
}

#[tokio::test]
async fn every_record_notices_a_flipped_bit() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP), to_inbox("H48.21"), returned("H48.22")])).await;
    let large = Accept { receipt: vec![1; 20_000], ..document("D2", vec![to_hop("H48.20", HOP)]) };
    bench.accept(large).await;
    for key in bench.disk.keys() {
        bench.disk.flip_bit(&key);
        let report = bench.store.check().unwrap();
        let name = key::describe(&key);
        assert!(report.damage.iter().any(|damage| damage.what == name), "{name} is not among {:?}", report.damage);
        bench.disk.flip_bit(&key);
    }
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_damaged_payload_is_named() {
    let bench = Bench::new();
    let large =
        Accept { content: Content::Inline(vec![1; crate::INLINE_MAX + 1]), ..document("D1", vec![to_inbox("H48.20")]) };
    let seq = bench.accept(large).await;
    let digest = bench.store.document(seq).unwrap().content.digest;
    let path = bench.store.shared().payloads.path(&digest);
    std::fs::write(&path, b"something else").unwrap();
    assert_eq!(bench.store.check().unwrap().damage[0].what, format!("payload {digest}"));
    std::fs::remove_file(&path).unwrap();
    let damage = bench.store.check().unwrap().damage;
    assert!(damage[0].reason.contains("is missing"), "{damage:?}");
}

#[tokio::test]
async fn a_newer_format_is_refused_with_instructions() {
    let bench = Bench::new();
    bench.store.close().await.unwrap();
    let newer = crate::record::values(&key::meta("format"), &crate::record::rows::NumberRow { number: 4 }).unwrap();
    let engine = bench.disk.engine();
    engine.apply(&newer.into_iter().map(|(key, value)| (key, Some(value))).collect()).unwrap();
    let error = crate::Store::start(options(&bench.folder), engine, None).unwrap_err();
    assert!(matches!(error, StoreError::FormatNewer { found: 4, supported: 3 }), "{error:?}");
}
