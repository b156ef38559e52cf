//! Numbers of the store: maintained with every commit, never counted by walking.

use std::collections::BTreeMap;

use types::{Lane, NeighbourId, SystemId};

use crate::StoreError;
use crate::engine::{Changes, Walk};
use crate::key::{self, Key, Kind};
use crate::operations::hold;
use crate::record::rows::NumberRow;
use crate::record::{self, View};

/// The numbers at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Entries accepted since the store was made.
    pub accepted: u64,
    /// Recipients that have it.
    pub delivered: u64,
    /// Recipients for whom it went back.
    pub returned: u64,
    /// Recipients on the operator's list.
    pub parked: u64,
    /// Bytes of stored payload files, each counted once per entry that refers to it.
    pub payload_bytes: u64,
    /// Transmissions that wait or run, by next hop and lane.
    pub waiting: BTreeMap<(NeighbourId, Lane), u64>,
    /// Items that wait to be confirmed, by the canonical code of the agency.
    pub inbox: BTreeMap<String, u64>,
    /// Transmissions of what a connected system brought that are not settled, by system.
    pub unsettled: BTreeMap<SystemId, u64>,
    /// Outcomes that their senders have not been told.
    pub reports: u64,
    /// Entries in quarantine for a reason of their own.
    pub held: u64,
    /// Entries that only wait for an earlier one of their document that is in quarantine, or to be started after it.
    pub held_behind: u64,
    /// What is in quarantine, both kinds, by the canonical code of the sender.
    pub held_of: BTreeMap<String, Holding>,
}

/// What one sender has in quarantine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// Entries.
    pub documents: u64,
    /// Bytes of their packets, each counted for itself, with what is kept beside them.
    pub bytes: u64,
}

/// One maintained number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stat {
    Accepted,
    Delivered,
    Returned,
    Parked,
    PayloadBytes,
    Reports,
    Waiting(String, Lane),
    Inbox(String),
    Held,
    HeldBehind,
    /// Lines of quarantine records. Nothing else shows that the last ones of an entry are missing.
    Notes,
    Unsettled(String),
    /// Not kept: counted when the store is opened, over the holds that there are.
    HeldOf(String),
    HeldBytesOf(String),
}

impl Stat {
    /// Where it is kept; `None` for what is counted anew at every opening.
    fn key(&self) -> Option<Vec<u8>> {
        let key = Key::of(Kind::Stat);
        let key = match self {
            Self::Accepted => key.byte(1),
            Self::Delivered => key.byte(2),
            Self::Returned => key.byte(3),
            Self::Parked => key.byte(4),
            Self::PayloadBytes => key.byte(5),
            Self::Reports => key.byte(6),
            Self::Waiting(hop, lane) => key.byte(7).text(hop).byte(lane.as_number()),
            Self::Inbox(agency) => key.byte(8).text(agency),
            Self::Held => key.byte(9),
            Self::HeldBehind => key.byte(10),
            Self::Notes => key.byte(11),
            Self::Unsettled(system) => key.byte(12).text(system),
            Self::HeldOf(_) | Self::HeldBytesOf(_) => return None,
        };
        Some(key.done())
    }

    fn from_key(key: &[u8]) -> Option<Self> {
        let (number, rest) = key.get(1..)?.split_first()?;
        let text = || {
            let end = rest.iter().position(|byte| *byte == 0)?;
            std::str::from_utf8(rest.get(..end)?).ok().map(str::to_owned)
        };
        Some(match number {
            1 => Self::Accepted,
            2 => Self::Delivered,
            3 => Self::Returned,
            4 => Self::Parked,
            5 => Self::PayloadBytes,
            6 => Self::Reports,
            7 => Self::Waiting(text()?, Lane::from_number(*rest.last()?)?),
            8 => Self::Inbox(text()?),
            9 => Self::Held,
            10 => Self::HeldBehind,
            11 => Self::Notes,
            12 => Self::Unsettled(text()?),
            _ => return None,
        })
    }
}

/// Differences that an operation makes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deltas(pub(crate) BTreeMap<Stat, i64>);

impl Deltas {
    pub(crate) fn add(&mut self, stat: Stat, difference: i64) {
        *self.0.entry(stat).or_default() += difference;
    }

    /// The difference of one number so far.
    pub(crate) fn of(&self, stat: &Stat) -> i64 {
        self.0.get(stat).copied().unwrap_or(0)
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (stat, difference) in other.0 {
            self.add(stat, difference);
        }
    }
}

/// All maintained numbers, in memory; the records hold the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table(BTreeMap<Stat, u64>);

impl Table {
    pub(crate) fn load(view: &dyn View) -> Result<Self, StoreError> {
        let mut table = BTreeMap::new();
        for (key, value) in record::collect(view, &Key::of(Kind::Stat).range(), Walk::Forward, usize::MAX)? {
            let row: NumberRow = record::decode(view, &key, &value)?;
            let stat = Stat::from_key(&key).ok_or_else(|| StoreError::Damaged {
                record: key::describe(&key),
                reason: "it counts nothing that is known".to_owned(),
            })?;
            table.insert(stat, row.number);
        }
        for (stat, number) in hold::holdings(view)?.0 {
            table.insert(stat, u64::try_from(number).unwrap_or(0));
        }
        Ok(Self(table))
    }

    /// The numbers that a batch changes, written into the batch as well. A number at zero has no record.
    pub(crate) fn changed(&self, deltas: &Deltas, changes: &mut Changes) -> Result<Vec<(Stat, u64)>, StoreError> {
        let mut changed = Vec::new();
        for (stat, difference) in &deltas.0 {
            if *difference == 0 {
                continue;
            }
            let number = self.number(stat).saturating_add_signed(*difference);
            match stat.key() {
                None => {}
                Some(key) if number == 0 => drop(changes.insert(key, None)),
                Some(key) => {
                    changes.extend(record::values(&key, &NumberRow { number })?.into_iter().map(|(k, v)| (k, Some(v))));
                }
            }
            changed.push((stat.clone(), number));
        }
        Ok(changed)
    }

    pub(crate) fn set(&mut self, changed: Vec<(Stat, u64)>) {
        for (stat, number) in changed {
            if number == 0 {
                self.0.remove(&stat);
            } else {
                self.0.insert(stat, number);
            }
        }
    }

    /// The numbers that another table has otherwise: ours, then theirs.
    pub(crate) fn differences(&self, other: &Self) -> Vec<(Stat, u64, u64)> {
        let of = |table: &Self, stat: &Stat| table.0.get(stat).copied().unwrap_or(0);
        let all: std::collections::BTreeSet<&Stat> = self.0.keys().chain(other.0.keys()).collect();
        let both = all.into_iter().map(|stat| (stat.clone(), of(self, stat), of(other, stat)));
        both.filter(|(_, ours, theirs)| ours != theirs).collect()
    }

    pub(crate) fn number(&self, stat: &Stat) -> u64 {
        self.0.get(stat).copied().unwrap_or(0)
    }

    pub(crate) fn stats(&self) -> Stats {
        let mut stats = Stats::default();
        for (stat, number) in &self.0 {
            match stat {
                Stat::Accepted => stats.accepted = *number,
                Stat::Delivered => stats.delivered = *number,
                Stat::Returned => stats.returned = *number,
                Stat::Parked => stats.parked = *number,
                Stat::PayloadBytes => stats.payload_bytes = *number,
                Stat::Reports => stats.reports = *number,
                Stat::Held => stats.held = *number,
                Stat::HeldBehind => stats.held_behind = *number,
                // For the check only.
                Stat::Notes => {}
                Stat::HeldOf(sender) => stats.held_of.entry(sender.clone()).or_default().documents = *number,
                Stat::HeldBytesOf(sender) => stats.held_of.entry(sender.clone()).or_default().bytes = *number,
                Stat::Waiting(hop, lane) => {
                    // A hop that is no id cannot have been stored: `accept` takes ids.
                    if let Ok(hop) = hop.parse() {
                        stats.waiting.insert((hop, *lane), *number);
                    }
                }
                Stat::Unsettled(system) => {
                    if let Ok(system) = system.parse() {
                        stats.unsettled.insert(system, *number);
                    }
                }
                Stat::Inbox(agency) => drop(stats.inbox.insert(agency.clone(), *number)),
            }
        }
        stats
    }
}
