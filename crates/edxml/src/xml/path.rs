//! Where in the packet the reader is.

/// Local names of the open elements, joined by `/`.
#[derive(Debug, Default)]
pub(crate) struct Path {
    text: String,
    /// Length of `text` before each open element.
    starts: Vec<usize>,
}

/// Characters of an unknown element's name that a path shows.
const NAME_MAX: usize = 64;

impl Path {
    pub(crate) fn push(&mut self, local: &str) {
        self.starts.push(self.text.len());
        if !self.text.is_empty() {
            self.text.push('/');
        }
        self.text.extend(local.chars().take(NAME_MAX));
    }

    pub(crate) fn pop(&mut self) {
        if let Some(length) = self.starts.pop() {
            self.text.truncate(length);
        }
    }

    pub(crate) const fn depth(&self) -> usize {
        self.starts.len()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The path of a child.
    pub(crate) fn join(&self, local: &str) -> String {
        if self.text.is_empty() { local.to_owned() } else { format!("{}/{local}", self.text) }
    }
}
