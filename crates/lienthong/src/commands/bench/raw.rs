//! What the disk itself can do: append and `fdatasync`, nothing else.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// Measured so often, and the middle taken: on a busy machine one window says little.
const WINDOWS: usize = 5;
/// Length of a window.
const WINDOW: Duration = Duration::from_millis(500);
/// Bytes of one append at most: beyond, the rate is the disk's throughput.
const APPEND_BYTES_MAX: u64 = 8 << 20;
/// Bytes of a window at most: a fast disk fills no volume.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Documents per second when `batch` of them, `length` bytes each, are appended and synced at a time.
pub(super) fn rate(dir: &Path, length: u64, batch: f64) -> io::Result<f64> {
    let path = dir.join("raw.bench");
    let windows: io::Result<Vec<f64>> = (0..WINDOWS).map(|_| measure(&path, length, batch)).collect();
    std::fs::remove_file(&path)?;
    windows.map(median)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by APPEND_BYTES_MAX")]
#[expect(clippy::cast_precision_loss, reason = "a rate needs no 53 bits")]
fn measure(path: &Path, length: u64, batch: f64) -> io::Result<f64> {
    let bytes = (length as f64 * batch.max(1.0)).clamp(1.0, APPEND_BYTES_MAX as f64);
    let piece = vec![0x5a; bytes as usize];
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(path)?;
    let start = Instant::now();
    let mut written = 0.0;
    while start.elapsed() < WINDOW && written < FILE_BYTES_MAX as f64 {
        file.write_all(&piece)?;
        file.sync_data()?;
        written += bytes;
    }
    Ok(written / length as f64 / start.elapsed().as_secs_f64())
}

/// The middle one; 0 of none.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
