use std::sync::Arc;

use signature::{
    Certificate, Crl, PathRequest, Policy, Revocation as Wanted, RevocationEvidence, Signer, Target, TrustStore,
    validate_path,
};

use super::*;

/// 2026-11-21T03:00:00Z.
const AT: UnixMillis = UnixMillis::new(1_795_230_000_000);

struct Stage {
    dir: tempfile::TempDir,
    files: Vec<PathBuf>,
}

impl Stage {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let files = Government { at: AT, url: "http://127.0.0.1:18092".to_owned() }.write(dir.path()).unwrap();
        Self { dir, files }
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.dir.path().join(BELOW).join(name)).unwrap()
    }

    fn certificate(&self, name: &str) -> Certificate {
        Certificate::parse_all(&self.bytes(&format!("{name}.pem"))).unwrap().remove(0)
    }

    /// The rule that refuses a certificate under a root; none when it passes.
    fn refusal(&self, name: &str, root: &str, target: Target) -> Option<&'static str> {
        let lists = ["rootcag2", "cpcag2", "rootcag1", "cpcag1"];
        let evidence = lists.iter().fold(RevocationEvidence::new(), |evidence, list| {
            evidence.with_crl(Arc::new(Crl::parse(&self.bytes(&format!("crl/{list}.crl"))).unwrap()))
        });
        let policy = Policy { revocation: Wanted::Require, ..Policy::envelope() };
        let intermediates = ["ca/cpcag2", "ca/cpcag1", "officials/chu-tich-h48"].map(|name| self.certificate(name));
        let trust = TrustStore::new(vec![self.certificate(root)], intermediates.to_vec());
        let certificate = self.certificate(name);
        let request = PathRequest::new(&certificate, &trust, &policy, AT).for_target(target).with_evidence(&evidence);
        validate_path(&request).err().map(|reason| reason.rule())
    }
}

#[test]
fn a_verifier_says_of_each_certificate_what_the_table_says() {
    let stage = Stage::new();
    let mut wrong = Vec::new();
    for file in GOVERNMENT {
        let target = if file.name.contains("/tsa") { Target::TimestampAuthority } else { Target::DocumentSigner };
        let found = |root| stage.refusal(file.name, root, target);
        let (second, first) = (found("ca/rootcag2"), found("ca/rootcag1"));
        let is_right = match file.verdict {
            Verdict::Passes | Verdict::Stamps | Verdict::Weak(_) => second.is_none(),
            Verdict::Issues => second.is_some() && first.is_some(),
            Verdict::Refused(rule) => second == Some(rule),
            Verdict::Legacy(rule) => second == Some("no_issuer") && first == Some(rule),
        };
        if !is_right {
            wrong.push(format!(
                "{}: {:?}, under the first root {first:?}, by the table {:?}",
                file.name, second, file.verdict
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_text_file_and_every_subject_carries_the_mark() {
    let stage = Stage::new();
    for file in stage.files.iter().filter(|file| file.extension().is_some_and(|ending| ending != "crl")) {
        let text = std::fs::read_to_string(file).unwrap();
        assert_eq!(text.lines().next(), Some("# EXAMPLE - NOT FOR PRODUCTION"), "{}", file.display());
    }
    for file in GOVERNMENT {
        assert!(stage.certificate(file.name).is_example(), "{}", file.name);
    }
}

#[test]
fn every_key_but_the_weak_one_signs() {
    let stage = Stage::new();
    for file in GOVERNMENT {
        let (key, certificate) =
            (stage.bytes(&format!("{}.key.pem", file.name)), stage.bytes(&format!("{}.pem", file.name)));
        let is_weak = file.name == "rejected/weak-rsa1024";
        assert_eq!(Signer::from_pem(&key, &certificate).is_err(), is_weak, "{}", file.name);
    }
}

#[test]
fn the_keys_have_the_sizes_that_agencies_use() {
    let stage = Stage::new();
    for (name, key, bits) in [
        ("ca/rootcag2", "RSA", 4096),
        ("ca/cpcag2", "RSA", 4096),
        ("officials/chu-tich-h48", "RSA", 2048),
        ("officials/bo-truong-g22", "RSA", 3072),
        ("seals/h48-35", "RSA", 4096),
        ("seals/h48-15", "P-256", 256),
    ] {
        let signatory = stage.certificate(name).signatory();
        assert_eq!(signatory.public_key_bits, bits, "{name}");
        assert!(signatory.public_key.contains(key), "{name}: {}", signatory.public_key);
    }
}

#[test]
fn the_readme_lists_every_file() {
    let stage = Stage::new();
    let readme = String::from_utf8(stage.bytes("README.md")).unwrap();
    for file in GOVERNMENT {
        assert!(readme.contains(&format!("| `{}.pem` |", file.name)), "{}", file.name);
        assert!(!file.what.is_empty() && !file.what_en.is_empty(), "{}", file.name);
    }
}
