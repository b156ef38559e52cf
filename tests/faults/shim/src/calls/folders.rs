//! Operations on names.

use std::ffi::{c_char, c_int, c_long, c_uint};

use super::{fail, int, rule};
use crate::fail::{Need, Ruling};
use crate::record::{Kind, Line, ROOT, state};

fn path_bytes(path: &std::path::Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

fn open_at(folder: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    let (folder_number, flags_number, mode) = (c_long::from(folder), c_long::from(flags), c_long::from(mode));
    // SAFETY: the caller's path.
    let ask = || int(unsafe { libc::syscall(libc::SYS_openat, folder_number, path, flags_number, mode) });
    let Some((root, below)) = ROOT.as_ref().and_then(|root| Some((root, root.below(folder, path)?))) else {
        return ask();
    };
    let Some(mut state) = state() else { return ask() };
    let known = root.inode_of(&below);
    let is_new = known.is_none() && flags & libc::O_CREAT != 0;
    let need = if is_new { Need::Room } else { Need::Reading };
    match rule(&mut state, need, "open") {
        Ruling::Go => {}
        Ruling::Cut => return fail(libc::ENOSPC),
        Ruling::Fail { errno, .. } => return fail(errno),
    }
    let file = ask();
    if file >= 0
        && let Some(inode) = root.inode_behind(file)
    {
        state.inodes.insert(inode);
        if is_new {
            state.add(Line::new(Kind::Create).number(inode).blob(path_bytes(&below)));
        } else if flags & libc::O_TRUNC != 0 {
            state.add(Line::new(Kind::Resize).number(inode).number(0));
        }
    }
    file
}

/// The C library's takes the mode only when a file is created; the third argument lies in the same register either way,
/// on every Linux that Rust runs on.
///
/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    open_at(libc::AT_FDCWD, path, flags, mode)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    open_at(libc::AT_FDCWD, path, flags, mode)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn openat64(folder: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    open_at(folder, path, flags, mode)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn openat(folder: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    open_at(folder, path, flags, mode)
}

/// An operation that changes names below the root, with the line that records it.
fn change(ask: impl Fn() -> c_int, paths: &[(c_int, *const c_char)], kind: Kind, name: &str) -> c_int {
    let below = ROOT.as_ref().and_then(|root| {
        let found: Option<Vec<_>> = paths.iter().map(|(folder, path)| root.below(*folder, *path)).collect();
        Some((root, found?))
    });
    let Some((root, below)) = below else { return ask() };
    let Some(mut state) = state() else { return ask() };
    let need = if matches!(kind, Kind::MakeFolder | Kind::Link) { Need::Room } else { Need::NoRoom };
    match rule(&mut state, need, name) {
        Ruling::Go => {}
        Ruling::Cut => return fail(libc::ENOSPC),
        Ruling::Fail { errno, .. } => return fail(errno),
    }
    let result = ask();
    if result != 0 {
        return result;
    }
    let mut line = Line::new(kind);
    if matches!(kind, Kind::MakeFolder)
        && let Some(inode) = below.first().and_then(|path| root.inode_of(path))
    {
        state.inodes.insert(inode);
        line = line.number(inode);
    }
    state.add(below.iter().fold(line, |line, path| line.blob(path_bytes(path))));
    result
}

const HERE: c_int = libc::AT_FDCWD;

fn rename_at(from: (c_int, *const c_char), to: (c_int, *const c_char), flags: c_uint) -> c_int {
    let numbers = (c_long::from(from.0), c_long::from(to.0), c_long::from(flags));
    // SAFETY: the caller's paths.
    let ask = || int(unsafe { libc::syscall(libc::SYS_renameat2, numbers.0, from.1, numbers.1, to.1, numbers.2) });
    change(ask, &[from, to], Kind::Rename, "rename")
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    rename_at((HERE, from), (HERE, to), 0)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn renameat(
    from_folder: c_int,
    from: *const c_char,
    to_folder: c_int,
    to: *const c_char,
) -> c_int {
    rename_at((from_folder, from), (to_folder, to), 0)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn renameat2(
    from_folder: c_int,
    from: *const c_char,
    to_folder: c_int,
    to: *const c_char,
    flags: c_uint,
) -> c_int {
    rename_at((from_folder, from), (to_folder, to), flags)
}

fn remove_at(folder: c_int, path: *const c_char, flags: c_int, name: &str) -> c_int {
    let (folder_number, flags) = (c_long::from(folder), c_long::from(flags));
    // SAFETY: the caller's path.
    let ask = || int(unsafe { libc::syscall(libc::SYS_unlinkat, folder_number, path, flags) });
    change(ask, &[(folder, path)], Kind::Remove, name)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    remove_at(HERE, path, 0, "unlink")
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn unlinkat(folder: c_int, path: *const c_char, flags: c_int) -> c_int {
    remove_at(folder, path, flags, "unlink")
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn rmdir(path: *const c_char) -> c_int {
    remove_at(HERE, path, libc::AT_REMOVEDIR, "rmdir")
}

fn make_folder_at(folder: c_int, path: *const c_char, mode: c_uint) -> c_int {
    let (folder_number, mode) = (c_long::from(folder), c_long::from(mode));
    // SAFETY: the caller's path.
    let ask = || int(unsafe { libc::syscall(libc::SYS_mkdirat, folder_number, path, mode) });
    change(ask, &[(folder, path)], Kind::MakeFolder, "mkdir")
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn mkdir(path: *const c_char, mode: c_uint) -> c_int {
    make_folder_at(HERE, path, mode)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn mkdirat(folder: c_int, path: *const c_char, mode: c_uint) -> c_int {
    make_folder_at(folder, path, mode)
}

fn link_at(from: (c_int, *const c_char), to: (c_int, *const c_char), flags: c_int) -> c_int {
    let numbers = (c_long::from(from.0), c_long::from(to.0), c_long::from(flags));
    // SAFETY: the caller's paths.
    let ask = || int(unsafe { libc::syscall(libc::SYS_linkat, numbers.0, from.1, numbers.1, to.1, numbers.2) });
    change(ask, &[from, to], Kind::Link, "link")
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn link(from: *const c_char, to: *const c_char) -> c_int {
    link_at((HERE, from), (HERE, to), 0)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn linkat(
    from_folder: c_int,
    from: *const c_char,
    to_folder: c_int,
    to: *const c_char,
    flags: c_int,
) -> c_int {
    link_at((from_folder, from), (to_folder, to), flags)
}
