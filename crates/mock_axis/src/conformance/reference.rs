//! The document of the rules, made from the tables.

use std::fmt::Write as _;

use super::{CLIENT_RULES, RULES, Rule, SECRET_RULE};

const HEAD: &str = "\
# Quy tắc của giao thức trục (rules of the axis protocol)

Tệp này được sinh từ mã nguồn; đừng sửa tay (`cargo run -p xtask -- docs`). Made from the code; do not edit.

`lienthong mock-axis conformance` kiểm tra từng quy tắc: cách chạy ở [mock-axis.md](mock-axis.md). Mã quy tắc không bao giờ
đổi nghĩa. Nguồn: cách bộ SDK 2.0.x của đơn vị vận hành trục nói trên đường truyền.
Each rule is checked by that command; an id never changes its meaning. Source: SDK 2.0.x of the axis's operator on the wire.
";

/// `docs/axis-conformance.md`.
#[must_use]
pub fn markdown() -> String {
    let mut text = HEAD.to_owned();
    let server: Vec<Rule> = RULES.into_iter().chain([SECRET_RULE]).collect();
    table(&mut text, "Máy chủ (servers: `--url`)", &server);
    table(&mut text, "Phần mềm gọi đến (clients: `--listen`)", &CLIENT_RULES);
    text
}

fn table(text: &mut String, title: &str, rules: &[Rule]) {
    // Writing to a String cannot fail.
    let _ignored = write!(text, "\n## {title}\n\n| Mã (id) | Quy tắc | Rule |\n|---|---|---|\n");
    for Rule { id, vi, en } in rules {
        let _ignored = writeln!(text, "| `{id}` | {vi} | {en} |");
    }
}
