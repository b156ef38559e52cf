//! What a node must not take, and with which code it says so.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::Story;
use crate::commands::demo::actor::{Broken, Refusal, list};
use crate::commands::demo::report::Refused;
use crate::files::write_new;

/// The agency that every refused document is addressed to, when it is addressed to a known one.
const VICTIM: &str = "H48.35";
const VICTIM_SYSTEM: &str = "huyen-h48-35";

impl Story<'_> {
    pub(super) fn refusals(&mut self, pdf: &Path) {
        let pki = self.stage.pki().to_owned();
        let rejected = |kind: &str, file: &str| pki.join("rejected").join(kind).join(file).display().to_string();
        for (what, kind, expected) in [
            ("chứng thư ký hết hạn (expired signing certificate)", "expired", "certificate_expired"),
            ("chứng thư ký của CA lạ (signing certificate of a foreign CA)", "foreign", "certificate_untrusted"),
        ] {
            let (cert, key) = (rejected(kind, "signing.pem"), rejected(kind, "signing.key.pem"));
            let more = ["--signing-cert", &cert, "--signing-key", &key];
            let answer = self.attempt("xa-h48-35-15", VICTIM, pdf, &more);
            self.refused(what, expected, answer);
        }
        let answer = self.altered(pdf);
        self.refused("nội dung sửa sau khi ký (altered after signing)", "manifest_mismatch", answer);
        let answer = self.attempt("ubnd-h48", "H48.35.99", pdf, &[]);
        self.refused("cơ quan không có trong danh bạ (unknown agency)", "unknown_agency", answer);
        let answer = self.secret(pdf);
        self.refused("văn bản có độ mật (secrecy mark)", "secret_document", answer);
        self.nothing_arrived();
    }

    fn attempt(&self, system: &str, to: &str, pdf: &Path, more: &[&str]) -> Result<Value, Refusal> {
        let file = pdf.display().to_string();
        let mut args = vec!["send", &file, "--number", "99", "--notation", "THU"];
        args.extend(["--subject", "Văn bản phải bị từ chối", "--to", to]);
        args.extend(more);
        self.stage.actor(system).ask(&args)
    }

    /// Signs a packet, changes one letter in it, and sends it with its signature.
    fn altered(&self, pdf: &Path) -> Result<Value, Refusal> {
        let actor = self.stage.actor("so-ttt");
        let (file, packet) = (pdf.display().to_string(), self.stage.file("sua.edxml"));
        let target = packet.display().to_string();
        let mut build = vec!["packet", "build", &file, "--number", "99", "--notation", "THU", "--sign"];
        build.extend(["--subject", "Duyệt chi một triệu đồng", "--to", VICTIM, "--output", &target]);
        actor.ask(&build)?;
        let changed = fs::read_to_string(&packet).map(|text| text.replace("một triệu", "bảy triệu"));
        changed.and_then(|text| fs::write(&packet, text)).map_err(|error| local(&error.to_string()))?;
        actor.ask(&["send", &target, "--signature", &format!("{target}.p7s")])
    }

    fn secret(&self, pdf: &Path) -> Result<Value, Refusal> {
        let header = self.stage.file("mat.json");
        write_new(&header, r#"{"secrecy": "Mật"}"#.as_bytes()).map_err(|failure| local(&failure.to_string()))?;
        self.attempt("vpcp", VICTIM, pdf, &["--header", &header.display().to_string()])
    }

    fn refused(&mut self, what: &'static str, expected: &'static str, answer: Result<Value, Refusal>) {
        let (code, exit, text) = match answer {
            Ok(_) => (String::new(), 0, "nút đã nhận (accepted)".to_owned()),
            Err(refusal) => (refusal.code, refusal.exit, refusal.text),
        };
        let held = if code == expected { Ok(()) } else { Err(format!("cần (wanted) {expected}: {code} {text}")) };
        self.expect(&format!("{what}: {expected}"), held);
        self.report.refusals.push(Refused { what, expected, code, exit });
    }

    /// All that was accepted has been confirmed, so anything in the inbox should have been refused.
    fn nothing_arrived(&mut self) {
        let inbox = self.stage.actor(VICTIM_SYSTEM).ask(&["inbox", "--kind", "document"]);
        let held = inbox.map_err(|refusal| Broken::from(refusal).0).and_then(|inbox| {
            let waiting = list(&inbox, "/items").len();
            if waiting == 0 { Ok(()) } else { Err(format!("{waiting} mục (items)")) }
        });
        self.expect(&format!("hộp đến {VICTIM} không có văn bản nào trong số đó (none of them arrived)"), held);
    }
}

fn local(text: &str) -> Refusal {
    Refusal { exit: -1, code: String::new(), text: text.to_owned() }
}
