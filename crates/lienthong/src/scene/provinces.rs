//! Two nodes that know each other through the national axis only: for the benchmark and the end-to-end tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::agency;
use super::process::{MockAxisProcess, NodeProcess, SceneError};

/// Software of each side, by its number from 1: `G22.01`, `H48.03`.
pub const OFFICES: std::ops::RangeInclusive<u32> = 1..=5;
/// Departments that the system with certificates speaks for beside its own agency.
pub const DEPARTMENTS: std::ops::RangeInclusive<u32> = 11..=20;
/// Secret of the software at its node; for tests only.
pub const SOFTWARE_SECRET: &str = "software-secret/With+Base64==";

/// One side.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    /// Its node, one of the example's.
    pub node: &'static str,
    /// Its first agency; the offices are below.
    pub agency: &'static str,
    /// The system with certificates that speaks for the first agency and the departments; it need not sign.
    pub system: &'static str,
    /// The system that speaks the axis's protocol, for the offices.
    pub software: &'static str,
    /// The node's id at the axis.
    pub axis_id: &'static str,
    /// Its secret there; for tests only.
    pub axis_secret: &'static str,
    level: &'static str,
    name: &'static str,
}

/// Both sides.
pub const SIDES: [Side; 2] = [
    Side {
        node: "axis-g22",
        agency: "G22",
        system: "vpcp",
        software: "qlvb-g22",
        axis_id: "000.00.00.G22",
        axis_secret: "g22-secret/With+Base64==",
        level: "central",
        name: "Văn phòng Chính phủ",
    },
    Side {
        node: "lgsp-h48",
        agency: "H48",
        system: "ubnd-h48",
        software: "qlvb-h48",
        axis_id: "000.00.00.H48",
        axis_secret: "h48-secret/With+Base64==",
        level: "province",
        name: "Ủy ban nhân dân tỉnh Quảng Ngãi",
    },
];

impl Side {
    /// Codes of the offices.
    pub fn offices(&self) -> impl Iterator<Item = String> {
        self.below(OFFICES)
    }

    /// Codes of the departments.
    pub fn departments(&self) -> impl Iterator<Item = String> {
        self.below(DEPARTMENTS)
    }

    fn below(&self, numbers: std::ops::RangeInclusive<u32>) -> impl Iterator<Item = String> {
        let agency = self.agency;
        numbers.map(move |number| format!("{agency}.{number:02}"))
    }
}

/// A folder with configurations, secrets, data and logs.
#[derive(Debug)]
pub struct Provinces {
    dir: PathBuf,
    pki: PathBuf,
    addresses: BTreeMap<&'static str, SocketAddr>,
    extra: String,
    axis: Option<(SocketAddr, SocketAddr)>,
}

impl Provinces {
    /// Uses `dir` (made when absent) and the example PKI in `pki`; writes directory and secrets.
    ///
    /// # Errors
    /// The disk's.
    pub fn new(dir: &Path, pki: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let (dir, pki) = (dir.canonicalize()?, pki.canonicalize()?);
        let scene = Self { dir, pki, addresses: BTreeMap::new(), extra: String::new(), axis: None };
        fs::write(scene.dir.join("agencies.toml"), directory())?;
        fs::write(scene.dir.join("software.secret"), SOFTWARE_SECRET)?;
        for side in SIDES {
            scene.tell_secret(side, side.axis_secret)?;
        }
        Ok(scene)
    }

    /// Adds TOML to the connection to the axis at both nodes, from their next start on.
    pub fn connect_with(&mut self, toml: &str) {
        self.extra.push_str(toml);
    }

    /// Replaces the secret that a node shows the axis; it reads it at its start and on SIGHUP.
    ///
    /// # Errors
    /// The disk's.
    pub fn tell_secret(&self, side: Side, secret: &str) -> io::Result<()> {
        let (new, path) = (self.dir.join("secret.new"), self.secret(side));
        fs::write(&new, secret)?;
        fs::rename(new, path)
    }

    fn secret(&self, side: Side) -> PathBuf {
        self.dir.join(format!("{}.secret", side.node))
    }

    /// A log of a node or of the axis (`mock-axis`); restarts append.
    #[must_use]
    pub fn log(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.log"))
    }

    /// Data folder of a node or of the axis (`mock-axis`).
    #[must_use]
    pub fn data(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.data"))
    }

    /// The profile of a side's system, valid once its node has run.
    #[must_use]
    pub fn profile(&self, side: Side) -> PathBuf {
        self.dir.join(format!("{}.profile.toml", side.system))
    }

    /// Where a side's software calls its node; none before the node's first start.
    #[must_use]
    pub fn door(&self, side: Side) -> Option<String> {
        self.addresses.get(side.node).map(|address| format!("https://{address}/axis"))
    }

    /// Starts `lienthong mock-axis` with a durable store, `more` options, and an admin endpoint. Later starts take the
    /// first one's ports. It has to run before the nodes.
    ///
    /// # Errors
    /// When the process ends before it serves; its log says why.
    pub fn start_axis(&mut self, binary: &Path, more: &[&str]) -> Result<MockAxisProcess, SceneError> {
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        let (listen, admin) = self.axis.unwrap_or((free, free));
        let mut command = Command::new(binary);
        command.args(["--json", "mock-axis", "--no-samples", "--data-dir"]).arg(self.data("mock-axis"));
        command.arg("--listen").arg(listen.to_string()).arg("--admin").arg(admin.to_string());
        for side in SIDES {
            command.arg("--system").arg(format!("{}:{}:{}.*", side.axis_id, side.axis_secret, side.agency));
        }
        let process = MockAxisProcess::spawn(command.args(more), &self.log("mock-axis"))?;
        self.axis = Some((process.address(), process.admin()));
        Ok(process)
    }

    /// Starts the node of a side and waits until it serves. Later starts take the first one's port.
    ///
    /// # Errors
    /// When the process ends before it serves; its log says why.
    pub fn start(&mut self, binary: &Path, side: Side) -> Result<NodeProcess, SceneError> {
        let config = self.dir.join(format!("{}.toml", side.node));
        let failed = |source| SceneError::File { source };
        fs::write(&config, self.configuration(side)).map_err(failed)?;
        let process = NodeProcess::spawn(binary, side.node, &config, &self.log(side.node))?;
        self.addresses.insert(side.node, process.address());
        let profile = super::profile(&self.pki, side.system, side.agency, process.address());
        fs::write(self.profile(side), profile.to_toml()).map_err(failed)?;
        Ok(process)
    }

    fn configuration(&self, side: Side) -> String {
        let listen = self.addresses.get(side.node).map_or_else(|| "127.0.0.1:0".to_owned(), ToString::to_string);
        let axis = self.axis.map(|(axis, _)| axis.to_string()).unwrap_or_default();
        let quoted = |code: String| format!("\"{code}\"");
        let offices: Vec<String> = side.offices().map(quoted).collect();
        let own: Vec<String> = std::iter::once(side.agency.to_owned()).chain(side.departments()).map(quoted).collect();
        let common = super::configuration(side.node, &listen, &self.pki);
        format!(
            "{common}\n\
             [[system]]\nid = \"{}\"\nagencies = [{}]\nsignatures = \"optional\"\n\n\
             [[system]]\nid = \"{}\"\nagencies = [{}]\naxis_secret = \"file:software.secret\"\n\
             signatures = \"optional\"\n\n\
             [[neighbour]]\nid = \"truc-quoc-gia\"\nkind = \"axis\"\nendpoint = \"http://{axis}\"\n\
             system_id = \"{}\"\nsecret = \"file:{}\"\npoll_interval = \"1s\"\n{}",
            side.system,
            own.join(", "),
            side.software,
            offices.join(", "),
            side.axis_id,
            self.secret(side).display(),
            self.extra,
        )
    }
}

/// The agencies of both sides.
fn directory() -> String {
    let mut text = String::from("# Danh bạ mẫu / directory of the example\n");
    for side in SIDES {
        agency(&mut text, side.agency, side.level, None, side.name);
        for code in side.offices().chain(side.departments()) {
            agency(&mut text, &code, "other", Some(side.agency), &format!("Đơn vị {code}"));
        }
    }
    _ = writeln!(text);
    text
}
