//! The example's four nodes as real processes on loopback: for the demo, the benchmark and the end-to-end tests.

mod process;
pub mod provinces;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::Profile;
use crate::pki::{NODES, NodeSeat, SYSTEMS};

pub use process::{MockAxisProcess, NodeProcess, SceneError};

/// Communes without software of their own: the district's system speaks for them.
pub const SMALL_COMMUNES: std::ops::RangeInclusive<u32> = 40..=60;

/// A folder with configurations, profiles, data and logs.
#[derive(Debug)]
pub struct Scene {
    dir: PathBuf,
    pki: PathBuf,
    addresses: BTreeMap<&'static str, SocketAddr>,
    extra: BTreeMap<&'static str, String>,
}

impl Scene {
    /// Uses `dir` (made when absent) and the example PKI in `pki`; writes the directory of agencies.
    ///
    /// # Errors
    /// The disk's.
    pub fn new(dir: &Path, pki: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let (dir, pki) = (dir.canonicalize()?, pki.canonicalize()?);
        let scene = Self { dir, pki, addresses: BTreeMap::new(), extra: BTreeMap::new() };
        std::fs::write(scene.directory(), directory())?;
        Ok(scene)
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The example PKI.
    #[must_use]
    pub fn pki(&self) -> &Path {
        &self.pki
    }

    /// The file of agencies, shared by all nodes.
    #[must_use]
    pub fn directory(&self) -> PathBuf {
        self.dir.join("agencies.toml")
    }

    /// A node's configuration.
    #[must_use]
    pub fn config(&self, node: &str) -> PathBuf {
        self.dir.join(format!("{node}.toml"))
    }

    /// A node's data folder.
    #[must_use]
    pub fn data(&self, node: &str) -> PathBuf {
        self.dir.join(format!("{node}.data"))
    }

    /// A node's log; restarts append.
    #[must_use]
    pub fn log(&self, node: &str) -> PathBuf {
        self.dir.join(format!("{node}.log"))
    }

    /// A system's profile, valid while its node runs.
    #[must_use]
    pub fn profile(&self, system: &str) -> PathBuf {
        self.dir.join(format!("{system}.profile.toml"))
    }

    /// Adds TOML to the end of a node's configuration, from its next start on.
    pub fn configure(&mut self, node: &'static str, toml: &str) {
        self.extra.entry(node).or_default().push_str(toml);
    }

    /// Replaces what [`Scene::configure`] added, from the node's next start on.
    pub fn reconfigure(&mut self, node: &'static str, toml: &str) {
        self.extra.insert(node, toml.to_owned());
    }

    /// Starts `lienthong serve` for a node and waits until it serves. The first start takes a port that the
    /// system chooses, later ones the same port. Its parent must have been started before.
    ///
    /// # Errors
    /// When the process ends before it serves; its log says why.
    pub fn start(&mut self, binary: &Path, node: &'static str) -> Result<NodeProcess, SceneError> {
        let seat = NODES.iter().find(|seat| seat.id == node).ok_or(SceneError::Unknown { node })?;
        let config = self.config(node);
        std::fs::write(&config, self.configuration(seat)).map_err(|source| SceneError::File { source })?;
        let process = NodeProcess::spawn(binary, node, &config, &self.log(node))?;
        self.addresses.insert(seat.id, process.address());
        for system in SYSTEMS.iter().filter(|system| system.node == node) {
            let text = profile(&self.pki, system.id, system.agency, process.address()).to_toml();
            // Renamed into place: a client may be reading the one of the node's last run.
            let (new, profile) = (self.dir.join(format!("{}.new", system.id)), self.profile(system.id));
            std::fs::write(&new, text)
                .and_then(|()| std::fs::rename(&new, profile))
                .map_err(|source| SceneError::File { source })?;
        }
        Ok(process)
    }

    fn configuration(&self, seat: &NodeSeat) -> String {
        let listen = self.addresses.get(seat.id).map_or_else(|| "127.0.0.1:0".to_owned(), ToString::to_string);
        let id = seat.id;
        let mut text = configuration(id, &listen, &self.pki);
        for system in SYSTEMS.iter().filter(|system| system.node == id) {
            let mut agencies = format!("\"{}\"", system.agency);
            if system.id == "huyen-h48-35" {
                SMALL_COMMUNES.for_each(|number| _ = write!(agencies, ", \"H48.35.{number}\""));
            }
            _ = write!(text, "\n[[system]]\nid = \"{}\"\nagencies = [{agencies}]\n", system.id);
        }
        if let Some(parent) = seat.parent {
            let address = self.addresses.get(parent).map(|address| format!("address = \"{address}\"\n"));
            let address = address.unwrap_or_default();
            _ = write!(text, "\n[[neighbour]]\nid = \"{parent}\"\nkind = \"parent\"\n{address}");
        }
        for child in NODES.iter().filter(|child| child.parent == Some(id)) {
            _ = write!(
                text,
                "\n[[neighbour]]\nid = \"{}\"\nkind = \"child\"\nserves = [\"{}\"]\n",
                child.id, child.serves
            );
        }
        text + self.extra.get(id).map(String::as_str).unwrap_or_default()
    }
}

/// What every node of an example has: its keys, trust, directory and quick retries.
fn configuration(id: &str, listen: &str, pki: &Path) -> String {
    let pki = pki.display();
    format!(
        "[node]\nid = \"{id}\"\ndata_dir = \"{id}.data\"\nallow_example_certificates = true\n\n\
         [listen]\naddress = \"{listen}\"\n\n\
         [tls]\ncertificate_file = \"{pki}/nodes/{id}/transport.pem\"\n\
         key_file = \"{pki}/nodes/{id}/transport.key.pem\"\nca_files = [\"{pki}/ca/root.pem\"]\n\n\
         [signing]\ncertificate_file = \"{pki}/nodes/{id}/signing.pem\"\n\
         key_file = \"{pki}/nodes/{id}/signing.key.pem\"\n\n\
         [trust]\ndocument_anchor_files = [\"{pki}/ca/root.pem\"]\n\
         document_intermediate_files = [\"{pki}/ca/signing.pem\"]\n\
         node_anchor_files = [\"{pki}/ca/root.pem\"]\n\n\
         [directory]\nfile = \"agencies.toml\"\n\n\
         [delivery]\nwait_min = \"200ms\"\nwait_max = \"5s\"\n"
    )
}

/// How the command line acts as a system of the example at a node.
fn profile(pki: &Path, system: &str, agency: &str, node: SocketAddr) -> Profile {
    let below = pki.join("systems").join(system);
    Profile {
        node: Some(format!("https://{node}")),
        ca: Some(pki.join("ca/root.pem")),
        cert: Some(below.join("transport.pem")),
        key: Some(below.join("transport.key.pem")),
        token_file: None,
        agency: Some(agency.to_owned()),
        signing_cert: Some(below.join("signing.pem")),
        signing_key: Some(below.join("signing.key.pem")),
    }
}

/// The agencies of the example.
fn directory() -> String {
    let mut text = String::from("# Danh bạ mẫu / directory of the example\n");
    for system in SYSTEMS {
        let (level, parent) = match system.agency.split('.').collect::<Vec<_>>().as_slice() {
            ["G22"] => ("central", None),
            [_] => ("province", None),
            [_, "35"] => ("district", Some("H48")),
            [_, _] => ("province", Some("H48")),
            _ => ("commune", Some("H48.35")),
        };
        agency(&mut text, system.agency, level, parent, system.name);
    }
    for number in SMALL_COMMUNES {
        agency(
            &mut text,
            &format!("H48.35.{number}"),
            "commune",
            Some("H48.35"),
            &format!("Ủy ban nhân dân xã số {number}"),
        );
    }
    text
}

fn agency(text: &mut String, code: &str, level: &str, parent: Option<&str>, name: &str) {
    let parent = parent.map(|parent| format!("parent = \"{parent}\"\n")).unwrap_or_default();
    _ = write!(text, "\n[[agency]]\ncode = \"{code}\"\nlevel = \"{level}\"\n{parent}name = \"{name}\"\n");
}
