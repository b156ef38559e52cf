//! Base64 as it stands inside XML: with white space, in pieces.
