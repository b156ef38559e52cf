use tempfile::TempDir;

use super::super::FjallEngine;
use super::*;
use crate::engine::{Changes, Engine, synced};

const BATCHES: u8 = 5;

/// A store of five batches of one key each, and the bytes of its journal.
fn written(folder: &TempDir) -> (PathBuf, Vec<u8>) {
    let directory = folder.path().join("fjall");
    let engine = FjallEngine::open(&directory, 1 << 20, synced()).unwrap();
    for n in 0..BATCHES {
        engine.apply(&Changes::from([(vec![n], Some(vec![n; 3000]))])).unwrap();
        engine.flush().unwrap();
    }
    drop(engine);
    let path = journals(&directory).unwrap().pop().unwrap();
    let bytes = fs::read(&path).unwrap();
    let length = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    (path, bytes[..length].to_vec())
}

fn keys(folder: &TempDir) -> Result<Vec<u8>, StoreError> {
    let engine = FjallEngine::open(&folder.path().join("fjall"), 1 << 20, synced())?;
    Ok((0..BATCHES).filter(|n| engine.get(&[*n]).unwrap().is_some()).collect())
}

#[test]
fn the_batches_that_fjall_writes_are_whole() {
    let (_, bytes) = written(&TempDir::new().unwrap());
    assert_eq!(whole_batches(&bytes), (bytes, vec![]));
}

#[test]
fn a_last_batch_whose_pages_came_in_any_order_is_taken_off() {
    for hole in [500, 1500, 2900] {
        let folder = TempDir::new().unwrap();
        let (path, mut bytes) = written(&folder);
        let place = bytes.len() - hole;
        bytes[place..place + 200].fill(0);
        fs::write(&path, &bytes).unwrap();
        assert_eq!(keys(&folder).unwrap(), [0, 1, 2, 3]);
        assert_eq!(fs::read(path.with_extension("damaged")).unwrap(), bytes);
    }
}

#[test]
fn a_broken_batch_with_whole_ones_behind_it_is_refused_and_nothing_is_cut_off() {
    for place in (0..9000).step_by(613) {
        let folder = TempDir::new().unwrap();
        let (path, mut bytes) = written(&folder);
        // Also where fjall would take the rest for never written: in a tag or a length.
        bytes[place] ^= 0x10;
        fs::write(&path, &bytes).unwrap();
        let error = keys(&folder).unwrap_err();
        assert!(error.to_string().contains("store repair"), "byte {place}: {error}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "byte {place}");
        assert!(mend(&folder.path().join("fjall"), Cut::Damage).unwrap());
        assert_eq!(keys(&folder).unwrap().len(), usize::from(BATCHES) - 1, "byte {place}: only one batch is lost");
    }
}

#[test]
fn a_store_whose_making_was_interrupted_is_made_anew() {
    let folder = TempDir::new().unwrap();
    let directory = folder.path().join("fjall");
    fs::create_dir_all(directory.join("keyspaces")).unwrap();
    fs::write(directory.join("0.jnl"), [0; 4096]).unwrap();
    assert_eq!(keys(&folder).unwrap(), Vec::<u8>::new());
}

#[test]
fn a_store_that_lost_its_mark_is_not_made_anew() {
    let folder = TempDir::new().unwrap();
    let (path, bytes) = written(&folder);
    fs::remove_file(path.with_file_name("version")).unwrap();
    keys(&folder).unwrap_err();
    assert!(fs::read(&path).unwrap().starts_with(&bytes));
}
