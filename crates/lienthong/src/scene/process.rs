//! One `lienthong serve` process.

use std::fs::OpenOptions;
use std::io::{self, BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Why a node of the scene did not start, stop or restart.
#[derive(Debug, thiserror::Error)]
pub enum SceneError {
    /// No node of the example has this id.
    #[error("no node of the example is {node}")]
    Unknown {
        /// The id.
        node: &'static str,
    },
    /// A file of the scene.
    #[error("write a file of the scene")]
    File {
        /// Why.
        source: io::Error,
    },
    /// The process.
    #[error("run {node}")]
    Process {
        /// The node.
        node: &'static str,
        /// Why.
        source: io::Error,
    },
    /// It ended before it served.
    #[error("{node} ended before it served: see {}", log.display())]
    Ended {
        /// The node.
        node: &'static str,
        /// Its log.
        log: PathBuf,
    },
}

#[derive(Deserialize)]
struct Ready {
    address: SocketAddr,
}

#[derive(Deserialize)]
struct AxisReady {
    url: String,
    admin: String,
}

/// Starts a process and waits for the one line by which it says that it serves.
fn launch<T: DeserializeOwned>(
    command: &mut Command,
    node: &'static str,
    log: &Path,
) -> Result<(Child, T), SceneError> {
    let failed = |source| SceneError::Process { node, source };
    let log_file = OpenOptions::new().create(true).append(true).open(log).map_err(failed)?;
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log_file).spawn().map_err(failed)?;
    let mut line = String::new();
    if let Some(output) = child.stdout.as_mut() {
        BufReader::new(output).read_line(&mut line).map_err(failed)?;
    }
    if let Ok(ready) = serde_json::from_str(&line) {
        return Ok((child, ready));
    }
    child.kill().and_then(|()| child.wait()).map_err(failed)?;
    Err(SceneError::Ended { node, log: log.to_owned() })
}

/// A mock axis that serves. Dropping it kills the process.
#[derive(Debug)]
pub struct MockAxisProcess {
    address: SocketAddr,
    admin: SocketAddr,
    child: Child,
}

impl MockAxisProcess {
    const NAME: &str = "mock-axis";

    pub(super) fn spawn(command: &mut Command, log: &Path) -> Result<Self, SceneError> {
        let (child, AxisReady { url, admin }) = launch(command, Self::NAME, log)?;
        let address = |url: &str| url.strip_prefix("http://")?.split('/').next()?.parse().ok();
        let (Some(address), Some(admin)) = (address(&url), address(&admin)) else {
            return Err(SceneError::Ended { node: Self::NAME, log: log.to_owned() });
        };
        Ok(Self { address, admin, child })
    }

    /// Where it serves.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its admin endpoint is.
    #[must_use]
    pub const fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// The process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, as kill -9 does, and waits for its end.
    ///
    /// # Errors
    /// The system's.
    pub fn kill(mut self) -> Result<(), SceneError> {
        let failed = |source| SceneError::Process { node: Self::NAME, source };
        self.child.kill().map_err(failed)?;
        self.child.wait().map(drop).map_err(failed)
    }
}

impl Drop for MockAxisProcess {
    fn drop(&mut self) {
        // After `kill` there is nothing left to end.
        if let Ok(None) = self.child.try_wait() {
            drop(self.child.kill().and_then(|()| self.child.wait()));
        }
    }
}

/// A node that serves. Dropping it kills the process.
#[derive(Debug)]
pub struct NodeProcess {
    node: &'static str,
    address: SocketAddr,
    child: Child,
}

impl NodeProcess {
    pub(super) fn spawn(binary: &Path, node: &'static str, config: &Path, log: &Path) -> Result<Self, SceneError> {
        let mut command = Command::new(binary);
        command.arg("--json").arg("serve").arg("--config").arg(config);
        let (child, Ready { address }) = launch(&mut command, node, log)?;
        Ok(Self { node, address, child })
    }

    /// The node's id.
    #[must_use]
    pub const fn node(&self) -> &'static str {
        self.node
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, as kill -9 does, and waits for its end.
    ///
    /// # Errors
    /// The system's.
    pub fn kill(mut self) -> Result<(), SceneError> {
        self.end().map_err(|source| SceneError::Process { node: self.node, source })
    }

    /// Asks it to stop (SIGTERM) and waits for its end.
    ///
    /// # Errors
    /// The system's.
    pub fn stop(mut self) -> Result<ExitStatus, SceneError> {
        let failed = |source| SceneError::Process { node: self.node, source };
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).map_err(|error| failed(error.into()))?;
        self.child.wait().map_err(failed)
    }

    fn end(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        // After `stop` or `kill` there is nothing left to end.
        if let Ok(None) = self.child.try_wait() {
            drop(self.end());
        }
    }
}
