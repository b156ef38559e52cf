//! A directory of the size of the national axis's: 111,339 agencies (October 2025).
//!
//! Loading must stay under 2 s, a look-up in microseconds, a refusal with suggestions and a search in milliseconds, each
//! step of a synchronisation at about the cost of a load.

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use directory::{Directory, ListedAgency, SearchFilter, SyncedList};
use types::UnixMillis;

const AGENCIES: usize = 111_339;
const ON: UnixMillis = UnixMillis::new(1_767_225_600_000);

fn rows() -> String {
    let mut text = String::from("code,name,level,code102,mail,valid_from\n");
    for number in 0..AGENCIES {
        let (one, two, three) = (number / 2000 + 1, number / 50 % 40 + 1, number % 50 + 1);
        let code = format!("H{one:02}.{two:02}.{three:02},Ủy ban nhân dân xã Bình Thuận số {number} tỉnh Quảng Ngãi");
        let code102 = format!("000.{three:02}.{two:02}.H{one:02}");
        writeln!(text, "{code},commune,{code102},ubnd{number}@quangngai.example,2020-01-01").expect("writes to memory");
    }
    text
}

fn directory(criterion: &mut Criterion) {
    let rows = rows();
    let directory = Directory::from_csv(rows.as_bytes()).expect("the rows are sound");
    let filter = SearchFilter::default();
    let mut group = criterion.benchmark_group("directory");
    group.bench_function("resolve_listed", |b| b.iter(|| black_box(directory.resolve("000.20.15.H48", ON).is_ok())));
    group.bench_function("resolve_unknown", |b| b.iter(|| black_box(directory.resolve("H48.99.99", ON).is_err())));
    for query in ["xã bình thuận", "xa binh thuan", "H48.15", "khong co"] {
        let name = format!("search {query}");
        group.bench_function(name, |b| b.iter(|| black_box(directory.search(query, &filter, 50, None).is_ok())));
    }
    group.sample_size(10);
    group.bench_function("load_csv", |b| b.iter(|| Directory::from_csv(black_box(rows.as_bytes())).is_ok()));
    group.finish();
}

/// The axis's list with the same agencies, a tenth of them under another name than before.
fn listed(edition: usize) -> Vec<ListedAgency> {
    let line = |number: usize| {
        let (one, two, three) = (number / 2000 + 1, number / 50 % 40 + 1, number % 50 + 1);
        let version = if number.is_multiple_of(10) { edition } else { 0 };
        ListedAgency {
            id: number.to_string(),
            parent_id: (number / 50 * 50).to_string(),
            code: format!("H{one:02}.{two:02}.{three:02}"),
            name: format!("Ủy ban nhân dân xã Bình Thuận số {number} tỉnh Quảng Ngãi {version}"),
            mail: format!("ubnd{number}@quangngai.example"),
            other_codes: vec![format!("000.{three:02}.{two:02}.H{one:02}")],
        }
    };
    (0..AGENCIES).map(line).collect()
}

fn synchronisation(criterion: &mut Criterion) {
    let (before, after) = (listed(1), listed(2));
    let (old, new) = (SyncedList::of(before.clone()).0, SyncedList::of(after).0);
    let mut file = Vec::new();
    old.write(&mut file).expect("writes to memory");
    let mut group = criterion.benchmark_group("synchronisation");
    group.sample_size(10);
    group.bench_function("make_fit", |b| b.iter(|| SyncedList::of(black_box(before.clone())).1.kept));
    group.bench_function("compare", |b| b.iter(|| black_box(&old).changes_to(black_box(&new)).changes.len()));
    group.bench_function("read", |b| b.iter(|| SyncedList::read(black_box(file.as_slice()), "x").is_ok()));
    group.bench_function("merge", |b| b.iter(|| Directory::default().with_synced(black_box(old.clone())).is_ok()));
    group.finish();
}

criterion_group!(benches, directory, synchronisation);
criterion_main!(benches);
