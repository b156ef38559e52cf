//! Paths and file descriptors, asked of the kernel directly.

use std::ffi::{CStr, CString, c_char, c_int, c_long, c_uint};
use std::path::{Component, Path, PathBuf};

/// The folder that is watched.
pub(crate) struct Root {
    path: PathBuf,
    device: u64,
    pub(crate) inode: u64,
}

impl Root {
    /// `None` when the process is not under test. The harness gives a path without links.
    pub(crate) fn from_environment() -> Option<Self> {
        let path = PathBuf::from(std::env::var_os("FAULT_SHIM_ROOT")?);
        let found = stat_path(&path)?;
        Some(Self { path, device: found.st_dev, inode: found.st_ino })
    }

    /// A path relative to the root; `None` outside.
    pub(crate) fn below(&self, folder: c_int, path: *const c_char) -> Option<PathBuf> {
        if path.is_null() {
            return None;
        }
        // SAFETY: callers of the C library's functions give a path that ends in NUL.
        let given = unsafe { CStr::from_ptr(path) }.to_str().ok()?;
        let full = match (Path::new(given).is_absolute(), folder) {
            (true, _) => PathBuf::from(given),
            (false, libc::AT_FDCWD) => read_link("/proc/self/cwd")?.join(given),
            (false, folder) => read_link(&format!("/proc/self/fd/{folder}"))?.join(given),
        };
        let mut plain = PathBuf::new();
        for part in full.components() {
            match part {
                Component::ParentDir => drop(plain.pop()),
                Component::CurDir => {}
                other => plain.push(other),
            }
        }
        plain.strip_prefix(&self.path).ok().map(Path::to_owned)
    }

    /// Inode of a path below the root.
    pub(crate) fn inode_of(&self, below: &Path) -> Option<u64> {
        stat_path(&self.path.join(below)).map(|found| found.st_ino)
    }

    /// Inode behind a descriptor, when it is a file or folder of the root's file system.
    pub(crate) fn inode_behind(&self, file: c_int) -> Option<u64> {
        let found = stat(file)?;
        let kind = found.st_mode & libc::S_IFMT;
        ((kind == libc::S_IFREG || kind == libc::S_IFDIR) && found.st_dev == self.device).then_some(found.st_ino)
    }
}

fn stat_path(path: &Path) -> Option<libc::stat> {
    let path = CString::new(path.as_os_str().as_encoded_bytes()).ok()?;
    // SAFETY: all zeroes is a value of this struct of numbers.
    let mut found: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: the path ends in NUL, `found` is ours. `newfstatat` fills the same struct as the library's `fstatat`.
    let result = unsafe {
        libc::syscall(
            libc::SYS_newfstatat,
            c_long::from(libc::AT_FDCWD),
            path.as_ptr(),
            &raw mut found,
            c_long::from(libc::AT_SYMLINK_NOFOLLOW),
        )
    };
    (result == 0).then_some(found)
}

fn stat(file: c_int) -> Option<libc::stat> {
    // SAFETY: all zeroes is a value of this struct of numbers.
    let mut found: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: `found` is ours; a wrong descriptor is an error and no more.
    let result = unsafe { libc::syscall(libc::SYS_fstat, c_long::from(file), &raw mut found) };
    (result == 0).then_some(found)
}

fn read_link(path: &str) -> Option<PathBuf> {
    let path = CString::new(path).ok()?;
    let mut buffer = vec![0_u8; 4096];
    // SAFETY: the path ends in NUL, the buffer is as long as said.
    let length = unsafe {
        libc::syscall(
            libc::SYS_readlinkat,
            c_long::from(libc::AT_FDCWD),
            path.as_ptr(),
            buffer.as_mut_ptr(),
            buffer.len(),
        )
    };
    buffer.truncate(usize::try_from(length).ok()?);
    String::from_utf8(buffer).ok().map(PathBuf::from)
}

/// Opens the record for appending.
pub(crate) fn open_record(path: &str) -> Option<c_int> {
    let path = CString::new(path).ok()?;
    let (flags, mode): (c_int, c_uint) = (libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND | libc::O_CLOEXEC, 0o600);
    // SAFETY: the path ends in NUL.
    let file = unsafe {
        libc::syscall(
            libc::SYS_openat,
            c_long::from(libc::AT_FDCWD),
            path.as_ptr(),
            c_long::from(flags),
            c_long::from(mode),
        )
    };
    c_int::try_from(file).ok().filter(|file| *file >= 0)
}

/// Appends all the bytes; the harness's own file system has room, or the run is worthless and stops here.
pub(crate) fn append(file: c_int, bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        // SAFETY: the bytes are ours and as many as said.
        let written = unsafe { libc::syscall(libc::SYS_write, c_long::from(file), rest.as_ptr(), rest.len()) };
        match usize::try_from(written) {
            Ok(written) if written > 0 => rest = rest.get(written..).unwrap_or_default(),
            _ => std::process::abort(),
        }
    }
}
