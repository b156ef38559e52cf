//! Who writes what to whom.

use queue::{DocumentKey, EntryKind};
use types::{AgencyCode, BusinessType, Lane, Level, StatusCode, UnixMillis};

use crate::calendar::{DAY, HOUR, MINUTE};
use crate::oracle::{Document, Oracle, Written};
use crate::random::Random;
use crate::region::{Place, Region};

/// Agencies that one document goes to at most: what a district sends to all below it, twice over.
const RECIPIENTS_MAX: usize = 40;

fn any_agency(region: &Region, random: &mut Random) -> Option<(Place, AgencyCode)> {
    // The province and its departments write a third, though they are a tenth.
    let place = match random.within(0..3) {
        0 => {
            let upper = region.sites.iter().filter(|site| site.level == Level::Province).count();
            random.index(upper)
        }
        _ => random.index(region.sites.len()),
    };
    let site = region.sites.get(place)?;
    Some((place, site.agencies.get(random.index(site.agencies.len()))?.clone()))
}

fn recipients(region: &Region, sender: &AgencyCode, random: &mut Random) -> Vec<AgencyCode> {
    let wanted = match random.within(0..100) {
        0..70 => 1,
        70..94 => 2 + random.index(4),
        94..99 => 6 + random.index(8),
        _ => 15 + random.index(RECIPIENTS_MAX - 15),
    };
    let mut found: Vec<AgencyCode> = Vec::new();
    for _ in 0..wanted * 2 {
        if found.len() >= wanted {
            break;
        }
        if let Some((_, code)) = any_agency(region, random)
            && code != *sender
            && !found.contains(&code)
        {
            found.push(code);
        }
    }
    found
}

fn lane(random: &mut Random) -> Lane {
    match random.within(0..100) {
        0..2 => Lane::Express,
        2..5 => Lane::VeryUrgent,
        5..15 => Lane::Urgent,
        _ => Lane::Normal,
    }
}

fn key(sender: AgencyCode, number: Document) -> Option<DocumentKey> {
    Some(DocumentKey { sender, document_id: format!("D{number}").parse().ok()? })
}

/// A new document of somebody to somebody, with what its sender may write about it later.
pub(crate) fn document(oracle: &mut Oracle, region: &Region, now: u64, random: &mut Random) -> Option<Document> {
    let (home, sender) = any_agency(region, random)?;
    let recipients = recipients(region, &sender, random);
    if recipients.is_empty() {
        return None;
    }
    let (lane, length) = (lane(random), 64 + random.index(900));
    let due = random.chance(2000).then(|| UnixMillis::new(now + random.within(HOUR..5 * DAY)));
    let first = oracle.write(|_, number| {
        Some(Written {
            kind: EntryKind::Document,
            key: key(sender, number)?,
            business: BusinessType::New,
            lane,
            due,
            status: None,
            about: None,
            recipients,
            length,
            home,
            thread: number,
            position: 0,
            answered_at: None,
            next: Vec::new(),
        })
    })?;
    follow_up(oracle, first, random);
    Some(first)
}

/// One in twelve is updated, replaced or revoked later, some soon enough to meet the document on its way.
fn follow_up(oracle: &mut Oracle, first: Document, random: &mut Random) {
    if !random.chance(800) {
        return;
    }
    let business = match random.within(0..3) {
        0 => BusinessType::Revoke,
        1 => BusinessType::Update,
        _ => BusinessType::Replace,
    };
    let wait = if random.chance(5000) { random.within(0..2 * MINUTE) } else { random.within(MINUTE..DAY) };
    let later = oracle.write(|oracle, number| {
        let earlier = oracle.get(first)?.clone();
        let key = key(earlier.key.sender.clone(), number)?;
        Some(Written { key, business, about: Some(first), next: Vec::new(), due: None, ..earlier })
    });
    if let (Some(later), Some(written)) = (later, oracle.documents.get_mut(first)) {
        written.next.push((wait, later));
    }
}

/// What a reader reports after it has a document: that it arrived, often that it was registered, sometimes that it is
/// finished. Gives the first status; the others follow it.
pub(crate) fn statuses(
    oracle: &mut Oracle,
    region: &Region,
    about: Document,
    reporter: &AgencyCode,
    random: &mut Random,
) -> Option<Document> {
    if oracle.get(about)?.kind != EntryKind::Document || !random.chance(6000) {
        return None;
    }
    let home = region.home(reporter)?;
    let more = match random.within(0..10) {
        0..5 => 1,
        5..8 => 2,
        _ => 3,
    };
    let mut first = None;
    let mut last: Option<Document> = None;
    for code in [StatusCode::Arrived, StatusCode::Registered, StatusCode::Finished].into_iter().take(more) {
        let status = oracle.write(|oracle, number| {
            let earlier = oracle.get(about)?;
            Some(Written {
                kind: EntryKind::Status,
                key: key(reporter.clone(), number)?,
                business: BusinessType::New,
                lane: earlier.lane,
                due: None,
                status: Some(code),
                about: Some(about),
                recipients: vec![earlier.key.sender.clone()],
                length: 64,
                home,
                // Each chain is written one after the other; two chains of one reporter may overtake each other.
                thread: first.unwrap_or(number),
                position: 0,
                answered_at: None,
                next: Vec::new(),
            })
        })?;
        match last.and_then(|last| oracle.documents.get_mut(last)) {
            Some(before) => before.next.push((random.within(MINUTE..8 * HOUR), status)),
            None => first = Some(status),
        }
        last = Some(status);
    }
    first
}
