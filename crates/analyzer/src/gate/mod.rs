//! The gate: runs against budgets, and against a stored baseline.
//!
//! A budget is absolute and any run may break it. Against the baseline a measure is *worse* where its mean lies
//! further from the baseline's than repeats do by chance (`compare`'s statistics, with the new runs' own spread) and
//! than half of what matters; *same* only where a change that matters would have been seen 19 of 20 times; else the
//! runs *cannot tell*, with how many would. Growth per minute is not compared: over short runs it is noise, and a
//! leak budget judges it.

mod absolute;
mod baseline;
mod budget;
mod power;
mod relative;
mod report;
mod scale;
mod sketch;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use baseline::{Baseline, JobBaseline, MeasureSketch};
pub use budget::{Budget, Budgets, JobBudget, LeakBudget, MATTERS, Tolerances};
pub use power::RunsNeeded;
pub use report::{Answer, Change, GateReport, GateRow, GateVerdict, Rule};
pub use sketch::Sketch;

use crate::compare::RunFigures;
use crate::files::Skipped;
use relative::{Compared, refused};

/// Holds runs against budgets, and against a baseline where there is one.
#[must_use]
pub fn check(
    runs: &[RunFigures],
    skipped: Vec<Skipped>,
    budgets: &Budgets,
    baseline: Option<&Baseline>,
) -> GateReport {
    let mut jobs: BTreeMap<Option<&str>, Vec<&RunFigures>> = BTreeMap::new();
    for run in runs {
        jobs.entry(run.identity.job.as_deref()).or_default().push(run);
    }
    let mut rows: Vec<GateRow> = Vec::new();
    for (job, runs) in &jobs {
        rows.extend(incomplete(runs));
        rows.extend(absolute::whole(runs, &budgets.of(*job)));
        for (name, budget) in budgets.operations(*job) {
            rows.extend(absolute::operation(runs, name, budget));
        }
        rows.extend(baseline.into_iter().flat_map(|baseline| against(runs, budgets, baseline)));
    }
    let absent = budgets.jobs.keys().filter(|name| !jobs.contains_key(&Some(name.as_str())));
    rows.extend(absent.map(|name| no_run(name)));
    GateReport::new(runs.len(), rows, skipped)
}

/// The rows of a job's runs against its baseline; runs of several kinds are refused.
fn against(runs: &[&RunFigures], budgets: &Budgets, baseline: &Baseline) -> Vec<GateRow> {
    let (complete, _): (Vec<&RunFigures>, Vec<&RunFigures>) =
        runs.iter().copied().partition(|run| run.incomplete.is_none());
    let Some(first) = complete.first() else { return Vec::new() };
    let differing =
        complete.iter().map(|run| first.identity.differences(&run.identity)).find(|found| !found.is_empty());
    if let Some(differences) = differing {
        return vec![refused(
            &complete,
            format!("the runs differ among themselves: {}", differences.join("; ")),
        )];
    }
    match baseline.find(&first.identity) {
        Ok(base) => Compared { runs: &complete, base, budgets }.rows(),
        Err(reason) => vec![refused(&complete, reason)],
    }
}

/// A row for the runs that did not end well: what they show may not be all.
fn incomplete(runs: &[&RunFigures]) -> Option<GateRow> {
    let bad = runs.iter().find(|run| run.incomplete.is_some())?;
    Some(GateRow {
        rule: Rule::CompleteRuns,
        verdict: if bad.was_killed { GateVerdict::Over } else { GateVerdict::CannotTell },
        asked: "ended well".to_owned(),
        path: bad.name.clone(),
        reason: format!("the run {}", bad.incomplete.as_deref().unwrap_or_default()),
        ..refused(runs, String::new())
    })
}

fn no_run(job: &str) -> GateRow {
    GateRow {
        job: Some(job.to_owned()),
        rule: Rule::CompleteRuns,
        verdict: GateVerdict::CannotTell,
        asked: "a run of the job".to_owned(),
        reason: "there is a budget for this job and no run of it".to_owned(),
        ..refused(&[], String::new())
    }
}
