//! Did a change make memory worse? Runs before it against runs after it.
//!
//! Peak, mean, time at high pressure, leak slope and throughput, of the whole run and of each
//! operation. The tolerance of each is what the base's own repeats show, with a floor
//! (`tolerance`). A change for the worse beyond it is a regression; where data is missing, or
//! repeats differ so much that a regression would not be seen, there is no verdict.
//!
//! Limits: the spread is the base's, a new version that is only less steady is not told; runs
//! of different work are not compared.

mod figures;
mod identity;
mod measure;
mod options;
mod report;
mod row;
#[cfg(test)]
mod tests;
mod tolerance;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::stats::count;
use figures::Key;

pub(crate) use figures::Leak;
pub use figures::RunFigures;
pub use identity::{Identity, MachineKind};
pub use measure::Measure;
pub(crate) use measure::Steering;
pub use options::CompareOptions;
pub use report::ComparisonReport;
pub use row::{Row, RowVerdict, Side};
pub(crate) use tolerance::Repeats;

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No measure is worse.
    NoWorse,
    /// At least one measure is worse.
    Regression,
    /// The data cannot carry an answer.
    Inconclusive,
}

/// Two sets of runs compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The answer.
    pub verdict: Verdict,
    /// Names of the base runs that were used.
    pub base: Vec<String>,
    /// Names of the new runs.
    pub new: Vec<String>,
    /// The lines: of the whole run first, then of each operation.
    pub rows: Vec<Row>,
    /// What is missing, so that there is no verdict without a regression.
    pub missing: Vec<String>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

impl Comparison {
    /// Adds something that is missing: without a regression there is no verdict then.
    pub(crate) fn miss(&mut self, what: String) {
        self.missing.push(what);
        if self.verdict == Verdict::NoWorse {
            self.verdict = Verdict::Inconclusive;
        }
    }
}

/// Sets whose items differ by more than this share did different work.
const SAME_WORK: f64 = 0.05;

/// Compares new runs with base runs of the same job.
///
/// Base runs that are incomplete are left out; a new run that is incomplete leaves the question
/// open unless another measure already answers it.
#[must_use]
pub fn compare(base: &[RunFigures], new: &[RunFigures], options: &CompareOptions) -> Comparison {
    let (used, left_out): (Vec<&RunFigures>, Vec<&RunFigures>) =
        base.iter().partition(|run| run.incomplete.is_none());
    let fresh: Vec<&RunFigures> = new.iter().collect();
    let named = |run: &&RunFigures| format!("{} {}", run.name, run.incomplete.as_deref().unwrap_or_default());
    let mut missing: Vec<String> = fresh.iter().filter(|run| run.incomplete.is_some()).map(named).collect();
    if used.is_empty() {
        missing.push("no complete base run".to_owned());
    }
    let incomparable = incomparable(base, new);
    let rows = if incomparable.is_some() { Vec::new() } else { rows(&used, &fresh, options) };
    missing.extend(incomparable.or_else(|| other_work(&used, &fresh)));
    let judged = rows.iter().any(|row| row.verdict == RowVerdict::NoWorse);
    if !judged && missing.is_empty() {
        missing.push("nothing could be judged".to_owned());
    }
    let says = |verdict: RowVerdict| rows.iter().any(|row| row.verdict == verdict);
    let verdict = if says(RowVerdict::Worse) {
        Verdict::Regression
    } else if !missing.is_empty() || says(RowVerdict::Inconclusive) {
        Verdict::Inconclusive
    } else {
        Verdict::NoWorse
    };
    Comparison {
        verdict,
        base: used.iter().map(|run| run.name.clone()).collect(),
        new: fresh.iter().map(|run| run.name.clone()).collect(),
        rows,
        missing,
        notes: left_out.iter().map(|run| format!("left out of the base: {}", named(run))).collect(),
    }
}

fn rows(base: &[&RunFigures], new: &[&RunFigures], options: &CompareOptions) -> Vec<Row> {
    let keys: BTreeSet<&Key> = base.iter().chain(new).flat_map(|run| run.values.keys()).collect();
    let asked = |key: &Key| match key.1 {
        None => 1,
        Some(_) => keys.iter().filter(|other| other.0 == key.0 && other.1.is_some()).count(),
    };
    let mut rows: Vec<Row> = keys.iter().map(|key| row::row(key, base, new, asked(key), options)).collect();
    rows.sort_by(|a, b| (&a.operation, a.measure).cmp(&(&b.operation, b.measure)));
    rows
}

/// Says so where the runs are of several jobs or measures: their figures are not compared with each other.
fn incomparable(base: &[RunFigures], new: &[RunFigures]) -> Option<String> {
    let jobs: BTreeSet<&str> = base.iter().chain(new).filter_map(|run| run.identity.job.as_deref()).collect();
    let names: Vec<&str> = jobs.into_iter().collect();
    if names.len() > 1 {
        return Some(format!("nothing is compared: the runs are of different jobs ({})", names.join(", ")));
    }
    let measures: BTreeSet<String> =
        base.iter().chain(new).map(|run| run.identity.measure.to_string()).collect();
    let measures: Vec<String> = measures.into_iter().collect();
    (measures.len() > 1)
        .then(|| format!("nothing is compared: the runs measure different things ({})", measures.join(", ")))
}

/// Whether two amounts of items are different work.
pub(crate) fn is_other_work(old: f64, now: f64) -> bool {
    (now - old).abs() > SAME_WORK * old
}

/// Says so where the two sets did different amounts of work.
fn other_work(base: &[&RunFigures], new: &[&RunFigures]) -> Option<String> {
    let mean = |runs: &[&RunFigures]| {
        let items: Vec<f64> = runs.iter().filter_map(|run| run.items).collect();
        (!items.is_empty()).then(|| items.iter().sum::<f64>() / count(items.len()))
    };
    let (old, now) = (mean(base)?, mean(new)?);
    is_other_work(old, now)
        .then(|| format!("other work: {now:.0} items in the new runs, {old:.0} in the base"))
}
