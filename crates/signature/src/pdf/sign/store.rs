//! The document security store: what a later check needs, kept in the file. Source: EN 319 142-1 clause 5.4.2.

use std::collections::BTreeSet;

use super::error::PdfSignError;
use super::update::Update;
use super::write::{Body, name};
use super::{guard, open};
use crate::certificate::sha256;
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::stream::unpack;
use crate::pdf::view::View;
use crate::pdf::{ActiveContent, PdfLimits};

/// Certificates and revocation data, each in DER.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValidationData {
    /// Certificates of signers, authorities and responders with their issuers.
    pub certificates: Vec<Vec<u8>>,
    /// Revocation lists.
    pub crls: Vec<Vec<u8>>,
    /// Whole OCSP responses.
    pub ocsp_responses: Vec<Vec<u8>>,
}

impl ValidationData {
    /// True when there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.crls.is_empty() && self.ocsp_responses.is_empty()
    }
}

/// Appends validation data to the file's security store, which is made where there is none: with a time-stamped
/// signature, PAdES level B-LT. What the store has already is not added again. Nothing here is checked.
///
/// # Errors
/// As for [`prepare_pdf_signature`](super::prepare_pdf_signature), about the file.
pub fn add_validation_data(
    file: &[u8],
    data: &ValidationData,
    limits: &PdfLimits,
    active_content: ActiveContent,
) -> Result<Vec<u8>, PdfSignError> {
    let view = open(file, limits)?;
    let earlier = guard::examine(&view, limits, active_content)?;
    let mut update = Update::new(&view)?;
    let (catalog_id, mut catalog) = view.catalog()?;
    let mut store = view.dictionary(&catalog, b"DSS")?.unwrap_or_default();
    store.set("Type", name("DSS"));
    let kinds = [("Certs", &data.certificates), ("CRLs", &data.crls), ("OCSPs", &data.ocsp_responses)];
    for (key, values) in kinds {
        let mut list = view.array(&store, key.as_bytes())?.to_vec();
        let mut known = digests(&view, &list, limits)?;
        for value in values {
            if known.insert(sha256(value).as_bytes().to_vec()) {
                let stream = update.add(Body::Stream(Dictionary::default(), value.clone()))?;
                list.push(Object::Reference(stream));
            }
        }
        if !list.is_empty() {
            store.set(key, Object::Array(list.into()));
        }
    }
    match catalog.get(b"DSS").and_then(Object::reference).filter(|id| update.is_single(*id)) {
        Some(id) => update.put(id, Body::Plain(Object::Dictionary(store))),
        None => {
            let id = update.add(Body::Plain(Object::Dictionary(store)))?;
            catalog.set("DSS", Object::Reference(id));
            update.put(catalog_id, Body::Plain(Object::Dictionary(catalog)));
        }
    }
    let written = update.write()?.bytes;
    guard::check(&written, &earlier, limits, None)?;
    Ok(written)
}

/// Digests of what streams hold; one with a filter that is not taken counts as something else.
fn digests(view: &View<'_>, list: &[Object], limits: &PdfLimits) -> Result<BTreeSet<Vec<u8>>, PdfSignError> {
    let (mut found, mut left) = (BTreeSet::new(), limits.unpacked_bytes_max);
    for id in list.iter().filter_map(Object::reference) {
        let Some(stream) = view.get(id)? else { continue };
        let (Some(own), Some(raw)) = (stream.object.dictionary(), stream.stream) else { continue };
        if let Ok(value) = unpack(own, view.bytes.get(raw).unwrap_or_default(), left) {
            left = left.saturating_sub(value.len());
            found.insert(sha256(&value).as_bytes().to_vec());
        }
    }
    Ok(found)
}
