//! Export, import, rewriting.

use std::io::BufReader;

use tempfile::TempDir;

use super::scene::*;
use crate::engine::Changes;
use crate::engine::place::Place;
use crate::{EngineKind, Offline, Store, StoreError, record};

of_each_engine! {
    an_export_read_into_either_engine_gives_the_same_records
    a_changed_byte_of_an_export_is_refused
    a_cut_off_export_leaves_no_store
    an_import_never_writes_over_a_store
    a_store_rewritten_into_either_engine_has_the_same_records
    a_rewrite_goes_on_where_it_was_interrupted
    a_rewrite_of_an_older_state_starts_anew
    a_damaged_record_stops_a_rewrite_and_stays_out_of_an_export
    a_node_keeps_the_tools_out
}

fn other(engine: EngineKind) -> EngineKind {
    EngineKind::ALL.into_iter().find(|kind| *kind != engine).unwrap()
}

fn exported(folder: &TempDir) -> Vec<u8> {
    let mut bytes = Vec::new();
    let exported = offline(folder).export(&mut bytes, &mut |_| {}).unwrap();
    assert_eq!((exported.payloads, exported.left_out), (1, vec![]));
    bytes
}

fn import(bytes: &[u8], engine: EngineKind, into: &TempDir) -> Result<crate::Imported, StoreError> {
    // Small reads, so that lines and payloads are met across their ends.
    Offline::import(&options(into, engine), &mut BufReader::with_capacity(97, bytes), &mut |_| {})
}

fn an_export_read_into_either_engine_gives_the_same_records(engine: EngineKind) {
    let folder = filled(engine);
    let bytes = exported(&folder);
    for target in EngineKind::ALL {
        let into = TempDir::new().unwrap();
        let imported = import(&bytes, target, &into).unwrap();
        assert_eq!((imported.payloads, imported.report.damage), (1, vec![]));
        assert_eq!(records(&into), records(&folder));
        run(async {
            let store = Store::open(options(&into, target)).unwrap();
            let seq = store.lookup(&key_of("D0")).unwrap()[0];
            let content = store.document(seq).unwrap().content;
            let mut read = Vec::new();
            std::io::Read::read_to_end(&mut store.open_payload(&content).unwrap(), &mut read).unwrap();
            assert_eq!(read, vec![5; crate::INLINE_MAX + 1]);
            store.close().await.unwrap();
        });
    }
}

fn a_changed_byte_of_an_export_is_refused(engine: EngineKind) {
    let bytes = exported(&filled(engine));
    for place in (0..bytes.len()).step_by(bytes.len() / 40) {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        let into = TempDir::new().unwrap();
        import(&changed, engine, &into).unwrap_err();
        assert!(matches!(Offline::open(options(&into, engine)), Err(StoreError::NoStore { .. })), "byte {place}");
    }
}

fn a_cut_off_export_leaves_no_store(engine: EngineKind) {
    let bytes = exported(&filled(engine));
    let into = TempDir::new().unwrap();
    for length in [0, 10, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
        import(&bytes[..length], engine, &into).unwrap_err();
        assert!(matches!(Offline::open(options(&into, engine)), Err(StoreError::NoStore { .. })), "{length} bytes");
    }
    // The next attempt clears away what they left.
    import(&bytes, engine, &into).unwrap();
    assert_eq!(damage(&into), Vec::<String>::new());
}

fn an_import_never_writes_over_a_store(engine: EngineKind) {
    let folder = filled(engine);
    let error = import(&exported(&folder), engine, &folder).unwrap_err();
    assert!(matches!(error, StoreError::Invalid { .. }), "{error:?}");
    assert_eq!(damage(&folder), Vec::<String>::new());
}

fn a_store_rewritten_into_either_engine_has_the_same_records(engine: EngineKind) {
    let folder = filled(engine);
    let before = records(&folder);
    for target in [engine, other(engine), engine, engine] {
        let rewritten = offline(&folder).rewrite(target, &mut |_| {}).unwrap();
        assert!(rewritten.records > u64::try_from(before.len()).unwrap());
        assert!(rewritten.old.is_dir(), "the old folder stays until it is removed");
        rewritten.remove_old().unwrap();
        assert_eq!(records(&folder), before, "{} to {target}", rewritten.from);
        assert_eq!(damage(&folder), Vec::<String>::new());
        run(async { Store::open(options(&folder, target)).unwrap().close().await.unwrap() });
    }
}

/// Copies the first part of a store beside it, as an interrupted rewrite leaves it.
fn begin(folder: &TempDir, to: EngineKind) {
    let store = offline(folder);
    let target = store.target(&store.place.beside(to)).unwrap();
    let found = record::collect(&store.guard, &(vec![0]..vec![0x13]), crate::engine::Walk::Forward, 9).unwrap();
    let changes: Changes = found.into_iter().map(|(key, value)| (key, Some(value))).collect();
    target.apply(&changes).unwrap();
    target.flush().unwrap();
    target.close();
    store.close();
}

fn a_rewrite_goes_on_where_it_was_interrupted(engine: EngineKind) {
    let folder = filled(engine);
    let before = records(&folder);
    begin(&folder, other(engine));
    let place = Place::find(&folder.path().join("data")).unwrap().unwrap();
    assert_eq!(place.kind, engine, "until its end nothing has changed");
    let mut first = None;
    let rewritten = offline(&folder).rewrite(other(engine), &mut |progress| {
        first.get_or_insert(progress.records);
    });
    let copied = first.unwrap();
    assert!(copied < rewritten.unwrap().records, "{copied} were copied again");
    assert_eq!(records(&folder), before);
}

fn a_rewrite_of_an_older_state_starts_anew(engine: EngineKind) {
    let folder = filled(engine);
    begin(&folder, other(engine));
    run(async { Store::open(options(&folder, engine)).unwrap().close().await.unwrap() });
    let before = records(&folder);
    offline(&folder).rewrite(other(engine), &mut |_| {}).unwrap();
    assert_eq!(records(&folder), before);
    assert_eq!(damage(&folder), Vec::<String>::new());
}

fn a_damaged_record_stops_a_rewrite_and_stays_out_of_an_export(engine: EngineKind) {
    let folder = filled(engine);
    let (key, mut value) = records(&folder).pop_first().unwrap();
    *value.last_mut().unwrap() ^= 1;
    tamper(&folder, engine, &Changes::from([(key.clone(), Some(value))]));
    let error = offline(&folder).rewrite(other(engine), &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains(&crate::key::describe(&key)), "{error}");
    let exported = offline(&folder).export(&mut Vec::new(), &mut |_| {}).unwrap();
    assert_eq!(exported.left_out[0].what, crate::key::describe(&key));
}

fn a_node_keeps_the_tools_out(engine: EngineKind) {
    let folder = filled(engine);
    run(async {
        let store = Store::open(options(&folder, engine)).unwrap();
        let error = Offline::open(options(&folder, engine)).unwrap_err();
        assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
        store.close().await.unwrap();
    });
}
