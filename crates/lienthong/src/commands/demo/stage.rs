//! The folder, the certificates and the nodes that run.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::actor::Actor;
use super::report::{Node, Report};
use crate::failure::Failure;
use crate::header::today;
use crate::pki::{Existing, NODES, write_example};
use crate::scene::{NodeProcess, Scene};

/// What proves that a folder holds the example PKI, keys included.
const PKI_WITNESS: &str = "systems/vpcp/transport.key.pem";

/// Where the story takes place.
pub(super) struct Stage {
    binary: PathBuf,
    dir: PathBuf,
    pki: PathBuf,
    set: Mutex<Set>,
}

struct Set {
    scene: Scene,
    nodes: Vec<NodeProcess>,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// Nothing is started any more.
    Closed,
}

impl Stage {
    /// Prepares the folder; starts nothing.
    pub(super) fn new(dir: Option<&Path>, pki: Option<&Path>) -> Result<Self, Failure> {
        let binary = std::env::current_exe().map_err(|error| Failure::Internal(error.to_string()))?;
        let dir = folder(dir)?;
        let pki = certificates(&dir, pki)?;
        let scene = Scene::new(&dir, &pki).map_err(|error| Failure::file(&dir, error))?;
        let (dir, pki) = (scene.dir().to_owned(), scene.pki().to_owned());
        for folder in ["files", "received"] {
            let folder = dir.join(folder);
            fs::create_dir(&folder).map_err(|error| Failure::file(&folder, error))?;
        }
        let set = Mutex::new(Set { scene, nodes: Vec::new(), phase: Phase::Open });
        Ok(Self { binary, dir, pki, set })
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn pki(&self) -> &Path {
        &self.pki
    }

    /// A file that the story sends or writes.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.dir.join("files").join(name)
    }

    /// Starts a node and waits until it serves.
    pub(super) fn start(&self, node: &'static str) -> Result<Node, Failure> {
        let mut set = self.set();
        if set.phase == Phase::Closed {
            return Err(Failure::Internal("đang dừng (stopping)".to_owned()));
        }
        let failed = |error: crate::scene::SceneError| Failure::Internal(crate::failure::chain(&error));
        let process = set.scene.start(&self.binary, node).map_err(failed)?;
        let address = process.address().to_string();
        set.nodes.push(process);
        Ok(Node { id: node, address })
    }

    /// The clerk at a system.
    pub(super) fn actor(&self, system: &str) -> Actor {
        Actor::new(&self.binary, self.set().scene.profile(system))
    }

    /// Stops every node, the lowest first, and lets no other start.
    pub(super) fn close(&self) -> Result<(), Failure> {
        let mut set = self.set();
        set.phase = Phase::Closed;
        let mut result = Ok(());
        // Those after a node that does not stop are stopped all the same.
        while let Some(node) = set.nodes.pop() {
            if let Err(error) = node.stop() {
                result = Err(Failure::Internal(crate::failure::chain(&error)));
            }
        }
        result
    }

    fn set(&self) -> MutexGuard<'_, Set> {
        // A story that panicked leaves the list of processes whole.
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a newcomer can try while the nodes run.
    pub(super) fn invitation(&self, report: &Report) -> Vec<String> {
        let program = quoted(&self.binary);
        let profile = |system: &str| quoted(&self.dir.join(format!("{system}.profile.toml")));
        let (vpcp, xa) = (profile("vpcp"), profile("xa-h48-35-12"));
        let pdf = quoted(&self.file("cong-van.pdf"));
        let exchange = report.documents.first().map_or("EXCHANGE_ID", |one| one.exchange_id.as_str());
        let mut lines = vec![String::new(), "Các nút vẫn chạy (the nodes keep running):".to_owned()];
        for node in &report.nodes {
            lines.push(format!("  {:<15} https://{}", node.id, node.address));
        }
        lines.extend([
            String::new(),
            "Mở cửa sổ dòng lệnh khác và thử (try in another terminal):".to_owned(),
            String::new(),
            "  # Văn phòng Chính phủ gửi xã (the Government Office sends to a commune)".to_owned(),
            format!("  {program} send {} --to H48.35.12 --number 100 --notation VPCP --subject \"Gửi thử\" --profile {vpcp}", pdf),
            "  # Xã xem hộp đến (the commune looks at its inbox)".to_owned(),
            format!("  {program} inbox --profile {xa}"),
            "  # Theo dõi văn bản đầu tiên (follow the first document)".to_owned(),
            format!("  {program} track {exchange} --profile {vpcp}"),
            String::new(),
            "Ctrl-C để dừng (to stop)".to_owned(),
        ]);
        lines
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// The folder asked for, which must hold nothing, or a new one.
fn folder(asked: Option<&Path>) -> Result<PathBuf, Failure> {
    let Some(dir) = asked else {
        let made = tempfile::Builder::new().prefix("lienthong-demo-").tempdir();
        return Ok(made.map_err(|error| Failure::file(&std::env::temp_dir(), error))?.keep());
    };
    fs::create_dir_all(dir).map_err(|error| Failure::file(dir, error))?;
    let mut entries = fs::read_dir(dir).map_err(|error| Failure::file(dir, error))?;
    match entries.next() {
        None => Ok(dir.to_owned()),
        Some(_) => Err(Failure::file(dir, "thư mục đã có tệp (the folder is not empty)")),
    }
}

/// The PKI asked for, the repository's, or a new one in the folder.
fn certificates(dir: &Path, asked: Option<&Path>) -> Result<PathBuf, Failure> {
    match asked {
        Some(pki) if pki.join(PKI_WITNESS).is_file() => return Ok(pki.to_owned()),
        Some(pki) => return Err(Failure::file(pki, "không phải bộ chứng thư mẫu (not the example PKI)")),
        None => {}
    }
    let here = [Path::new("certs-example"), Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../certs-example"))];
    if let Some(pki) = here.into_iter().find(|pki| pki.join(PKI_WITNESS).is_file()) {
        return Ok(pki.to_owned());
    }
    let pki = dir.join("pki");
    let year = today().year();
    write_example(&pki, year.into(), Existing::Keep).map_err(|error| Failure::file(&pki, error))?;
    Ok(pki)
}

/// The nodes of the example, the highest first, and what each stands for.
pub(super) fn nodes() -> impl Iterator<Item = (&'static str, &'static str)> {
    NODES.iter().map(|seat| {
        let place = match seat.id {
            "axis-g22" => "trục quốc gia, bản thay thế (stand-in for the national axis)",
            "lgsp-h48" => "tỉnh Quảng Ngãi (province)",
            "node-h48-35" => "huyện Nghĩa Hành (district)",
            _ => "xã Hành Phước (commune)",
        };
        (seat.id, place)
    })
}

#[cfg(test)]
mod tests;
