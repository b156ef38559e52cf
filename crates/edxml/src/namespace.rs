//! The standard's namespace and the names in it.

/// Namespace of every element of the standard. Source: QCVN 102:2016/BTTTT.
pub const NAMESPACE: &str = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

/// Namespace of XML signatures. Source: W3C XMLDSig core.
pub const XMLDSIG_NAMESPACE: &str = "http://www.w3.org/2000/09/xmldsig#";

macro_rules! tags {
    ($($tag:ident = $local:literal),* $(,)?) => {
        /// Local name of an element that the standard defines, or `Other`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Tag { $($tag,)* Other }

        impl Tag {
            /// The tag with this local name.
            pub(crate) fn from_local(local: &str) -> Self {
                match local { $($local => Self::$tag,)* _ => Self::Other }
            }

            /// The local name; empty for `Other`.
            pub(crate) const fn local(self) -> &'static str {
                match self { $(Self::$tag => $local,)* Self::Other => "" }
            }
        }
    };
}

tags! {
    EdXml = "edXML", Envelope = "edXMLEnvelope", Header = "edXMLHeader", MessageHeader = "MessageHeader",
    From = "From", To = "To", OrganId = "OrganId", OrganizationInCharge = "OrganizationInCharge",
    OrganName = "OrganName", OrganAdd = "OrganAdd", Email = "Email", Telephone = "Telephone", Fax = "Fax",
    Website = "Website", DocumentId = "DocumentId", Code = "Code", CodeNumber = "CodeNumber",
    CodeNotation = "CodeNotation", PromulgationInfo = "PromulgationInfo", Place = "Place",
    PromulgationDate = "PromulgationDate", DocumentType = "DocumentType", Type = "Type", TypeDetail = "TypeDetail",
    TypeName = "TypeName", Subject = "Subject", Content = "Content", SignerInfo = "SignerInfo",
    Competence = "Competence", Position = "Position", FullName = "FullName", DueDate = "DueDate",
    OtherInfo = "OtherInfo", Priority = "Priority", SphereOfPromulgation = "SphereOfPromulgation",
    TyperNotation = "TyperNotation", PromulgationAmount = "PromulgationAmount", PageAmount = "PageAmount",
    ReplyFors = "ReplyFors", Direction = "Direction", ReferenceCodes = "ReferenceCodes", Appendixes = "Appendixes",
    Appendix = "Appendix", ResponseFor = "ResponseFor", SteeringType = "SteeringType",
    ResponseForTask = "ResponseForTask", ApplicationType = "ApplicationType", ToPlaces = "ToPlaces",
    StatusCode = "StatusCode", Description = "Description", Timestamp = "Timestamp", StaffInfo = "StaffInfo",
    Department = "Department", Staff = "Staff", Mobile = "Mobile",
    TraceHeaderList = "TraceHeaderList", TraceHeader = "TraceHeader", Business = "Bussiness",
    BusinessDocType = "BussinessDocType", BusinessDocReason = "BussinessDocReason", Paper = "Paper",
    BusinessDocumentInfo = "BussinessDocumentInfo", DocumentInfo = "DocumentInfo",
    DocumentReceiver = "DocumentReceiver", ReceiverList = "ReceiverList", Receiver = "Receiver",
    ReceiverType = "ReceiverType", ReplacementInfoList = "ReplacementInfoList", ReplacementInfo = "ReplacementInfo",
    OrganIdList = "OrganIdList", Signature = "Signature", DigitalSignature = "DigitalSignature",
    Body = "edXMLBody", Manifest = "edXMLManifest", Reference = "Reference", ContentId = "ContentId",
    ContentType = "ContentType", AttachmentName = "AttachmentName", AttachmentEncoded = "AttachmentEncoded",
    Attachment = "Attachment", FieldName = "FieldName", MimeType = "MimeType",
    ContentTransferEncoded = "ContentTransferEncoded",
}
