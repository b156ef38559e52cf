//! The limits that a worker sets itself before it reads anything foreign.

use std::io;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

/// Files a worker has open: its three streams and the packet.
const FILES_MAX: u64 = 16;

/// Bytes that the program has before it checks anything: its data, its heap, the stack.
const PROGRAM_BYTES: u64 = 64 << 20;

/// Bounds memory and files, and writes no core: it would hold a document.
///
/// # Errors
/// When a sandbox does not let a process lower its own limits.
pub(super) fn confine(memory_max: u64) -> io::Result<()> {
    // Nothing may be asked before this: a filter of system calls that forbids the one forbids the other.
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    set(Resource::Nofile, FILES_MAX)?;
    set(Resource::Data, memory_max.saturating_add(PROGRAM_BYTES))
}

/// Bounds the processor time from now on; beyond it the system ends the process. The node's own clock ends it earlier:
/// this holds when the node is gone.
pub(super) fn allow_time(more: Duration) -> io::Result<()> {
    let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(0);
    let until = used.saturating_add(more.as_secs()).saturating_add(2);
    let Rlimit { maximum, .. } = getrlimit(Resource::Cpu);
    setrlimit(Resource::Cpu, Rlimit { current: Some(until), maximum }).map_err(io::Error::from)
}

/// Only ever lowers what may be had.
fn set(resource: Resource, max: u64) -> io::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(resource);
    let max = maximum.map_or(max, |maximum| maximum.min(max));
    setrlimit(resource, Rlimit { current: Some(max), maximum: Some(max) }).map_err(io::Error::from)
}
