//! Which generation a text belongs to, or where it breaks which rule.

use super::{CodeRule, Generation};

/// Characters of a generation-2 code. Source: QCVN 102 amendment 1:2022.
const LENGTH_MAX: usize = 35;

/// Which generation the text belongs to, or the first offence against the one it looks like.
pub(super) fn check(text: &str) -> Result<Generation, (usize, CodeRule)> {
    if text.is_empty() {
        return Err((0, CodeRule::Empty));
    }
    if let Some((scheme, rest)) = text.split_once(':') {
        return check_scheme(scheme, rest).map(|()| Generation::Decision2020);
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        return check_business(text).map(|()| Generation::Decision2020);
    }
    for (position, c) in text.chars().enumerate() {
        if c.is_ascii_lowercase() {
            return Err((position, CodeRule::LowerCase));
        }
        if !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '.') {
            return Err((position, CodeRule::Character));
        }
        if position >= LENGTH_MAX {
            return Err((position, CodeRule::TooLong));
        }
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) { check_2016(text) } else { check_2020(text) }
}

fn check_2016(text: &str) -> Result<Generation, (usize, CodeRule)> {
    let mut position = 0;
    let groups: Vec<&str> = text.split('.').collect();
    for (index, group) in groups.iter().enumerate() {
        let width = [3, 2, 2].get(index);
        match width {
            _ if group.is_empty() => return Err((position.min(text.len().saturating_sub(1)), CodeRule::EmptyGroup)),
            Some(width) => {
                if let Some(odd) = group.bytes().take(*width).position(|b| !b.is_ascii_digit()) {
                    return Err((position + odd, CodeRule::GroupWidth));
                }
                if group.len() != *width {
                    return Err((position + group.len().min(*width), CodeRule::GroupWidth));
                }
            }
            None if index == 3 => check_level_one(group, position)?,
            None => return Err((position - 1, CodeRule::GroupWidth)),
        }
        position += group.len() + 1;
    }
    if groups.len() == 4 { Ok(Generation::Qcvn2016) } else { Err((text.len(), CodeRule::LevelOne)) }
}

fn check_2020(text: &str) -> Result<Generation, (usize, CodeRule)> {
    let mut position = 0;
    for (index, group) in text.split('.').enumerate() {
        if group.is_empty() {
            return Err((position.min(text.len() - 1), CodeRule::EmptyGroup));
        }
        if index == 0 {
            check_level_one(group, position)?;
        } else if group.len() < 2 {
            return Err((position, CodeRule::ShortGroup));
        }
        position += group.len() + 1;
    }
    Ok(Generation::Decision2020)
}

/// One capital, two digits. Which letters exist is the registry's business.
fn check_level_one(group: &str, start: usize) -> Result<(), (usize, CodeRule)> {
    let wanted: [fn(&u8) -> bool; 3] = [u8::is_ascii_uppercase, u8::is_ascii_digit, u8::is_ascii_digit];
    let odd = group.bytes().zip(wanted).position(|(byte, is_wanted)| !is_wanted(&byte));
    match odd {
        Some(odd) => Err((start + odd, CodeRule::LevelOne)),
        None if group.len() != 3 => Err((start + group.len().min(3), CodeRule::LevelOne)),
        None => Ok(()),
    }
}

fn check_business(text: &str) -> Result<(), (usize, CodeRule)> {
    let (number, branch) = text.split_once('-').map_or((text, None), |(number, branch)| (number, Some(branch)));
    if !(8..=14).contains(&number.len()) {
        return Err((number.len().min(14), CodeRule::BusinessNumber));
    }
    match branch {
        Some(branch) if branch.len() != 3 || branch.contains('-') => {
            let odd = branch.find('-').unwrap_or(branch.len()).min(3);
            Err((number.len() + 1 + odd, CodeRule::BusinessNumber))
        }
        _ => Ok(()),
    }
}

fn check_scheme(scheme: &str, code: &str) -> Result<(), (usize, CodeRule)> {
    if scheme.is_empty() {
        return Err((0, CodeRule::Scheme));
    }
    if let Some(odd) = scheme.chars().position(|c| !(c.is_ascii_uppercase() || c.is_ascii_digit())) {
        return Err((odd, CodeRule::Scheme));
    }
    let start = scheme.len() + 1;
    if code.is_empty() {
        return Err((start, CodeRule::Scheme));
    }
    if let Some(odd) = code.chars().position(|c| !(c.is_ascii_alphanumeric() || ".-_/".contains(c))) {
        return Err((start + odd, CodeRule::Scheme));
    }
    if start + code.len() > LENGTH_MAX { Err((LENGTH_MAX, CodeRule::TooLong)) } else { Ok(()) }
}
