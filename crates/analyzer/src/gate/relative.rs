//! Compares runs of a job with its baseline.

use super::baseline::{JobBaseline, MeasureSketch};
use super::budget::{Budgets, Tolerances};
use super::power::{runs_needed, tells, threshold};
use super::report::{Change, GateRow, GateVerdict, Rule};
use super::scale::{least, logs};
use crate::compare::{Measure, Repeats, RunFigures, Side, Steering, is_other_work};

/// Runs of one job, and what they are compared with.
pub(super) struct Compared<'a> {
    pub(super) runs: &'a [&'a RunFigures],
    pub(super) base: &'a JobBaseline,
    pub(super) budgets: &'a Budgets,
}

impl Compared<'_> {
    /// A row for each measure that is judged; one row where the runs did other work.
    pub(super) fn rows(&self) -> Vec<GateRow> {
        if let Some(reason) = self.other_work() {
            return vec![refused(self.runs, reason)];
        }
        let job = self.base.identity.job.as_deref();
        let judged = |sketch: &&MeasureSketch| {
            matters(sketch.measure, self.budgets.tolerances(job, sketch.operation.as_deref())).is_some()
        };
        let sketches: Vec<&MeasureSketch> = self.base.measures.iter().filter(judged).collect();
        sketches.iter().filter_map(|sketch| self.row(sketch, asked(&sketches, sketch))).collect()
    }

    /// Why the runs cannot be compared with the baseline, if they did more or less than it.
    fn other_work(&self) -> Option<String> {
        let items: Vec<f64> = self.runs.iter().filter_map(|run| run.items).collect();
        let base = mean(self.base.items.values())?;
        let weighted: Vec<(f64, u32)> = items.iter().map(|items| (*items, 1)).collect();
        let new = mean(&weighted)?;
        is_other_work(base, new)
            .then(|| format!("other work: {new:.0} items in these runs, {base:.0} in the baseline"))
    }

    fn steering(&self) -> Steering {
        let changes = |run: &&RunFigures| run.steering() == Steering::Adaptive;
        if self.runs.iter().any(changes) { Steering::Adaptive } else { self.base.steering() }
    }

    fn row(&self, sketch: &MeasureSketch, asked: usize) -> Option<GateRow> {
        let job = self.base.identity.job.as_deref();
        let measure = sketch.measure;
        let matters = matters(measure, self.budgets.tolerances(job, sketch.operation.as_deref()))?;
        let key = (measure, sketch.operation.clone());
        let new: Vec<f64> = self.runs.iter().filter_map(|run| run.value(&key)).collect();
        let mut row = GateRow {
            job: self.base.identity.job.clone(),
            operation: sketch.operation.clone(),
            rule: rule(measure),
            verdict: GateVerdict::CannotTell,
            asked: format!("within {:.1} % of the baseline", 100.0 * matters),
            found: None,
            path: self.runs.first().map(|run| run.name.clone()).unwrap_or_default(),
            change: None,
            reason: String::new(),
        };
        if new.len() < self.runs.len() {
            row.reason = format!("{} of {} runs lack it", self.runs.len() - new.len(), self.runs.len());
            return Some(row);
        }
        self.judge(&mut row, sketch, &new, matters, asked)?;
        Some(row)
    }

    fn judge(
        &self,
        row: &mut GateRow,
        sketch: &MeasureSketch,
        new: &[f64],
        matters: f64,
        asked: usize,
    ) -> Option<()> {
        let measure = sketch.measure;
        let base: Vec<(f64, u32)> = logs(sketch.values.values());
        let weighted: Vec<(f64, u32)> = new.iter().map(|value| (*value, 1)).collect();
        let fresh = logs(&weighted);
        let repeats = Repeats::of(&base, &fresh, measure.assumed_deviation(self.steering()))?;
        let new_runs = new.len() as f64;
        let least = least(measure, matters);
        let threshold = threshold(&repeats, new_runs, least, asked);
        let difference = mean(&fresh)? - mean(&base)?;
        let worse_by = if measure.less_is_worse() { -difference } else { difference };
        let sides = (side(sketch.values.values())?, side(&weighted)?);
        row.verdict = if worse_by > threshold {
            GateVerdict::Worse
        } else if worse_by < -threshold {
            GateVerdict::Better
        } else if tells(&repeats, new_runs, least, asked) {
            GateVerdict::Same
        } else {
            GateVerdict::CannotTell
        };
        let needed = runs_needed(&repeats, least, asked);
        row.found = Some(sides.1.mean);
        row.change = Some(Change {
            measure,
            base: sides.0,
            new: sides.1,
            change: difference.exp_m1(),
            tolerance: threshold.exp_m1(),
            matters,
            runs_needed: needed,
        });
        if row.verdict == GateVerdict::CannotTell {
            row.reason = match needed {
                Some(needed) => format!(
                    "{} runs in the baseline and {} in a check would tell {:.1} %",
                    needed.base,
                    needed.new,
                    100.0 * matters
                ),
                None => format!(
                    "repeats differ too much for {:.1} % to be told by any number of runs",
                    100.0 * matters
                ),
            };
        }
        Some(())
    }
}

/// The row of runs that cannot be compared.
pub(super) fn refused(runs: &[&RunFigures], reason: String) -> GateRow {
    GateRow {
        job: runs.first().and_then(|run| run.identity.job.clone()),
        operation: None,
        rule: Rule::Baseline,
        verdict: GateVerdict::Refused,
        asked: "comparable with the baseline".to_owned(),
        found: None,
        path: runs.first().map(|run| run.name.clone()).unwrap_or_default(),
        change: None,
        reason,
    }
}

/// How many values the same measure is asked of.
fn asked(sketches: &[&MeasureSketch], own: &MeasureSketch) -> usize {
    let same = |other: &&&MeasureSketch| {
        other.measure == own.measure && other.operation.is_some() == own.operation.is_some()
    };
    sketches.iter().filter(same).count()
}

fn matters(measure: Measure, tolerances: Tolerances) -> Option<f64> {
    match measure {
        Measure::Peak => tolerances.peak,
        Measure::Mean => tolerances.mean,
        Measure::ItemsPerCpuSecond | Measure::ItemsPerSecond => tolerances.speed,
        Measure::TimeAtHigh | Measure::LeakSlope => None,
    }
}

const fn rule(measure: Measure) -> Rule {
    match measure {
        Measure::Mean => Rule::MeanChange,
        Measure::ItemsPerCpuSecond | Measure::ItemsPerSecond => Rule::SpeedChange,
        _ => Rule::PeakChange,
    }
}

fn mean(values: &[(f64, u32)]) -> Option<f64> {
    let runs: f64 = values.iter().map(|(_, weight)| f64::from(*weight)).sum();
    let sum: f64 = values.iter().map(|(value, weight)| value * f64::from(*weight)).sum();
    (runs > 0.0).then(|| sum / runs)
}

fn side(values: &[(f64, u32)]) -> Option<Side> {
    Some(Side {
        runs: values.iter().map(|(_, weight)| *weight as usize).sum(),
        mean: mean(&logs(values))?.exp(),
        low: values.iter().map(|(value, _)| *value).reduce(f64::min)?,
        high: values.iter().map(|(value, _)| *value).reduce(f64::max)?,
    })
}
