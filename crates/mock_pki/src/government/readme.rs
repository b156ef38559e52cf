//! The README of the government's PKI: its table is the cast.

use std::fmt::Write as _;

use super::cast::{GOVERNMENT, Verdict};
use crate::example::MARK;

const HEAD: &str = "\
**KHÔNG DÙNG TRONG THỰC TẾ.** Mô phỏng PKI chuyên dùng Chính phủ: hai thế hệ, lãnh đạo, con dấu, văn thư, OCSP, TSA, CRL,
và những chứng thư phải bị từ chối. Khóa RSA nằm công khai trong mã nguồn. Mỗi tệp chỉ có chứng thư của chính nó, như thẻ
của Chính phủ: CA trung gian lấy từ `ca/`.

**Never use in production.** The shape of the government's PKI: two generations, leaders, seals, a clerk, OCSP, TSA,
lists, and certificates that have to be refused. The RSA keys are public. A file holds its own certificate only, as the
government's cards do: intermediates come from `ca/`.
";

/// The whole file.
pub(super) fn text(url: &str) -> String {
    let mut text = format!("# {MARK}\n\n{HEAD}\nOCSP, CRL, TSA: `lienthong pki serve`, {url}\n\n");
    text.push_str(
        "Neo tin cậy (anchor): `ca/rootcag2.pem`. CRL lúc tạo (lists of the day it was made): `crl/*.crl`, DER.\n\n",
    );
    text.push_str("| Tệp (file) | Là gì (what it is) | Bộ kiểm tra phải nói (what a verifier says) |\n|---|---|---|\n");
    for file in GOVERNMENT {
        let verdict = match file.verdict {
            Verdict::Passes => "đạt (passes)".to_owned(),
            Verdict::Stamps => "đạt, là TSA (passes as a time-stamping authority)".to_owned(),
            Verdict::Issues => "không ký văn bản (signs no documents)".to_owned(),
            Verdict::Refused(rule) => format!("không đạt (refused): `{rule}`"),
            Verdict::Weak(rule) => format!("mọi chữ ký không đạt (its signatures are refused): `{rule}`"),
            Verdict::Legacy(rule) => {
                format!("không có đường dẫn đến neo; với neo `ca/rootcag1.pem` (under the first root): `{rule}`")
            }
        };
        writeln!(text, "| `{}.pem` | {} ({}) | {verdict} |", file.name, file.what, file.what_en)
            .expect("a String takes every write");
    }
    text
}
