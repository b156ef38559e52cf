//! `sign`: documents, packets, manifests and files signed on this machine.

mod authority;
mod cms;
mod extend;
mod font;
mod packet;
mod pdf;
mod refusal;
mod written;

use clap::{Args, Subcommand, ValueEnum};
use signature::{RsaPadding, Signer};

use crate::failure::Failure;
use crate::output::Output;
use crate::profile::ProfileFile;
use crate::sealing::SignerArgs;

/// Subcommands of `sign`.
#[derive(Subcommand)]
pub(crate) enum SignCommand {
    /// Ký tệp PDF: lãnh đạo, con dấu, phụ lục, bản sao, văn bản đến (sign a PDF as leader, seal, appendix, copy, incoming)
    Pdf(Box<pdf::PdfArgs>),
    /// Thêm dữ liệu kiểm tra và dấu thời gian để lưu trữ lâu dài (add validation data and a document time-stamp)
    Extend(extend::ExtendArgs),
    /// Ký gói tin edXML: bản kê tách rời, hoặc --xml trong gói (sign a packet: detached manifest, or XMLDSig inside)
    Packet(packet::PacketArgs),
    /// Ký bản kê có sẵn (sign a manifest that was written by `packet manifest`)
    Manifest(packet::ManifestArgs),
    /// Ký tách rời một tệp bất kỳ, CAdES (detached CAdES signature of any file)
    Cms(cms::CmsArgs),
}

pub(crate) fn run(command: &SignCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        SignCommand::Pdf(args) => pdf::run(args, output),
        SignCommand::Extend(args) => extend::run(args, output),
        SignCommand::Packet(args) => packet::run(args, output),
        SignCommand::Manifest(args) => packet::manifest(args, output),
        SignCommand::Cms(args) => cms::run(args, output),
    }
}

/// Who signs, and how an RSA key pads.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct WhoArgs {
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    profile: ProfileFile,
    /// Kiểu đệm của khóa RSA (padding of RSA signatures)
    #[arg(long, value_enum, default_value_t)]
    rsa_padding: PaddingChoice,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum PaddingChoice {
    /// RSASSA-PKCS1-v1_5
    #[default]
    Pkcs1,
    /// RSASSA-PSS
    Pss,
}

impl WhoArgs {
    fn signer(&self) -> Result<Signer, Failure> {
        let padding = match self.rsa_padding {
            PaddingChoice::Pkcs1 => RsaPadding::Pkcs1,
            PaddingChoice::Pss => RsaPadding::Pss,
        };
        Ok(self.signer.signer(&self.profile.resolve()?)?.with_padding(padding))
    }
}

#[cfg(test)]
mod tests;
