//! The functions that stand in for the C library's.

mod files;
mod folders;

use std::ffi::{c_int, c_long};
use std::sync::MutexGuard;

use crate::fail::{Need, Ruling};
use crate::record::{Kind, Line, ROOT, State, state};

/// The kernel's answer, as a C function of type `int` gives it.
fn int(result: c_long) -> c_int {
    c_int::try_from(result).unwrap_or(-1)
}

/// Fails as the kernel would.
fn fail(errno: c_int) -> c_int {
    // SAFETY: the address of this thread's own number.
    unsafe { *libc::__errno_location() = errno };
    -1
}

/// The state and the inode when `file` is a file or folder below the root. Takes no lock for pipes and sockets.
fn watched(file: c_int) -> Option<(MutexGuard<'static, State>, u64)> {
    let inode = ROOT.as_ref()?.inode_behind(file)?;
    let state = state()?;
    state.inodes.contains(&inode).then_some((state, inode))
}

/// What the plan says of this operation; a failure is recorded, so that the harness can say where it was.
fn rule(state: &mut State, need: Need, name: &str) -> Ruling {
    let ruling = state.plan.as_mut().map_or(Ruling::Go, |plan| plan.rule(need));
    if let Ruling::Fail { number, errno } = ruling {
        let errno = u64::from(errno.unsigned_abs());
        state.add(Line::new(Kind::Failed).number(number).number(errno).blob(name.as_bytes()));
    }
    ruling
}
