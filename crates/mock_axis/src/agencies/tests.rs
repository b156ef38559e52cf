use super::*;

fn code(text: &str) -> AgencyCode {
    AgencyCode::opaque(text).unwrap()
}

fn open(folder: &Path) -> Agencies {
    let systems = Systems::new(vec!["000.00.00.H48:s".parse().unwrap(), "vxp.saas.02:s:99.99.99.G21".parse().unwrap()]);
    Agencies::open(folder, National::new(None, 1), &systems.unwrap(), &[]).unwrap()
}

fn registration(code: &str, name: &str) -> Registration {
    Registration { code: code.to_owned(), name: name.to_owned(), ..Registration::default() }
}

#[test]
fn a_registered_agency_is_there_after_a_restart_and_gone_after_its_deletion() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).register("H48", &registration("H48.999", "Trung tâm mới")).unwrap();
    let agencies = open(folder.path());
    assert_eq!(agencies.find(&code("H48.999")).unwrap().name, "Trung tâm mới");
    agencies.delete("H48", "H48.999").unwrap();
    assert_eq!(agencies.find(&code("H48.999")), None);
    assert_eq!(open(folder.path()).find(&code("H48.999")), None);
}

#[test]
fn what_another_system_registered_is_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let agencies = open(folder.path());
    agencies.register("H48", &registration("H48.999", "Trung tâm")).unwrap();
    assert!(agencies.register("H41", &registration("H48.999", "Khác")).is_err());
    assert!(agencies.delete("H41", "H48.999").is_err());
    assert!(agencies.register("H48", &registration("G22", "Giả")).is_err());
}

#[test]
fn the_list_shows_each_agency_once_and_marks_the_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let agencies = open(folder.path());
    let gone = Change { code: "H48.101".to_owned(), deleted: true, ..Change::default() };
    agencies.change(gone).unwrap();
    let listed: Vec<AgencyEntry> = agencies.entries().filter(|entry| entry.code == "H48.101").collect();
    assert_eq!(listed.len(), 1);
    assert!(listed.iter().all(|entry| entry.deleted && !entry.name.is_empty()));
    assert_eq!(agencies.find(&code("H48.101")), None);
}

#[test]
fn a_locked_agency_is_known_and_locked_until_it_is_unlocked() {
    let folder = tempfile::tempdir().unwrap();
    let agencies = open(folder.path());
    let gate = |gate| Change { code: "000.00.20.H48".to_owned(), gate: Some(gate), ..Change::default() };
    agencies.change(gate(Gate::Locked)).unwrap();
    assert_eq!(open(folder.path()).find(&code("H48.20")).unwrap().gate, Gate::Locked);
    agencies.change(gate(Gate::Open)).unwrap();
    assert_eq!(agencies.find(&code("H48.20")).unwrap().gate, Gate::Open);
}

#[test]
fn an_agency_that_only_a_system_names_exists() {
    let folder = tempfile::tempdir().unwrap();
    let known = open(folder.path()).find(&code("99.99.99.G21")).unwrap();
    assert_eq!(known.registrar.as_deref(), Some("vxp.saas.02"));
}

#[test]
fn a_ministry_that_was_merged_takes_nothing_and_is_listed_as_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let agencies = open(folder.path());
    assert_eq!(agencies.find(&code("G14")), None);
    assert!(agencies.entries().any(|entry| entry.code == "G14" && entry.deleted));
}
