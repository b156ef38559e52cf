//! The command line: Vietnamese first, English beside it.

use clap::{Arg, ArgAction, Command as ClapCommand, CommandFactory as _, Parser, Subcommand};

use crate::commands::{
    agency, bench, completions, demo, fetch, inbox, items, list, mock_axis, node, packet, pki, policy, quarantine,
    receipts, revocation, send, serve, sign, simulate, status, store, token, track, verify,
};
use crate::exit;

/// Liên Thông: trục liên thông văn bản (document-exchange bus)
#[derive(Parser)]
#[command(name = "lienthong", version, max_term_width = 120)]
pub(crate) struct Cli {
    /// In JSON theo ánh xạ protobuf, thay cho bảng (protobuf JSON in place of tables)
    #[arg(long, global = true, display_order = 999)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Chạy một nút (run a node until SIGTERM; SIGHUP reloads)
    Serve(serve::ConfigArgs),
    /// Kiểm tra cấu hình mà không chạy (check a configuration and everything it names)
    CheckConfig(serve::ConfigArgs),
    /// Trình diễn bốn cấp trên máy này (four levels of government on this machine)
    Demo(demo::DemoArgs),
    /// Đo hiệu năng của máy này hoặc của một nút (measure this machine, or a running node)
    Bench(Box<bench::BenchArgs>),
    /// Mô phỏng cả một tỉnh với sự cố, lặp lại được (simulate a province of nodes and their faults, repeatably)
    Simulate(simulate::SimulateArgs),
    /// Gửi văn bản hoặc gói tin .edxml (send a document, or a ready-made packet)
    Send(Box<send::SendArgs>),
    /// Xem hộp văn bản đến (list or watch the inbox)
    Inbox(inbox::InboxArgs),
    /// Tải gói tin hoặc tệp đính kèm (download the packet or attachments)
    Fetch(fetch::FetchArgs),
    /// Giữ một mục để xử lý (take a lease on an inbox item)
    Lease(items::LeaseArgs),
    /// Xác nhận đã lấy: mục rời hộp đến (confirm items: they leave the inbox)
    Confirm(items::ConfirmArgs),
    /// Trả lại mục đang giữ (give a leased item back)
    GiveBack(items::GiveBackArgs),
    /// Báo trạng thái xử lý văn bản (report a processing status)
    Status(status::StatusArgs),
    /// Theo dõi văn bản đã gửi, theo từng nơi nhận (track a sent document)
    Track(track::TrackArgs),
    /// Liệt kê văn bản đã gửi hoặc đã nhận (list sent or received documents)
    List(list::ListArgs),
    /// Xem các biên nhận đã ký của văn bản (list the signed receipts of a document)
    Receipts(receipts::ReceiptsArgs),
    /// Tra cứu cơ quan (look agencies up)
    #[command(subcommand)]
    Agency(agency::AgencyCommand),
    /// Dữ liệu thu hồi chứng thư của nút trên máy này (revocation data of the node on this machine)
    #[command(subcommand)]
    Revocation(revocation::RevocationCommand),
    /// Kho của nút trên máy này, khi nút đã dừng (the store of the node on this machine, while the node is stopped)
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Xem nút và hệ thống đang gọi (describe the node and the calling system)
    Node(node::NodeArgs),
    /// Văn bản giữ lại chờ kiểm tra chữ ký, cho người vận hành nút (documents in quarantine, for operators)
    #[command(subcommand)]
    Quarantine(quarantine::QuarantineCommand),
    /// Trục liên thông quốc gia mô phỏng (the national axis on your desk; alone it serves)
    MockAxis(Box<mock_axis::MockAxisArgs>),
    /// Làm việc với gói tin edXML trên máy này (edXML packets on this machine)
    #[command(subcommand)]
    Packet(packet::PacketCommand),
    /// Ký số văn bản, gói tin, bản kê, tệp (sign documents, packets, manifests, files)
    #[command(subcommand)]
    Sign(sign::SignCommand),
    /// Chứng thư mẫu, OCSP, CRL, dấu thời gian (example certificates, and what a PKI runs)
    #[command(subcommand)]
    Pki(pki::PkiCommand),
    /// Kiểm tra chữ ký số của PDF, gói tin, CMS, biên nhận (check signatures of a PDF, packet, CMS file, receipts)
    Verify(verify::VerifyArgs),
    /// Xem và thử chính sách chữ ký (show and try signature policies)
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Tiến trình kiểm tra chữ ký do nút tự chạy (started by the node to check signatures)
    #[command(hide = true)]
    VerifyWorker,
    /// Token và HSM theo PKCS#11 (PKCS#11 tokens and hardware security modules)
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Sinh mã tự hoàn thành lệnh cho shell (shell completions)
    Completions(completions::CompletionsArgs),
}

const TEMPLATE: &str = "{about-with-newline}\nCách dùng (usage): {usage}\n\n{all-args}{after-help}";

/// The command with Vietnamese headings throughout.
pub(crate) fn command() -> ClapCommand {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).global(true).display_order(LAST);
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).display_order(LAST);
    let mut command = dress(Cli::command())
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(help.help("In trợ giúp (print help)").help_heading(OPTIONS))
        .arg(version.help("In phiên bản (print version)").help_heading(OPTIONS))
        .after_help(exit::table());
    // The `help` commands appear only when everything is built.
    command.build();
    translate_help(command)
}

fn translate_help(command: ClapCommand) -> ClapCommand {
    command.mut_subcommands(|sub| match sub.get_name() {
        "help" => sub.about("In trợ giúp của một lệnh (print the help of a command)"),
        _ => translate_help(sub),
    })
}

/// Below every option of a command's own.
const LAST: usize = 1000;
const OPTIONS: &str = "Tùy chọn (options)";
const ARGUMENTS: &str = "Tham số (arguments)";
const COMMANDS: &str = "Lệnh (commands)";

fn dress(command: ClapCommand) -> ClapCommand {
    command
        .help_template(TEMPLATE)
        .subcommand_help_heading(COMMANDS)
        .mut_args(|arg| {
            let heading = if arg.is_positional() { ARGUMENTS } else { OPTIONS };
            arg.help_heading(heading)
        })
        .mut_subcommands(dress)
}

#[cfg(test)]
mod tests;
