//! A mock that watches a client.

use std::net::SocketAddr;
use std::time::Duration;

use mock_axis::conformance::Watch;
use mock_axis::{Mock, Options, Samples, System, defaults};
use serde::Serialize;

use super::{ConformanceArgs, conclude, secret, show};
use crate::commands::mock_axis::serve::{introduce, ready, started};
use crate::failure::{Failure, chain};
use crate::output::Output;

/// A call as it is seen.
#[derive(Serialize)]
struct Seen<'s> {
    operation: &'s str,
    code: &'s str,
}

/// Serves a mock and watches until the client went through everything, or the time is over.
pub(super) async fn watch(args: &ConformanceArgs, listen: SocketAddr, output: &mut Output) -> Result<(), Failure> {
    let systems = systems(args)?;
    let options = Options { listen, systems: systems.clone(), samples: Samples::Loaded, ..Options::default() };
    let mock = Mock::start(options).await.map_err(|error| started(&error))?;
    let told = ready(&mock, "http", "", &systems);
    output.show_line(&told, |_| "Trục mô phỏng đã sẵn sàng (the mock axis is ready)".to_owned())?;
    introduce(&told, output)?;
    output.tell("Hãy cho phần mềm gửi, liệt kê, tải về và xác nhận (let the client send, list, fetch and confirm):")?;
    let mut broken = Ok(());
    let watched = Watch::new(&mock).run(Duration::from_secs(args.timeout), |operation, code| {
        let line = output.show_line(&Seen { operation, code }, |seen| format!("  {} → {}", seen.operation, seen.code));
        if broken.is_ok() {
            broken = line;
        }
    });
    let (report, seen) = watched.await.map_err(|error| Failure::Internal(chain(&error)))?;
    broken?;
    output.show(&report, show::report)?;
    mock.stop().await.map_err(|error| Failure::Internal(chain(&error)))?;
    conclude(args, "conformance of the client", &report)?;
    if seen.is_empty() {
        return Err(Failure::usage("không thấy lời gọi ký đúng nào (no rightly signed call was seen)"));
    }
    Ok(())
}

fn systems(args: &ConformanceArgs) -> Result<Vec<System>, Failure> {
    let Some(id) = &args.system else { return Ok(defaults()) };
    let secret = secret("--secret", args.secret.as_deref())?;
    let secret = String::from_utf8_lossy(secret.as_bytes()).into_owned();
    let agencies: Vec<String> = args.agency.iter().cloned().collect();
    let system = System::new(id, &secret, &agencies).map_err(|error| Failure::usage(chain(&error)))?;
    Ok(vec![system])
}
