//! The wall clock, off by what a file says.

use std::ffi::{CString, c_int, c_long, c_void};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};

const SECOND: i64 = 1_000_000_000;

/// The eight bytes that the harness writes, mapped; `None` when the clock is left alone.
static OFFSET: LazyLock<Option<&'static AtomicI64>> = LazyLock::new(|| {
    let path = CString::new(std::env::var("FAULT_SHIM_CLOCK").ok()?).ok()?;
    // SAFETY: the path ends in NUL; the file is kept open by its mapping for the life of the process.
    let mapped = unsafe {
        let file = libc::syscall(
            libc::SYS_openat,
            c_long::from(libc::AT_FDCWD),
            path.as_ptr(),
            c_long::from(libc::O_RDONLY | libc::O_CLOEXEC),
        );
        if file < 0 {
            return None;
        }
        let (protection, shared) = (libc::PROT_READ, libc::MAP_SHARED);
        libc::mmap(std::ptr::null_mut(), size_of::<i64>(), protection, shared, c_int::try_from(file).ok()?, 0)
    };
    // SAFETY: a mapping starts at a page, is at least eight bytes long, and is never unmapped.
    (mapped != libc::MAP_FAILED).then(|| unsafe { &*mapped.cast::<AtomicI64>() })
});

fn offset() -> i64 {
    OFFSET.map_or(0, |offset| offset.load(Ordering::Relaxed))
}

/// The time of `clock`, wall clocks with the offset.
///
/// # Safety
/// As the C library's: `time` points to a `timespec`.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn clock_gettime(clock: libc::clockid_t, time: *mut libc::timespec) -> c_int {
    // SAFETY: the caller's pointer.
    let result = unsafe { libc::syscall(libc::SYS_clock_gettime, c_long::from(clock), time) };
    let is_wall = clock == libc::CLOCK_REALTIME || clock == libc::CLOCK_REALTIME_COARSE;
    if result == 0 && is_wall {
        // SAFETY: the kernel has just filled it.
        let time = unsafe { &mut *time };
        let moved = time.tv_sec.saturating_mul(SECOND).saturating_add(time.tv_nsec).saturating_add(offset());
        time.tv_sec = moved.div_euclid(SECOND);
        time.tv_nsec = moved.rem_euclid(SECOND);
    }
    c_int::try_from(result).unwrap_or(-1)
}

/// The wall clock with the offset.
///
/// # Safety
/// As the C library's: `time` points to a `timeval`.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn gettimeofday(time: *mut libc::timeval, _zone: *mut c_void) -> c_int {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is ours.
    let result = unsafe { clock_gettime(libc::CLOCK_REALTIME, &raw mut now) };
    if result == 0 && !time.is_null() {
        // SAFETY: the caller's pointer, which is not null.
        unsafe { *time = libc::timeval { tv_sec: now.tv_sec, tv_usec: now.tv_nsec / 1000 } };
    }
    result
}

/// The wall clock with the offset, in seconds.
///
/// # Safety
/// As the C library's: `time` is null or points to a `time_t`.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn time(time: *mut libc::time_t) -> libc::time_t {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is ours.
    unsafe { clock_gettime(libc::CLOCK_REALTIME, &raw mut now) };
    if !time.is_null() {
        // SAFETY: the caller's pointer, which is not null.
        unsafe { *time = now.tv_sec };
    }
    now.tv_sec
}
