//! How many of each unit can run at once, and how that depends on the risk.

use std::collections::BTreeMap;

use memtool_profile_model::Measure;
use serde::Serialize;

use super::mix::{Mix, mix};
use super::passing::{MOST, Passing, draws};
use super::pool::{Pool, Starts};
use super::unit::{FitUnit, UnitRun};
use crate::course::Course;

/// Risks that are always shown.
const RISKS: [f64; 4] = [0.001, 0.01, 0.05, 0.1];
/// Fewer runs barely show how peaks differ.
const FEW_RUNS: usize = 10;

/// The options of [`fit`].
#[derive(Debug, Clone, PartialEq)]
pub struct FitOptions {
    /// The memory that all units may use together, in MiB.
    pub limit_mb: f64,
    /// The probability of passing it that is accepted.
    pub risk: f64,
    /// Whether all units are meant to run beside each other.
    pub mixed: bool,
}

/// How many of each unit can run at once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FitReport {
    /// `memtool.fit/1`.
    pub schema: &'static str,
    /// The memory that all units may use together, in MiB.
    pub limit_mb: f64,
    /// The probability of passing it that is accepted.
    pub risk: f64,
    /// One answer a unit, alone on the machine.
    pub units: Vec<UnitFit>,
    /// The units beside each other, where that was asked for.
    pub mix: Option<Mix>,
    /// Units that none is said of, and why.
    pub left_out: Vec<String>,
}

impl FitReport {
    /// Whether at least one of something fits.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.units.iter().any(|unit| unit.count.independent > 0)
    }
}

/// How many of one unit can run at once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnitFit {
    /// The unit.
    pub unit: String,
    /// Its runs that finished.
    pub runs: usize,
    /// Its runs that did not, which are left out.
    pub unfinished: usize,
    /// The largest peak, in MiB.
    pub largest_mb: f64,
    /// The median of the peaks, in MiB.
    pub median_mb: f64,
    /// What the figures measure.
    pub measure: &'static str,
    /// How many at the risk.
    pub count: Count,
    /// How many if every one took the largest peak all the time.
    pub by_largest: usize,
    /// How many at other risks.
    pub by_risk: Vec<RiskCount>,
    /// The probability of passing the limit, from one unit to where it is certain.
    pub curve: Vec<FitPoint>,
    /// What to know about the figures.
    pub warnings: Vec<String>,
}

/// How many can run at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Count {
    /// With start times that have nothing to do with each other.
    pub independent: usize,
    /// All started together.
    pub together: usize,
}

/// How many at a risk.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RiskCount {
    /// The probability of passing the limit.
    pub risk: f64,
    /// How many.
    pub count: Count,
}

/// The probability of passing the limit with this many at once.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FitPoint {
    /// How many run at once.
    pub count: usize,
    /// With start times that have nothing to do with each other.
    pub independent: f64,
    /// All started together.
    pub together: f64,
}

/// How many of each unit can run at once, from the runs recorded of it.
#[must_use]
pub fn fit(runs: Vec<UnitRun>, options: &FitOptions) -> FitReport {
    let mut groups: BTreeMap<String, Vec<UnitRun>> = BTreeMap::new();
    let mut left_out = Vec::new();
    for run in runs {
        groups.entry(run.unit.clone()).or_default().push(run);
    }
    let mut units = Vec::new();
    for (name, runs) in groups {
        match unit(&name, runs) {
            Ok(unit) => units.push(unit),
            Err(why) => left_out.push(format!("{name}: {why}")),
        }
    }
    let mixed = options.mixed && units.len() > 1;
    FitReport {
        schema: "memtool.fit/1",
        limit_mb: options.limit_mb,
        risk: options.risk,
        units: units.iter().map(|unit| alone(unit, options)).collect(),
        mix: mixed.then(|| mix(&units.iter().collect::<Vec<_>>(), options.limit_mb, options.risk)),
        left_out,
    }
}

fn unit(name: &str, runs: Vec<UnitRun>) -> Result<FitUnit, &'static str> {
    let any = |is: fn(Measure) -> bool| runs.iter().any(|run| is(run.measure));
    if any(Measure::is_heap) {
        return Err(
            "the figures are of a runtime's heap, and the process needs more: record its RSS beside it",
        );
    }
    if any(|measure| measure == Measure::Machine) {
        return Err("the figures are of a whole machine: record the unit itself, with memtool record");
    }
    FitUnit::new(name.to_owned(), runs).ok_or("no run of it has ended by itself: record one with more memory")
}

fn alone(unit: &FitUnit, options: &FitOptions) -> UnitFit {
    let pool = Pool::new(&[unit], options.limit_mb);
    let draws = draws(options.risk);
    let of = |starts| Passing::new(&pool.rounds(starts, &[], &[0], (MOST, draws)));
    let (independent, together) = (of(Starts::Independent), of(Starts::Together));
    let count = |risk| Count { independent: independent.largest(risk), together: together.largest(risk) };
    let end = independent.certain().max(together.certain());
    let point = |count| FitPoint { count, independent: independent.at(count), together: together.at(count) };
    let mut risks: Vec<f64> = RISKS.into_iter().chain([options.risk]).collect();
    risks.sort_by(f64::total_cmp);
    risks.dedup();
    UnitFit {
        unit: unit.name.clone(),
        runs: unit.courses.len(),
        unfinished: unit.unfinished,
        largest_mb: unit.largest_mb(),
        median_mb: unit.median_peak_mb(),
        measure: if unit.counted_once { Measure::TreePss } else { unit.measure }.as_str(),
        count: count(options.risk),
        by_largest: whole(options.limit_mb / unit.largest_mb().max(f64::MIN_POSITIVE)),
        by_risk: risks.into_iter().map(|risk| RiskCount { risk, count: count(risk) }).collect(),
        curve: (1..=end).map(point).collect(),
        warnings: warnings(unit),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count that is bounded")]
fn whole(count: f64) -> usize {
    count.min(1e6) as usize
}

fn warnings(unit: &FitUnit) -> Vec<String> {
    let mut warnings = Vec::new();
    let runs = unit.courses.len();
    if runs < FEW_RUNS {
        warnings.push(format!(
            "{runs} of its runs finished: how far peaks differ is barely known, record some more"
        ));
    }
    if unit.unfinished > 0 {
        let count = unit.unfinished;
        warnings
            .push(format!("{count} runs that did not finish are left out: what they needed is not known"));
    }
    if !unit.courses.iter().any(Course::has_times) {
        warnings
            .push("one figure a run, without times: each is taken to hold its peak all the time".to_owned());
    }
    if unit.measure == Measure::TreeRss && !unit.counted_once {
        warnings.push(
            "shared pages count once for each process: record with PSS to see how many more fit".to_owned(),
        );
    }
    warnings
}
