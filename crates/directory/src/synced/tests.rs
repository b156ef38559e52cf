use super::*;
use crate::Directory;

fn line(id: &str, parent: &str, code: &str, name: &str) -> ListedAgency {
    ListedAgency {
        id: id.into(),
        parent_id: parent.into(),
        code: code.into(),
        name: name.into(),
        ..ListedAgency::default()
    }
}

fn list(lines: &[(&str, &str, &str, &str)]) -> (SyncedList, ListTally) {
    SyncedList::of(lines.iter().map(|(id, parent, code, name)| line(id, parent, code, name)))
}

fn with(lines: &[(&str, &str, &str, &str)]) -> SyncedList {
    list(lines).0
}

fn own(toml: &str) -> Directory {
    Directory::from_toml(toml).unwrap()
}

const OWN: &str = "[[agency]]\ncode = \"H48\"\nlevel = \"province\"\nname = \"Của tôi\"\naliases = [\"28.22.H17\"]\n\
                   [[agency]]\ncode = \"H48.35\"\nlevel = \"district\"\nparent = \"H48\"\nname = \"Huyện của tôi\"\n";

fn parent(directory: &Directory, code: &str) -> Option<String> {
    directory.find_text(code).unwrap().parent.as_ref().map(ToString::to_string)
}

#[test]
fn parents_are_found_by_the_axiss_ids() {
    let list = with(&[("1", "0", "H48", "Tỉnh"), ("2", "1", "vxp.saas.02", "Trung tâm")]);
    let directory = Directory::default().with_synced(list).unwrap();
    assert_eq!(parent(&directory, "vxp.saas.02").as_deref(), Some("H48"));
}

#[test]
fn a_malformed_line_is_counted_and_the_others_stay() {
    let (list, tally) = list(&[("1", "", "H48", "Tỉnh"), ("2", "1", "", "Không mã"), ("3", "1", "a b", "Mã sai")]);
    assert_eq!((list.len(), tally.malformed), (1, 2));
}

#[test]
fn a_code_twice_in_both_generations_is_one_agency_and_children_stay_below_it() {
    let lines = [("1", "", "H48.20", "Sở"), ("2", "", "000.00.20.H48", "Sở nữa"), ("3", "2", "X-1", "Phòng")];
    let (list, tally) = list(&lines);
    assert_eq!((list.len(), tally.repeated), (2, 1));
    let directory = Directory::default().with_synced(list).unwrap();
    assert_eq!(parent(&directory, "X-1").as_deref(), Some("H48.20"));
}

#[test]
fn an_unknown_parent_gives_way_to_the_nearest_body_by_code() {
    let (list, tally) = list(&[("1", "", "H48", "Tỉnh"), ("2", "99", "H48.20.15", "Phòng")]);
    assert_eq!(tally.parents_dropped, 1);
    let directory = Directory::default().with_synced(list).unwrap();
    assert_eq!(parent(&directory, "H48.20.15").as_deref(), Some("H48"));
}

#[test]
fn a_circle_of_parents_is_cut() {
    let (list, tally) = list(&[("1", "2", "X-1", "Một"), ("2", "3", "X-2", "Hai"), ("3", "1", "X-3", "Ba")]);
    assert_eq!(tally.parents_dropped, 3);
    assert_eq!(Directory::default().with_synced(list).unwrap().len(), 3);
}

#[test]
fn a_circle_through_another_code_is_cut() {
    // H48.20 stands below X-1 by its code, because X-1 is also called H48; and X-1 says it stands below H48.20.
    let mut above = line("1", "2", "X-1", "Một");
    above.other_codes = vec!["H48".into()];
    let (list, _) = SyncedList::of([above, line("2", "", "H48.20", "Hai")]);
    assert_eq!(Directory::default().with_synced(list).unwrap().len(), 2);
}

#[test]
fn another_agencys_code_is_no_alias() {
    let mut two = line("2", "", "H48.21", "Hai");
    two.other_codes = vec!["000.00.20.H48".into(), "28.22.H17".into(), "có cách".into()];
    let mut three = line("3", "", "H48.22", "Ba");
    three.other_codes = vec!["28.22.H17".into()];
    let (list, tally) = SyncedList::of([line("1", "", "H48.20", "Một"), two, three]);
    assert_eq!(tally.other_codes_dropped, 3);
    let directory = Directory::default().with_synced(list).unwrap();
    assert_eq!(directory.find_text("28.22.H17").unwrap().code.as_str(), "H48.21");
    assert_eq!(directory.find_text("000.00.20.H48").unwrap().code.as_str(), "H48.20");
}

#[test]
fn the_operators_agency_wins_by_code_in_either_generation() {
    let list = with(&[("1", "", "000.00.00.H48", "Của trục"), ("2", "1", "000.00.35.H48", "Huyện của trục")]);
    let directory = own(OWN).with_synced(list).unwrap();
    assert_eq!(directory.len(), 2);
    assert_eq!(&*directory.find_text("H48").unwrap().name, "Của tôi");
}

#[test]
fn the_operators_agency_wins_by_another_code_and_keeps_the_children() {
    let list = with(&[("1", "", "28.22.H17", "Của trục"), ("2", "1", "X-2", "Phòng")]);
    let directory = own(OWN).with_synced(list).unwrap();
    assert_eq!(directory.len(), 3);
    assert_eq!(parent(&directory, "X-2").as_deref(), Some("H48"));
}

#[test]
fn the_list_cannot_put_the_operators_agencies_into_a_circle() {
    let mut list = with(&[("1", "", "H50", "Tỉnh khác")]);
    list.agencies[0].parent = Some("H50.10".parse().unwrap());
    let toml = "[[agency]]\ncode = \"H50.10\"\nlevel = \"other\"\nname = \"Một\"\n";
    let directory = own(toml).with_synced(list).unwrap();
    assert_eq!(parent(&directory, "H50.10").as_deref(), Some("H50"));
    assert_eq!(parent(&directory, "H50"), None);
}

#[test]
fn a_written_list_reads_back_as_it_was() {
    let mut one = line("1", "", "H48", "Tên, có \"ngoặc\"\nvà xuống dòng");
    one.other_codes = vec!["28.22.H17".into(), "vxp;1".into()];
    one.mail = "a@b.vn".into();
    let (list, _) = SyncedList::of([one, line("2", "1", "X-2", "")]);
    let mut bytes = Vec::new();
    list.write(&mut bytes).unwrap();
    let again = SyncedList::read(bytes.as_slice(), "axis-agencies.csv").unwrap();
    assert!(list.changes_to(&again).is_empty(), "{:?}", list.changes_to(&again));
    assert_eq!(&*again.agencies[0].name, "Tên, có \"ngoặc\" và xuống dòng");
}

#[test]
fn a_damaged_file_is_told_with_its_line() {
    let error = SyncedList::read(&b"code,name,level\nH48,T\xe9n,province\n"[..], "axis-agencies.csv").unwrap_err();
    assert!(error.to_string().contains("axis-agencies.csv:2"), "{error}");
}

#[test]
fn differences_are_told_one_by_one() {
    let old = with(&[("1", "", "H48", "Tỉnh"), ("2", "1", "X-2", "Hai"), ("3", "1", "X-3", "Ba")]);
    let new = with(&[("1", "", "H48", "Tỉnh"), ("2", "", "X-2", "Hai mới"), ("4", "1", "X-4", "Bốn")]);
    let changes = old.changes_to(&new);
    let told: Vec<(&str, &str, &str, &str)> =
        changes.changes.iter().map(|one| (one.kind(), one.code().as_str(), one.before(), one.after())).collect();
    let expected = [
        ("renamed", "X-2", "Hai", "Hai mới"),
        ("moved", "X-2", "H48", ""),
        ("removed", "X-3", "Ba", ""),
        ("added", "X-4", "", "Bốn"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_list_that_takes_away_a_fifth_passes_and_one_that_takes_more_does_not() {
    let lines = |count: usize| {
        SyncedList::of((0..count).map(|number| line(&number.to_string(), "", &format!("X-{number}"), "x"))).0
    };
    assert!(lines(100).changes_to(&lines(80)).guard().is_ok());
    assert_eq!(lines(100).changes_to(&lines(79)).guard(), Err(TooManyRemoved { removed: 21, before: 100 }));
}

#[test]
fn an_empty_list_is_never_applied_unasked() {
    assert!(SyncedList::default().changes_to(&SyncedList::default()).guard().is_err());
}

mod any_list {
    use proptest::prelude::*;

    use super::*;

    fn lines() -> impl Strategy<Value = Vec<ListedAgency>> {
        let id = || proptest::string::string_regex("[0-9]{0,1}").unwrap();
        let code = || {
            proptest::sample::select(vec![
                "H48",
                "H48.20",
                "000.00.20.H48",
                "H48.20.15",
                "X-1",
                "X-2",
                "",
                "a b",
                "G01",
            ])
        };
        let one = (id(), id(), code(), code()).prop_map(|(id, parent, code, other)| ListedAgency {
            other_codes: vec![other.to_owned()],
            ..line(&id, &parent, code, "Tên")
        });
        proptest::collection::vec(one, 0..12)
    }

    proptest! {
        #[test]
        fn makes_a_directory_with_and_without_the_operators(lines in lines()) {
            let (list, tally) = SyncedList::of(lines);
            prop_assert_eq!(tally.listed, tally.kept + tally.malformed + tally.repeated);
            prop_assert_eq!(Directory::default().with_synced(list.clone()).unwrap().len(), tally.kept);
            prop_assert!(own(OWN).with_synced(list).is_ok());
        }
    }
}
