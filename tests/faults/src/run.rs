//! A run of the harness: its profile, its clock, what it reports.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use queue::EngineKind;

use crate::shim::Shim;
use crate::tally::Tally;

/// How much is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// About a minute: some of every class.
    Short,
    /// Until the time is up, shared among the classes.
    Long(Duration),
}

/// A class of faults.
pub(crate) struct Class {
    pub(crate) name: &'static str,
    /// Runs it; an error is a harness that could not do its work.
    pub(crate) run: fn(&mut Run<'_>) -> Result<(), String>,
}

/// What a class works with.
pub(crate) struct Run<'a> {
    pub(crate) profile: Profile,
    pub(crate) given_seed: u64,
    pub(crate) engine: Option<EngineKind>,
    /// Only this call, cut or kill of a class.
    pub(crate) at: Option<u64>,
    pub(crate) out: &'a mut dyn FnMut(&str),
    /// End of the class that runs.
    pub(crate) until: Option<Instant>,
    pub(crate) failures: u64,
}

impl Run<'_> {
    pub(crate) const fn seed(&self) -> u64 {
        self.given_seed
    }

    pub(crate) fn is_short(&self) -> bool {
        self.profile == Profile::Short
    }

    /// Whether the class's share of a long run is used up.
    pub(crate) fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// The engines asked for, by name.
    pub(crate) fn engines(&self) -> Vec<(&'static str, EngineKind)> {
        let wanted = |kind: &EngineKind| self.engine.is_none_or(|engine| engine == *kind);
        EngineKind::ALL.into_iter().filter(wanted).map(|kind| (kind.as_str(), kind)).collect()
    }

    pub(crate) fn shim(&self) -> Result<Shim, String> {
        Shim::find()
    }

    pub(crate) fn say(&mut self, line: &str) {
        (self.out)(line);
    }

    /// The outcome of a class, or of a part of one.
    pub(crate) fn report(&mut self, what: &str, tally: Tally) {
        let verdict = if tally.problems() == 0 { "ok  " } else { "FAIL" };
        self.say(&format!("{verdict} {what}: {tally}"));
        for words in &tally.words {
            self.say(&format!("     {words}"));
        }
        self.failures += u64::from(tally.problems() > 0);
    }

    /// The outcome of a run in which something was taken away that is needed: it has to be noticed.
    pub(crate) fn control(&mut self, what: &str, tally: &Tally) {
        let is_noticed = tally.problems() > 0;
        let verdict = if is_noticed { "ok  " } else { "FAIL" };
        let word = if is_noticed { "noticed, as it must be" } else { "NOT noticed: the harness is blind" };
        self.say(&format!("{verdict} {what}: {word} ({tally})"));
        self.failures += u64::from(!is_noticed);
    }
}

/// Keeps a file that shows a failure.
pub(crate) fn keep(file: &Path, name: &str) -> Result<PathBuf, String> {
    let folder = std::env::temp_dir().join("lienthong-faults");
    let kept = folder.join(name);
    fs::create_dir_all(&folder)
        .and_then(|()| fs::copy(file, &kept))
        .map_err(|error| format!("keep {}: {error}", kept.display()))?;
    Ok(kept)
}
