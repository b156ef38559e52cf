//! Secrecy marks in free text. The rules are told at `Document::secrecy`, which is their only user.

use types::Secrecy;
use unicode_normalization::UnicodeNormalization;

/// Marks from the longest to the shortest, so that `tối mật` is not read as `mật`.
const MARKS: [(&str, Secrecy); 3] =
    [("tuyệt mật", Secrecy::UltraSecret), ("tối mật", Secrecy::TopSecret), ("mật", Secrecy::Secret)];

/// The same typed without diacritics: believed only as a whole field or after a label, because `mat` is also
/// `mặt`, `mất` and `mát`.
const BARE_MARKS: [(&str, Secrecy); 3] =
    [("tuyet mat", Secrecy::UltraSecret), ("toi mat", Secrecy::TopSecret), ("mat", Secrecy::Secret)];

const LABELS: [&str; 2] = ["độ mật", "do mat"];

/// The highest mark that the text carries.
pub(crate) fn mark_in(text: &str) -> Secrecy {
    let text = plain(text);
    leading_mark(&text).max(labelled_mark(&text))
}

/// Composed, in lower case, runs of white space as one space, outer punctuation dropped.
fn plain(text: &str) -> String {
    let lower: String = text.nfc().flat_map(char::to_lowercase).nfc().collect();
    let words: Vec<&str> = lower.split_whitespace().collect();
    words.join(" ").trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// A mark as the whole text or at its start.
fn leading_mark(text: &str) -> Secrecy {
    if let Some((_, mark)) = BARE_MARKS.iter().find(|(bare, _)| *bare == text) {
        return *mark;
    }
    let found = MARKS.iter().find_map(|(word, mark)| Some((*mark, rest_after(text, word)?)));
    match found {
        Some((Secrecy::Secret, rest)) if rest.trim_start().starts_with(char::is_alphanumeric) => Secrecy::Open,
        Some((mark, _)) => mark,
        None => Secrecy::Open,
    }
}

/// A mark after `độ mật:` anywhere.
fn labelled_mark(text: &str) -> Secrecy {
    let mut highest = Secrecy::Open;
    for label in LABELS {
        for (start, _) in text.match_indices(label) {
            let value = text.get(start + label.len()..).map(str::trim_start);
            let Some(value) = value.and_then(|value| value.strip_prefix([':', '=', '-', '–'])) else {
                continue;
            };
            let value = value.trim_start_matches(|c: char| !c.is_alphanumeric());
            let marks = MARKS.iter().chain(&BARE_MARKS);
            let mark = marks.filter(|(word, _)| rest_after(value, word).is_some()).map(|(_, mark)| *mark).max();
            highest = highest.max(mark.unwrap_or_default());
        }
    }
    highest
}

/// What follows `word` at the start of `text`, when it ends there as a word.
fn rest_after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.strip_prefix(word).filter(|rest| !rest.starts_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests;
