//! The README of the example PKI.

use std::fmt::Write as _;

use super::{MARK, NODES, SYSTEMS};

const HEAD: &str = "\
**KHÔNG DÙNG TRONG THỰC TẾ.** Khóa bí mật của các chứng thư này nằm công khai trong kho mã nguồn; ai cũng có thể
giả danh chúng. Chỉ dùng để chạy thử, kiểm thử và tập huấn. Nút ở chế độ thường từ chối khởi động với chúng.

**Never use in production.** The private keys are public; anybody can pass for any of these. For trials, tests
and training only. A node refuses to start with them unless its configuration allows example certificates.

Tạo lại (make again): `lienthong pki example THƯ_MỤC --force`

| Tệp (file) | Dùng để (purpose) |
|---|---|
| `ca/root.pem` | CA gốc (root CA) |
| `ca/transport.pem` | CA cấp chứng thư kết nối (issues transport certificates) |
| `ca/signing.pem` | CA cấp chứng thư ký văn bản và ký biên nhận (issues document- and receipt-signing certificates) |
| `ca/foreign.pem` | CA lạ, không ai tin cậy (a CA that nobody trusts) |
| `nodes/<id>/transport.pem` | kết nối của nút: máy chủ và máy khách (a node's connections, both directions) |
| `nodes/<id>/signing.pem` | ký biên nhận (signs receipts) |
| `systems/<id>/transport.pem` | kết nối của phần mềm cơ quan (an agency system's connections) |
| `systems/<id>/signing.pem` | ký văn bản của cơ quan (signs the agency's documents) |
| `services/ocsp.pem` | trả lời OCSP thay CA ký (answers OCSP requests for the signing CA) |
| `services/tsa.pem` | cấp dấu thời gian (signs time-stamps) |
| `rejected/expired/signing.pem` | chứng thư ký đã hết hạn: phải bị từ chối (expired: must be refused) |
| `rejected/foreign/signing.pem` | chứng thư ký của CA lạ: phải bị từ chối (of the foreign CA: must be refused) |

Khóa (keys): `<tên>.key.pem`, PKCS#8, ECDSA P-256.
";

/// The whole file.
pub(super) fn text() -> String {
    let mut text = format!("# {MARK}\n\n{HEAD}\n| Nút (node) | Vận hành (operator) |\n|---|---|\n");
    for seat in NODES {
        writeln!(text, "| `{}` | {} |", seat.id, seat.operator).expect("a String takes every write");
    }
    text.push_str("\n| Hệ thống (system) | Cơ quan (agency) | Tên (name) | Nút (node) |\n|---|---|---|---|\n");
    for seat in SYSTEMS {
        writeln!(text, "| `{}` | `{}` | {} | `{}` |", seat.id, seat.agency, seat.name, seat.node)
            .expect("a String takes every write");
    }
    text
}
