//! Which operation fails, and how.

use std::ffi::c_int;

/// How long a failure lasts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lasting {
    /// This one operation.
    Once,
    /// This one and every one after it. Of `ENOSPC` those that need room: syncing and removing go on, as on a full disk.
    On,
    /// A write puts half of its bytes down, and the next operation that needs room fails.
    Short,
}

/// What an operation asks of the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Room: new files and folders, writes, growth.
    Room,
    /// None: syncs, renames, removals, shrinking.
    NoRoom,
    /// Reading and opening.
    Reading,
}

/// The failure of this run.
pub(crate) struct Plan {
    at: u64,
    errno: c_int,
    lasting: Lasting,
    seen: u64,
}

/// What to do with an operation.
pub(crate) enum Ruling {
    Go,
    /// A write: only so many bytes.
    Cut,
    Fail {
        number: u64,
        errno: c_int,
    },
}

impl Plan {
    pub(crate) fn from_environment() -> Option<Self> {
        let text = std::env::var("FAULT_SHIM_FAIL").ok()?;
        let mut parts = text.split(':');
        let (at, errno) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let lasting = match parts.next()? {
            "once" => Lasting::Once,
            "on" => Lasting::On,
            "short" => Lasting::Short,
            _ => return None,
        };
        Some(Self { at, errno, lasting, seen: 0 })
    }

    pub(crate) fn rule(&mut self, need: Need) -> Ruling {
        // A full disk does not keep anyone from reading.
        if self.errno == libc::ENOSPC && need == Need::Reading {
            return Ruling::Go;
        }
        self.seen += 1;
        let is_hit = match self.lasting {
            Lasting::Once => self.seen == self.at,
            Lasting::On | Lasting::Short => self.seen >= self.at && (self.errno != libc::ENOSPC || need == Need::Room),
        };
        match (is_hit, self.lasting) {
            (false, _) => Ruling::Go,
            (true, Lasting::Short) => {
                self.lasting = Lasting::On;
                Ruling::Cut
            }
            (true, _) => Ruling::Fail { number: self.seen, errno: self.errno },
        }
    }
}
