//! Processes with the library preloaded.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The library that stands in for the C library's file functions.
#[derive(Clone, Debug)]
pub(crate) struct Shim(PathBuf);

impl Shim {
    /// Beside this program, where cargo puts it.
    pub(crate) fn find() -> Result<Self, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let folder = own.parent().ok_or("this program is in no folder")?;
        let library = folder.join("libfault_shim.so");
        if library.is_file() {
            return Ok(Self(library));
        }
        Err(format!("{} is missing: run `cargo run -p xtask -- faults`, which builds it", library.display()))
    }

    /// Has a process record what it does below `root`.
    pub(crate) fn record(&self, command: &mut Command, root: &Path, record: &Path) {
        self.watch(command, root);
        command.env("FAULT_SHIM_RECORD", record);
    }

    /// Has it see what the process does below `root`.
    pub(crate) fn watch(&self, command: &mut Command, root: &Path) {
        command.env("LD_PRELOAD", &self.0).env("FAULT_SHIM_ROOT", root);
    }

    /// Makes the `at`-th operation below the root fail; `lasting` is the library's `once`, `on` or `short`.
    pub(crate) fn fail(command: &mut Command, at: u64, errno: i32, lasting: &str) {
        command.env("FAULT_SHIM_FAIL", format!("{at}:{errno}:{lasting}"));
    }
}
