//! Places among the calls at work: so many in all, and so many for one system.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use types::ErrorCode;

use super::Options;
use crate::{Caller, Failure};

/// Who is at work. Only systems that showed their secret are counted, so that the table stays small.
#[derive(Debug)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    per_system_max: usize,
    by_system: Arc<Mutex<HashMap<Arc<str>, usize>>>,
}

/// A place, given up when it is dropped: at the end of the answer.
#[derive(Debug)]
pub(super) struct Place {
    system: Arc<str>,
    by_system: Arc<Mutex<HashMap<Arc<str>, usize>>>,
    _of_all: OwnedSemaphorePermit,
}

impl Places {
    pub(super) fn new(options: &Options) -> Self {
        let all = Arc::new(Semaphore::new(options.calls_max.min(Semaphore::MAX_PERMITS)));
        Self { all, per_system_max: options.calls_per_system_max, by_system: Arc::default() }
    }

    /// A place for a call of this system. One system cannot take them all with slow calls.
    pub(super) fn take(&self, caller: &Caller) -> Result<Place, Failure> {
        let full = || Failure::of(ErrorCode::Overloaded, "thử lại sau vài giây / try again in some seconds");
        let permit = Arc::clone(&self.all).try_acquire_owned().map_err(|_| full())?;
        let mut by_system = self.by_system.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = by_system.entry(caller.system.clone()).or_default();
        if *taken >= self.per_system_max {
            return Err(full());
        }
        *taken += 1;
        Ok(Place { system: caller.system.clone(), by_system: self.by_system.clone(), _of_all: permit })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut by_system = self.by_system.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = by_system.get_mut(&self.system) {
            *taken -= 1;
            if *taken == 0 {
                by_system.remove(&self.system);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(calls_max: usize, calls_per_system_max: usize) -> Places {
        Places::new(&Options { calls_max, calls_per_system_max, ..Options::default() })
    }

    fn caller(system: &str) -> Caller {
        Caller { system: system.into() }
    }

    #[test]
    fn one_system_cannot_take_the_places_of_another() {
        let places = places(4, 2);
        let held = [places.take(&caller("a")).unwrap(), places.take(&caller("a")).unwrap()];
        assert_eq!(places.take(&caller("a")).unwrap_err().code, crate::AxisCode::Internal);
        assert!(places.take(&caller("b")).is_ok());
        drop(held);
        assert!(places.take(&caller("a")).is_ok());
    }

    #[test]
    fn all_together_have_an_end_too_and_nothing_is_left_counted() {
        let places = places(1, 2);
        let held = places.take(&caller("a")).unwrap();
        assert!(places.take(&caller("b")).is_err());
        drop(held);
        assert!(places.take(&caller("b")).is_ok());
        assert!(places.by_system.lock().unwrap().is_empty());
    }
}
