//! Stands in for the C library's file functions in a process under test (`LD_PRELOAD`).
//!
//! - Every operation that changes a file or a folder below `FAULT_SHIM_ROOT` is appended to the record
//!   `FAULT_SHIM_RECORD`, in the order in which the kernel carried them out, with what the process printed between them:
//!   that is how the harness knows what was acknowledged before a power cut.
//! - `FAULT_SHIM_FAIL=<n>:<errno>:<once|on|short>` makes the n-th of those operations fail, or all from the n-th on.
//! - `FAULT_SHIM_CLOCK` names a file of eight bytes, nanoseconds (little-endian, signed) that the wall clock is off by;
//!   who writes it moves the clock of the running process. The monotonic clock stays as it is.
//!
//! Functions here take what the C library's take and call the kernel themselves, so that nothing here comes back here.
//! What a process does by other means (its own system calls, `mmap`) is not seen; the harness compares what it rebuilds
//! from the record with the real folder, and says so.

mod calls;
mod clock;
mod fail;
mod paths;
mod record;
