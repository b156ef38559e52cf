//! Who is in the government's PKI, and what a verifier has to say of each.

use signature::CrlReason;

use super::Revoked;

/// One certificate of the government's PKI.
#[derive(Clone, Copy, Debug)]
pub struct GovernmentFile {
    /// Path below `government/`, without its ending.
    pub name: &'static str,
    /// Organisation of its subject.
    pub organisation: &'static str,
    /// Common name of its subject; `(EXAMPLE)` is added.
    pub common_name: &'static str,
    /// What it is, in Vietnamese.
    pub what: &'static str,
    /// The same in English.
    pub what_en: &'static str,
    /// What a verifier has to say.
    pub verdict: Verdict,
    pub(super) made: Made,
    pub(super) revoked: Revoked,
}

/// What a verifier has to say of a certificate now, with the root of the second generation as its anchor, the CAs as
/// intermediates and revocation data required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Passes as the signer of a document.
    Passes,
    /// Passes as a time-stamping authority.
    Stamps,
    /// A CA or a responder: signs no documents.
    Issues,
    /// Refused by this rule; of a time-stamping authority, as one.
    Refused(&'static str),
    /// A path is found, and every signature of its key is refused by this rule.
    Weak(&'static str),
    /// Refused by this rule under the anchor of the first generation too: SHA-1 needs a permission for old documents.
    Legacy(&'static str),
}

/// How it is made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Made {
    /// Made beforehand, because its signature algorithm is not made any more.
    Fixed { certificate: &'static str, key: &'static str },
    /// The root of the second generation.
    Root(&'static str),
    /// Its sub CA.
    Sub(&'static str),
    /// Issued by one of them.
    Leaf { issuer: By, key: Key, years: (i32, i32), shape: Shape },
}

/// Who issues a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    SubG2,
    SubG1,
    /// An official, who is no CA.
    Official,
}

/// The key of a leaf.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    /// From the source: nothing here makes RSA keys.
    Rsa(&'static str),
    /// A new one.
    P256,
    /// RSA of 1024 bits: key, and its public half.
    Weak(&'static str, &'static str),
}

/// Which usages and purposes a leaf states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// As officials and seals: nonRepudiation, not critical, no extended key usage.
    Signer,
    /// keyEncipherment alone.
    Encipherment,
    /// Extended key usage serverAuth alone.
    Server,
    Timestamps,
    /// The purpose is right, and not critical.
    TimestampsNotCritical,
    Ocsp,
}

macro_rules! key {
    ($name:literal) => {
        include_str!(concat!("../../keys/EXAMPLE-", $name, ".key.pem"))
    };
}

macro_rules! fixed {
    ($name:literal, $key:literal) => {
        Made::Fixed { certificate: include_str!(concat!("../../keys/EXAMPLE-", $name, ".pem")), key: key!($key) }
    };
}

/// The key of the CA that issues the weak certificates too.
pub(super) const SUB_G2_KEY: &str = key!("sub-g2");
pub(super) const ROOT_G2_KEY: &str = key!("root-g2");
pub(super) const SUB_G1_KEY: &str = key!("sub-g1");
pub(super) const SUB_G1: &str = include_str!("../../keys/EXAMPLE-sub-g1.pem");

const CIPHER: &str = "Ban Cơ yếu Chính phủ";
const PROVINCE: &str = "Ủy ban nhân dân tỉnh Quảng Ngãi";
const OFFICE: &str = "Văn phòng Chính phủ";
const DEPARTMENT: &str = "Sở Thông tin và Truyền thông tỉnh Quảng Ngãi";
const DISTRICT: &str = "Ủy ban nhân dân huyện Nghĩa Hành";
/// From two years ago, for five years.
const NOW: (i32, i32) = (-2, 3);

const fn leaf(name: &'static str, organisation: &'static str, common_name: &'static str, key: Key) -> GovernmentFile {
    let made = Made::Leaf { issuer: By::SubG2, key, years: NOW, shape: Shape::Signer };
    GovernmentFile {
        name,
        organisation,
        common_name,
        what: "",
        what_en: "",
        verdict: Verdict::Passes,
        made,
        revoked: None,
    }
}

impl GovernmentFile {
    const fn is(mut self, what: &'static str, what_en: &'static str) -> Self {
        self.what = what;
        self.what_en = what_en;
        self
    }

    const fn verdict(mut self, verdict: Verdict) -> Self {
        self.verdict = verdict;
        self
    }

    const fn shape(mut self, shape: Shape) -> Self {
        if let Made::Leaf { issuer, key, years, .. } = self.made {
            self.made = Made::Leaf { issuer, key, years, shape };
        }
        self
    }

    const fn years(mut self, from: i32, to: i32) -> Self {
        if let Made::Leaf { issuer, key, shape, .. } = self.made {
            self.made = Made::Leaf { issuer, key, years: (from, to), shape };
        }
        self
    }

    const fn by(mut self, issuer: By) -> Self {
        if let Made::Leaf { key, years, shape, .. } = self.made {
            self.made = Made::Leaf { issuer, key, years, shape };
        }
        self
    }

    const fn made(mut self, made: Made) -> Self {
        self.made = made;
        self
    }

    const fn revoked(mut self, days: u32, reason: CrlReason) -> Self {
        self.revoked = Some((days, reason));
        self.verdict = Verdict::Refused("certificate_revoked");
        self
    }
}

const fn refused(name: &'static str, common_name: &'static str, rule: &'static str) -> GovernmentFile {
    leaf(name, PROVINCE, common_name, Key::P256).verdict(Verdict::Refused(rule))
}

/// Every certificate of the government's PKI, CAs first.
pub const GOVERNMENT: &[GovernmentFile] = &[
    leaf("ca/rootcag2", CIPHER, "RootCA chuyên dùng Chính phủ G2", Key::P256)
        .is("CA gốc thế hệ 2, RSA-4096: neo tin cậy", "root of the second generation, the anchor")
        .verdict(Verdict::Issues)
        .made(Made::Root(ROOT_G2_KEY)),
    leaf("ca/cpcag2", CIPHER, "CA phục vụ các cơ quan Nhà nước G2", Key::P256)
        .is("CA cấp dưới cho cơ quan nhà nước, RSA-4096, pathlen 0", "sub CA for state agencies")
        .verdict(Verdict::Issues)
        .made(Made::Sub(SUB_G2_KEY)),
    leaf("ca/rootcag1", CIPHER, "RootCA chuyên dùng Chính phủ", Key::P256)
        .is("CA gốc thế hệ 1, 2010–2030, RSA-2048, SHA-1", "root of the first generation, SHA-1")
        .verdict(Verdict::Issues)
        .made(fixed!("root-g1", "root-g1")),
    leaf("ca/cpcag1", "Bộ Tài chính", "Co quan chung thuc so Bo Tai chinh", Key::P256)
        .is("CA cấp dưới thế hệ 1, SHA-1", "sub CA of the first generation, SHA-1")
        .verdict(Verdict::Issues)
        .made(fixed!("sub-g1", "sub-g1")),
    leaf("officials/chu-tich-h48", PROVINCE, "Nguyễn Văn Mẫu", Key::Rsa(key!("official-2048")))
        .is("lãnh đạo ký phê duyệt, RSA-2048", "a leader who approves"),
    leaf("officials/bo-truong-g22", OFFICE, "Lê Văn Thử", Key::Rsa(key!("official-3072")))
        .is("lãnh đạo, RSA-3072 như thẻ mới", "a leader, RSA-3072 as newer cards"),
    leaf("officials/giam-doc-h48-15", DEPARTMENT, "Trần Thị Ví Dụ", Key::P256).is("lãnh đạo, P-256", "a leader, P-256"),
    leaf("officials/g1-chi-cuc-truong", "Tổng cục Hải quan", "Phạm Văn Cũ", Key::Rsa(key!("official-g1")))
        .is("cấp mới bởi CA thế hệ 1, chữ ký SHA-256 trên đường dẫn SHA-1", "issued now, by the first generation")
        .by(By::SubG1)
        .verdict(Verdict::Legacy("algorithm_unsupported")),
    leaf("officials/g1-tchq-2015", "Tổng cục Hải quan", "TCHQ", Key::P256)
        .is("mẫu năm 2015, SHA-1, hết hạn 2020; issuerAltName rỗng", "as a sample of 2015: SHA-1, expired in 2020")
        .verdict(Verdict::Refused("certificate_expired"))
        .made(fixed!("leaf-g1", "leaf-g1")),
    leaf("seals/h48", PROVINCE, PROVINCE, Key::Rsa(key!("seal-2048"))).is("con dấu, RSA-2048", "an agency's seal"),
    leaf("seals/g22", OFFICE, OFFICE, Key::Rsa(key!("seal-3072"))).is("con dấu, RSA-3072", "an agency's seal"),
    leaf("seals/h48-35", DISTRICT, DISTRICT, Key::Rsa(key!("seal-4096"))).is("con dấu, RSA-4096", "an agency's seal"),
    leaf("seals/h48-15", DEPARTMENT, DEPARTMENT, Key::P256).is("con dấu, P-256", "an agency's seal"),
    leaf("clerks/van-thu-h48", PROVINCE, "Văn thư UBND tỉnh", Key::P256)
        .is("văn thư: ký văn bản đến, sao y", "a clerk: incoming stamps, copies"),
    leaf("services/ocsp-g2", CIPHER, "OCSP chuyên dùng Chính phủ G2", Key::Rsa(key!("ocsp")))
        .is("trả lời OCSP thay cpcag2", "answers OCSP requests for cpcag2")
        .shape(Shape::Ocsp)
        .verdict(Verdict::Issues),
    leaf("services/tsa-g2", CIPHER, "TSA chuyên dùng Chính phủ G2", Key::Rsa(key!("tsa")))
        .is("cấp dấu thời gian", "signs time-stamps")
        .shape(Shape::Timestamps)
        .verdict(Verdict::Stamps),
    refused("rejected/expired", "Hết hạn", "certificate_expired")
        .is("hết hạn từ một năm trước", "expired a year ago")
        .years(-6, -1),
    refused("rejected/not-yet-valid", "Chưa có hiệu lực", "certificate_not_yet_valid")
        .is("có hiệu lực từ năm sau", "valid from next year")
        .years(1, 6),
    refused("rejected/revoked-key-compromise", "Lộ khóa", "certificate_revoked")
        .is("thu hồi 30 ngày trước: lộ khóa", "revoked 30 days ago: keyCompromise")
        .revoked(30, CrlReason::KeyCompromise),
    refused("rejected/revoked-cessation", "Nghỉ hưu", "certificate_revoked")
        .is(
            "thu hồi 1 ngày trước: thôi việc; chữ ký có dấu thời gian trước đó vẫn hợp lệ",
            "revoked a day ago, cessationOfOperation: what was time-stamped before stays valid",
        )
        .revoked(1, CrlReason::CessationOfOperation),
    refused("rejected/wrong-usage", "Mã hóa", "key_usage")
        .is("chỉ keyEncipherment", "keyEncipherment alone")
        .shape(Shape::Encipherment),
    refused("rejected/wrong-purpose", "Máy chủ", "extended_key_usage")
        .is("chỉ serverAuth", "extended key usage serverAuth alone")
        .shape(Shape::Server),
    refused("rejected/issued-by-official", "Do người không phải CA cấp", "issuer_not_ca")
        .is("do officials/chu-tich-h48 cấp, không phải CA", "issued by an official, who is no CA")
        .by(By::Official),
    leaf(
        "rejected/weak-rsa1024",
        PROVINCE,
        "RSA-1024",
        Key::Weak(key!("weak-1024"), include_str!("../../keys/EXAMPLE-weak-1024.pub.pem")),
    )
    .is("khóa RSA-1024", "a key of RSA-1024")
    .verdict(Verdict::Weak("key_too_small")),
    refused("rejected/weak-sha1", "Chữ ký SHA-1", "algorithm_unsupported")
        .is("chứng thư ký bằng SHA-1 dưới CA thế hệ 2", "signed with SHA-1 under the second generation")
        .made(fixed!("weak-sha1", "weak-hash")),
    refused("rejected/weak-md5", "Chữ ký MD5", "algorithm_unsupported")
        .is("chứng thư ký bằng MD5", "signed with MD5")
        .made(fixed!("weak-md5", "weak-hash")),
    refused("rejected/tsa-not-critical", "TSA EKU không critical", "timestamping_purpose")
        .is("TSA mà EKU không critical", "a TSA whose extended key usage is not critical")
        .shape(Shape::TimestampsNotCritical),
];
