//! One worker process, from the node's side.

use std::io;
use std::path::Path;
use std::process::Stdio;

use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::protocol::{self, ANSWER_BYTES_MAX, LENGTH_BYTES, Reply};

/// Argument by which this program becomes a worker.
const ARGUMENT: &str = "verify-worker";

/// A worker process. Dropping it kills it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    /// The setup it has.
    pub(super) setup: u64,
    /// What it has answered.
    pub(super) answered: u32,
}

impl Process {
    /// Starts one; it has no setup yet.
    pub(super) fn start(program: &Path) -> io::Result<Self> {
        let mut child = Command::new(program)
            .arg0("lienthong")
            .arg(ARGUMENT)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let missing = || io::Error::other("a worker without streams");
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = child.stdout.take().ok_or_else(missing)?;
        Ok(Self { child, input, output, setup: 0, answered: 0 })
    }

    /// The process's id, while it runs.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Whether it has not ended.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Gives an order and waits for its answer.
    pub(super) async fn ask(&mut self, order: &[u8]) -> io::Result<Reply> {
        self.input.write_all(order).await?;
        self.input.flush().await?;
        let answer = read(&mut self.output, ANSWER_BYTES_MAX).await?;
        self.answered += 1;
        Ok(answer)
    }

    /// Kills it and says how it ended.
    pub(super) async fn end(mut self) -> String {
        let killed = self.child.start_kill();
        match (killed, self.child.wait().await) {
            (_, Ok(status)) => status.to_string(),
            (Err(error), _) | (_, Err(error)) => error.to_string(),
        }
    }
}

async fn read<T: DeserializeOwned>(output: &mut ChildStdout, max: usize) -> io::Result<T> {
    let mut header = [0; LENGTH_BYTES];
    output.read_exact(&mut header).await?;
    let mut bytes = vec![0; protocol::announced(header, max)?];
    output.read_exact(&mut bytes).await?;
    Ok(serde_json::from_slice(&bytes)?)
}
