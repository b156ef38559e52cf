//! What a check lacked, asked for at the addresses that certificates name, as far as the caller allows.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use signature::Wanted;
use validation_data::{AllowList, FOLDER, Host, Missing, Options, Rewrite, Service, Trust};

use super::desk::Desk;
use super::report::Part;
use crate::failure::Failure;
use crate::output::Output;

/// Options about what is asked for over the network.
#[derive(Args)]
pub(super) struct OnlineArgs {
    /// Không hỏi ai qua mạng (ask nobody over the network)
    #[arg(long, conflicts_with_all = ["allow", "rewrite"])]
    offline: bool,
    /// Máy chủ CRL, OCSP được phép hỏi, `host` hoặc `host:port` (hosts that may be asked)
    #[arg(long, value_name = "HOST", default_values = GOVERNMENT)]
    allow: Vec<Host>,
    /// Địa chỉ trong chứng thư được thay bằng địa chỉ khác, `CŨ=MỚI` (an address of certificates leads elsewhere)
    #[arg(long, value_name = "FROM=TO", value_parser = rewrite)]
    rewrite: Vec<Rewrite>,
    /// Thư mục dữ liệu của nút, hoặc thư mục để giữ những gì tải về (a node's data folder, or one to keep what comes)
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// The government's CA, as its certificates name it.
const GOVERNMENT: [&str; 2] = ["ca.gov.vn", "ocsp.ca.gov.vn"];
/// How long one round of questions may take.
const ROUND_MAX: Duration = Duration::from_secs(20);
/// An issuer, its status, and that of who signed the answer.
const ROUNDS_MAX: usize = 4;

fn rewrite(text: &str) -> Result<Rewrite, String> {
    let (from, to) = text.split_once('=').ok_or("CŨ=MỚI (FROM=TO)")?;
    Rewrite::new(from, to).map_err(|error| error.to_string())
}

/// What may be asked for.
pub(super) struct Online {
    service: Service,
    /// Keeps what was fetched for this run alone.
    _folder: Option<tempfile::TempDir>,
}

/// What came of asking.
pub(super) struct Asked {
    /// The parts, checked with everything that was found.
    pub(super) parts: Vec<Part>,
    /// What could not be had.
    pub(super) missing: Vec<Missing>,
}

impl OnlineArgs {
    /// `None` with `--offline` and no folder to read from.
    pub(super) fn open(&self, desk: &Desk) -> Result<Option<Online>, Failure> {
        let (dir, folder) = match &self.data_dir {
            Some(dir) => (dir.join(FOLDER), None),
            None if self.offline => return Ok(None),
            None => {
                let folder = tempfile::tempdir().map_err(|error| Failure::file(&std::env::temp_dir(), error))?;
                (folder.path().to_owned(), Some(folder))
            }
        };
        let hosts = if self.offline { Vec::new() } else { self.allow.clone() };
        let options = Options { allow: AllowList::new(hosts, self.rewrite.clone()), ..Options::default() };
        let trust = Trust { store: Arc::new(desk.trust.clone()), policy: Arc::new(desk.policy.clone()) };
        let service = Service::open(&dir, trust, options).map_err(|error| Failure::file(&dir, error))?;
        Ok(Some(Online { service, _folder: folder }))
    }
}

impl Online {
    /// Checks again with what is kept and what can be asked for, until nothing more is found.
    pub(super) fn complete(
        &self,
        desk: &mut Desk,
        mut parts: Vec<Part>,
        check: impl Fn(&Desk) -> Result<Vec<Part>, Failure>,
        output: &mut Output,
    ) -> Result<Asked, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::Internal(error.to_string()))?;
        let mut missing = Vec::new();
        for _ in 0..ROUNDS_MAX {
            let wanted = wanted(&parts);
            if wanted.is_empty() {
                break;
            }
            output.tell(&format!("Đang hỏi dữ liệu thu hồi của {} chứng thư… (asking)", wanted.len()))?;
            let obtained = runtime.block_on(self.service.obtain(&wanted, ROUND_MAX));
            missing = obtained.missing;
            desk.take_up(&self.service.trust(), &self.service.evidence());
            parts = check(desk)?;
            if obtained.found == 0 {
                break;
            }
        }
        Ok(Asked { parts, missing })
    }
}

fn wanted(parts: &[Part]) -> Vec<Wanted> {
    let mut all: Vec<Wanted> = Vec::new();
    for one in parts.iter().flat_map(Part::wanted) {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
    all
}
