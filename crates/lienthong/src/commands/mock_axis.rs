//! The national axis on an integrator's desk.

mod conformance;
mod options;
mod replay;
mod run;
mod serve;

use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::output::Output;

/// `lienthong mock-axis`: alone, it serves.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct MockAxisArgs {
    #[command(subcommand)]
    command: Option<MockAxisCommand>,
    #[command(flatten)]
    serve: options::ServeArgs,
}

#[derive(Subcommand, Debug)]
enum MockAxisCommand {
    /// Chạy trục mô phỏng (serve the mock axis until SIGTERM)
    Serve(Box<options::ServeArgs>),
    /// Phát lại lưu lượng đã ghi và so câu trả lời (play a record again and compare the answers)
    Replay(Box<replay::ReplayArgs>),
    /// Kiểm tra máy chủ hoặc phần mềm của bạn theo từng quy tắc của giao thức (check a server or a client rule by rule)
    Conformance(Box<conformance::ConformanceArgs>),
    /// Chạy kịch bản: mã thoát 0 đạt, 1 không đạt, 2 sai tệp hoặc tùy chọn (run scenarios)
    Run(run::RunArgs),
}

/// Runs what was asked for.
pub(crate) fn run(args: &MockAxisArgs, output: &mut Output) -> Result<(), Failure> {
    match &args.command {
        None => serve::run(&args.serve, output),
        Some(MockAxisCommand::Serve(args)) => serve::run(args, output),
        Some(MockAxisCommand::Replay(args)) => replay::run(args, output),
        Some(MockAxisCommand::Conformance(args)) => conformance::run(args, output),
        Some(MockAxisCommand::Run(args)) => run::run(args, output),
    }
}
