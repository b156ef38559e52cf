//! The real client against a server.

use std::sync::Arc;
use std::time::Duration;

use mock_axis::conformance::{Party, Provincial, RULES, Target, run};
use mock_axis::sdk::{Connection, Endpoint};

use super::{ConformanceArgs, conclude, secret, show};
use crate::client::roots;
use crate::commands::now;
use crate::failure::Failure;
use crate::output::Output;

/// Checks the server at `url`; what is sent is told before.
pub(super) async fn check(args: &ConformanceArgs, url: &str, output: &mut Output) -> Result<(), Failure> {
    let target = target(args, url)?;
    for line in plan(&target) {
        output.tell(&line)?;
    }
    if !args.yes {
        return Err(Failure::usage("chưa gửi gì; thêm --yes để gửi (nothing was sent; add --yes to send)"));
    }
    let reached = Connection::open(&target.endpoint).await;
    drop(reached.map_err(|error| Failure::Unreachable { node: target.endpoint.to_string(), source: Box::new(error) })?);
    let suite = format!("conformance {}", target.endpoint);
    let report = run(target, |_| {}).await;
    output.show(&report, show::report)?;
    conclude(args, &suite, &report)
}

fn target(args: &ConformanceArgs, url: &str) -> Result<Target, Failure> {
    let system = args.system.clone().ok_or_else(|| Failure::usage("--system: thiếu (is missing)"))?;
    let agency = args.agency.clone().unwrap_or_else(|| system.clone());
    let sender = Party { system, secret: secret("--secret", args.secret.as_deref())?, agency };
    let receiver = match &args.receiver_system {
        Some(system) => Party {
            system: system.clone(),
            secret: secret("--receiver-secret", args.receiver_secret.as_deref())?,
            agency: args.receiver.clone().unwrap_or_else(|| system.clone()),
        },
        None => Party { agency: args.receiver.clone().unwrap_or_else(|| sender.agency.clone()), ..sender.clone() },
    };
    let registered = args.register.clone().or_else(|| Some(Target::below(&sender.agency)));
    Ok(Target {
        endpoint: endpoint(args, url)?,
        registered: registered.filter(|_| !args.no_register),
        sender,
        receiver,
        large_mib: args.large,
        provincial: if args.no_v1 { Provincial::LeftOut } else { Provincial::Checked },
        patience: Duration::from_secs(args.patience),
        at: now(),
    })
}

fn endpoint(args: &ConformanceArgs, url: &str) -> Result<Endpoint, Failure> {
    let endpoint: Endpoint = url.parse().map_err(|error| Failure::usage(format!("--url {error}")))?;
    let endpoint = match &args.ca {
        None => endpoint,
        Some(ca) => {
            let config = rustls::ClientConfig::builder().with_root_certificates(roots(ca)?).with_no_client_auth();
            endpoint.with_tls(Arc::new(config))
        }
    };
    if endpoint.lacks_tls() {
        return Err(Failure::usage("thiếu --ca: CA của máy chủ HTTPS (the CA of the HTTPS server is missing)"));
    }
    Ok(endpoint)
}

/// What will be sent.
fn plan(target: &Target) -> Vec<String> {
    let (sender, receiver) = (&target.sender, &target.receiver);
    let mut lines = vec![
        format!("Máy chủ (server): {}", target.endpoint),
        format!(
            "  {} quy tắc, khoảng 150 yêu cầu nhỏ ký bằng hệ thống {} (rules and small signed requests)",
            RULES.len() + 1,
            sender.system
        ),
        format!(
            "  khoảng 20 văn bản thử {} → {} và một trạng thái ngược lại; xác nhận done hết khi xong",
            sender.agency, receiver.agency
        ),
        "  (about 20 test documents and one status back; all of them are confirmed at the end)".to_owned(),
    ];
    if let Some(code) = &target.registered {
        lines.push(format!("  đăng ký rồi xóa cơ quan {code} (registers this agency, and deletes it)"));
    }
    if let Some(mib) = target.large_mib {
        lines.push(format!("  một văn bản {mib} MiB (one document of this size)"));
    }
    lines
}
