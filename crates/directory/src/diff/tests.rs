use crate::Directory;

fn directory(rows: &str) -> Directory {
    Directory::from_csv(format!("code,name,level,aliases,endpoint\n{rows}").as_bytes()).unwrap()
}

#[test]
fn added_removed_and_changed_agencies_are_counted_and_named() {
    let old = directory("H48,tỉnh,province,,\nH48.15,sở,province,,\nH48.16,sở khác,province,,\n");
    let new = directory("H48,tỉnh,province,,\nH48.15,Sở Tài chính,province,,\nH48.17,mới,province,,\n");
    let diff = Directory::diff(&old, &new);
    assert_eq!(diff.to_string(), "1 (H48.17) added, 1 (H48.16) removed, 1 (H48.15) changed");
    assert_eq!(diff.summary_vi(), "thêm 1 (H48.17), bỏ 1 (H48.16), sửa 1 (H48.15)");
}

#[test]
fn the_same_directory_differs_in_nothing() {
    let rows = "H48,tỉnh,province,vxp.saas.02,inbox\n";
    let diff = Directory::diff(&directory(rows), &directory(rows));
    assert!(diff.is_empty());
    assert_eq!(diff.to_string(), "0 added, 0 removed, 0 changed");
}

#[test]
fn another_alias_endpoint_or_spelling_of_the_code_is_a_change() {
    let old = directory("H48,tỉnh,province,,\n");
    for changed in ["H48,tỉnh,province,x.1,\n", "H48,tỉnh,province,,inbox\n", "000.00.00.H48,tỉnh,province,,\n"] {
        assert_eq!(Directory::diff(&old, &directory(changed)).changed.count, 1, "{changed}");
    }
}

#[test]
fn only_the_first_five_are_named() {
    let rows: String = (10..17).map(|n| format!("H48.{n},sở,province,,\n")).collect();
    let diff = Directory::diff(&Directory::default(), &directory(&rows));
    let text = "7 (H48.10, H48.11, H48.12, H48.13, H48.14, …) added, 0 removed, 0 changed";
    assert_eq!(diff.to_string(), text);
}
