//! `sign packet` and `sign manifest`.

use std::path::PathBuf;

use clap::Args;
use signature::{sign_envelope_cms, sign_envelope_jws, sign_xml};

use super::WhoArgs;
use super::refusal::of;
use super::written::{OutArgs, Signed, beside, marked};
use crate::commands::now;
use crate::failure::Failure;
use crate::files::read_small;
use crate::output::Output;
use crate::packet_file::PacketFile;
use crate::sealing::{Fresh, SealFormat, manifest_of_packet};

/// Bytes of a packet that is signed as XML, which is done in memory.
const PACKET_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Bytes of a manifest.
const MANIFEST_BYTES_MAX: u64 = 1024 * 1024;

/// Options of `sign packet`.
#[derive(Args)]
pub(crate) struct PacketArgs {
    /// Gói tin edXML (the packet)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Ký trong gói tin (XMLDSig, mọi byte khác giữ nguyên) thay cho bản kê tách rời (sign inside the packet)
    #[arg(long, conflicts_with = "format")]
    xml: bool,
    /// Dạng chữ ký của bản kê (form of the manifest's signature)
    #[arg(long, value_enum, default_value_t)]
    format: SealFormat,
    #[command(flatten)]
    who: WhoArgs,
    #[command(flatten)]
    out: OutArgs,
}

/// Options of `sign manifest`.
#[derive(Args)]
pub(crate) struct ManifestArgs {
    /// Bản kê do `packet manifest` ghi (the manifest)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Dạng chữ ký: cms hoặc jws (form of the signature)
    #[arg(long, value_enum, default_value_t)]
    format: SealFormat,
    #[command(flatten)]
    who: WhoArgs,
    #[command(flatten)]
    out: OutArgs,
}

const fn ending(format: SealFormat) -> &'static str {
    match format {
        SealFormat::Cms => "p7s",
        SealFormat::Jws => "jws",
    }
}

const fn title(format: SealFormat) -> &'static str {
    match format {
        SealFormat::Cms => "CAdES-B-B",
        SealFormat::Jws => "JWS",
    }
}

pub(super) fn run(args: &PacketArgs, output: &mut Output) -> Result<(), Failure> {
    if args.xml {
        return inside(args, output);
    }
    let stem = args.out.path(|| args.file.clone());
    let (manifest_path, path) = (beside(&stem, "manifest"), beside(&stem, ending(args.format)));
    args.out.check(&manifest_path)?;
    args.out.check(&path)?;
    let signer = args.who.signer()?;
    let now = now();
    let manifest = manifest_of_packet(PacketFile::read(&args.file)?.outline()?, Fresh::new(now))?;
    let bytes =
        manifest.to_bytes().map_err(|error| Failure::Unverified { code: error.code(), detail: error.to_string() })?;
    let signature = match args.format {
        SealFormat::Cms => sign_envelope_cms(&signer, &bytes, now),
        SealFormat::Jws => sign_envelope_jws(&signer, &bytes, now).map(String::into_bytes),
    };
    let signature = signature.map_err(|error| of(&error))?;
    args.out.write(&manifest_path, &bytes)?;
    args.out.write(&path, &signature)?;
    let mut signed = Signed::by(&signer, "packet manifest", title(args.format));
    signed.verify = format!(
        "lienthong packet validate {} --signature {} --manifest {} --trust CA",
        args.file.display(),
        path.display(),
        manifest_path.display()
    );
    signed.files = vec![manifest_path, path];
    output.show(&signed, Signed::show)
}

/// The signature inside the packet.
fn inside(args: &PacketArgs, output: &mut Output) -> Result<(), Failure> {
    let path = args.out.path(|| marked(&args.file, "signed"));
    args.out.check(&path)?;
    let signer = args.who.signer()?;
    // What is no packet is told as what it is, not as XML that could be signed.
    PacketFile::read(&args.file)?;
    let packet = read_small(&args.file, PACKET_BYTES_MAX)?;
    let bytes = sign_xml(&signer, &packet).map_err(|error| of(&error))?;
    args.out.write(&path, &bytes)?;
    let mut signed = Signed::by(&signer, "packet", "XMLDSig");
    signed.verify = format!("lienthong verify {} --trust CA", path.display());
    signed.files.push(path);
    output.show(&signed, Signed::show)
}

pub(super) fn manifest(args: &ManifestArgs, output: &mut Output) -> Result<(), Failure> {
    let stem = match args.file.extension() {
        Some(extension) if extension == "manifest" => args.file.with_extension(""),
        _ => args.file.clone(),
    };
    let path = args.out.path(|| beside(&stem, ending(args.format)));
    args.out.check(&path)?;
    let signer = args.who.signer()?;
    let bytes = read_small(&args.file, MANIFEST_BYTES_MAX)?;
    let signature = match args.format {
        SealFormat::Cms => sign_envelope_cms(&signer, &bytes, now()),
        SealFormat::Jws => sign_envelope_jws(&signer, &bytes, now()).map(String::into_bytes),
    };
    args.out.write(&path, &signature.map_err(|error| of(&error))?)?;
    let mut signed = Signed::by(&signer, "manifest", title(args.format));
    signed.verify = format!(
        "lienthong packet validate FILE.edxml --signature {} --manifest {} --trust CA",
        path.display(),
        args.file.display()
    );
    signed.files.push(path);
    output.show(&signed, Signed::show)
}
