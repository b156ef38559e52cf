//! What the tests of this crate share: a packet as a producer writes it, and a sink that keeps everything.

use crate::{AttachmentHead, AttachmentSink, ByteRange, EdxmlError, Limits, Packet, SinkError, read_packet};

/// Sink that keeps the contents, and the largest piece it was given.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) heads: Vec<AttachmentHead>,
    pub(crate) bytes: Vec<Vec<u8>>,
    pub(crate) largest_piece: usize,
    pub(crate) ended: usize,
    pub(crate) envelopes: usize,
}

impl AttachmentSink for Contents {
    fn envelope(&mut self, _packet: &Packet) -> Result<(), SinkError> {
        self.envelopes += 1;
        Ok(())
    }

    fn begin(&mut self, index: usize, head: &AttachmentHead) -> Result<(), SinkError> {
        assert_eq!(index, self.bytes.len());
        self.heads.push(head.clone());
        self.bytes.push(Vec::new());
        Ok(())
    }

    fn data(&mut self, piece: &[u8]) -> Result<(), SinkError> {
        self.largest_piece = self.largest_piece.max(piece.len());
        self.bytes.last_mut().unwrap().extend_from_slice(piece);
        Ok(())
    }

    fn end(&mut self) -> Result<(), SinkError> {
        self.ended += 1;
        Ok(())
    }
}

/// A document with one attachment (`Chào`), all prefixed, the attachment in no namespace.
pub(crate) const DOCUMENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<edXML:edXML xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">
 <edXML:edXMLEnvelope>
  <edXML:edXMLHeader>
   <edXML:MessageHeader>
    <edXML:From><edXML:OrganId>000.00.20.H48</edXML:OrganId><edXML:OrganName>Sở Nội vụ</edXML:OrganName><edXML:Fax/></edXML:From>
    <edXML:To><edXML:OrganId>H48.20.15</edXML:OrganId></edXML:To>
    <edXML:To><edXML:OrganId>28.22.H17</edXML:OrganId></edXML:To>
    <edXML:DocumentId>000.00.20.H48,2026/03/01,12/SNV-VP</edXML:DocumentId>
    <edXML:Code><edXML:CodeNumber>12</edXML:CodeNumber><edXML:CodeNotation>SNV-VP</edXML:CodeNotation></edXML:Code>
    <edXML:PromulgationInfo><edXML:Place>Quảng Ngãi</edXML:Place><edXML:PromulgationDate>2026/03/01</edXML:PromulgationDate></edXML:PromulgationInfo>
    <edXML:DocumentType><edXML:Type>1</edXML:Type><edXML:TypeDetail>0</edXML:TypeDetail><edXML:TypeName>Công văn</edXML:TypeName></edXML:DocumentType>
    <edXML:Subject>V/v kiểm tra &amp; báo cáo</edXML:Subject>
    <edXML:Content>nội dung</edXML:Content>
    <edXML:DueDate/>
    <edXML:OtherInfo><edXML:Priority>2</edXML:Priority><edXML:SphereOfPromulgation>Liên thông</edXML:SphereOfPromulgation><edXML:Direction>false</edXML:Direction></edXML:OtherInfo>
    <edXML:ToPlaces><edXML:Place>Lưu: VT</edXML:Place></edXML:ToPlaces>
   </edXML:MessageHeader>
   <edXML:TraceHeaderList version="1.0">
    <edXML:TraceHeader><edXML:OrganId>000.00.20.H48</edXML:OrganId><edXML:Timestamp>2026/03/01 08:00:00</edXML:Timestamp></edXML:TraceHeader>
    <edXML:Bussiness><edXML:BussinessDocType>0</edXML:BussinessDocType><edXML:Paper>0</edXML:Paper></edXML:Bussiness>
   </edXML:TraceHeaderList>
   <edXML:Signature/>
  </edXML:edXMLHeader>
  <edXML:edXMLBody>
   <edXML:edXMLManifest version="1.0">
    <edXML:Reference><edXML:ContentId>cid:1</edXML:ContentId><edXML:ContentType>application/pdf</edXML:ContentType><edXML:AttachmentName>12.pdf</edXML:AttachmentName></edXML:Reference>
   </edXML:edXMLManifest>
  </edXML:edXMLBody>
 </edXML:edXMLEnvelope>
 <AttachmentEncoded>
  <Attachment>
   <ContentId>cid:1</ContentId>
   <AttachmentName>12.pdf</AttachmentName>
   <ContentType>application/pdf</ContentType>
   <ContentTransferEncoded>Q2jDoG8=</ContentTransferEncoded>
  </Attachment>
 </AttachmentEncoded>
</edXML:edXML>
"#;

/// A status about it.
pub(crate) const STATUS: &str = r#"<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXMLEnvelope><edXMLHeader><MessageHeader>
<From><OrganId>H48.20.15</OrganId></From>
<ResponseFor><OrganId>000.00.20.H48</OrganId><Code>12/SNV-VP</Code><PromulgationDate>2026/03/01</PromulgationDate><DocumentId>000.00.20.H48,2026/03/01,12/SNV-VP</DocumentId></ResponseFor>
<StaffInfo><Department>Văn phòng</Department><Staff>Trần Thị B</Staff></StaffInfo>
<StatusCode>03</StatusCode><Description>đã tiếp nhận</Description><Timestamp>2026/03/01 09:00:00</Timestamp>
</MessageHeader></edXMLHeader></edXMLEnvelope></edXML>"#;

/// [`DOCUMENT`] with a part replaced; the part has to be there.
pub(crate) fn document_with(part: &str, replacement: &str) -> String {
    assert!(DOCUMENT.contains(part), "{part}");
    DOCUMENT.replacen(part, replacement, 1)
}

pub(crate) fn read(bytes: impl AsRef<[u8]>) -> Result<(Packet, Contents), EdxmlError> {
    let mut contents = Contents::default();
    let packet = read_packet(bytes.as_ref(), &Limits::default(), &mut contents)?;
    Ok((packet, contents))
}

pub(crate) fn document(bytes: impl AsRef<[u8]>) -> crate::Document {
    match read(bytes) {
        Ok((Packet::Document(document), _)) => document,
        other => panic!("not a document: {other:?}"),
    }
}

/// The bytes of `text` that a range names.
pub(crate) fn part(text: &str, range: ByteRange) -> &str {
    let start = usize::try_from(range.offset).unwrap();
    &text[start..start + usize::try_from(range.length).unwrap()]
}
