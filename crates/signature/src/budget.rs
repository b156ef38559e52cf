//! How much work the checks of one document may cost, all of them together.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::reason::Reason;

/// Work that the checks of one document share: its envelope, its packet, every attachment.
///
/// Limits of one structure (signatures of a file, length of a path) bound what one attachment costs; a packet with a
/// thousand of them is bounded by this. Counted is work asked for, not time taken, so that the same document has the
/// same outcome on every machine. What does not fit any more is `INDETERMINATE` with the rule `work_budget_spent`.
///
/// A copy is the same budget. [`Budget::cancel`] ends the checks from another thread, which is how a limit of wall time
/// is kept.
#[derive(Clone)]
pub struct Budget(Option<Arc<Spent>>);

struct Spent {
    limits: BudgetLimits,
    checks: AtomicU64,
    bytes: AtomicU64,
}

/// Bounds of the work on one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetLimits {
    /// Signature values checked: of documents, certificates, lists, responses and time-stamps.
    pub checks_max: u64,
    /// Bytes read and hashed, once for every pass over them.
    pub bytes_max: u64,
}

impl BudgetLimits {
    /// For documents as agencies exchange them: 10,000 signature checks, which is a quarter of a second of RSA-2048,
    /// and 4 GiB, which is about three seconds.
    #[must_use]
    pub const fn document() -> Self {
        Self { checks_max: 10_000, bytes_max: 4 * 1024 * 1024 * 1024 }
    }
}

/// Work on one document, done or asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Signature values checked.
    pub checks: u64,
    /// Bytes read and hashed, once for every pass over them.
    pub bytes: u64,
}

impl Work {
    /// What was added since an earlier state of the same budget.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self { checks: self.checks.saturating_sub(earlier.checks), bytes: self.bytes.saturating_sub(earlier.bytes) }
    }
}

impl Budget {
    /// A budget of which nothing is spent.
    #[must_use]
    pub fn new(limits: BudgetLimits) -> Self {
        Self(Some(Arc::new(Spent { limits, checks: AtomicU64::new(0), bytes: AtomicU64::new(0) })))
    }

    /// No bound beside those of each structure: for one file that its owner has checked.
    #[must_use]
    pub const fn unlimited() -> Self {
        Self(None)
    }

    /// Its bounds; `None` for [`Budget::unlimited`].
    #[must_use]
    pub fn limits(&self) -> Option<BudgetLimits> {
        self.0.as_ref().map(|spent| spent.limits)
    }

    /// Work done so far, what no longer fitted included; nothing for [`Budget::unlimited`].
    #[must_use]
    pub fn spent(&self) -> Work {
        self.0.as_ref().map_or_else(Work::default, |spent| Work {
            checks: spent.checks.load(Ordering::Relaxed),
            bytes: spent.bytes.load(Ordering::Relaxed),
        })
    }

    /// Counts work that was done on the same document elsewhere: in another process, or before this budget was made.
    pub fn charge(&self, work: Work) {
        if let Some(spent) = &self.0 {
            let plus = |more: u64| move |so_far: u64| Some(so_far.saturating_add(more));
            let _before = spent.checks.fetch_update(Ordering::Relaxed, Ordering::Relaxed, plus(work.checks));
            let _before = spent.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, plus(work.bytes));
        }
    }

    /// Whether more was asked for than there is: nothing more is checked.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.holds().is_err()
    }

    /// Spends what is left: every check that is under way ends with `work_budget_spent` at its next step.
    pub fn cancel(&self) {
        if let Some(spent) = &self.0 {
            spent.checks.store(u64::MAX, Ordering::Relaxed);
        }
    }

    /// Takes one signature check.
    pub(crate) fn take_check(&self) -> Result<(), Reason> {
        self.charge(Work { checks: 1, bytes: 0 });
        self.holds()
    }

    /// Takes a pass over this many bytes.
    pub(crate) fn take_bytes(&self, count: usize) -> Result<(), Reason> {
        self.charge(Work { checks: 0, bytes: u64::try_from(count).unwrap_or(u64::MAX) });
        self.holds()
    }

    /// Whether everything taken so far fitted. A check that passed over work it could not take ends with this.
    pub(crate) fn holds(&self) -> Result<(), Reason> {
        let Some(spent) = &self.0 else { return Ok(()) };
        let BudgetLimits { checks_max, bytes_max } = spent.limits;
        if spent.checks.load(Ordering::Relaxed) > checks_max || spent.bytes.load(Ordering::Relaxed) > bytes_max {
            return Err(Reason::WorkSpent { checks_max, bytes_max });
        }
        Ok(())
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(spent) => {
                let Work { checks, bytes } = self.spent();
                write!(f, "Budget({checks} checks, {bytes} bytes of {:?})", spent.limits)
            }
            None => f.write_str("Budget(unlimited)"),
        }
    }
}

#[cfg(test)]
mod tests;
