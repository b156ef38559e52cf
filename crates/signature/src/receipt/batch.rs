//! One signature over many receipts: a Merkle tree as in RFC 6962 2.1, its head signed, a path for each receipt.
//!
//! The text form is `batch-v1:INDEX:SIZE:PATH:JWS`: the receipt's place from 0 and the number of receipts, both in decimal
//! without leading zeros; the hashes from the leaf's sibling up to the root, 32 bytes each, together in base64url without
//! padding; the detached JWS over the head. No JWS has a colon, so the two forms cannot be confused.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::algorithm::Hash;
use crate::canonical::canonical_json;
use crate::reason::JwsReason;
use crate::sign::SignError;

/// How the form begins. Another form gets another name.
const PREFIX: &str = "batch-v1:";
/// Domain string of a tree head.
const HEAD_DOMAIN: &str = "vn.lienthong.receipt-batch.v1";
/// Hashes of the longest path: a tree of [`SIZE_MAX`] leaves.
const PATH_MAX: usize = 10;
/// Receipts signed together at most.
pub const SIZE_MAX: usize = 1 << PATH_MAX;

const HASH_BYTES: usize = 32;

type Node = [u8; HASH_BYTES];

/// A leaf's hash: of a zero byte and the receipt (RFC 6962 2.1).
fn leaf(payload: &[u8]) -> Node {
    hash(&[&[0], payload])
}

/// An inner node's hash: of a one byte and its two children.
fn inner(left: &Node, right: &Node) -> Node {
    hash(&[&[1], left, right])
}

fn hash(pieces: &[&[u8]]) -> Node {
    let mut node = [0; HASH_BYTES];
    node.copy_from_slice(Hash::Sha256.of_pieces(pieces).as_ref());
    node
}

/// A tree over payloads, at least one and at most [`SIZE_MAX`].
pub(super) struct Tree {
    /// From the leaves to the root; a row's last node stands alone where its length is odd, and moves up as it is.
    rows: Vec<Vec<Node>>,
    size: usize,
}

impl Tree {
    pub(super) fn of(payloads: &[&[u8]]) -> Self {
        let mut rows = vec![payloads.iter().map(|payload| leaf(payload)).collect::<Vec<_>>()];
        while let Some(row) = rows.last()
            && row.len() > 1
        {
            let above = row.chunks(2).map(|pair| match pair {
                [left, right] => inner(left, right),
                alone => alone.first().copied().unwrap_or_default(),
            });
            let above = above.collect();
            rows.push(above);
        }
        Self { rows, size: payloads.len() }
    }

    fn root(&self) -> Node {
        self.rows.last().and_then(|row| row.first()).copied().unwrap_or_default()
    }

    /// What is signed.
    pub(super) fn head(&self) -> Result<Vec<u8>, SignError> {
        head(&self.root(), self.size).map_err(|_| SignError::Refused)
    }

    /// The signature of the receipt at `index`, around the JWS over the head.
    pub(super) fn signature(&self, index: usize, jws: &str) -> String {
        let mut path = Vec::new();
        let mut place = index;
        for row in &self.rows {
            path.extend_from_slice(row.get(place ^ 1).map_or(&[][..], Node::as_slice));
            place /= 2;
        }
        format!("{PREFIX}{index}:{}:{}:{jws}", self.size, URL_SAFE_NO_PAD.encode(path))
    }
}

#[derive(Serialize)]
struct Head<'a> {
    domain: &'a str,
    root: String,
    size: usize,
}

fn head(root: &Node, size: usize) -> Result<Vec<u8>, JwsReason> {
    let root = URL_SAFE_NO_PAD.encode(root);
    canonical_json(&Head { domain: HEAD_DOMAIN, root, size }).map_err(|_| bad("its head has no canonical form"))
}

fn bad(why: &str) -> JwsReason {
    JwsReason::Batch { why: why.to_owned() }
}

/// One receipt's share of a batch, as it was read.
pub(super) struct Share<'a> {
    index: usize,
    size: usize,
    path: Vec<Node>,
    /// The JWS over the head.
    pub(super) jws: &'a str,
}

impl<'a> Share<'a> {
    /// Reads the batch form; `None` for any text that does not begin like it.
    pub(super) fn read(text: &'a str) -> Result<Option<Self>, JwsReason> {
        let Some(rest) = text.strip_prefix(PREFIX) else { return Ok(None) };
        let parts: Vec<&str> = rest.splitn(4, ':').collect();
        let [index, size, path, jws] = parts.as_slice() else { return Err(bad("not INDEX:SIZE:PATH:JWS")) };
        let (index, size) = (number(index)?, number(size)?);
        if size == 0 || size > SIZE_MAX || index >= size {
            return Err(bad("the place or the number of receipts is outside its range"));
        }
        if path.len() > PATH_MAX * HASH_BYTES * 2 {
            return Err(bad("the path is too long"));
        }
        let path = URL_SAFE_NO_PAD.decode(path).map_err(|_| bad("the path is not base64url"))?;
        let (path, rest) = path.as_chunks::<HASH_BYTES>();
        if !rest.is_empty() {
            return Err(bad("the path is not made of hashes of 32 bytes"));
        }
        Ok(Some(Self { index, size, path: path.to_vec(), jws }))
    }

    /// The head of the tree in which `payload` has this place; any other receipt, place or path gives another head.
    pub(super) fn head_over(&self, payload: &[u8]) -> Result<Vec<u8>, JwsReason> {
        let length = || bad("the path's length does not fit the place");
        let (mut place, mut last) = (self.index, self.size - 1);
        let mut path = self.path.iter();
        let mut node = leaf(payload);
        while last > 0 {
            // A last node without a sibling moves up as it is.
            if place % 2 == 1 {
                node = inner(path.next().ok_or_else(length)?, &node);
            } else if place < last {
                node = inner(&node, path.next().ok_or_else(length)?);
            }
            (place, last) = (place / 2, last / 2);
        }
        if path.next().is_some() {
            return Err(length());
        }
        head(&node, self.size)
    }
}

/// A number in the one spelling that is taken.
fn number(text: &str) -> Result<usize, JwsReason> {
    let number = text.parse::<usize>().map_err(|_| bad("the place or the number of receipts is no number"))?;
    if number.to_string() == text { Ok(number) } else { Err(bad("a number has another spelling than its own")) }
}

#[cfg(test)]
mod tests;
