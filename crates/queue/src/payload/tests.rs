use std::io::{Read, Write};

use tempfile::TempDir;

use super::*;

fn payloads() -> (TempDir, Arc<Payloads>) {
    let folder = TempDir::new().unwrap();
    let payloads = Payloads::open(folder.path()).unwrap();
    (folder, payloads)
}

fn staged(payloads: &Arc<Payloads>, bytes: &[u8]) -> Staged {
    let mut writer = payloads.stage();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// One byte more than stays in memory.
fn large() -> Vec<u8> {
    vec![7; INLINE_MAX + 1]
}

fn staging_files(folder: &TempDir) -> usize {
    fs::read_dir(folder.path().join("staging")).unwrap().count()
}

#[test]
fn a_large_payload_is_a_file_named_by_the_digest_of_its_bytes() {
    let (folder, payloads) = payloads();
    let staged = staged(&payloads, &large());
    let name = digest_of(&large()).to_string();
    assert_eq!((staged.digest().to_string().as_str(), staged.length()), (name.as_str(), INLINE_MAX as u64 + 1));
    assert!(matches!(staged.keep(&mut BTreeSet::new()).unwrap(), Kept::File));
    assert_eq!(fs::read(folder.path().join("payload").join(&name[..2]).join(&name)).unwrap(), large());
    assert_eq!(staging_files(&folder), 0);
}

#[test]
fn a_small_payload_never_is_a_file() {
    let (folder, payloads) = payloads();
    let staged = staged(&payloads, &large()[1..]);
    assert_eq!(staging_files(&folder), 0);
    let Kept::Memory(bytes) = staged.keep(&mut BTreeSet::new()).unwrap() else { panic!("it went to a file") };
    assert_eq!((bytes.len(), fs::read_dir(folder.path().join("payload")).unwrap().count()), (INLINE_MAX, 0));
}

#[test]
fn what_was_in_memory_comes_first_in_the_file() {
    let (_folder, payloads) = payloads();
    let mut writer = payloads.stage();
    let mut wanted = Vec::new();
    for (byte, length) in [(1, 10), (2, INLINE_MAX - 10), (3, 1), (4, 100)] {
        let piece = vec![byte; length];
        writer.write_all(&piece).unwrap();
        wanted.extend(piece);
    }
    let (staged, mut read) = (writer.finish().unwrap(), Vec::new());
    staged.open().unwrap().read_to_end(&mut read).unwrap();
    assert!(read == wanted && staged.digest() == digest_of(&wanted));
}

#[test]
fn a_dropped_writer_leaves_no_file() {
    let (folder, payloads) = payloads();
    let mut writer = payloads.stage();
    writer.write_all(&large()).unwrap();
    assert_eq!(staging_files(&folder), 1);
    drop(writer);
    assert_eq!(staging_files(&folder), 0);
}

#[test]
fn a_dropped_staged_payload_leaves_no_file() {
    let (folder, payloads) = payloads();
    drop(staged(&payloads, &large()));
    assert_eq!(staging_files(&folder), 0);
}

#[test]
fn a_staged_payload_of_any_size_can_be_read_by_path_while_the_path_is_held() {
    let (folder, payloads) = payloads();
    for bytes in [b"small".to_vec(), large()] {
        let staged = staged(&payloads, &bytes);
        let path = staged.by_path().unwrap();
        assert!(fs::read(path.as_path()).unwrap() == bytes);
        drop((path, staged));
        assert_eq!(staging_files(&folder), 0);
    }
}

#[test]
fn opening_empties_the_staging_folder() {
    let (folder, _) = payloads();
    fs::write(folder.path().join("staging/0000000000000007"), b"left by a crash").unwrap();
    Payloads::open(folder.path()).unwrap();
    assert_eq!(staging_files(&folder), 0);
}

#[test]
fn a_staged_payload_reads_before_it_is_kept() {
    let (_folder, payloads) = payloads();
    let mut text = String::new();
    staged(&payloads, b"to be verified").open().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "to be verified");
}

#[test]
fn the_first_payload_of_a_folder_has_the_folders_parent_synced_too() {
    let (folder, payloads) = payloads();
    let root = folder.path().join("payload");
    let mut unsynced = BTreeSet::new();
    let staged = staged(&payloads, &large());
    let folder = root.join(&staged.digest().to_string()[..2]);
    staged.keep(&mut unsynced).unwrap();
    assert_eq!(unsynced, BTreeSet::from([root, folder]));
}
