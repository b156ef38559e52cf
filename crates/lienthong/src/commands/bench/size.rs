//! Sizes on the command line.

/// Bytes of a file at most: the largest packet that nodes take by default, with its base64.
const BYTES_MAX: u64 = 2 << 30;

/// `4KiB`, `1MiB`, `1GiB` or a number of bytes.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let shift = match unit {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return Err(format!("{unit}: B, KiB, MiB, GiB")),
    };
    let number: u64 = number.parse().map_err(|_| "4KiB, 1MiB, 1GiB…".to_owned())?;
    let bytes = number.checked_mul(1 << shift).filter(|bytes| (1..=BYTES_MAX).contains(bytes));
    bytes.ok_or_else(|| "1 B – 2 GiB".to_owned())
}
