//! Public outcome codes: one table, append only.

use std::fmt;

/// Who has to act on an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The one who sent the request or the document.
    Sender,
    /// Another node, endpoint or service this node talks to.
    Peer,
    /// This node or the people who run it.
    Node,
}

macro_rules! codes {
    ($($variant:ident $text:literal $fault:ident $retry:literal $vi:literal $en:literal $act_vi:literal $act_en:literal;)*) => {
        /// Public outcome code. Append only; never renamed, never reused.
        ///
        /// The code is the contract, the texts are not.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorCode { $(#[doc = $en] $variant,)* }

        impl ErrorCode {
            /// Every code, in the order in which they were added.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it travels: lower-case words joined by `_`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Who has to act.
            #[must_use]
            pub const fn fault(self) -> Fault {
                match self { $(Self::$variant => Fault::$fault,)* }
            }

            /// Whether the same request may succeed later without a change.
            #[must_use]
            pub const fn is_retryable(self) -> bool {
                match self { $(Self::$variant => $retry,)* }
            }

            /// What it means, in Vietnamese.
            #[must_use]
            pub const fn title_vi(self) -> &'static str {
                match self { $(Self::$variant => $vi,)* }
            }

            /// What it means, in English.
            #[must_use]
            pub const fn title_en(self) -> &'static str {
                match self { $(Self::$variant => $en,)* }
            }

            /// What to do next, in Vietnamese.
            #[must_use]
            pub const fn action_vi(self) -> &'static str {
                match self { $(Self::$variant => $act_vi,)* }
            }

            /// What to do next, in English.
            #[must_use]
            pub const fn action_en(self) -> &'static str {
                match self { $(Self::$variant => $act_en,)* }
            }
        }
    };
}

codes! {
    InvalidArgument "invalid_argument" Sender false "Tham số không hợp lệ" "A parameter of the request is not valid" "Sửa tham số được nêu rồi gửi lại" "Correct the named parameter and send again";
    Unauthenticated "unauthenticated" Sender false "Chưa xác thực được hệ thống gọi" "The calling system is not known" "Kiểm tra chứng thư máy khách hoặc mã truy cập" "Check the client certificate or the token";
    PermissionDenied "permission_denied" Sender false "Hệ thống không được phép làm việc này" "The calling system may not do this" "Yêu cầu quản trị nút cấp quyền cho hệ thống" "Ask the node's operator for the permission";
    AgencyNotSpokenFor "agency_not_spoken_for" Sender false "Hệ thống gọi không đại diện cho cơ quan này" "The calling system does not speak for this agency" "Dùng mã cơ quan đã đăng ký cho hệ thống, hoặc bổ sung trong cấu hình" "Use an agency registered for the system, or have it added to the configuration";
    NotFound "not_found" Sender false "Không tìm thấy" "Not found" "Kiểm tra lại mã định danh đã dùng" "Check the id that was used";
    MalformedCode "malformed_code" Sender false "Mã định danh cơ quan sai cấu trúc" "An agency code breaks the standard" "Sửa mã tại vị trí được nêu" "Correct the code at the named position";
    UnknownAgency "unknown_agency" Sender false "Cơ quan nhận không có trong danh bạ" "A receiving agency is not in the directory" "Tra cứu mã đúng (agency find), xem gợi ý kèm theo" "Look the code up (agency find); see the suggestion";
    UnknownSender "unknown_sender" Sender false "Cơ quan gửi không có trong danh bạ" "The sending agency is not in the directory" "Đăng ký cơ quan gửi vào danh bạ" "Register the sending agency";
    AgencyDissolved "agency_dissolved" Sender false "Cơ quan nhận đã giải thể, có nhiều cơ quan kế thừa" "A receiving agency was dissolved and has several successors" "Chọn một cơ quan kế thừa trong danh sách" "Choose one of the listed successors";
    NoRoute "no_route" Node false "Không có đường đến cơ quan nhận" "There is no route to a receiving agency" "Khai báo đường đi hoặc nút láng giềng cho cơ quan" "Configure a route or a neighbour for the agency";
    MalformedDocument "malformed_document" Sender false "Gói tin không đúng cấu trúc XML" "The packet is not well-formed" "Xuất lại gói tin từ phần mềm" "Write the packet again";
    ForbiddenXml "forbidden_xml" Sender false "Gói tin có DTD hoặc thực thể XML bị cấm" "The packet has a DTD or an entity declaration" "Bỏ khai báo DOCTYPE/ENTITY" "Remove the DOCTYPE or ENTITY";
    WrongNamespace "wrong_namespace" Sender false "Không gian tên XML không phải QCVN 102:2016" "The packet's XML namespace is not the standard's" "Dùng không gian tên QCVN_102_2016" "Use the QCVN_102_2016 namespace";
    MissingElement "missing_element" Sender false "Gói tin thiếu phần tử bắt buộc" "The packet lacks a required element" "Bổ sung phần tử được nêu" "Add the named element";
    InvalidElement "invalid_element" Sender false "Giá trị của phần tử không hợp lệ" "An element's value is not valid" "Sửa giá trị của phần tử được nêu" "Correct the named element";
    LimitExceeded "limit_exceeded" Sender false "Gói tin vượt giới hạn" "The packet exceeds a limit" "Giảm phần được nêu xuống dưới giới hạn" "Reduce the named part below the limit";
    DocumentTooLarge "document_too_large" Sender false "Văn bản vượt dung lượng cho phép" "The document is larger than this node takes" "Giảm dung lượng hoặc đề nghị nâng giới hạn" "Make it smaller, or ask for a higher limit";
    InvalidBase64 "invalid_base64" Sender false "Nội dung tệp đính kèm không phải base64" "An attachment's content is not base64" "Mã hóa lại tệp đính kèm" "Encode the attachment again";
    AttachmentMissing "attachment_missing" Sender false "Bảng kê có tệp mà gói tin không có" "An attachment of the manifest is missing" "Đính kèm tệp được nêu hoặc bỏ khỏi bảng kê" "Attach the named file, or take it off the manifest";
    AttachmentDuplicate "attachment_duplicate" Sender false "Tệp đính kèm bị trùng ContentId" "A ContentId occurs twice" "Đặt ContentId khác nhau cho từng tệp" "Give each attachment its own ContentId";
    AttachmentUnlisted "attachment_unlisted" Sender false "Tệp đính kèm không có trong bảng kê" "An attachment is not in the manifest" "Bổ sung tệp vào bảng kê" "Add the file to the manifest";
    ArchiveUnsafe "archive_unsafe" Sender false "Tệp nén đính kèm không an toàn" "A zipped attachment is unsafe" "Nén đúng một tệp, không kèm đường dẫn" "Zip exactly one file, without a path";
    DigestMismatch "digest_mismatch" Sender false "Nội dung không khớp mã băm đã khai" "The content does not match its declared digest" "Gửi lại toàn bộ nội dung" "Send the whole content again";
    LengthMismatch "length_mismatch" Sender false "Độ dài nội dung không khớp độ dài đã khai" "The content does not match its declared length" "Gửi lại toàn bộ nội dung" "Send the whole content again";
    SenderMismatch "sender_mismatch" Sender false "Cơ quan gửi trong gói tin khác hệ thống đã xác thực" "The packet's sender is not the authenticated caller" "Gửi bằng hệ thống của chính cơ quan" "Send through the agency's own system";
    SecretDocument "secret_document" Sender false "Văn bản mật không được gửi qua trục" "Secret documents never travel on this bus" "Gửi văn bản mật theo đường văn thư bảo mật" "Send it by the secure courier";
    ReferenceUnknown "reference_unknown" Sender false "Văn bản được nhắc đến không có" "The referenced earlier document is not known" "Kiểm tra mã văn bản gốc" "Check the id of the earlier document";
    SignatureMissing "signature_missing" Sender false "Thiếu chữ ký số theo chính sách" "A signature that the policy requires is missing" "Ký số bản kê hoặc tệp PDF, như dòng trên nêu (sign packet, sign pdf), rồi gửi lại" "Sign the manifest or the PDF, as the line above says, and send again";
    SignatureInvalid "signature_invalid" Sender false "Chữ ký số không hợp lệ" "A signature is not valid" "Ký lại; không sửa nội dung sau khi ký" "Sign again; do not change what was signed";
    CertificateExpired "certificate_expired" Sender false "Chứng thư số hết hạn hoặc chưa có hiệu lực" "A certificate is outside its validity" "Gia hạn chứng thư số" "Renew the certificate";
    CertificateUntrusted "certificate_untrusted" Sender false "Chứng thư số không thuộc nguồn tin cậy" "A certificate does not chain to a trust anchor" "Dùng chứng thư do CA được tin cậy cấp" "Use a certificate of a trusted CA";
    CertificateUnsuitable "certificate_unsuitable" Sender false "Chứng thư số không được dùng cho mục đích này" "A certificate may not be used for this purpose" "Dùng chứng thư có quyền ký số" "Use a certificate for signing";
    AlgorithmRefused "algorithm_refused" Sender false "Thuật toán hoặc độ dài khóa không được chấp nhận" "An algorithm or key size is refused" "Dùng RSA từ 2048 bit hoặc ECDSA P-256 với SHA-256 trở lên" "Use RSA of 2048 bits or more, or P-256, with SHA-256 or better";
    ManifestMismatch "manifest_mismatch" Sender false "Bản kê đã ký không khớp gói tin" "The signed manifest does not match the packet" "Tạo lại bản kê từ đúng gói tin gửi đi" "Make the manifest from the packet that is sent";
    DocumentConflict "document_conflict" Sender false "Mã văn bản đã dùng cho nội dung khác" "The document id was used with other content" "Dùng DocumentId mới, hoặc gửi loại cập nhật/thay thế" "Use a new DocumentId, or send an update or replacement";
    LeaseLost "lease_lost" Sender false "Phiên giữ văn bản đã hết hạn hoặc thuộc nơi khác" "The lease has expired or is another's" "Nhận lại (lease) rồi xác nhận" "Take a new lease, then confirm";
    RateLimited "rate_limited" Sender true "Gửi quá nhanh" "Too many requests" "Chờ theo Retry-After rồi gửi lại" "Wait as Retry-After says";
    Overloaded "overloaded" Node true "Nút đang quá tải" "The node is overloaded" "Thử lại sau ít phút" "Try again shortly";
    DiskReserve "disk_reserve" Node true "Nút sắp hết dung lượng, tạm ngừng nhận" "The disk is nearly full; intake is paused" "Người vận hành giải phóng dung lượng" "The operator has to free disk space";
    StorePoisoned "store_poisoned" Node true "Kho dữ liệu gặp lỗi ghi, chờ khởi động lại" "The store refuses writes after a failed flush" "Người vận hành kiểm tra đĩa và khởi động lại nút" "The operator has to check the disk and restart the node";
    StoreDamaged "store_damaged" Node false "Dữ liệu lưu trữ bị hỏng" "A stored record is damaged" "Người vận hành chạy kiểm tra kho" "The operator has to check the store";
    ShuttingDown "shutting_down" Node true "Nút đang dừng" "The node is shutting down" "Thử lại sau khi nút khởi động" "Try again when the node is back";
    PeerUnavailable "peer_unavailable" Peer true "Nút láng giềng không trả lời" "A neighbour does not answer" "Hệ thống tự thử lại; kiểm tra đường truyền" "It is retried; check the connection";
    PeerRefused "peer_refused" Peer false "Nút láng giềng từ chối" "A neighbour refused" "Xem lý do kèm theo" "See the reason that came with it";
    LoopDetected "loop_detected" Peer false "Văn bản quay vòng giữa các nút" "The document came back to a node it had passed" "Người vận hành kiểm tra bảng định tuyến" "The operators have to check the routes";
    HopLimit "hop_limit" Peer false "Văn bản qua quá nhiều nút" "The document passed too many nodes" "Người vận hành kiểm tra bảng định tuyến" "The operators have to check the routes";
    TimeToLive "time_to_live" Peer false "Hết thời hạn chuyển văn bản" "The delivery's time to live has passed" "Gửi lại khi nơi nhận hoạt động" "Send again when the receiver is back";
    ProtocolViolation "protocol_violation" Peer false "Bên kia vi phạm giao thức" "The other side broke the protocol" "Cập nhật phần mềm của bên kia" "Update the other side's software";
    Cancelled "cancelled" Sender true "Yêu cầu bị ngắt giữa chừng" "The request was cut off" "Gửi lại từ đầu; phần dở dang đã được xóa" "Send it again; the partial upload was removed";
    Internal "internal" Node true "Lỗi nội bộ của nút" "An internal error of the node" "Báo người vận hành kèm mã yêu cầu" "Tell the operator, with the request id";
    Unsupported "unsupported" Sender false "Chưa hỗ trợ" "Not supported" "Xem tài liệu để biết cách khác" "See the documentation for another way";
    SignatureMalformed "signature_malformed" Sender false "Chữ ký số sai cấu trúc" "A signature is not built as its standard says" "Ký lại bằng phần mềm ký tuân thủ CMS hoặc JWS" "Sign again with software that follows CMS or JWS";
    ManifestMalformed "manifest_malformed" Sender false "Bản kê đã ký sai cấu trúc" "The signed manifest is not in its canonical form" "Tạo lại bản kê (packet manifest) rồi ký" "Make the manifest again and sign it";
    Recalled "recalled" Sender false "Nơi gửi đã thu hồi văn bản trước khi nơi nhận lấy" "The sender recalled the document before the receiver had it" "Không cần làm gì thêm" "Nothing more is to be done";
    Replaced "replaced" Sender false "Văn bản đã được thay trước khi nơi nhận lấy" "Another document took its place before the receiver had it" "Theo dõi văn bản thay thế" "Track the document that took its place";
    KeyUnavailable "key_unavailable" Node true "Khóa ký của nút hiện không dùng được" "The node's signing key cannot be reached" "Người vận hành kiểm tra thiết bị lưu khóa (HSM, token)" "The operator has to check the key's device (HSM, token)";
    CertificateRevoked "certificate_revoked" Sender false "Chứng thư số đã bị thu hồi" "A certificate was revoked" "Ký lại bằng chứng thư còn hiệu lực" "Sign again with a certificate that is in force";
    RevocationUnknown "revocation_unknown" Node true "Chưa xác định được chứng thư có bị thu hồi hay không" "Whether a certificate is revoked could not be found out" "Thử lại khi dịch vụ CRL/OCSP hoạt động; người vận hành kiểm tra dữ liệu thu hồi" "Try again when CRL or OCSP answers; the operator should look at the revocation data";
    DocumentAltered "document_altered" Sender false "Tệp PDF bị sửa sau khi ký" "A PDF was changed after it was signed" "Gửi lại tệp gốc đã ký, không sửa sau khi ký" "Send the file as it was signed";
    SignerNotOfSender "signer_not_of_sender" Sender false "Người ký không gắn với cơ quan gửi" "A signer is not bound to the sending agency" "Ký bằng chứng thư của cơ quan gửi, hoặc đề nghị người vận hành khai báo chứng thư" "Sign with the sender's certificate, or ask the operator to list it";
    VerificationUnfinished "verification_unfinished" Sender false "Không kiểm tra xong chữ ký số của tệp" "A file's signatures could not be checked to the end" "Xuất lại tệp PDF đơn giản hơn rồi ký lại" "Write the PDF again in a simpler form and sign it";
    VerificationPending "verification_pending" Node true "Đang chờ dữ liệu để kiểm tra chữ ký số" "The check of the signatures waits for data" "Chờ; văn bản được kiểm tra lại khi có dữ liệu" "Wait; the document is checked again when the data is there";
    OperatorRefused "operator_refused" Sender false "Người vận hành nút trả lại văn bản" "The node's operator returned the document" "Xem lý do kèm theo, liên hệ người vận hành nút" "See the reason that came with it; ask the node's operator";
    QuotaExceeded "quota_exceeded" Sender true "Hệ thống đã dùng hết hạn mức" "The system has used up its quota" "Chờ theo Retry-After rồi gửi lại, hoặc đề nghị người vận hành nâng hạn mức" "Wait as Retry-After says, or ask the operator for a higher quota";
    DeadlineAtRisk "deadline_at_risk" Peer false "Văn bản có thể đến nơi nhận sau thời hạn" "The document will probably arrive after its deadline" "Kiểm tra nút láng giềng; báo nơi nhận bằng cách khác nếu cần" "Look at the neighbour; tell the receiver another way if need be";
    QuarantineFull "quarantine_full" Node true "Nơi gửi đã có quá nhiều văn bản bị giữ chờ kiểm tra chữ ký" "The sender has as many documents in quarantine as the node holds" "Chờ theo Retry-After rồi gửi lại; người vận hành kiểm tra dữ liệu thu hồi và danh sách giữ lại (quarantine stats)" "Wait as Retry-After says; the operator should look at the revocation data and at what is held (quarantine stats)";
}

impl ErrorCode {
    /// The code that travels as `text`, `None` for a text that is no code of this version.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
