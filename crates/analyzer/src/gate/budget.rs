//! The budgets of a job's memory, as plain data.

use std::collections::BTreeMap;

/// The least change for the worse that matters, as a share, where nothing else is said.
pub const MATTERS: f64 = 0.05;

/// How much of a leak is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeakBudget {
    /// Neither a confirmed nor a suspected leak.
    None,
    /// A suspected leak, not a confirmed one.
    Suspected,
}

impl LeakBudget {
    /// Its name in a budget file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Suspected => "suspected",
        }
    }
}

/// Least changes for the worse that matter, as shares of the baseline; `None` where a measure is not judged.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tolerances {
    /// Of the peak.
    pub peak: Option<f64>,
    /// Of the mean.
    pub mean: Option<f64>,
    /// Of items per second, of processor time where that was recorded.
    pub speed: Option<f64>,
}

impl Tolerances {
    /// These, and others where there are none.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            peak: self.peak.or(others.peak),
            mean: self.mean.or(others.mean),
            speed: self.speed.or(others.speed),
        }
    }
}

/// Budgets of a job, or of one operation of it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Budget {
    /// The most that memory may reach, in MiB.
    pub peak_mb: Option<f64>,
    /// The most that memory may be on average, in MiB.
    pub mean_mb: Option<f64>,
    /// The least share of the limit that must stay free.
    pub headroom: Option<f64>,
    /// How much of a leak is accepted.
    pub leak: Option<LeakBudget>,
    /// What counts as worse than the baseline.
    pub tolerances: Tolerances,
}

impl Budget {
    /// This budget, and another where this one says nothing.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            peak_mb: self.peak_mb.or(other.peak_mb),
            mean_mb: self.mean_mb.or(other.mean_mb),
            headroom: self.headroom.or(other.headroom),
            leak: self.leak.or(other.leak),
            tolerances: self.tolerances.or(other.tolerances),
        }
    }
}

/// Budgets of one job.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JobBudget {
    /// Of its whole runs.
    pub whole: Budget,
    /// Of its operations, by name.
    pub operations: BTreeMap<String, Budget>,
}

/// All budgets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Budgets {
    /// For every job, where its own says nothing.
    pub every: Budget,
    /// By job.
    pub jobs: BTreeMap<String, JobBudget>,
}

impl Budgets {
    /// What holds for the whole runs of a job.
    pub(super) fn of(&self, job: Option<&str>) -> Budget {
        self.job(job).map_or(self.every, |own| own.whole.or(self.every))
    }

    /// The budgets of a job's operations, in order of name.
    pub(super) fn operations(&self, job: Option<&str>) -> impl Iterator<Item = (&str, &Budget)> {
        let own = self.job(job);
        own.into_iter().flat_map(|own| own.operations.iter().map(|(name, budget)| (name.as_str(), budget)))
    }

    /// What counts as worse than the baseline, of a whole run or of an operation.
    pub(super) fn tolerances(&self, job: Option<&str>, operation: Option<&str>) -> Tolerances {
        let whole = self.of(job).tolerances;
        let own = operation.and_then(|name| self.job(job)?.operations.get(name));
        own.map_or(whole, |own| own.tolerances.or(whole))
    }

    fn job(&self, job: Option<&str>) -> Option<&JobBudget> {
        self.jobs.get(job?)
    }
}
