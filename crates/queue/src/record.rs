//! How a record becomes values: `[version][crc32][parts][payload]`, at most [`VALUE_MAX`] bytes each.

use std::ops::ControlFlow;
use std::ops::Range;

use prost::Message;

use crate::StoreError;
use crate::engine::{Visit, Walk};
use crate::key;

pub(crate) mod rows;

/// sled moves larger values to files of its own that it never syncs: a power cut then makes the store unreadable.
pub(crate) const VALUE_MAX: usize = 4096;
/// Version, checksum and number of further parts.
const HEAD: usize = 1 + 4 + 2;
const PAYLOAD_MAX: usize = VALUE_MAX - HEAD;
/// The layout of a value. Another layout gets another number.
const VERSION: u8 = 1;

/// A key and its value.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// Something records are read from: the committed state, or a batch in the making.
pub(crate) trait View {
    fn raw(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    fn walk(&self, range: Range<&[u8]>, way: Walk, visit: &mut Visit<'_>) -> Result<(), StoreError>;
}

fn checksum(key: &[u8], parts: [u8; 2], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(&parts);
    hasher.update(payload);
    hasher.finalize()
}

fn wrap(key: &[u8], parts: u16, payload: &[u8]) -> Vec<u8> {
    let parts = parts.to_be_bytes();
    let mut value = Vec::with_capacity(HEAD + payload.len());
    value.push(VERSION);
    value.extend_from_slice(&checksum(key, parts, payload).to_be_bytes());
    value.extend_from_slice(&parts);
    value.extend_from_slice(payload);
    value
}

/// Number of further parts and the payload of one value.
pub(crate) fn unwrap<'a>(key: &[u8], value: &'a [u8]) -> Result<(u16, &'a [u8]), StoreError> {
    let (head, payload) = value.split_at_checked(HEAD).ok_or_else(|| damaged(key, "it is too short"))?;
    let [version, a, b, c, d, e, f] = head else { return Err(damaged(key, "it is too short")) };
    if *version != VERSION {
        return Err(damaged(key, &format!("its version is {version}")));
    }
    if u32::from_be_bytes([*a, *b, *c, *d]) != checksum(key, [*e, *f], payload) {
        return Err(damaged(key, "its checksum does not match"));
    }
    Ok((u16::from_be_bytes([*e, *f]), payload))
}

/// The values of one record, by key: the record itself first, then its further parts. A record in parts starts with a
/// checksum of the whole, so that parts of two versions are never taken for one.
pub(crate) fn values(key: &[u8], message: &impl Message) -> Result<Vec<Pair>, StoreError> {
    let mut bytes = message.encode_to_vec();
    if bytes.len() <= PAYLOAD_MAX {
        return Ok(vec![(key.to_vec(), wrap(key, 0, &bytes))]);
    }
    let whole = crc32fast::hash(&bytes).to_be_bytes();
    bytes.splice(0..0, whole);
    let mut chunks = bytes.chunks(PAYLOAD_MAX);
    let first = chunks.next().unwrap_or_default();
    let too_large = || StoreError::TooLarge {
        what: "a record",
        length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        max: u64::try_from(PAYLOAD_MAX).unwrap_or(u64::MAX) * u64::from(u16::MAX),
    };
    let parts = u16::try_from(chunks.len()).map_err(|_| too_large())?;
    let mut values = vec![(key.to_vec(), wrap(key, parts, first))];
    for (number, chunk) in (0..parts).zip(chunks) {
        let key = key::part(key, number);
        let value = wrap(&key, 0, chunk);
        values.push((key, value));
    }
    Ok(values)
}

/// Reads a record that was found in a walk; its further parts are looked up.
///
/// A reader may meet a commit between the record and its parts: it then starts again from the record as it is by then.
pub(crate) fn decode<M: Message + Default>(view: &dyn View, key: &[u8], value: &[u8]) -> Result<M, StoreError> {
    let mut value = value.to_vec();
    loop {
        let error = match join(view, key, &value) {
            Ok(bytes) => return M::decode(bytes.as_slice()).map_err(|error| damaged(key, &error.to_string())),
            Err(error) => error,
        };
        match view.raw(key)? {
            Some(newer) if newer != value => value = newer,
            // It went away, which whoever asks again is told, or it is truly damaged.
            _ => return Err(error),
        }
    }
}

fn damaged(key: &[u8], reason: &str) -> StoreError {
    StoreError::Damaged { record: key::describe(key), reason: reason.to_owned() }
}

fn join(view: &dyn View, key: &[u8], value: &[u8]) -> Result<Vec<u8>, StoreError> {
    let (parts, first) = unwrap(key, value)?;
    if parts == 0 {
        return Ok(first.to_vec());
    }
    let (whole, first) = first.split_first_chunk::<4>().ok_or_else(|| damaged(key, "it is too short"))?;
    let mut bytes = first.to_vec();
    for number in 0..parts {
        let part = key::part(key, number);
        let value = view.raw(&part)?.ok_or_else(|| damaged(&part, "it is missing"))?;
        bytes.extend_from_slice(unwrap(&part, &value)?.1);
    }
    if crc32fast::hash(&bytes) != u32::from_be_bytes(*whole) {
        return Err(damaged(key, "its parts do not belong together"));
    }
    Ok(bytes)
}

/// Reads one record.
pub(crate) fn read<M: Message + Default>(view: &dyn View, key: &[u8]) -> Result<Option<M>, StoreError> {
    view.raw(key)?.map(|value| decode(view, key, &value)).transpose()
}

/// The first `max` keys and values of a range.
pub(crate) fn collect(view: &dyn View, range: &Range<Vec<u8>>, way: Walk, max: usize) -> Result<Vec<Pair>, StoreError> {
    let mut found = Vec::new();
    if max == 0 {
        return Ok(found);
    }
    view.walk(range.start.as_slice()..range.end.as_slice(), way, &mut |key, value| {
        found.push((key.to_vec(), value.to_vec()));
        if found.len() < max { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests;
