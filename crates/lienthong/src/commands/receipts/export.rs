//! Receipts as files: for an archive, a court, or another tool to check.

use std::fs;
use std::path::Path;

use evidence::SignedReceipt;
use serde::Serialize;
use types::{Digest, ErrorCode};
use validation_data::StampedProof;
use wire::exchange_v1::{ListReceiptsResponse, TimeProof};

use crate::failure::Failure;

/// A receipt's place in the tree of its batch (RFC 6962 2.1).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    batch: u64,
    leaf: String,
    leaf_index: u64,
    size: u64,
    path: Vec<String>,
    root: String,
}

/// Writes every receipt with its signature and, where there is one, what proves its time; the path is checked first.
pub(super) fn write(dir: &Path, list: &ListReceiptsResponse) -> Result<(), Failure> {
    fs::create_dir_all(dir).map_err(|error| Failure::file(dir, error))?;
    for (place, receipt) in list.receipts.iter().enumerate() {
        let signed = SignedReceipt { payload: receipt.payload.to_vec(), signature: receipt.signature.clone() };
        // The id is a UUID, so it names a file and nothing else.
        let id = signed.receipt().map_err(|error| unverified(error.code(), &error))?.id;
        let put = |ending: &str, bytes: &[u8]| {
            let path = dir.join(format!("{id}.{ending}"));
            fs::write(&path, bytes).map_err(|error| Failure::file(&path, error))
        };
        put("receipt.json", &signed.payload)?;
        put("jws", signed.signature.as_bytes())?;
        put("leaf", &signed.to_bytes())?;
        let Some(proof) = super::proof_of(list, place).filter(|proof| proof.state == "stamped") else { continue };
        let stamped = stamped(proof)?;
        let stated =
            stamped.check(signed.leaf_hash()).map_err(|error| unverified(ErrorCode::SignatureInvalid, &error))?;
        let place = Place {
            batch: stamped.number,
            leaf: signed.leaf_hash().to_string(),
            leaf_index: stamped.index,
            size: stated.size,
            path: stamped.path.iter().map(ToString::to_string).collect(),
            root: stated.root,
        };
        put("batch.json", &stamped.statement)?;
        put("tst", &stamped.token)?;
        put("path.json", &serde_json::to_vec_pretty(&place).unwrap_or_default())?;
    }
    Ok(())
}

fn stamped(proof: &TimeProof) -> Result<StampedProof, Failure> {
    let path: Result<Vec<Digest>, _> = proof.path.iter().map(|hash| Digest::try_from(&**hash)).collect();
    Ok(StampedProof {
        number: proof.batch,
        index: proof.leaf_index,
        path: path.map_err(|error| unverified(ErrorCode::ProtocolViolation, &error))?,
        statement: proof.statement.to_vec(),
        token: proof.token.to_vec(),
    })
}

fn unverified(code: ErrorCode, error: &dyn std::fmt::Display) -> Failure {
    Failure::Unverified { code, detail: error.to_string() }
}
