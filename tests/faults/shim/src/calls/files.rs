//! Operations on open files.

use std::ffi::{c_int, c_long, c_uint, c_void};
use std::slice;

use super::{fail, int, rule, watched};
use crate::fail::{Need, Ruling};
use crate::record::{Kind, Line, ROOT, state};

/// Where a watched file is written at.
#[derive(Clone, Copy)]
enum At {
    /// Its own position.
    Position,
    Offset(i64),
}

fn put(file: c_int, bytes: &[u8], at: At) -> isize {
    let (file, length) = (c_long::from(file), bytes.len());
    // SAFETY: the caller's bytes, as many as it said.
    let result = unsafe {
        match at {
            At::Position => libc::syscall(libc::SYS_write, file, bytes.as_ptr(), length),
            At::Offset(offset) => libc::syscall(libc::SYS_pwrite64, file, bytes.as_ptr(), length, offset),
        }
    };
    isize::try_from(result).unwrap_or(-1)
}

fn write_watched(file: c_int, bytes: &[u8], at: At, name: &str) -> isize {
    if file == libc::STDOUT_FILENO
        && ROOT.is_some()
        && let Some(state) = state()
    {
        let written = put(file, bytes, at);
        if let Some(printed) = usize::try_from(written).ok().and_then(|written| bytes.get(..written)) {
            state.add(Line::new(Kind::Printed).blob(printed));
        }
        return written;
    }
    let Some((mut state, inode)) = watched(file) else { return put(file, bytes, at) };
    let bytes = match rule(&mut state, Need::Room, name) {
        Ruling::Go => bytes,
        Ruling::Cut => bytes.get(..bytes.len() / 2).unwrap_or_default(),
        Ruling::Fail { errno, .. } => return isize::try_from(fail(errno)).unwrap_or(-1),
    };
    let written = put(file, bytes, at);
    if let Some(done) = usize::try_from(written).ok().and_then(|written| bytes.get(..written)) {
        let start = match at {
            At::Offset(offset) => u64::try_from(offset).unwrap_or(0),
            At::Position => position(file).saturating_sub(u64::try_from(done.len()).unwrap_or(0)),
        };
        state.add(Line::new(Kind::Write).number(inode).number(start).blob(done));
    }
    written
}

fn position(file: c_int) -> u64 {
    // SAFETY: asks for the position of a descriptor and changes nothing.
    let found = unsafe { libc::syscall(libc::SYS_lseek, c_long::from(file), 0_i64, c_long::from(libc::SEEK_CUR)) };
    u64::try_from(found).unwrap_or(0)
}

fn length_of(file: c_int) -> u64 {
    // SAFETY: all zeroes is a value of this struct of numbers, and it is ours.
    unsafe {
        let mut found: libc::stat = std::mem::zeroed();
        libc::syscall(libc::SYS_fstat, c_long::from(file), &raw mut found);
        u64::try_from(found.st_size).unwrap_or(0)
    }
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn write(file: c_int, bytes: *const c_void, length: usize) -> isize {
    if bytes.is_null() || length == 0 {
        return put(file, &[], At::Position);
    }
    // SAFETY: the caller's bytes, as many as it says.
    write_watched(file, unsafe { slice::from_raw_parts(bytes.cast(), length) }, At::Position, "write")
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn writev(file: c_int, parts: *const libc::iovec, count: c_int) -> isize {
    let is_watched = file == libc::STDOUT_FILENO || watched(file).is_some();
    if !is_watched || parts.is_null() {
        // SAFETY: handed on as it came.
        let result = unsafe { libc::syscall(libc::SYS_writev, c_long::from(file), parts, c_long::from(count)) };
        return isize::try_from(result).unwrap_or(-1);
    }
    // SAFETY: the caller's parts, as many as it says, each as long as it says.
    let joined: Vec<u8> = unsafe {
        let parts = slice::from_raw_parts(parts, usize::try_from(count).unwrap_or(0));
        let filled = parts.iter().filter(|part| !part.iov_base.is_null() && part.iov_len > 0);
        filled.flat_map(|part| slice::from_raw_parts(part.iov_base.cast::<u8>(), part.iov_len)).copied().collect()
    };
    write_watched(file, &joined, At::Position, "writev")
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn pwrite64(file: c_int, bytes: *const c_void, length: usize, offset: i64) -> isize {
    if bytes.is_null() || length == 0 {
        return put(file, &[], At::Offset(offset));
    }
    // SAFETY: the caller's bytes, as many as it says.
    write_watched(file, unsafe { slice::from_raw_parts(bytes.cast(), length) }, At::Offset(offset), "pwrite")
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn pwrite(file: c_int, bytes: *const c_void, length: usize, offset: i64) -> isize {
    // SAFETY: the same.
    unsafe { pwrite64(file, bytes, length, offset) }
}

fn resize(file: c_int, length: i64) -> c_int {
    // SAFETY: numbers only.
    let change = || int(unsafe { libc::syscall(libc::SYS_ftruncate, c_long::from(file), length) });
    let Some((mut state, inode)) = watched(file) else { return change() };
    let wanted = u64::try_from(length).unwrap_or(0);
    let need = if wanted > length_of(file) { Need::Room } else { Need::NoRoom };
    if let Ruling::Fail { errno, .. } = rule(&mut state, need, "ftruncate") {
        return fail(errno);
    }
    let result = change();
    if result == 0 {
        state.add(Line::new(Kind::Resize).number(inode).number(wanted));
    }
    result
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn ftruncate64(file: c_int, length: i64) -> c_int {
    resize(file, length)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn ftruncate(file: c_int, length: i64) -> c_int {
    resize(file, length)
}

fn allocate(file: c_int, mode: c_int, offset: i64, length: i64) -> c_int {
    let (file_number, mode_number) = (c_long::from(file), c_long::from(mode));
    // SAFETY: numbers only.
    let change = || int(unsafe { libc::syscall(libc::SYS_fallocate, file_number, mode_number, offset, length) });
    let Some((mut state, inode)) = watched(file) else { return change() };
    match rule(&mut state, Need::Room, "fallocate") {
        Ruling::Go => {}
        Ruling::Cut => return fail(libc::ENOSPC),
        Ruling::Fail { errno, .. } => return fail(errno),
    }
    let result = change();
    let end = u64::try_from(offset.saturating_add(length)).unwrap_or(0);
    if result == 0 && mode == 0 && end >= length_of(file) {
        state.add(Line::new(Kind::Resize).number(inode).number(end));
    }
    result
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn fallocate64(file: c_int, mode: c_int, offset: i64, length: i64) -> c_int {
    allocate(file, mode, offset, length)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn fallocate(file: c_int, mode: c_int, offset: i64, length: i64) -> c_int {
    allocate(file, mode, offset, length)
}

fn sync(file: c_int, call: c_long, name: &str) -> c_int {
    // SAFETY: a number only.
    let ask = || int(unsafe { libc::syscall(call, c_long::from(file)) });
    let Some((mut locked, inode)) = watched(file) else { return ask() };
    if let Ruling::Fail { errno, .. } = rule(&mut locked, Need::NoRoom, name) {
        return fail(errno);
    }
    let number = locked.next_sync();
    locked.add(Line::new(Kind::SyncBegins).number(number).number(inode));
    // What others write while the disk works is not covered by this sync, and must not wait for it.
    drop(locked);
    let result = ask();
    if result == 0
        && let Some(state) = state()
    {
        state.add(Line::new(Kind::SyncEnds).number(number));
    }
    result
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn fsync(file: c_int) -> c_int {
    sync(file, libc::SYS_fsync, "fsync")
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn fdatasync(file: c_int) -> c_int {
    sync(file, libc::SYS_fdatasync, "fdatasync")
}

/// Not recorded: it reaches neither the disk's cache nor the file's length, so that nothing is durable for it.
///
/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn sync_file_range(file: c_int, offset: i64, length: i64, flags: c_uint) -> c_int {
    if let Some((mut state, _)) = watched(file)
        && let Ruling::Fail { errno, .. } = rule(&mut state, Need::NoRoom, "sync_file_range")
    {
        return fail(errno);
    }
    let (file, flags) = (c_long::from(file), c_long::from(flags));
    // SAFETY: numbers only.
    int(unsafe { libc::syscall(libc::SYS_sync_file_range, file, offset, length, flags) })
}

/// True when reading this file fails.
fn reading_fails(file: c_int, name: &str) -> Option<c_int> {
    let (mut state, _) = watched(file)?;
    match rule(&mut state, Need::Reading, name) {
        Ruling::Fail { errno, .. } => Some(fail(errno)),
        Ruling::Go | Ruling::Cut => None,
    }
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn read(file: c_int, bytes: *mut c_void, length: usize) -> isize {
    if reading_fails(file, "read").is_some() {
        return -1;
    }
    // SAFETY: handed on as it came.
    let result = unsafe { libc::syscall(libc::SYS_read, c_long::from(file), bytes, length) };
    isize::try_from(result).unwrap_or(-1)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn pread64(file: c_int, bytes: *mut c_void, length: usize, offset: i64) -> isize {
    if reading_fails(file, "pread").is_some() {
        return -1;
    }
    // SAFETY: handed on as it came.
    let result = unsafe { libc::syscall(libc::SYS_pread64, c_long::from(file), bytes, length, offset) };
    isize::try_from(result).unwrap_or(-1)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn pread(file: c_int, bytes: *mut c_void, length: usize, offset: i64) -> isize {
    // SAFETY: the same.
    unsafe { pread64(file, bytes, length, offset) }
}

/// Refused into a watched file: callers then read and write, which is seen.
///
/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn copy_file_range(
    from: c_int,
    from_offset: *mut i64,
    to: c_int,
    to_offset: *mut i64,
    length: usize,
    flags: c_uint,
) -> isize {
    if watched(to).is_some() {
        return isize::try_from(fail(libc::ENOSYS)).unwrap_or(-1);
    }
    let (from, to, flags) = (c_long::from(from), c_long::from(to), c_long::from(flags));
    // SAFETY: handed on as it came.
    let result = unsafe { libc::syscall(libc::SYS_copy_file_range, from, from_offset, to, to_offset, length, flags) };
    isize::try_from(result).unwrap_or(-1)
}
