//! `packet sign` and `packet manifest`: the detached signature of a ready-made packet.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use wire::types_v1::envelope::Signature;

use crate::commands::now;
use crate::failure::Failure;
use crate::files::write_new;
use crate::output::Output;
use crate::packet_file::PacketFile;
use crate::profile::ProfileFile;
use crate::sealing::{Fresh, KeyArgs, Seal, SealFormat, manifest_of_packet};

/// Options of `packet manifest`.
#[derive(Args)]
pub(crate) struct ManifestArgs {
    /// Gói tin edXML (the packet)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Bản kê sẽ ghi, mặc định FILE.manifest (the manifest to write)
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
}

/// Options of `packet sign`.
#[derive(Args)]
pub(crate) struct SignArgs {
    /// Gói tin edXML (the packet)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Tên chung của tệp sẽ ghi, mặc định FILE: OUT.manifest và OUT.p7s hoặc OUT.jws (stem of what is written)
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    profile: ProfileFile,
}

/// The two files of a detached signature.
#[derive(Debug, Serialize)]
pub(super) struct SignedFiles {
    pub(super) manifest: PathBuf,
    pub(super) signature: PathBuf,
}

impl SignedFiles {
    /// `FILE.manifest` and `FILE.p7s` or `FILE.jws`.
    pub(super) fn beside(stem: &Path, format: SealFormat) -> Self {
        let extension = match format {
            SealFormat::Cms => "p7s",
            SealFormat::Jws => "jws",
        };
        Self { manifest: with(stem, "manifest"), signature: with(stem, extension) }
    }
}

fn with(stem: &Path, extension: &str) -> PathBuf {
    let mut name = stem.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

pub(crate) fn manifest(args: &ManifestArgs, output: &mut Output) -> Result<(), Failure> {
    let manifest = manifest_of_packet(PacketFile::read(&args.file)?.outline()?, Fresh::new(now()))?;
    let bytes =
        manifest.to_bytes().map_err(|error| Failure::Unverified { code: error.code(), detail: error.to_string() })?;
    let path = args.output.clone().unwrap_or_else(|| with(&args.file, "manifest"));
    write_new(&path, &bytes)?;
    output.show(&serde_json::json!({ "manifest": path }), |_, page| {
        page.line(format!("Đã ghi {}: ký đúng các byte này (sign exactly these bytes)", path.display()));
    })
}

pub(crate) fn run(args: &SignArgs, output: &mut Output) -> Result<(), Failure> {
    let seal = args.key.seal(&args.profile.resolve()?)?;
    let files = SignedFiles::beside(args.output.as_deref().unwrap_or(&args.file), seal.format());
    sign_file(&args.file, &files, &seal)?;
    output.show(&files, |files, page| {
        page.line(format!("Đã ghi {} và {} (signed)", files.manifest.display(), files.signature.display()));
    })
}

/// Signs the packet and writes both files.
pub(super) fn sign_file(packet: &Path, files: &SignedFiles, seal: &Seal) -> Result<(), Failure> {
    let now = now();
    let manifest = manifest_of_packet(PacketFile::read(packet)?.outline()?, Fresh::new(now))?;
    let envelope = seal.sign(&manifest, now)?;
    write_new(&files.manifest, &envelope.manifest)?;
    match envelope.signature {
        Some(Signature::Cms(bytes)) => write_new(&files.signature, &bytes),
        Some(Signature::Jws(text)) => write_new(&files.signature, text.as_bytes()),
        None => Err(Failure::Internal("no signature".to_owned())),
    }
}
