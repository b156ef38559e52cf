//! `demo`: four levels of government on this machine, and documents that go between them.

mod actor;
mod report;
mod stage;
mod story;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::sync::oneshot;

use crate::failure::Failure;
use crate::output::Output;
use report::Report;
use stage::Stage;
use story::Story;

/// What one step of the story may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// Lines that wait for the terminal.
const LINES_MAX: usize = 64;

/// Options of `demo`.
#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Dừng sau bảng kết quả (end after the table; exits 0 only when every expectation held)
    #[arg(long)]
    once: bool,
    /// Thư mục làm việc, phải trống; mặc định là thư mục tạm (empty folder to work in; a new temporary one by default)
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Bộ chứng thư mẫu; mặc định certs-example, hoặc tạo mới (example PKI; certs-example or a new one by default)
    #[arg(long, value_name = "DIR")]
    pki: Option<PathBuf>,
}

/// Tells the story, then keeps the nodes running until a signal.
pub(crate) fn run(args: &DemoArgs, output: &mut Output) -> Result<(), Failure> {
    let stage = Arc::new(Stage::new(args.dir.as_deref(), args.pki.as_deref())?);
    let result = super::wait(play(args, &stage, output));
    // Every way out stops the nodes, a closed pipe too; a story that is still being told can start no other.
    let told = output.tell(&format!(
        "Đang dừng các nút; thư mục vẫn còn (stopping the nodes; the folder stays): {}",
        stage.dir().display()
    ));
    let stopped = stage.close();
    result.and(told).and(stopped)
}

async fn play(args: &DemoArgs, stage: &Arc<Stage>, output: &mut Output) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    let report = tokio::select! {
        () = signals.any() => return Err(Failure::Interrupted),
        report = tell(stage, output) => report?,
    };
    output.show(&report, Report::show)?;
    if !args.once {
        for line in stage.invitation(&report) {
            output.tell(&line)?;
        }
        signals.any().await;
    }
    match report.failed.len() {
        0 => Ok(()),
        failed => Err(Failure::Internal(format!("{failed} kỳ vọng không đạt (expectations did not hold)"))),
    }
}

/// Runs the story on a thread of its own, because it waits for processes, and prints what it tells.
async fn tell(stage: &Arc<Stage>, output: &mut Output) -> Result<Report, Failure> {
    let (to, mut lines) = mpsc::channel(LINES_MAX);
    let (done, ended) = oneshot::channel();
    let stage = Arc::clone(stage);
    std::thread::spawn(move || {
        let told = Story::new(&stage, to).tell();
        // Nobody waits for it when the demo is being stopped.
        drop(done.send(told));
    });
    while let Some(line) = lines.recv().await {
        let line: String = line;
        output.tell(&line)?;
    }
    ended.await.map_err(|_| Failure::Internal("phần trình diễn dừng đột ngột (the story broke off)".to_owned()))?
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    /// The terminal is gone; nodes take the same signal for a reload and would stay.
    hang_up: Signal,
}

impl Signals {
    fn new() -> Result<Self, Failure> {
        let of = |kind| signal(kind).map_err(|error| Failure::Internal(error.to_string()));
        let (interrupt, terminate) = (of(SignalKind::interrupt())?, of(SignalKind::terminate())?);
        Ok(Self { interrupt, terminate, hang_up: of(SignalKind::hangup())? })
    }

    async fn any(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
