//! Shares, deadlines and quotas, checked.

use std::collections::BTreeSet;

use delivery::fair::{Weight, Weights};
use delivery::{LaneSchedule, Patience};

use super::Problems;
use crate::config::file::{FairnessSection, QuotaSection, SystemSection};
use crate::config::{Fairness, Quotas};

pub(super) fn fairness(problems: &mut Problems, section: &FairnessSection) -> Fairness {
    let schedule = problems.take("fairness", LaneSchedule::try_new(section.ageing, section.aged_share));
    let patience = problems.take("fairness.deadline_patience", Patience::try_new(section.deadline_patience));
    let (mut seen, mut weights) = (BTreeSet::new(), Vec::new());
    for one in &section.weight {
        let key = format!("fairness.weight {:?}", one.agency);
        let agency = super::codes(problems, &key, std::slice::from_ref(&one.agency)).pop();
        let weight = problems.take(&key, Weight::try_new(one.weight));
        if let (Some(agency), Some(weight)) = (agency, weight) {
            problems.unless(seen.insert(agency.canonical().to_owned()), || format!("{key}: named twice"));
            weights.push((agency.canonical().to_owned(), weight));
        }
    }
    Fairness {
        schedule: schedule.unwrap_or_default(),
        patience: patience.unwrap_or_default(),
        weights: weights.into_iter().collect::<Weights>(),
        deadline_warning: section.deadline_warning,
    }
}

pub(super) fn quotas(problems: &mut Problems, section: &QuotaSection) -> Quotas {
    let QuotaSection { documents_per_minute, bytes_per_minute, waiting } = *section;
    checked(problems, "quota", Quotas { documents_per_minute, bytes_per_minute, waiting })
}

/// What a system may bring: its own numbers where it has any.
pub(super) fn of_system(problems: &mut Problems, key: &str, section: &SystemSection, all: Quotas) -> Quotas {
    let own = Quotas {
        documents_per_minute: section.documents_per_minute.unwrap_or(all.documents_per_minute),
        bytes_per_minute: section.bytes_per_minute.unwrap_or(all.bytes_per_minute),
        waiting: section.waiting.unwrap_or(all.waiting),
    };
    checked(problems, key, own)
}

fn checked(problems: &mut Problems, key: &str, quotas: Quotas) -> Quotas {
    let Quotas { documents_per_minute, bytes_per_minute, waiting } = quotas;
    let is_right = documents_per_minute > 0 && bytes_per_minute > 0 && waiting > 0;
    problems.unless(is_right, || format!("{key}: documents_per_minute, bytes_per_minute and waiting: 1 or more"));
    quotas
}
