//! Accept rate of the store against the raw disk.
fn main() {}
