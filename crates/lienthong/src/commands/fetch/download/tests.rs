use ring::digest::{SHA256, digest};

use super::*;

fn content(bytes: &[u8]) -> Content {
    Content {
        source: Source::Packet,
        exchange_id: "x".into(),
        name: "x.edxml".into(),
        length: u64::try_from(bytes.len()).unwrap(),
        sha256: digest(&SHA256, bytes).as_ref().to_vec(),
    }
}

fn hasher(bytes: &[u8]) -> Hasher {
    let mut hasher = Hasher::default();
    hasher.update(bytes);
    hasher
}

struct Place {
    _dir: tempfile::TempDir,
    path: PathBuf,
    part: PathBuf,
}

fn place(part: &[u8]) -> Place {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.edxml");
    std::fs::write(part_of(&path), part).unwrap();
    Place { part: part_of(&path), path, _dir: dir }
}

#[tokio::test]
async fn a_whole_download_gets_its_name() {
    let at = place(b"abc");
    content(b"abc").settle(hasher(b"abc"), &at.part, &at.path).await.unwrap();
    assert_eq!(std::fs::read(&at.path).unwrap(), b"abc");
    assert!(!at.part.exists());
}

#[tokio::test]
async fn wrong_bytes_are_removed_and_never_get_the_name() {
    let at = place(b"abd");
    let failure = content(b"abc").settle(hasher(b"abd"), &at.part, &at.path).await.unwrap_err();
    assert!(matches!(failure, Failure::Unverified { code: ErrorCode::DigestMismatch, .. }));
    assert!(!at.part.exists() && !at.path.exists());
}

#[tokio::test]
async fn a_short_download_is_kept_to_go_on() {
    let at = place(b"ab");
    let failure = content(b"abc").settle(hasher(b"ab"), &at.part, &at.path).await.unwrap_err();
    assert!(matches!(failure, Failure::Unverified { code: ErrorCode::LengthMismatch, .. }));
    assert!(at.part.exists() && !at.path.exists());
}

#[tokio::test]
async fn a_file_that_is_there_is_kept_and_compared() {
    let at = place(b"");
    std::fs::write(&at.path, b"abc").unwrap();
    content(b"abc").check_existing(&at.path).await.unwrap();
    assert!(content(b"other").check_existing(&at.path).await.is_err());
    assert_eq!(std::fs::read(&at.path).unwrap(), b"abc");
}

#[tokio::test]
async fn what_is_there_is_hashed_before_the_rest() {
    let at = place(b"ab");
    let mut found = hash(&at.part).await.unwrap().unwrap();
    found.update(b"c");
    assert_eq!(found.finish().1.as_bytes().as_slice(), content(b"abc").sha256);
    assert!(hash(&at.path).await.unwrap().is_none());
}
