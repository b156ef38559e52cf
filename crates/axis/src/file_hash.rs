//! `hash-file`: the SHA-256 of a file as the operator's client writes it.

use std::fmt::Write as _;

/// The digest as the client writes it: lower-case hex of each byte **without a leading zero**, 32 to 64 characters.
///
/// Source: SDK 2.0.x on the wire.
#[must_use]
pub fn render(digest: &[u8; 32]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ignored = write!(text, "{byte:x}");
        text
    })
}

/// Whether `text` stands for `digest`: in the client's rendering, or in full hex of either case.
#[must_use]
pub fn matches(text: &str, digest: &[u8; 32]) -> bool {
    let full = digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ignored = write!(text, "{byte:02x}");
        text
    });
    text.eq_ignore_ascii_case(&full) || text.eq_ignore_ascii_case(&render(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest() -> [u8; 32] {
        let mut digest = [0xab; 32];
        digest[0] = 0x0f;
        digest[31] = 0x00;
        digest
    }

    #[test]
    fn leading_zeros_of_a_byte_are_left_out() {
        assert_eq!(render(&digest()), format!("f{}0", "ab".repeat(30)));
    }

    #[test]
    fn both_renderings_are_taken() {
        assert!(matches(&format!("f{}0", "ab".repeat(30)), &digest()));
        assert!(matches(&format!("0F{}00", "AB".repeat(30)), &digest()));
    }

    #[test]
    fn another_digest_is_not_taken() {
        assert!(!matches(&format!("0f{}01", "ab".repeat(30)), &digest()));
        assert!(!matches("", &digest()));
    }
}
