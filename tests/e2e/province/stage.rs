//! The three processes, and calls of the axis's protocol and of the mock's admin endpoint.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use axis::Secret;
use axis::client::{Client, ClientOptions, Timeouts};
use lienthong::scene::provinces::{Provinces, SIDES, SOFTWARE_SECRET, Side};
use lienthong::scene::{MockAxisProcess, NodeProcess};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Ran, binary, command, list, pki, text};

pub(super) const NEIGHBOUR: &str = "truc-quoc-gia";

/// The processes that run. The nodes end before the axis, all before the folder.
pub(super) struct Stage {
    pub(super) nodes: BTreeMap<&'static str, NodeProcess>,
    pub(super) axis: Option<MockAxisProcess>,
    pub(super) provinces: Provinces,
    /// Options of the axis at each start.
    options: Vec<String>,
    pub(super) dir: TempDir,
}

impl Stage {
    /// All three, the connection with `more` TOML, the axis with these options.
    pub(super) fn new(more: &str, options: &[&str]) -> Self {
        let dir = TempDir::new().unwrap();
        let mut provinces = Provinces::new(&dir.path().join("scene"), &pki()).unwrap();
        provinces.connect_with(more);
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let mut stage = Self { nodes: BTreeMap::new(), axis: None, provinces, options, dir };
        stage.start_axis();
        SIDES.into_iter().for_each(|side| stage.start(side));
        stage
    }

    pub(super) fn start(&mut self, side: Side) {
        let started = self.provinces.start(binary(), side);
        let process = started.unwrap_or_else(|error| panic!("{error}: {}", self.log(side.node)));
        self.nodes.insert(side.node, process);
    }

    pub(super) fn start_axis(&mut self) {
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        let started = self.provinces.start_axis(binary(), &options);
        self.axis = Some(started.unwrap_or_else(|error| panic!("{error}: {}", self.log("mock-axis"))));
    }

    pub(super) fn kill(&mut self, side: Side) {
        self.nodes.remove(side.node).unwrap().kill().unwrap();
    }

    pub(super) fn kill_axis(&mut self) {
        self.axis.take().unwrap().kill().unwrap();
    }

    pub(super) fn log(&self, name: &str) -> String {
        fs::read_to_string(self.provinces.log(name)).unwrap_or_default()
    }

    /// Tells a node that its secret was replaced.
    pub(super) fn reload(&self, side: Side) {
        let Some(node) = self.nodes.get(side.node) else { return };
        let pid = rustix::process::Pid::from_raw(i32::try_from(node.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    }

    /// What a side's software calls its node with.
    pub(super) fn software(&self, side: Side) -> Client {
        let endpoint = self.provinces.door(side).unwrap();
        client(&endpoint, side.software, SOFTWARE_SECRET)
    }

    /// A command of the side's other system.
    pub(super) fn run(&self, side: Side, args: &[&str]) -> Ran {
        Ran::of(&mut command(&self.provinces.profile(side), args))
    }

    /// A node's view of the axis.
    pub(super) fn neighbour(&self, side: Side) -> Value {
        let ran = self.run(side, &["node"]);
        assert_eq!(ran.exit, 0, "{}", ran.error);
        list(&ran.out[0]["neighbours"]).iter().find(|one| one["id"] == NEIGHBOUR).unwrap().clone()
    }

    pub(super) fn set_faults(&self, faults: &Value) {
        let (status, answer) = admin(self.admin(), "PUT", "faults", &faults.to_string()).unwrap();
        assert_eq!(status, 200, "{answer}");
    }

    /// Changes an agency in the axis's directory.
    pub(super) fn set_agency(&self, change: &Value) {
        let (status, answer) = admin(self.admin(), "PUT", "agencies", &change.to_string()).unwrap();
        assert_eq!(status, 200, "{answer}");
    }

    pub(super) fn admin(&self) -> SocketAddr {
        self.axis.as_ref().unwrap().admin()
    }
}

/// A client of the axis's protocol that trusts the example's CA.
pub(super) fn client(endpoint: &str, system: &str, secret: &str) -> Client {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(pki().join("ca/root.pem")).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let options = ClientOptions {
        endpoint: endpoint.parse().unwrap(),
        system: system.to_owned(),
        secret: Secret::new(secret.as_bytes()),
        proxy: None,
        tls: Some(Arc::new(tls.with_root_certificates(roots).with_no_client_auth())),
        timeouts: Timeouts::default(),
        idle_connections: 4,
    };
    Client::new(options).unwrap()
}

/// One request to the mock's admin endpoint; none when it is away.
pub(super) fn admin(address: SocketAddr, method: &str, path: &str, body: &str) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let length = body.len();
    write!(
        stream,
        "{method} /admin/{path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_str(body).unwrap_or(Value::Null)))
}

/// The secret that the mock takes from a side at this moment.
pub(super) fn secret_now(address: SocketAddr, side: Side) -> Option<String> {
    let (_, systems) = admin(address, "GET", "systems", "")?;
    let system = list(&systems).iter().find(|system| system["id"] == side.axis_id)?;
    Some(text(&system["secret"]).to_owned())
}
