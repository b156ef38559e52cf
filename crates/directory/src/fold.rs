//! Vietnamese text without its diacritics, for searching.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower-cases `text`, takes its diacritics off and turns `đ` into `d`: `Sở Tài chính` becomes `so tai chinh`.
///
/// The same text in composed and decomposed Unicode folds to the same result, and folding twice changes nothing.
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).nfd().filter(|c| !is_combining_mark(*c)).map(plain).collect()
}

fn plain(c: char) -> char {
    if c == 'đ' { 'd' } else { c }
}

/// The words of `text`, folded: runs of letters and digits.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> {
    let folded = fold(text);
    let words: Vec<String> = folded.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
    words.into_iter().filter(|word| !word.is_empty())
}

/// What official names are compared by: composed (NFC), in lower case, white space put aside. Diacritics count: without
/// them two agencies may share a name.
#[must_use]
pub fn name_key(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(composed).collect();
    words.join(" ")
}

/// Lower-cased and composed, with its diacritics: what a query with diacritics is compared to.
pub(crate) fn composed(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests;
