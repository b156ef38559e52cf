use tempfile::TempDir;

use super::*;

#[test]
fn what_was_written_is_found() {
    let folder = TempDir::new().unwrap();
    assert_eq!(Place::find(folder.path()).unwrap(), None);
    let place = Place::first(EngineKind::Sled).beside(EngineKind::Sled);
    fs::create_dir(place.path(folder.path())).unwrap();
    place.write(folder.path()).unwrap();
    assert_eq!(Place::find(folder.path()).unwrap(), Some(place));
}

#[test]
fn a_directory_of_an_older_version_has_sled() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("sled")).unwrap();
    assert_eq!(Place::find(folder.path()).unwrap(), Some(Place::first(EngineKind::Sled)));
}

#[test]
fn a_folder_that_was_lost_is_no_new_store() {
    let folder = TempDir::new().unwrap();
    Place::first(EngineKind::Fjall).write(folder.path()).unwrap();
    assert!(matches!(Place::find(folder.path()), Err(StoreError::Damaged { .. })));
}

#[test]
fn a_file_that_leads_elsewhere_is_refused() {
    let folder = TempDir::new().unwrap();
    for text in ["sled ..", "sled payload", "fjall sled", "redb redb", "sled", ""] {
        fs::write(folder.path().join(FILE), text).unwrap();
        assert!(matches!(Place::find(folder.path()), Err(StoreError::Damaged { .. })), "{text:?}");
    }
}

#[test]
fn a_rewrite_goes_back_and_forth_between_two_folders() {
    let first = Place::first(EngineKind::Sled);
    let second = first.beside(EngineKind::Sled);
    assert_ne!(first.folder, second.folder);
    assert_eq!(second.beside(EngineKind::Sled), first);
    assert_eq!(second.beside(EngineKind::Fjall), Place::first(EngineKind::Fjall));
}
