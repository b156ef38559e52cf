use super::*;

fn all(command: &ClapCommand, visit: &mut dyn FnMut(&ClapCommand)) {
    visit(command);
    command.get_subcommands().for_each(|sub| all(sub, visit));
}

#[test]
fn the_command_line_is_consistent() {
    command().debug_assert();
}

#[test]
fn every_command_and_option_is_explained_in_both_languages() {
    all(&command(), &mut |command| {
        let about = command.get_about().unwrap_or_else(|| panic!("{}", command.get_name())).to_string();
        assert!(about.contains('(') && about.ends_with(')'), "{}: {about}", command.get_name());
        for arg in command.get_arguments() {
            let help = arg.get_help().unwrap_or_else(|| panic!("{} {}", command.get_name(), arg.get_id())).to_string();
            assert!(help.contains('(') && help.contains(')'), "{} {}: {help}", command.get_name(), arg.get_id());
        }
    });
}

#[test]
fn the_manual_lists_every_command() {
    let manual = include_str!("../../../../docs/cli.md");
    let root = command();
    // The node starts its workers itself: nobody types that command.
    for sub in root.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        assert!(manual.contains(&format!("`lienthong {}", sub.get_name())), "{}", sub.get_name());
    }
}

#[test]
fn the_help_lists_the_exit_codes() {
    let help = command().render_long_help().to_string();
    assert!(help.contains("Mã thoát (exit codes)"), "{help}");
    assert!(help.contains("Lệnh (commands)"), "{help}");
}
