//! The directory of agencies is read again while the node runs.

use std::fs;

use crate::harness::{AXIS, PATIENCE, World, send_args, text, until};

#[test]
fn a_new_agency_becomes_addressable_and_a_bad_file_changes_nothing() {
    let mut world = World::new();
    world.scene.configure(AXIS, "\n[[system]]\nid = \"bo-noi-vu\"\nagencies = [\"G09\"]\n");
    world.start(AXIS);
    let file = world.file("a.txt", "nội dung");
    let before = world.run("vpcp", &send_args("1", &["G09"], &file));
    assert_eq!((text(&before.error["code"]), before.exit), ("unknown_agency", 3), "{}", before.error);

    let good = fs::read_to_string(world.scene.directory()).unwrap();
    let more = "\n[[agency]]\ncode = \"G09\"\nlevel = \"central\"\nname = \"Bộ Nội vụ\"\n";
    fs::write(world.scene.directory(), format!("{good}{more}")).unwrap();
    until("G09 in the directory", PATIENCE, || {
        (world.run("vpcp", &send_args("1", &["G09"], &file)).exit == 0).then_some(())
    });

    fs::write(world.scene.directory(), "[[agency]]\ncode = 7\n").unwrap();
    until("the bad file in the log", PATIENCE, || {
        world.log(AXIS).contains("the directory could not be reloaded").then_some(())
    });
    world.send("vpcp", "2", &["G09"], &file);

    fs::write(world.scene.directory(), good).unwrap();
    until("G09 gone again", PATIENCE, || (world.run("vpcp", &["agency", "show", "G09"]).exit == 3).then_some(()));
}
