//! `token`: what a PKCS #11 module offers.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;
use signature::Certificate;
use token::{PinState, Token};

use crate::failure::Failure;
use crate::output::{Output, Page};
use crate::signing_key::{pin, unavailable};

/// Commands of `token`.
#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Liệt kê token, khóa và chứng thư (tokens, keys and certificates of a module)
    List(ListArgs),
}

/// Options of `token list`.
#[derive(Args)]
pub(crate) struct ListArgs {
    /// Mô-đun PKCS#11, tệp .so (the vendor's module)
    #[arg(long, value_name = "FILE", alias = "pkcs11-module")]
    module: PathBuf,
    /// Đăng nhập token có nhãn này để thấy khóa riêng (log in to this token, to see its private keys)
    #[arg(long, value_name = "LABEL", requires = "pin")]
    token_label: Option<String>,
    /// Mã PIN: file:PATH, env:NAME (the PIN's place)
    #[arg(long, value_name = "PLACE", requires = "token_label")]
    pin: Option<String>,
}

pub(crate) fn run(command: &TokenCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        TokenCommand::List(args) => list(args, output),
    }
}

fn list(args: &ListArgs, output: &mut Output) -> Result<(), Failure> {
    let pin = args.pin.as_deref().map(pin).transpose()?;
    let login = args.token_label.as_deref().zip(pin.as_ref());
    let tokens = token::list(&args.module, login).map_err(unavailable)?;
    let is_opened = |token: &Token| args.token_label.as_ref().is_some_and(|label| *label == token.label);
    let shown = tokens.into_iter().map(|token| Shown { logged_in: is_opened(&token), ..Shown::from(token) });
    let list = List { tokens: shown.collect() };
    output.show(&list, show)
}

#[derive(Serialize)]
struct List {
    tokens: Vec<Shown>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    slot: u64,
    label: String,
    manufacturer: String,
    model: String,
    serial: String,
    /// Whether its private keys could be seen.
    logged_in: bool,
    pin: &'static str,
    keys: Vec<Key>,
    certificates: Vec<Known>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    label: String,
    id: String,
    kind: &'static str,
    is_private: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    label: String,
    id: String,
    /// Empty for one that does not read.
    subject: String,
    sha256: String,
}

impl From<Token> for Shown {
    fn from(token: Token) -> Self {
        let key = |key: token::TokenObject| Key {
            label: key.label,
            id: hex(&key.id),
            kind: key.kind,
            is_private: key.is_private,
        };
        let known = |known: token::TokenCertificate| {
            let read = Certificate::parse(&known.der).ok();
            Known {
                label: known.label,
                id: hex(&known.id),
                subject: read.as_ref().map(|read| read.subject().to_owned()).unwrap_or_default(),
                sha256: read.map(|read| read.sha256().to_string()).unwrap_or_default(),
            }
        };
        Self {
            slot: token.slot,
            label: token.label,
            manufacturer: token.manufacturer,
            model: token.model,
            serial: token.serial,
            logged_in: false,
            pin: match token.pin {
                PinState::Good => "good",
                PinState::Low => "low",
                PinState::LastTry => "last_try",
                PinState::Locked => "locked",
                PinState::NotSet => "not_set",
            },
            keys: token.keys.into_iter().map(key).collect(),
            certificates: token.certificates.into_iter().map(known).collect(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn show(list: &List, page: &mut Page) {
    if list.tokens.is_empty() {
        page.line("Không có token nào (no token is plugged in)");
    }
    for token in &list.tokens {
        page.line(format!(
            "Token {:?}: {} {}, số sê-ri (serial) {}, khe (slot) {}, PIN: {}",
            token.label,
            token.manufacturer,
            token.model,
            token.serial,
            token.slot,
            pin_text(token.pin)
        ));
        page.table(
            ["Loại", "Nhãn", "id", "Nội dung"],
            token
                .keys
                .iter()
                .map(|key| {
                    let what = if key.is_private { "khóa riêng (private)" } else { "khóa công khai (public)" };
                    [what.to_owned(), key.label.clone(), format!("id:{}", key.id), key.kind.to_owned()]
                })
                .chain(token.certificates.iter().map(|known| {
                    let what = "chứng thư (certificate)".to_owned();
                    [what, known.label.clone(), format!("id:{}", known.id), known.subject.clone()]
                })),
        );
        if token.keys.iter().all(|key| !key.is_private) {
            page.line(if token.logged_in {
                "Đã đăng nhập: token này không có khóa riêng nào (logged in: there is no private key on this token)"
            } else {
                "Khóa riêng chỉ hiện sau khi đăng nhập: --token-label và --pin (private keys show after logging in)"
            });
        }
    }
}

fn pin_text(state: &str) -> &'static str {
    match state {
        "good" => "tốt (good)",
        "low" => "vừa nhập sai (wrong lately)",
        "last_try" => "còn một lần thử (one try left)",
        "locked" => "đã khóa (locked)",
        _ => "chưa đặt (not set)",
    }
}
