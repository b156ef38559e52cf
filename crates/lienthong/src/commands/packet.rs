//! `packet`: edXML packets on this machine, without a node.

mod build;
mod document;
mod show;
mod sign;
mod validate;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

pub(crate) use validate::facts;

/// Subcommands of `packet`.
#[derive(Subcommand)]
pub(crate) enum PacketCommand {
    /// Xem nội dung gói tin (show what a packet holds)
    Show(show::ShowArgs),
    /// Đóng gói các tệp thành gói tin (build a packet from files)
    Build(Box<build::BuildArgs>),
    /// Kiểm tra gói tin và chữ ký số kèm theo (check a packet and its detached signature)
    Validate(validate::ValidateArgs),
    /// Lập bản kê của gói tin để ký bằng phần mềm khác (write a packet's manifest, to be signed elsewhere)
    Manifest(sign::ManifestArgs),
    /// Ký số gói tin: ghi bản kê và chữ ký (sign a packet: writes its manifest and signature)
    Sign(sign::SignArgs),
}

pub(crate) fn run(command: &PacketCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        PacketCommand::Show(args) => show::run(args, output),
        PacketCommand::Build(args) => build::run(args, output),
        PacketCommand::Validate(args) => validate::run(args, output),
        PacketCommand::Manifest(args) => sign::manifest(args, output),
        PacketCommand::Sign(args) => sign::run(args, output),
    }
}

#[cfg(test)]
mod tests;
