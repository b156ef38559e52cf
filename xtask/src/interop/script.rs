//! The form of the checks.

/// One check: a name and its steps.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Check {
    name: String,
    pub(super) steps: Vec<Step>,
}

/// One command.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) words: Vec<String>,
    pub(super) outcome: Outcome,
    /// What it has to print, on either stream.
    pub(super) printed: Vec<String>,
}

/// How a command has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Success,
    Failure,
}

impl Check {
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// Reads a file of checks.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<Check>, String> {
    let mut checks: Vec<Check> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let wrong = |why: &str| format!("{file}:{}: {why}", number + 1);
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        let steps = checks.last_mut().map(|check| &mut check.steps);
        match kind {
            "" | "#" => {}
            "##" => checks.push(Check { name: rest.to_owned(), steps: Vec::new() }),
            "$" | "!" => {
                let outcome = if kind == "$" { Outcome::Success } else { Outcome::Failure };
                let step = Step { words: words(rest), outcome, printed: Vec::new() };
                steps.ok_or_else(|| wrong("a command before the first check"))?.push(step);
            }
            ">" => {
                let step = steps.and_then(|steps| steps.last_mut());
                step.ok_or_else(|| wrong("a text before the first command"))?.printed.push(rest.to_owned());
            }
            _ => return Err(wrong("neither ##, $, ! nor >")),
        }
    }
    Ok(checks)
}

/// Words between blanks; `'…'` holds blanks.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in text.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_has_commands_and_what_they_print() {
        let text = "# of these\n## one\n$ openssl version -a\n> OpenSSL\n! openssl 'two words' x\n\n## two\n$ a\n";
        let checks = read("f", text).unwrap();
        assert_eq!(checks.iter().map(Check::name).collect::<Vec<_>>(), ["one", "two"]);
        let [first, second] = checks[0].steps.as_slice() else { panic!("{checks:?}") };
        assert_eq!((first.outcome, first.printed.as_slice()), (Outcome::Success, ["OpenSSL".to_owned()].as_slice()));
        assert_eq!(
            (second.outcome, second.words.as_slice()),
            (Outcome::Failure, ["openssl", "two words", "x"].map(str::to_owned).as_slice())
        );
    }

    #[test]
    fn the_checks_of_the_repository_read() {
        for (file, _) in crate::interop::FILES {
            let checks = crate::interop::checks(file).unwrap();
            assert!(!checks.is_empty() && checks.iter().all(|check| !check.steps.is_empty()), "{file}");
        }
        assert!(read("f", "$ early").is_err() && read("f", "words").is_err());
    }
}
