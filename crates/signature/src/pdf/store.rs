//! The document security store: what a file keeps for those who check its signatures later.
//!
//! Source: ISO 32000-2 clause 12.8.4.3; ETSI EN 319 142-1 clause 5.4.2. No signature covers the newest store; what is
//! in it is evidence for what verifies by it, and nothing else.

use std::collections::BTreeSet;

use super::error::PdfError;
use super::object::{Dictionary, Id, Object};
use super::stream::unpack;
use super::view::View;
use crate::embedded::Embedded;

/// Streams of one store, and entries of its VRI.
const ITEMS_MAX: usize = 1024;
/// Bytes of all its streams, unpacked.
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// Which kind of thing a list holds.
#[derive(Clone, Copy)]
enum Kind {
    Certificate,
    List,
    Response,
}

/// Adds what the store of the document holds. A store, or a part of it, that does not read adds nothing.
pub(super) fn take(view: &View<'_>, into: &mut Embedded<'_>) {
    let mut walk = Walk { view, into, seen: BTreeSet::new(), bytes_left: BYTES_MAX };
    let _unread = walk.store().is_err();
}

struct Walk<'w, 'v, 'e, 'b> {
    view: &'w View<'v>,
    into: &'e mut Embedded<'b>,
    seen: BTreeSet<Id>,
    bytes_left: usize,
}

impl Walk<'_, '_, '_, '_> {
    fn store(&mut self) -> Result<(), PdfError> {
        let (_, catalog) = self.view.catalog()?;
        let Some(store) = self.view.dictionary(&catalog, b"DSS")? else { return Ok(()) };
        self.lists(&store, [b"Certs", b"CRLs", b"OCSPs"]);
        let related = self.view.dictionary(&store, b"VRI")?.unwrap_or_default();
        for key in related.keys().take(ITEMS_MAX) {
            if let Some(entry) = self.view.dictionary(&related, key)? {
                self.lists(&entry, [b"Cert", b"CRL", b"OCSP"]);
            }
        }
        Ok(())
    }

    fn lists(&mut self, of: &Dictionary, keys: [&[u8]; 3]) {
        for (key, kind) in keys.into_iter().zip([Kind::Certificate, Kind::List, Kind::Response]) {
            for member in self.view.array(of, key).unwrap_or_default().iter() {
                let _unread = self.member(member, kind).is_err();
            }
        }
    }

    fn member(&mut self, member: &Object, kind: Kind) -> Result<(), PdfError> {
        let Some(id) = member.reference() else { return Ok(()) };
        if self.seen.len() >= ITEMS_MAX || !self.seen.insert(id) {
            return Ok(());
        }
        let bad = |why| PdfError::Object { number: id.number, why };
        let found = self.view.get(id)?.ok_or(bad("not there"))?;
        let (Some(dictionary), Some(raw)) = (found.object.dictionary(), found.stream) else {
            return Err(bad("no stream"));
        };
        let raw = self.view.bytes.get(raw).unwrap_or_default();
        let bytes = unpack(dictionary, raw, self.bytes_left).map_err(bad)?;
        self.bytes_left = self.bytes_left.saturating_sub(bytes.len());
        match kind {
            Kind::Certificate => self.into.take_certificate(&bytes),
            Kind::List => self.into.take_crl(&bytes),
            Kind::Response => self.into.take_response(&bytes),
        }
        Ok(())
    }
}
