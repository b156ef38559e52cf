use std::io::{Read, Seek, SeekFrom, Write};

use tempfile::TempDir;

use super::*;

fn payloads() -> (TempDir, Arc<Payloads>) {
    let folder = TempDir::new().unwrap();
    let payloads = Payloads::open(folder.path()).unwrap();
    (folder, payloads)
}

fn staged(payloads: &Arc<Payloads>, bytes: &[u8]) -> Staged {
    let mut writer = payloads.stage().unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn staging_files(folder: &TempDir) -> usize {
    fs::read_dir(folder.path().join("staging")).unwrap().count()
}

#[test]
fn a_payload_is_named_by_the_digest_of_its_bytes() {
    let (folder, payloads) = payloads();
    let kept = payloads.keep(staged(&payloads, b"abc"), &mut BTreeSet::new()).unwrap();
    let name = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!((kept.digest.to_string().as_str(), kept.length), (name, 3));
    assert_eq!(fs::read(folder.path().join("payload/ba").join(name)).unwrap(), b"abc");
    assert_eq!(staging_files(&folder), 0);
}

#[test]
fn a_dropped_writer_leaves_no_file() {
    let (folder, payloads) = payloads();
    let mut writer = payloads.stage().unwrap();
    writer.write_all(b"half a docu").unwrap();
    assert_eq!(staging_files(&folder), 1);
    drop(writer);
    assert_eq!(staging_files(&folder), 0);
}

#[test]
fn a_dropped_staged_payload_leaves_no_file() {
    let (folder, payloads) = payloads();
    drop(staged(&payloads, b"never accepted"));
    assert_eq!(staging_files(&folder), 0);
}

#[test]
fn opening_empties_the_staging_folder() {
    let (folder, _) = payloads();
    fs::write(folder.path().join("staging/0000000000000007"), b"left by a crash").unwrap();
    Payloads::open(folder.path()).unwrap();
    assert_eq!(staging_files(&folder), 0);
}

#[test]
fn a_payload_reads_from_any_offset() {
    let (_folder, payloads) = payloads();
    for kept in [
        payloads.keep(staged(&payloads, b"0123456789"), &mut BTreeSet::new()).unwrap(),
        PayloadRef::inline(b"0123456789".to_vec()),
    ] {
        let mut payload = payloads.open_payload(&kept).unwrap();
        payload.seek(SeekFrom::Start(7)).unwrap();
        let mut rest = String::new();
        payload.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "789");
    }
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
    payloads.keep(staged(&payloads, b"abc"), &mut unsynced).unwrap();
    assert_eq!(unsynced, BTreeSet::from([root.clone(), root.join("ba")]));
}
