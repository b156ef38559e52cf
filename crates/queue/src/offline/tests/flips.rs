//! One bit flipped anywhere in the engine's files: refused with words, or named with the rest served; never silent.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::scene::*;
use crate::{EngineKind, Store};

/// Trials for each engine; `LIENTHONG_FLIPS` sets another number.
const TRIALS: u64 = 40;
/// Documents beside those that are looked at one by one: more than the engine has in its newest file.
const MORE: u32 = 250;
const SEED: u64 = 0x5eed_0005;

of_each_engine! { no_flipped_bit_goes_unnoticed }

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// The store did not open, and said why.
    Refused,
    /// The check named it, and whatever was served was right.
    Named,
    /// The bit was of no account: everything is as it was.
    Harmless,
}

fn no_flipped_bit_goes_unnoticed(engine: EngineKind) {
    let whole = filled(engine);
    run(async {
        let store = Store::open(options(&whole, engine)).unwrap();
        fill_more(&store, MORE).await;
        store.close().await.unwrap();
    });
    let original = records(&whole);
    let said = served(&whole, engine).unwrap();
    let mut ends: BTreeMap<End, u64> = BTreeMap::new();
    let untouched = TempDir::new().unwrap();
    copy(&whole.path().join("data"), &untouched.path().join("data"));
    assert_eq!(end_of(&untouched, engine, &said, &original, "a copy"), End::Harmless);
    let trials = std::env::var("LIENTHONG_FLIPS").ok().and_then(|text| text.parse().ok()).unwrap_or(TRIALS);
    for trial in 0..trials {
        let folder = TempDir::new().unwrap();
        copy(&whole.path().join("data"), &folder.path().join("data"));
        let (file, place) = flip(&folder.path().join("data").join(engine.as_str()), SEED + trial);
        let what = format!("seed {:#x}: {} byte {place}", SEED + trial, file.display());
        let end = end_of(&folder, engine, &said, &original, &what);
        *ends.entry(end).or_default() += 1;
    }
    println!("{engine}: {ends:?} of {trials}");
}

type Said = BTreeMap<&'static str, String>;

/// Everything that the store says of each document.
fn served(folder: &TempDir, engine: EngineKind) -> Result<Said, crate::StoreError> {
    run(async {
        let store = Store::open(options(folder, engine))?;
        let said = DOCUMENTS.into_iter().map(|id| (id, of_document(&store, id))).collect();
        drop(store.close().await);
        Ok(said)
    })
}

fn of_document(store: &Store, id: &str) -> String {
    let said = || -> Result<String, crate::StoreError> {
        let seqs = store.lookup(&key_of(id))?;
        let seq = *seqs.first().ok_or(crate::StoreError::NotFound { what: "the document" })?;
        let (document, receipts) = (store.document(seq)?, store.receipts(seq)?);
        Ok(format!("{document:?} {receipts:?} {:?}", store.track(seq, 0, 10)?))
    };
    said().unwrap_or_else(|_| "an error".to_owned())
}

fn end_of(folder: &TempDir, engine: EngineKind, said: &Said, original: &BTreeMap<Vec<u8>, Vec<u8>>, what: &str) -> End {
    let Ok(found) = served(folder, engine) else { return End::Refused };
    let Ok(store) = crate::Offline::open(options(folder, engine)) else { return End::Refused };
    let Ok(report) = store.check(&mut |_| {}) else { return End::Refused };
    drop(store);
    if !report.damage.is_empty() {
        for (id, words) in &found {
            let named = &report.damage;
            assert!(
                words == &said[id] || words == "an error",
                "{what}: {id} reads otherwise: {words}, beside {named:?}"
            );
        }
        return End::Named;
    }
    assert_eq!(&found, said, "{what}: the check found nothing, and a document reads otherwise");
    assert_eq!(&records(folder), original, "{what}: the check found nothing, and a record is another");
    End::Harmless
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.metadata().unwrap().len() > 0 {
            found.push(path);
        }
    }
}

/// Flips one bit that was written: of a file that was set aside for later, the written part.
fn flip(folder: &Path, seed: u64) -> (PathBuf, usize) {
    let mut found = Vec::new();
    files(folder, &mut found);
    let mut state = seed;
    let mut random = |below: usize| {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(below).unwrap()).unwrap()
    };
    // By bytes, not by files: the large ones hold the records.
    let written: Vec<(PathBuf, Vec<u8>, usize)> = found
        .into_iter()
        .map(|path| {
            let bytes = fs::read(&path).unwrap();
            let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            (path, bytes, length)
        })
        .filter(|(_, _, length)| *length > 0)
        .collect();
    let mut place = random(written.iter().map(|(_, _, length)| length).sum());
    for (path, mut bytes, length) in written {
        if place < length {
            bytes[place] ^= 1 << random(8);
            fs::write(&path, bytes).unwrap();
            return (path, place);
        }
        place -= length;
    }
    unreachable!("the place is within the files")
}
