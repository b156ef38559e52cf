//! What a process has used, from the system's own books.

use std::fs;
use std::path::PathBuf;

/// Clock ticks per second in `/proc`: 100 on every Linux that this program runs on.
const TICKS: f64 = 100.0;

/// What a process has used since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Usage {
    /// Seconds of processor time, user and system.
    pub(super) cpu_seconds: f64,
    /// Most memory held at a time, bytes.
    pub(super) rss_bytes_max: u64,
    /// Bytes that went to the disk.
    pub(super) written_bytes: u64,
}

impl Usage {
    /// Of a running process; `None` where the system does not tell.
    pub(super) fn of(process: u32) -> Option<Self> {
        let read = |name: &str| fs::read_to_string(PathBuf::from(format!("/proc/{process}")).join(name)).ok();
        Some(Self {
            cpu_seconds: cpu_seconds(&read("stat")?)?,
            rss_bytes_max: number(&read("status")?, "VmHWM:")? * 1024,
            written_bytes: number(&read("io")?, "write_bytes:")?,
        })
    }

    /// What was used since `before`; the memory is the most ever held.
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            cpu_seconds: self.cpu_seconds - before.cpu_seconds,
            rss_bytes_max: self.rss_bytes_max,
            written_bytes: self.written_bytes.saturating_sub(before.written_bytes),
        }
    }
}

/// Fields 14 and 15 of `/proc/PID/stat`; the second field, the name, may hold anything up to the last bracket.
pub(super) fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u32>().ok().map(f64::from);
    Some((ticks()? + ticks()?) / TICKS)
}

/// The number behind a name at the beginning of a line.
pub(super) fn number(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}
