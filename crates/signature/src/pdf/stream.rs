//! Streams that structure depends on: cross-reference and object streams. No other stream is ever unpacked.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use super::object::{Dictionary, Object};

/// The stream's bytes with its filter undone: none, or FlateDecode with or without a PNG predictor.
///
/// # Errors
/// Any other filter or predictor, broken data, or more than `max` bytes.
pub(super) fn unpack(dictionary: &Dictionary, raw: &[u8], max: usize) -> Result<Vec<u8>, &'static str> {
    let filter = match dictionary.get(b"Filter") {
        Some(Object::Array(list)) if list.len() <= 1 => list.first(),
        Some(Object::Array(_)) => return Err("several filters on a structural stream"),
        other => other,
    };
    let parameters = match dictionary.get(b"DecodeParms") {
        Some(Object::Array(list)) if list.len() <= 1 => list.first(),
        other => other,
    };
    match filter.map(Object::name) {
        None if raw.len() <= max => Ok(raw.to_vec()),
        None => Err("a structural stream is too large"),
        Some(Some(b"FlateDecode")) => {
            let limit = u64::try_from(max).unwrap_or(u64::MAX);
            let mut out = Vec::new();
            let read = ZlibDecoder::new(raw).take(limit.saturating_add(1)).read_to_end(&mut out);
            read.map_err(|_| "a compressed stream is broken")?;
            if out.len() > max {
                return Err("a compressed stream grows too large");
            }
            match parameters {
                None | Some(Object::Null) => Ok(out),
                Some(Object::Dictionary(parameters)) => unpredict(parameters, out),
                Some(_) => Err("the parameters of a structural stream are broken"),
            }
        }
        Some(_) => Err("a structural stream has a filter that is not taken"),
    }
}

/// Undoes the predictors of PNG (7.4.4.4), one byte a sample.
fn unpredict(parameters: &Dictionary, data: Vec<u8>) -> Result<Vec<u8>, &'static str> {
    let value = |key: &[u8], otherwise| parameters.get(key).map_or(Some(otherwise), Object::size);
    let bad = "a predictor is not taken";
    match value(b"Predictor", 1).ok_or(bad)? {
        1 => return Ok(data),
        10..=15 => {}
        _ => return Err(bad),
    }
    let columns = value(b"Columns", 1).filter(|columns| (1..=1024).contains(columns)).ok_or(bad)?;
    if value(b"Colors", 1) != Some(1) || value(b"BitsPerComponent", 8) != Some(8) {
        return Err(bad);
    }
    let mut out = Vec::with_capacity(data.len());
    let mut above = vec![0_u8; columns];
    for row in data.chunks(columns + 1) {
        let Some((kind, row)) = row.split_first() else { break };
        if row.len() != columns {
            return Err("a predicted row is cut");
        }
        let (mut left, mut corner) = (0_u8, 0_u8);
        for (byte, up) in row.iter().zip(&mut above) {
            let guess = match kind {
                0 => 0,
                1 => left,
                2 => *up,
                3 => u8::try_from((u16::from(left) + u16::from(*up)) / 2).unwrap_or(0),
                4 => paeth(left, *up, corner),
                _ => return Err(bad),
            };
            let value = byte.wrapping_add(guess);
            corner = *up;
            left = value;
            *up = value;
            out.push(value);
        }
    }
    Ok(out)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let estimate = a + b - c;
    let (to_a, to_b, to_c) = ((estimate - a).abs(), (estimate - b).abs(), (estimate - c).abs());
    if to_a <= to_b && to_a <= to_c {
        left
    } else if to_b <= to_c {
        up
    } else {
        corner
    }
}
