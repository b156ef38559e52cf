use std::path::PathBuf;

use super::*;

const FOLDER: Inode = 10;
const FILE: Inode = 11;
/// The kernel's number of the root, which is never made.
const TOP: Inode = 1;

fn create(inode: Inode, path: &str) -> Operation {
    Operation::Create { inode, path: PathBuf::from(path) }
}

fn write(inode: Inode, offset: u64, bytes: &[u8]) -> Operation {
    Operation::Write { inode, offset, bytes: bytes.to_vec() }
}

fn sync(number: u64, inode: Inode) -> [Operation; 2] {
    [Operation::SyncBegins { number, inode }, Operation::SyncEnds { number }]
}

fn image(operations: &[Operation], variant: Variant) -> Image {
    Disk::new(operations, Ignored::Nothing).image(operations.len(), variant, &mut Random::new(1))
}

fn file<'a>(image: &'a Image, path: &str) -> Option<&'a [u8]> {
    image.files.get(Path::new(path)).map(|stored| stored.bytes.as_slice())
}

#[test]
fn content_is_certain_up_to_the_last_sync_that_ended() {
    let mut operations = vec![create(FILE, "a"), write(FILE, 0, b"one")];
    operations.extend(sync(1, FILE));
    operations.extend(sync(2, TOP));
    operations.push(write(FILE, 3, b"two"));
    assert_eq!(file(&image(&operations, Variant::Strict), "a"), Some(b"one".as_slice()));
    assert_eq!(file(&image(&operations, Variant::Kept), "a"), Some(b"onetwo".as_slice()));
    operations.push(Operation::SyncBegins { number: 3, inode: FILE });
    assert_eq!(file(&image(&operations, Variant::Strict), "a"), Some(b"one".as_slice()), "it has not ended");
}

#[test]
fn what_is_written_while_a_sync_runs_is_not_covered_by_it() {
    let operations = [
        create(FILE, "a"),
        Operation::SyncBegins { number: 1, inode: TOP },
        Operation::SyncEnds { number: 1 },
        write(FILE, 0, b"one"),
        Operation::SyncBegins { number: 2, inode: FILE },
        write(FILE, 3, b"two"),
        Operation::SyncEnds { number: 2 },
    ];
    assert_eq!(file(&image(&operations, Variant::Strict), "a"), Some(b"one".as_slice()));
}

#[test]
fn a_name_is_certain_once_its_folder_was_synced() {
    let mut operations = vec![create(FILE, "a"), write(FILE, 0, b"one")];
    operations.extend(sync(1, FILE));
    assert_eq!(file(&image(&operations, Variant::Strict), "a"), None, "only the file was synced");
    operations.extend(sync(2, TOP));
    assert_eq!(file(&image(&operations, Variant::Strict), "a"), Some(b"one".as_slice()));
}

#[test]
fn a_rename_is_there_as_a_whole_or_not_at_all() {
    let rename = Operation::Rename { from: PathBuf::from("a"), to: PathBuf::from("below/a") };
    let below = Operation::MakeFolder { inode: FOLDER, path: PathBuf::from("below") };
    let mut operations = vec![create(FILE, "a"), below];
    operations.extend(sync(1, TOP));
    operations.push(rename);
    let before = image(&operations, Variant::Strict);
    assert!(file(&before, "a").is_some() && file(&before, "below/a").is_none());
    operations.extend(sync(2, FOLDER));
    let after = image(&operations, Variant::Strict);
    assert!(file(&after, "a").is_none() && file(&after, "below/a").is_some());
}

#[test]
fn a_number_that_the_kernel_gives_again_is_another_file() {
    let remove = Operation::Remove { path: PathBuf::from("a") };
    let operations = [create(FILE, "a"), write(FILE, 0, b"old"), remove, create(FILE, "b"), write(FILE, 0, b"new")];
    let kept = image(&operations, Variant::Kept);
    assert_eq!((file(&kept, "a"), file(&kept, "b")), (None, Some(b"new".as_slice())));
}

#[test]
fn a_torn_write_keeps_whole_sectors_from_its_start() {
    let operations = [create(FILE, "a"), write(FILE, 0, &[7; 4 * SECTOR])];
    let disk = Disk::new(&operations, Ignored::Nothing);
    let lengths: BTreeSet<usize> = (0..200)
        .filter_map(|seed| {
            let image = disk.image(operations.len(), Variant::Torn, &mut Random::new(seed));
            file(&image, "a").map(<[u8]>::len)
        })
        .collect();
    assert!(lengths.iter().all(|length| length % SECTOR == 0), "{lengths:?}");
    assert!(lengths.len() > 2, "{lengths:?}");
}

#[test]
fn a_sync_that_is_passed_over_makes_nothing_certain() {
    let folders = ["staging", "payload"].map(|path| (path, PathBuf::from(path)));
    let mut operations: Vec<Operation> =
        folders.into_iter().zip(20..).map(|((_, path), inode)| Operation::MakeFolder { inode, path }).collect();
    operations.extend([create(FILE, "staging/0"), write(FILE, 0, b"one")]);
    operations.extend(sync(1, FILE));
    operations.extend(sync(2, 20));
    operations.extend(sync(3, TOP));
    let strict =
        |ignored| Disk::new(&operations, ignored).image(operations.len(), Variant::Strict, &mut Random::new(1));
    assert_eq!(file(&strict(Ignored::Nothing), "staging/0"), Some(b"one".as_slice()));
    assert_eq!(file(&strict(Ignored::Payloads), "staging/0"), Some(b"".as_slice()));
}
