//! `packet build`: a packet from files.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use clap::Args;
use edxml::PacketWriter;
use tempfile::NamedTempFile;
use wire::exchange_v1::DocumentHeader;

use super::document::document;
use super::show::View;
use super::sign::{SignedFiles, sign_file};
use crate::failure::Failure;
use crate::files::LocalFile;
use crate::header::{HeaderArgs, today};
use crate::output::Output;
use crate::packet_file::PacketFile;
use crate::profile::ProfileFile;
use crate::sealing::KeyArgs;

/// Options of `packet build`.
#[derive(Args)]
pub(crate) struct BuildArgs {
    /// Tệp đính kèm theo thứ tự (files in order)
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    header: HeaderArgs,
    /// Gói tin sẽ ghi (the packet to write)
    #[arg(short, long, value_name = "OUT.edxml")]
    output: PathBuf,
    /// Ký số luôn: ghi thêm bản kê và chữ ký (sign it too)
    #[arg(long)]
    sign: bool,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    profile: ProfileFile,
}

pub(crate) fn run(args: &BuildArgs, output: &mut Output) -> Result<(), Failure> {
    let profile = args.profile.resolve()?;
    let seal = if args.sign { Some(args.key.seal(&profile)?) } else { None };
    let header = args.header.header(profile.agency.as_deref(), today())?;
    if let Some(group) = header.to.iter().find(|party| party.code.starts_with("group:")) {
        return Err(Failure::usage(format!("{}: nhóm chỉ dùng với send (groups are for send only)", group.code)));
    }
    let files = args.files.iter().map(|path| LocalFile::inspect(path)).collect::<Result<Vec<_>, _>>()?;
    write(&header, &files, &args.output)?;
    if let Some(seal) = seal {
        sign_file(&args.output, &SignedFiles::beside(&args.output, seal.format()), &seal)?;
    }
    output.show(&View::of(&PacketFile::read(&args.output)?), View::show)
}

/// Writes the packet beside its target and renames it there: half a packet never has the name.
fn write(header: &DocumentHeader, files: &[LocalFile], path: &Path) -> Result<(), Failure> {
    let (document, heads) = document(header, files)?;
    let failed = |error| Failure::file(path, error);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let target = NamedTempFile::new_in(folder).map_err(failed)?;
    let refused = |error: edxml::WriteError| match error {
        edxml::WriteError::Output { source } => Failure::file(path, source),
        other => Failure::Unverified { code: other.code(), detail: other.to_string() },
    };
    let mut writer = PacketWriter::new(BufWriter::new(target), &document).map_err(refused)?;
    for (head, file) in heads.iter().zip(files) {
        let content = File::open(&file.path).map_err(|error| Failure::file(&file.path, error))?;
        writer.attachment(head, content).map_err(refused)?;
    }
    let target = writer.finish().map_err(refused)?.into_inner().map_err(|error| failed(error.into_error()))?;
    target.persist_noclobber(path).map_err(|error| failed(error.error))?;
    Ok(())
}
