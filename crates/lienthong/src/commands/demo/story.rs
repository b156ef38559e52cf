//! What happens in the demo, step by step, and what has to come of it.

mod exchange;
mod journey;
mod refusals;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc::Sender;

use super::actor::Broken;
use super::report::Report;
use super::stage::{Stage, nodes};
use crate::failure::Failure;
use crate::files::write_new;
use crate::scene::SMALL_COMMUNES;
use exchange::{Exchange, Receiver};

/// Bytes of the large attachment: several chunks and several windows of a link.
const LARGE_BYTES: usize = 6 * 1024 * 1024;
/// Recipients of the one document that goes to many.
const MANY: usize = 20;

/// The story while it is told.
pub(super) struct Story<'a> {
    stage: &'a Stage,
    lines: Sender<String>,
    report: Report,
}

impl<'a> Story<'a> {
    pub(super) fn new(stage: &'a Stage, lines: Sender<String>) -> Self {
        let report = Report { dir: stage.dir().display().to_string(), ..Report::default() };
        Self { stage, lines, report }
    }

    /// Tells it all. What does not hold is in the report; only a story without nodes or files fails.
    pub(super) fn tell(mut self) -> Result<Report, Failure> {
        self.open()?;
        let files = Files::write(self.stage)?;
        self.exchanges(&files);
        self.title("6. Phải bị từ chối (must be refused)");
        self.refusals(&files.pdf);
        Ok(self.report)
    }

    fn open(&mut self) -> Result<(), Failure> {
        self.line("Liên Thông: bốn nút từ trung ương đến xã, TLS hai chiều, tiến trình thật, chỉ trên máy này");
        self.line("(four nodes from the centre to a commune, mutual TLS, real processes, on this machine only)");
        self.line(format!("Thư mục (folder):         {}", self.stage.dir().display()));
        self.line(format!("Chứng thư (certificates): {}, chỉ là mẫu (EXAMPLE)", self.stage.pki().display()));
        self.title("1. Khởi động các nút (starting the nodes)");
        for (id, place) in nodes() {
            let node = self.stage.start(id)?;
            self.line(format!("   ✓ {id:<15} {:<16} {place}", node.address));
            self.report.nodes.push(node);
        }
        Ok(())
    }

    fn exchanges(&mut self, files: &Files) {
        let large = [files.pdf.as_path(), files.large.as_path()];
        let pdf = [files.pdf.as_path()];
        let province = Receiver { system: "ubnd-h48", agency: "H48".to_owned() };
        let district = Receiver { system: "huyen-h48-35", agency: "H48.35".to_owned() };
        let commune = Receiver { system: "xa-h48-35-12", agency: "H48.35.12".to_owned() };
        let centre = Receiver { system: "vpcp", agency: "G22".to_owned() };
        let small = |number: u32| Receiver { system: "huyen-h48-35", agency: format!("H48.35.{number}") };
        let steps = [
            (
                "2. Gửi xuống: trung ương → tỉnh, huyện, xã (down, from the centre)",
                Exchange::new("vpcp", "101", "VPCP", &large, vec![province.clone(), district, commune.clone()]),
            ),
            (
                "3. Gửi lên: xã → trung ương, tỉnh (up, from a commune)",
                Exchange::new("xa-h48-35-12", "12", "UBND", &pdf, vec![centre, province]),
            ),
            (
                "4. Gửi ngang: sở → hai xã (across, from a department to two communes)",
                Exchange::new(
                    "so-ttt",
                    "15",
                    "STTTT",
                    &large,
                    vec![commune, Receiver { system: "xa-h48-35-13", agency: "H48.35.13".to_owned() }],
                ),
            ),
            (
                "5. Một văn bản đến hai mươi xã (one document to twenty communes)",
                Exchange::new("ubnd-h48", "20", "UBND", &pdf, SMALL_COMMUNES.take(MANY).map(small).collect()),
            ),
        ];
        for (title, exchange) in steps {
            self.title(title);
            if let Err(Broken(why)) = self.exchange(&exchange) {
                self.fails(&format!("{}/{}: {why}", exchange.number, exchange.notation));
            }
        }
    }

    /// Tells whether an expectation held.
    fn expect(&mut self, what: &str, held: Result<(), String>) {
        match held {
            Ok(()) => {
                self.report.held += 1;
                self.line(format!("   ✓ {what}"));
            }
            Err(why) => self.fails(&format!("{what}: {why}")),
        }
    }

    fn fails(&mut self, why: &str) {
        self.line(format!("   ✗ {why}"));
        self.report.failed.push(why.to_owned());
    }

    fn title(&self, text: &str) {
        self.line("");
        self.line(text);
    }

    fn line(&self, text: impl Into<String>) {
        // When nobody listens any more, the demo is being stopped.
        drop(self.lines.blocking_send(text.into()));
    }
}

/// What is sent.
struct Files {
    pdf: PathBuf,
    large: PathBuf,
}

impl Files {
    fn write(stage: &Stage) -> Result<Self, Failure> {
        let (pdf, large) = (stage.file("cong-van.pdf"), stage.file("phu-luc.bin"));
        let page = ["CONG HOA XA HOI CHU NGHIA VIET NAM", "Doc lap - Tu do - Hanh phuc", "", "CONG VAN MAU (EXAMPLE)"];
        write_new(&pdf, &mock_axis::pdf::page(&page))?;
        write_large(&large)?;
        Ok(Self { pdf, large })
    }
}

/// Bytes that do not repeat and do not compress.
fn write_large(path: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::file(path, error);
    let mut file = std::io::BufWriter::new(std::fs::File::create_new(path).map_err(failed)?);
    let mut state = 1_u64;
    for _ in 0..LARGE_BYTES / 8 {
        // Knuth's linear congruential generator: no randomness is needed, only no pattern.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        file.write_all(&state.to_le_bytes()).map_err(failed)?;
    }
    file.flush().map_err(failed)
}
