//! One line of a comparison: a measure of the base against the same of the new runs.

use serde::Serialize;

use super::figures::{Key, Leak, RunFigures};
use super::measure::{Measure, Scale, Steering, leak_floor};
use super::options::CompareOptions;
use super::tolerance::tolerance;

/// A measure over one set of runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Side {
    /// Runs that have it.
    pub runs: usize,
    /// Their mean; of a measure told as a share of the base the geometric one.
    pub mean: f64,
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowVerdict {
    /// Within the tolerance, or better.
    NoWorse,
    /// Worse by more than the tolerance.
    Worse,
    /// The data cannot carry a verdict: the comparison as a whole has none.
    Inconclusive,
    /// Not asked: the base does not have it, or it is too noisy to be asked of.
    NotJudged,
}

/// One line of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What is compared.
    pub measure: Measure,
    /// The operation; `None` for the whole run.
    pub operation: Option<String>,
    /// The base runs.
    pub base: Option<Side>,
    /// The new runs.
    pub new: Option<Side>,
    /// New over base less one; of time shares and slopes the difference.
    pub change: Option<f64>,
    /// The change for the worse that repeats of the base may show by themselves.
    pub tolerance: Option<f64>,
    /// What the line says.
    pub verdict: RowVerdict,
    /// Why there is no verdict, if so.
    pub reason: Option<String>,
}

pub(super) fn row(
    key: &Key,
    base: &[&RunFigures],
    new: &[&RunFigures],
    asked: usize,
    options: &CompareOptions,
) -> Row {
    let (measure, operation) = key;
    let values = |runs: &[&RunFigures]| runs.iter().filter_map(|r| r.value(key)).collect::<Vec<f64>>();
    let (old, now) = (values(base), values(new));
    let mut row = Row {
        measure: *measure,
        operation: operation.clone(),
        base: side(*measure, &old),
        new: side(*measure, &now),
        change: None,
        tolerance: None,
        verdict: RowVerdict::NotJudged,
        reason: None,
    };
    if old.is_empty() {
        row.reason = Some("no base run has it".to_owned());
        return row;
    }
    if base.iter().chain(new).any(|run| run.few.contains(key)) {
        row.reason = Some("too few samples of it in one of the runs".to_owned());
        return row;
    }
    if now.len() < new.len() {
        row.verdict = RowVerdict::Inconclusive;
        row.reason = Some(format!("{} of {} new runs lack it", new.len() - now.len(), new.len()));
        return row;
    }
    let floor = floor(*measure, base, options);
    let assumed = if *measure == Measure::LeakSlope {
        floor / 2.0
    } else {
        measure.assumed_deviation(steering(base, new))
    };
    let moved = |value: &f64| scaled(*measure, *value);
    let spread = tolerance(&old.iter().map(moved).collect::<Vec<_>>(), now.len(), assumed, asked);
    judge(&mut row, floor, spread, options);
    if row.verdict == RowVerdict::Worse && *measure == Measure::LeakSlope {
        only_suspected(&mut row, new);
    }
    row
}

/// Compares the change with the larger of the floor and the spread.
fn judge(row: &mut Row, floor: f64, spread: f64, options: &CompareOptions) {
    let (Some(base), Some(new)) = (row.base, row.new) else { return };
    let relative = row.measure.scale() == Scale::Relative;
    let difference = scaled(row.measure, new.mean) - scaled(row.measure, base.mean);
    let worse_by = if row.measure.less_is_worse() { -difference } else { difference };
    let spread = if relative { spread.exp_m1() } else { spread };
    let worse_by = if relative { worse_by.exp_m1() } else { worse_by };
    let tolerance = spread.max(floor);
    row.change = Some(if relative { difference.exp_m1() } else { difference });
    row.tolerance = Some(tolerance);
    if worse_by > tolerance {
        row.verdict = RowVerdict::Worse;
    } else if tolerance <= options.widest || row.measure == Measure::LeakSlope {
        row.verdict = RowVerdict::NoWorse;
    } else {
        // What an operation hides in its noise, the whole run would show.
        let decides = row.operation.is_none() && !row.measure.is_speed();
        row.verdict = if decides { RowVerdict::Inconclusive } else { RowVerdict::NotJudged };
        row.reason = Some(format!(
            "repeats may differ by {:.0} %, above the widest tolerance of {:.0} %: more base runs narrow it",
            100.0 * tolerance,
            100.0 * options.widest
        ));
    }
}

/// A leak that is only suspected where the base had none is no proof.
fn only_suspected(row: &mut Row, new: &[&RunFigures]) {
    if new.iter().all(|run| run.leak != Leak::Confirmed) {
        row.verdict = RowVerdict::Inconclusive;
        row.reason = Some("a leak is suspected, not confirmed: a longer run would tell".to_owned());
    }
}

/// The least change for the worse that counts.
fn floor(measure: Measure, base: &[&RunFigures], options: &CompareOptions) -> f64 {
    if measure != Measure::LeakSlope {
        return options.floor;
    }
    let peak = |run: &&RunFigures| run.value(&(Measure::Peak, None)).unwrap_or(0.0);
    let peak = base.iter().map(peak).fold(0.0, f64::max);
    let seconds = base.iter().map(|run| run.seconds).fold(0.0, f64::max);
    leak_floor(peak, seconds)
}

/// A set with any steered run counts as steered.
fn steering(base: &[&RunFigures], new: &[&RunFigures]) -> Steering {
    let fixed = base.iter().chain(new).all(|run| run.steering == Steering::Fixed);
    if fixed { Steering::Fixed } else { Steering::Adaptive }
}

fn scaled(measure: Measure, value: f64) -> f64 {
    match measure.scale() {
        Scale::Relative => value.max(f64::MIN_POSITIVE).ln(),
        Scale::Absolute => value,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of runs")]
fn side(measure: Measure, values: &[f64]) -> Option<Side> {
    let mean = values.iter().map(|v| scaled(measure, *v)).sum::<f64>() / values.len() as f64;
    Some(Side {
        runs: values.len(),
        mean: if measure.scale() == Scale::Relative { mean.exp() } else { mean },
        low: values.iter().copied().reduce(f64::min)?,
        high: values.iter().copied().reduce(f64::max)?,
    })
}
