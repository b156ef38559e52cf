//! Options of the mock axis on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use mock_axis::{Data, Faults, Options, PageAccess, Samples, System, TlsFiles, TrafficOptions};
use types::AgencyCode;

use crate::failure::Failure;

/// What `serve` takes.
#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    /// Địa chỉ lắng nghe; cổng 0 lấy một cổng trống (listen here; port 0 takes a free one)
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:18090")]
    listen: SocketAddr,
    /// Cổng điều khiển, chỉ địa chỉ loopback (admin endpoint, loopback only): 127.0.0.1:18091
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<SocketAddr>,
    /// Đường dẫn đứng trước tên chức năng (path before the operations): /XrdAdapter
    #[arg(long, value_name = "PATH", default_value = "")]
    root: String,
    /// Chứng thư máy chủ PEM: phục vụ HTTPS (server certificate, PEM: HTTPS in place of HTTP)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Khóa của chứng thư, PEM (its key, PEM)
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Thư mục dữ liệu, giữ lại cho lần sau (keep the state in this folder)
    #[arg(long, value_name = "DIR", conflicts_with = "ephemeral")]
    data_dir: Option<PathBuf>,
    /// Dữ liệu tạm, xóa khi dừng; mặc định khi không có --data-dir (throw the state away; the default)
    #[arg(long)]
    ephemeral: bool,
    /// Hệ thống kết nối, lặp lại được; AGENCY dạng H48.* gồm cả cấp dưới (a connected system; repeatable)
    #[arg(long, value_name = "ID:SECRET[:AGENCY,…]")]
    system: Vec<String>,
    /// Tệp TOML các hệ thống: [[system]] id, secret, agencies (systems from a file)
    #[arg(long, value_name = "FILE")]
    systems: Option<PathBuf>,
    /// Số cơ quan trong danh bạ; 111339 là cỡ toàn quốc (agencies in the directory)
    #[arg(long, value_name = "N")]
    agencies: Option<u32>,
    /// Khóa một cơ quan nhận, lặp lại được (lock a receiving agency: code 23; repeatable)
    #[arg(long, value_name = "CODE")]
    lock: Vec<String>,
    /// Không nạp văn bản mẫu (no sample documents)
    #[arg(long)]
    no_samples: bool,
    /// Hạt giống của tên gọi và của lỗi: chạy lại giống hệt (seed of names and faults)
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Tạo lỗi theo yêu cầu, lặp lại được (a fault on demand; repeatable): latency=200ms±50ms, error=20@10%:sendEdoc
    #[arg(long, value_name = "NAME=VALUE")]
    fault: Vec<String>,
    /// Tệp TOML các lỗi (faults from a file)
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Ghi lưu lượng, mỗi dòng một đối tượng JSON (append the traffic to this file)
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Số byte tối đa của mỗi thân được ghi (bytes of each recorded body)
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20)]
    record_body_max: usize,
    /// Số byte tối đa của một gói tin (bytes of one packet)
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 30)]
    file_max: u64,
    /// Ai được mở trang theo dõi (who may open the page)
    #[arg(long, value_name = "WHO", value_enum, default_value_t = Page::Loopback)]
    page: Page,
    /// Mức nhật ký trên luồng lỗi chuẩn (log filter, on standard error)
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    pub(super) log: String,
}

/// Who may open the page.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Page {
    /// Chỉ máy này (this machine)
    Loopback,
    /// Mọi nơi (everyone)
    All,
    /// Không ai (nobody)
    Off,
}

impl ServeArgs {
    /// The options of the mock.
    pub(super) fn options(&self) -> Result<Options, Failure> {
        let tls = self.tls_certificate.clone().zip(self.tls_key.clone());
        Ok(Options {
            listen: self.listen,
            admin: self.admin,
            tls: tls.map(|(certificate, key)| TlsFiles { certificate, key }),
            data: self.data_dir.clone().map_or(Data::Ephemeral, Data::Folder),
            systems: self.systems()?,
            agencies: self.agencies,
            locked: self.lock.iter().map(|code| agency(code)).collect::<Result<_, _>>()?,
            samples: if self.no_samples { Samples::None } else { Samples::Loaded },
            seed: self.seed,
            faults: self.faults()?,
            root: self.root.clone(),
            file_bytes_max: self.file_max,
            page: match self.page {
                Page::Loopback => PageAccess::Loopback,
                Page::All => PageAccess::Everyone,
                Page::Off => PageAccess::Nobody,
            },
            traffic: TrafficOptions {
                record: self.record.clone(),
                recorded_bytes_max: self.record_body_max,
                ..TrafficOptions::default()
            },
        })
    }

    fn systems(&self) -> Result<Vec<System>, Failure> {
        let usage = |error: mock_axis::SystemError| Failure::usage(crate::failure::chain(&error));
        let mut systems = match &self.systems {
            Some(path) => mock_axis::read_file(path).map_err(usage)?,
            None => Vec::new(),
        };
        for system in &self.system {
            systems.push(system.parse().map_err(usage)?);
        }
        Ok(if systems.is_empty() { mock_axis::defaults() } else { systems })
    }

    fn faults(&self) -> Result<Faults, Failure> {
        let mut faults = match &self.faults {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
                Faults::from_toml(&text).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?
            }
            None => Faults::default(),
        };
        for fault in &self.fault {
            faults.set(fault).map_err(|error| Failure::usage(format!("--fault {fault}: {error}")))?;
        }
        Ok(faults)
    }
}

fn agency(code: &str) -> Result<AgencyCode, Failure> {
    AgencyCode::opaque(code).map_err(|error| Failure::usage(format!("--lock {code}: {error}")))
}
