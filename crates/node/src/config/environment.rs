//! `LIENTHONG__SECTION__KEY=value` variables over the file's values.

use toml::{Table, Value};

const PREFIX: &str = "LIENTHONG__";

/// Puts each `LIENTHONG__SECTION__KEY` over the file's value; a value that is TOML is taken as such
/// (`5`, `true`, `["a"]`), any other as text.
///
/// # Errors
/// One line for each variable that names a section which is not a table.
pub(super) fn overlay(table: &mut Table, variables: impl Iterator<Item = (String, String)>) -> Result<(), Vec<String>> {
    let mut problems = Vec::new();
    for (name, text) in variables {
        let Some(path) = name.strip_prefix(PREFIX) else { continue };
        let path = path.to_ascii_lowercase();
        let Some((section, key)) = path.split_once("__") else {
            problems.push(format!("{name}: write LIENTHONG__SECTION__KEY"));
            continue;
        };
        match table.entry(section).or_insert_with(|| Value::Table(Table::new())) {
            Value::Table(section) => {
                section.insert(key.to_owned(), value(&text));
            }
            _ => problems.push(format!("{name}: [{section}] cannot be set by a variable; use the file")),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn value(text: &str) -> Value {
    let line = format!("value = {text}");
    let parsed = line.parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}
