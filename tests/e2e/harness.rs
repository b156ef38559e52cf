//! What every story needs: a scene in a folder that goes away, the command line, and waiting with a deadline.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use lienthong::scene::{NodeProcess, Scene};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const AXIS: &str = "axis-g22";
pub(crate) const PROVINCE: &str = "lgsp-h48";
pub(crate) const DISTRICT: &str = "node-h48-35";
pub(crate) const COMMUNE: &str = "node-h48-35-12";

/// What the slowest step of a story may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_lienthong"))
}

pub(crate) fn pki() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../certs-example")).canonicalize().unwrap()
}

/// A scene and the nodes of it that run.
pub(crate) struct World {
    pub(crate) scene: Scene,
    pub(crate) nodes: BTreeMap<&'static str, NodeProcess>,
    dir: TempDir,
}

impl World {
    /// Nothing runs yet.
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let scene = Scene::new(&dir.path().join("scene"), &pki()).unwrap();
        Self { scene, nodes: BTreeMap::new(), dir }
    }

    /// Starts these nodes, the highest first.
    pub(crate) fn with(nodes: &[&'static str]) -> Self {
        let mut world = Self::new();
        nodes.iter().for_each(|node| world.start(node));
        world
    }

    /// Nothing runs yet; over an example PKI of the test's own.
    pub(crate) fn over(pki: &Path) -> Self {
        let dir = TempDir::new().unwrap();
        let scene = Scene::new(&dir.path().join("scene"), pki).unwrap();
        Self { scene, nodes: BTreeMap::new(), dir }
    }

    /// The same over a copy of the example PKI, which the test may change.
    pub(crate) fn with_own_pki(nodes: &[&'static str]) -> Self {
        let (dir, source) = (TempDir::new().unwrap(), pki());
        let copy = dir.path().join("pki");
        for file in files(&source) {
            let to = copy.join(file.strip_prefix(&source).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(&file, to).unwrap();
        }
        let scene = Scene::new(&dir.path().join("scene"), &copy).unwrap();
        let mut world = Self { scene, nodes: BTreeMap::new(), dir };
        nodes.iter().for_each(|node| world.start(node));
        world
    }

    pub(crate) fn start(&mut self, node: &'static str) {
        let process = self.scene.start(binary(), node).unwrap_or_else(|error| panic!("{error}: {}", self.log(node)));
        self.nodes.insert(node, process);
    }

    pub(crate) fn kill(&mut self, node: &'static str) {
        self.nodes.remove(node).unwrap().kill().unwrap();
    }

    pub(crate) fn stop(&mut self, node: &'static str) -> ExitStatus {
        self.nodes.remove(node).unwrap().stop().unwrap()
    }

    /// Sends a running node a signal.
    pub(crate) fn signal(&self, node: &str, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.nodes[node].id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    pub(crate) fn log(&self, node: &str) -> String {
        fs::read_to_string(self.scene.log(node)).unwrap_or_default()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a small file of the sender's.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// The program, run as a user of this system runs it.
    pub(crate) fn command(&self, system: &str, args: &[&str]) -> Command {
        command(&self.scene.profile(system), args)
    }

    pub(crate) fn run(&self, system: &str, args: &[&str]) -> Ran {
        Ran::of(&mut self.command(system, args))
    }

    /// Runs what has to succeed; its first result.
    pub(crate) fn ok(&self, system: &str, args: &[&str]) -> Value {
        let ran = self.run(system, args);
        assert_eq!(ran.exit, 0, "{args:?}: {}", ran.error);
        ran.out.into_iter().next().unwrap_or(Value::Null)
    }

    /// Sends one file; the acceptance.
    pub(crate) fn send(&self, system: &str, number: &str, to: &[&str], file: &Path) -> Value {
        self.ok(system, &send_args(number, to, file))
    }

    /// Documents (not statuses) that wait for an agency.
    pub(crate) fn inbox(&self, system: &str, agency: &str) -> Vec<Value> {
        let found = self.ok(system, &["inbox", "--kind", "document", "--limit", "500", "--agency", agency]);
        list(&found["items"]).to_vec()
    }

    /// Waits until an agency's inbox has this document; the item.
    pub(crate) fn arrived(&self, system: &str, agency: &str, exchange: &str) -> Value {
        until(&format!("{exchange} in the inbox of {agency}"), PATIENCE, || {
            self.inbox(system, agency).into_iter().find(|item| item["document"]["exchangeId"] == exchange)
        })
    }

    /// Names of the receipts of a document, in order, with the node that gave each.
    pub(crate) fn receipts(&self, system: &str, exchange: &str) -> Vec<(String, String)> {
        let found = self.ok(system, &["receipts", exchange]);
        list(&found["receipts"]).iter().map(receipt).collect()
    }

    /// Payload files that a node keeps, and what stands half-written beside them.
    pub(crate) fn payloads(&self, node: &str) -> Vec<PathBuf> {
        files(&self.scene.data(node).join("payload"))
    }

    pub(crate) fn staged(&self, node: &str) -> Vec<PathBuf> {
        files(&self.scene.data(node).join("staging"))
    }
}

pub(crate) fn command(profile: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.arg("--json").args(args).arg("--profile").arg(profile).stdin(Stdio::null());
    command
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) out: Vec<Value>,
    /// The failure, as `--json` tells it.
    pub(crate) error: Value,
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let out = serde_json::Deserializer::from_slice(&output.stdout).into_iter().collect::<Result<_, _>>().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let error = told.lines().find_map(|line| serde_json::from_str(line).ok()).unwrap_or(Value::String(told));
        Self { exit: output.status.code().unwrap_or(-1), out, error }
    }
}

pub(crate) fn send_args<'a>(number: &'a str, to: &[&'a str], file: &'a Path) -> Vec<&'a str> {
    let mut args = vec!["send", file.to_str().unwrap(), "--number", number, "--notation", "UBND"];
    args.extend(["--subject", "Về việc thử nghiệm liên thông", "--to"]);
    args.extend(to);
    args
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// An absent list is an empty one.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn receipt(receipt: &Value) -> (String, String) {
    let payload: Value = serde_json::from_slice(&base64(text(&receipt["payload"]))).unwrap();
    (text(&payload["event"]).to_owned(), text(&payload["node"]).to_owned())
}

/// Standard base64, as the JSON mapping writes bytes.
pub(crate) fn base64(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let letters: Vec<u8> = text.bytes().filter(|letter| *letter != b'=').map(value).collect();
    let group = |group: &[u8]| {
        let bits = group.iter().fold(0_u32, |bits, value| bits << 6 | u32::from(*value)) << (6 * (4 - group.len()));
        bits.to_be_bytes()[1..group.len()].to_vec()
    };
    letters.chunks(4).flat_map(group).collect()
}

/// SHA-256 of a file, hex.
pub(crate) fn sha256(path: &Path) -> String {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let (mut file, mut piece) = (File::open(path).unwrap(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut piece).unwrap() {
            0 => break hex(context.finish().as_ref()),
            read => context.update(&piece[..read]),
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// Writes `length` bytes that do not compress and differ everywhere.
pub(crate) fn write_large(path: &Path, length: u64) -> io::Result<()> {
    let mut random = Random(length);
    let mut piece: Vec<u8> = (0..1 << 17).flat_map(|_| random.next().to_le_bytes()).collect();
    let mut file = BufWriter::new(File::create(path)?);
    let mut left = length;
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
        piece[..8].copy_from_slice(&left.to_le_bytes());
        file.write_all(&piece[..part])?;
        left -= u64::try_from(part).unwrap();
    }
    file.flush()
}

/// Asks again and again until there is an answer; panics after `patience`.
pub(crate) fn until<T>(what: &str, patience: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited {patience:?} for: {what}");
        pause(Duration::from_millis(50));
    }
}

/// Lets others run.
pub(crate) fn pause(time: Duration) {
    let (_open, never) = mpsc::channel::<()>();
    assert!(never.recv_timeout(time).is_err());
}

/// All files below a folder; none when it is absent.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.flat_map(|entry| below(entry.unwrap().path())).collect()
}

/// Most memory that a process has held, bytes.
pub(crate) fn peak_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
