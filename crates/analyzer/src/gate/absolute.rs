//! Compares runs of a job with its budgets.

use super::budget::{Budget, LeakBudget};
use super::report::{GateRow, GateVerdict, Rule};
use crate::compare::{Leak, Measure, RunFigures};

/// What one run says of a budget.
struct Seen {
    verdict: GateVerdict,
    found: Option<f64>,
    reason: String,
}

impl Seen {
    fn unknown(reason: impl Into<String>) -> Self {
        Self { verdict: GateVerdict::CannotTell, found: None, reason: reason.into() }
    }

    /// A figure against the most that it may be; a figure that is a lower bound cannot tell that it is within.
    fn most(found: f64, most: f64, is_bound: bool) -> Self {
        let verdict = match (found > most, is_bound) {
            (true, _) => GateVerdict::Over,
            (false, true) => GateVerdict::CannotTell,
            (false, false) => GateVerdict::Within,
        };
        let reason = if is_bound { "the file holds a lower bound of the peak" } else { "" };
        Self { verdict, found: Some(found), reason: reason.to_owned() }
    }
}

/// A row for each budget of whole runs.
pub(super) fn whole(runs: &[&RunFigures], budget: &Budget) -> Vec<GateRow> {
    let key = |measure| (measure, None);
    let peak = |run: &RunFigures, most| match run.value(&key(Measure::Peak)) {
        Some(peak) => Seen::most(peak, most, run.peak_is_lower_bound),
        None => Seen::unknown("no sample could be read"),
    };
    let mean = |run: &RunFigures, most| match run.value(&key(Measure::Mean)) {
        Some(mean) => Seen::most(mean, most, false),
        None => Seen::unknown("no sample could be read"),
    };
    let rows = [
        budget.peak_mb.map(|most| worst(runs, Rule::PeakBudget, None, &mib(most), |run| peak(run, most))),
        budget.mean_mb.map(|most| worst(runs, Rule::MeanBudget, None, &mib(most), |run| mean(run, most))),
        budget.headroom.map(|least| {
            let asked = format!(">= {:.1} %", 100.0 * least);
            worst(runs, Rule::HeadroomBudget, None, &asked, |run| headroom(run, least))
        }),
        budget.leak.map(|most| worst(runs, Rule::LeakBudget, None, most.as_str(), |run| leak(run, most))),
    ];
    rows.into_iter().flatten().collect()
}

/// A row for each budget of an operation.
pub(super) fn operation(runs: &[&RunFigures], name: &str, budget: &Budget) -> Vec<GateRow> {
    let peak = |run: &RunFigures, most| match run.operation_peaks.get(name) {
        Some(peak) => Seen::most(*peak, most, false),
        None => Seen::unknown("no run has this operation"),
    };
    let mean = |run: &RunFigures, most| match run.value(&(Measure::Mean, Some(name.to_owned()))) {
        Some(mean) => Seen::most(mean, most, false),
        None => Seen::unknown("no run has enough samples of this operation"),
    };
    let rows = [
        budget
            .peak_mb
            .map(|most| worst(runs, Rule::PeakBudget, Some(name), &mib(most), |run| peak(run, most))),
        budget
            .mean_mb
            .map(|most| worst(runs, Rule::MeanBudget, Some(name), &mib(most), |run| mean(run, most))),
    ];
    rows.into_iter().flatten().collect()
}

fn headroom(run: &RunFigures, least: f64) -> Seen {
    let Some(limit) = run.identity.machine.limit_mb.filter(|limit| *limit > 0.0) else {
        return Seen::unknown("the job's memory limit was not recorded");
    };
    let Some(peak) = run.value(&(Measure::Peak, None)) else {
        return Seen::unknown("no sample could be read");
    };
    let found = 1.0 - peak / limit;
    let seen = Seen::most(-found, -least, run.peak_is_lower_bound);
    Seen { found: Some(found), ..seen }
}

fn leak(run: &RunFigures, most: LeakBudget) -> Seen {
    let verdict = match (run.leak, most) {
        (Leak::Unknown, _) => GateVerdict::CannotTell,
        (Leak::Confirmed, _) | (Leak::Suspected, LeakBudget::None) => GateVerdict::Over,
        (Leak::Suspected, LeakBudget::Suspected) | (Leak::No, _) => GateVerdict::Within,
    };
    let reason = if verdict == GateVerdict::Within { String::new() } else { run.leak_reason.clone() };
    Seen { verdict, found: None, reason }
}

/// The row of the run that is furthest beyond the budget, or that cannot tell.
fn worst(
    runs: &[&RunFigures],
    rule: Rule,
    operation: Option<&str>,
    asked: &str,
    see: impl Fn(&RunFigures) -> Seen,
) -> GateRow {
    let rank = |verdict| match verdict {
        GateVerdict::Over => 2,
        GateVerdict::CannotTell => 1,
        _ => 0,
    };
    let key = |seen: &Seen| {
        let found = seen.found.unwrap_or(0.0);
        (rank(seen.verdict), if rule == Rule::HeadroomBudget { -found } else { found })
    };
    let all = runs.iter().map(|run| (*run, see(run)));
    let worst = all.max_by(|(_, a), (_, b)| {
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    let (path, seen) = worst.map_or_else(
        || (String::new(), Seen::unknown("there is no run")),
        |(run, seen)| (run.name.clone(), seen),
    );
    GateRow {
        job: runs.first().and_then(|run| run.identity.job.clone()),
        operation: operation.map(str::to_owned),
        rule,
        verdict: seen.verdict,
        asked: asked.to_owned(),
        found: seen.found,
        path,
        change: None,
        reason: seen.reason,
    }
}

fn mib(most: f64) -> String {
    format!("<= {most:.0} MiB")
}
