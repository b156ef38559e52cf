//! A packet: its detached signature, the XML signatures in it, and every PDF it carries.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use edxml::{AttachmentHead, AttachmentSink, Limits, Packet, SinkError, read_packet};
use signature::{BudgetLimits, Envelope, Report, verify_envelope_with, verify_pdf_with, verify_xml_with};

use super::VerifyArgs;
use super::desk::Desk;
use super::report::{Covered, Finding, Part, PartKind};
use crate::commands::packet::facts;
use crate::failure::Failure;
use crate::files::read_small;
use crate::packet_file::PacketFile;

/// Bytes of a packet whose XML signatures are checked, as the library's own limit says.
const XML_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Every signature of the packet, the detached one first. A hostile packet may carry any number of files: all of it costs
/// no more than a node spends on a document.
pub(super) fn check(args: &VerifyArgs, desk: &Desk) -> Result<Vec<Part>, Failure> {
    check_within(args, desk, BudgetLimits::document())
}

pub(super) fn check_within(args: &VerifyArgs, desk: &Desk, limits: BudgetLimits) -> Result<Vec<Part>, Failure> {
    let desk = &desk.within(limits);
    let file = PacketFile::read(&args.file)?;
    let mut parts = Vec::new();
    if let Some(envelope) = args.envelope.read_or_beside(&args.file)? {
        parts.push(envelope_part(&envelope, &file, desk)?);
    }
    if has_xml_signature(&file.packet) {
        let bytes = read_small(&args.file, XML_BYTES_MAX)?;
        let xml = bytes.get(edxml::preamble_length(&bytes)..).unwrap_or_default();
        let report = verify_xml_with(xml, &desk.trust, &desk.policy, &desk.evidence, desk.at);
        parts.push(Part::new(PartKind::PacketXml, Finding::Signatures(report)));
    }
    let covered = parts.iter().find_map(covers_all);
    for (index, finding) in pdfs(&args.file, desk)?.into_iter().enumerate() {
        let attachment = file.attachments().get(index);
        let name = attachment.and_then(|attachment| attachment.head.name.clone()).unwrap_or_default();
        parts.push(Part { covered, ..Part::attachment(index, name, finding) });
    }
    Ok(parts)
}

fn has_xml_signature(packet: &Packet) -> bool {
    match packet {
        Packet::Document(document) => !document.signatures.is_empty(),
        Packet::Status(status) => !status.signatures.is_empty(),
    }
}

/// The manifest's signature, and whether the packet is what was signed.
fn envelope_part(envelope: &Envelope, file: &PacketFile, desk: &Desk) -> Result<Part, Failure> {
    let found = verify_envelope_with(envelope, &desk.trust, &desk.policy, &desk.evidence, desk.at);
    let Some(manifest) = found.manifest else {
        return Ok(Part::new(PartKind::Envelope, Finding::Signatures(found.report)));
    };
    let matched = manifest.matches(&facts(file)?);
    let mut part = Part::new(PartKind::Envelope, Finding::Signatures(found.report));
    part.mismatch = matched.err().map(|mismatch| mismatch.to_string());
    Ok(part)
}

/// What a passed signature of the whole packet says of its attachments.
fn covers_all(part: &Part) -> Option<Covered> {
    let Finding::Signatures(report) = &part.finding else { return None };
    if part.mismatch.is_some() || !report.is_passed() {
        return None;
    }
    match part.part {
        PartKind::Envelope => Some(Covered::ByEnvelope),
        PartKind::PacketXml if is_whole(report) => Some(Covered::ByPacketXml),
        _ => None,
    }
}

fn is_whole(report: &Report) -> bool {
    report.signatures.iter().any(|signature| signature.covers.iter().any(|path| path == "/"))
}

/// One finding per attachment, in the packet's order; one PDF at a time is in memory.
fn pdfs(path: &Path, desk: &Desk) -> Result<Vec<Finding>, Failure> {
    let file = File::open(path).map_err(|error| Failure::file(path, error))?;
    let mut sink = PdfSink { desk, current: Vec::new(), found: Vec::new() };
    read_packet(BufReader::with_capacity(64 * 1024, file), &Limits::default(), &mut sink)
        .map_err(|error| Failure::Unverified { code: error.code(), detail: format!("{}: {error}", path.display()) })?;
    Ok(sink.found)
}

struct PdfSink<'a> {
    desk: &'a Desk,
    current: Vec<u8>,
    found: Vec<Finding>,
}

const MARK: &[u8] = b"%PDF-";

impl AttachmentSink for PdfSink<'_> {
    fn begin(&mut self, _index: usize, _head: &AttachmentHead) -> Result<(), SinkError> {
        self.current.clear();
        Ok(())
    }

    fn data(&mut self, piece: &[u8]) -> Result<(), SinkError> {
        let has_mark = self.current.len() < MARK.len() || self.current.starts_with(MARK);
        // Of a PDF that is too large, one byte more than is checked: the check then says so itself.
        let room = (self.desk.pdf.limits.bytes_max + 1).saturating_sub(self.current.len());
        if has_mark {
            self.current.extend_from_slice(piece.get(..room).unwrap_or(piece));
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), SinkError> {
        let Desk { trust, policy, pdf, evidence, at, .. } = self.desk;
        self.found.push(if self.current.starts_with(MARK) {
            Finding::Pdf(Box::new(verify_pdf_with(&self.current, trust, policy, pdf, evidence, *at)))
        } else {
            Finding::NotPdf
        });
        Ok(())
    }
}
