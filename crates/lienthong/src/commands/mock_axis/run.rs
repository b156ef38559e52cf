//! Running scenarios.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use mock_axis::scenario::{
    Outcome, Progress, Report, RunError, RunOptions, Scenario, StepReport, Target, junit, run as run_one,
};
use serde::Serialize;

use super::replay::trust;
use crate::failure::{Failure, chain};
use crate::output::{Output, Page};

/// What `run` takes.
#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    /// Tệp kịch bản TOML, xem docs/mock-axis.md (scenario files)
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Chạy với máy chủ này thay vì một trục tạm (run against this server, not a throw-away mock)
    #[arg(long, value_name = "URL", requires = "secrets")]
    url: Option<String>,
    /// Tệp TOML các hệ thống của máy chủ đó: [[system]] id, secret, agencies (secrets of that server's systems)
    #[arg(long, value_name = "FILE", requires = "url")]
    secrets: Option<PathBuf>,
    /// Chứng thư gốc PEM cho URL https (trust anchors for an https URL)
    #[arg(long, value_name = "FILE", requires = "url")]
    ca: Option<PathBuf>,
    /// Ghi kết quả dạng JUnit XML cho CI (write JUnit XML)
    #[arg(long, value_name = "OUT.xml")]
    junit: Option<PathBuf>,
    /// Bên do phần mềm ngoài đóng, lặp lại được (steps of this party are done by software outside; repeatable)
    #[arg(long, value_name = "PARTY", conflicts_with = "url")]
    external: Vec<String>,
    /// Thời gian chờ mỗi bước của phần mềm ngoài (seconds to wait for each of its steps)
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    patience: u64,
    /// Địa chỉ của trục tạm; cổng 0 lấy một cổng trống (where the throw-away mock listens)
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", conflicts_with = "url")]
    listen: SocketAddr,
}

/// One step as a program reads it.
#[derive(Serialize)]
struct StepLine<'a> {
    file: &'a str,
    line: usize,
    name: &'a str,
    party: &'a str,
    action: &'a str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
    milliseconds: u64,
}

/// Runs every file; all of them, whatever fails.
pub(super) fn run(args: &RunArgs, output: &mut Output) -> Result<(), Failure> {
    let options = args.options()?;
    let scenarios: Vec<(String, Scenario)> = args.files.iter().map(read).collect::<Result<_, _>>()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Internal(error.to_string()))?;
    let mut reports = Vec::new();
    for (file, scenario) in scenarios {
        output.tell(&format!("{file}: {}", scenario.title))?;
        let mut told = Ok(());
        let watch = |progress: Progress<'_>| {
            if told.is_ok() {
                told = match progress {
                    Progress::Listening(address) => introduce(address, &scenario, &args.external, output),
                    Progress::Ended(step) => tell(step, &file, output),
                };
            }
        };
        let report = runtime.block_on(run_one(&scenario, &options, watch)).map_err(|error| cannot_run(&error))?;
        told?;
        reports.push((file, report));
    }
    if let Some(path) = &args.junit {
        std::fs::write(path, junit(&reports)).map_err(|error| Failure::file(path, error))?;
    }
    finish(&reports, output)
}

impl RunArgs {
    fn options(&self) -> Result<RunOptions, Failure> {
        Ok(RunOptions {
            target: self.target()?,
            external: self.external.clone(),
            patience: Duration::from_secs(self.patience),
        })
    }

    fn target(&self) -> Result<Target, Failure> {
        let (Some(url), Some(secrets)) = (&self.url, &self.secrets) else { return Ok(Target::Mock(self.listen)) };
        let systems = mock_axis::read_file(secrets).map_err(|error| Failure::usage(chain(&error)))?;
        let tls = self.ca.as_deref().map(trust).transpose()?;
        Target::server(url, systems, tls).map_err(|error| cannot_run(&error))
    }
}

fn read(path: &PathBuf) -> Result<(String, Scenario), Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
    let name = path.display().to_string();
    let scenario = Scenario::from_toml(&text).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    Ok((name, scenario))
}

fn cannot_run(error: &RunError) -> Failure {
    match error {
        RunError::Client(_)
        | RunError::Fault(_)
        | RunError::NoSecret { .. }
        | RunError::NoParty(_)
        | RunError::NeedsMock(_) => Failure::usage(chain(error)),
        RunError::Start(_) | RunError::Folder(_) | RunError::Stop(_) => Failure::Internal(chain(error)),
    }
}

/// Where the software outside has to call, and as whom.
fn introduce(
    address: SocketAddr,
    scenario: &Scenario,
    external: &[String],
    output: &mut Output,
) -> Result<(), Failure> {
    for party in scenario.parties.iter().filter(|party| external.contains(&party.name)) {
        let secret = String::from_utf8_lossy(party.system.secret.as_bytes()).into_owned();
        output.tell(&format!(
            "  Phần mềm ngoài đóng {} (software outside plays it): http://{address} systemid {} secret {secret}",
            party.name, party.system.id
        ))?;
    }
    Ok(())
}

fn words(outcome: &Outcome) -> (&'static str, &'static str, &str) {
    match outcome {
        Outcome::Passed => ("passed", "ĐẠT", ""),
        Outcome::Failed(reason) => ("failed", "HỎNG", reason),
        Outcome::Skipped => ("skipped", "BỎ QUA", ""),
    }
}

fn tell(step: &StepReport, file: &str, output: &mut Output) -> Result<(), Failure> {
    let (outcome, word, reason) = words(&step.outcome);
    let milliseconds = u64::try_from(step.took.as_millis()).unwrap_or(u64::MAX);
    let (line, name, party, action) = (step.line, step.name.as_str(), step.by.as_str(), step.act);
    let shown = StepLine { file, line, name, party, action, outcome, reason, milliseconds };
    output.show_line(&shown, |shown| {
        let tail = if reason.is_empty() { String::new() } else { format!(": {reason} ({file}:{line})") };
        format!("  {word:<6} {} · {} · {} ({} ms){tail}", shown.party, shown.action, shown.name, shown.milliseconds)
    })
}

/// The table, and whether everything held.
fn finish(reports: &[(String, Report)], output: &mut Output) -> Result<(), Failure> {
    let mut page = Vec::new();
    for (file, report) in reports {
        let failed = report.failed();
        let (word, place) = match failed {
            None => ("ĐẠT", String::new()),
            Some(step) => ("HỎNG", format!("{} ({file}:{})", step.name, step.line)),
        };
        let seconds = format!("{:.1} s", report.took().as_secs_f64());
        page.push([word.to_owned(), report.title.clone(), report.steps.len().to_string(), seconds, place]);
    }
    let heading = ["Kết quả (result)", "Kịch bản (scenario)", "Bước (steps)", "Thời gian (time)", "Hỏng ở (failed at)"];
    output.tell_page(|shown: &mut Page| shown.table(heading, page))?;
    let failed = reports.iter().filter(|(_, report)| !report.has_passed()).count();
    if failed == 0 {
        return Ok(());
    }
    Err(Failure::Unmet(format!(
        "{failed}/{} kịch bản không đạt ({failed} of {} scenarios failed)",
        reports.len(),
        reports.len()
    )))
}
