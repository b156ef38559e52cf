//! The contract's comments, by file and path.

use std::collections::HashMap;

use prost_reflect::DescriptorPool;

/// Texts of the comments above (or behind) each element.
pub(super) struct Comments(HashMap<(String, Vec<i32>), String>);

impl Comments {
    pub(super) fn of(pool: &DescriptorPool) -> Self {
        let mut texts = HashMap::new();
        for file in pool.file_descriptor_protos() {
            let locations = file.source_code_info.iter().flat_map(|info| &info.location);
            for location in locations {
                let comment = location.leading_comments.as_deref().or(location.trailing_comments.as_deref());
                if let Some(comment) = comment {
                    texts.insert((file.name().to_owned(), location.path.clone()), flowing(comment));
                }
            }
        }
        Self(texts)
    }

    /// The comment of the element at `path` of `file`; empty when it has none.
    pub(super) fn at(&self, file: &str, path: &[i32]) -> &str {
        self.0.get(&(file.to_owned(), path.to_vec())).map_or("", String::as_str)
    }
}

/// Lines joined to one paragraph.
fn flowing(comment: &str) -> String {
    comment.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The first sentence, for a summary.
pub(super) fn first_sentence(text: &str) -> &str {
    text.find(". ").and_then(|end| text.get(..=end)).unwrap_or(text)
}
