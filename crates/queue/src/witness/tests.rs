use tempfile::TempDir;

use super::*;

#[test]
fn the_last_commit_noted_is_seen() {
    let folder = TempDir::new().unwrap();
    assert_eq!(Witness::read(folder.path()), Seen::default());
    let witness = Witness::open(folder.path()).unwrap();
    for commit in 1..=5 {
        witness.note(Seen { commit, next: commit * 10 });
        assert_eq!(Witness::read(folder.path()), Seen { commit, next: commit * 10 });
    }
}

#[test]
fn a_torn_slot_leaves_the_commit_before() {
    let folder = TempDir::new().unwrap();
    let witness = Witness::open(folder.path()).unwrap();
    witness.note(Seen { commit: 7, next: 70 });
    witness.note(Seen { commit: 8, next: 80 });
    witness.file.write_all_at(&[0xff; 10], 0).unwrap();
    assert_eq!(Witness::read(folder.path()), Seen { commit: 7, next: 70 });
}

#[test]
fn a_reset_forgets_what_was_seen_before() {
    for commit in [3, 4] {
        let folder = TempDir::new().unwrap();
        let witness = Witness::open(folder.path()).unwrap();
        witness.note(Seen { commit: 9, next: 90 });
        witness.note(Seen { commit: 10, next: 100 });
        Witness::reset(folder.path(), Seen { commit, next: 95 }).unwrap();
        assert_eq!(Witness::read(folder.path()), Seen { commit, next: 95 });
    }
}
