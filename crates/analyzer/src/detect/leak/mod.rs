//! Memory that grows without an end in sight.
//!
//! Idea: take the floor of the trace (what is left when batches are gone) and ask whether it is
//! *ordered*: does each point of it lie above the ones before, all through the run, and does
//! the job not give the memory back at its end? A leak needs all of: growth that matters
//! against the level, the allocator's own ratchet and the noise; for a floor of troughs an
//! order (Kendall's tau) of at least 0.7 and a rising Mann–Kendall test at 1 %; growth in most
//! eighths of the floor, not in one jump, and still going on in the last quarter; a shape that
//! no saturating curve fits much better (BIC); at least half of it still held after the work,
//! where the trace shows that. Then it is fitted: linfa's least squares, the Theil–Sen slope and
//! the slopes of both halves; the interval is their hull, its lower end divided by what a heap
//! adds to leaked bytes.
//! Where the part in mapped files and shared memory is known, all of this is asked of the rest: what
//! a file's pages take is the kernel's to take back. Where the part of children is known, a leak
//! says how much of its growth is theirs.
//! Limits: RSS can grow by several times what the program leaks. A ramp without one completed
//! cycle is no leak before it has lasted, since loading looks the same; under five minutes a
//! leak is at most suspected; under a minute of samples without enough cycles it is
//! inconclusive.

mod beside;
mod declared;
mod ending;
mod finding;
mod floor;
mod judgement;
mod operations;
mod parts;
mod peaks;
mod report;
mod shape;
mod slope;
#[cfg(test)]
mod tests;
mod turns;

use std::collections::BTreeMap;

use self::beside::Beside;
use self::declared::{Declared, declared};
use self::finding::report;
use self::floor::floor;
use self::judgement::{Judgement, judge};
pub use self::operations::OperationGrowth;
use self::operations::by_operation;
use self::parts::{anonymous, in_children};
pub use self::report::{Growth, LeakReport, LeakTier, LeakVerdict};
use super::{Context, Evidence, Finding, FindingKind, Severity};
use crate::series::Series;

/// Fewer snapshots carry no verdict.
const FEWEST_SAMPLES: usize = 20;
/// A shorter run carries no verdict, in seconds.
const SHORTEST_S: f64 = 2.5;
/// A shorter run can only make a leak suspected, in seconds.
const CONFIRMED_S: f64 = 300.0;
/// Steps of time over which growth must be spread.
const STEPS: usize = 8;
/// What a heap adds to leaked bytes in the usual case: recorded leaks of known size grew RSS by
/// 1.05 to 1.7 times (and up to 5 where small blocks pinned the heap).
const HEAP_OVERHEAD: f64 = 1.6;

/// What a run's memory says of leaks.
pub(super) struct Detected {
    pub(super) report: LeakReport,
    pub(super) finding: Option<Finding>,
    /// What the floor rose by in MiB where it may be objects that are kept: a leak, a cache, a pinned heap.
    pub(super) kept_mb: f64,
}

impl Detected {
    fn without_finding(report: LeakReport) -> Self {
        Self { report, finding: None, kept_mb: 0.0 }
    }
}

pub(super) fn detect(series: &Series, context: &Context) -> Detected {
    let duration = series.duration_s();
    if series.len() < FEWEST_SAMPLES || duration < SHORTEST_S {
        let reason = format!(
            "insufficient: {} snapshots over {duration:.1} s; a verdict needs {FEWEST_SAMPLES} over {SHORTEST_S} s",
            series.len()
        );
        return Detected::without_finding(LeakReport::without_growth(LeakVerdict::Inconclusive, reason));
    }
    let after_batches: Vec<(f64, f64)> =
        context.batches.iter().filter_map(|b| Some((b.end_s, b.after_mb?))).collect();
    let declared = declared(series, &context.batches);
    let (undeclared, after) =
        declared.as_ref().map_or((series, &after_batches), |part| (&part.series, &part.after_batches));
    let anonymous = anonymous(undeclared, after);
    let (judged, between) =
        anonymous.as_ref().map_or((undeclared, after), |part| (&part.series, &part.between_batches));
    let Some(floor) = floor(judged, between) else {
        let reason = "insufficient: no floor".to_owned();
        return Detected::without_finding(LeakReport::without_growth(LeakVerdict::Inconclusive, reason));
    };
    let of = |report: LeakReport| {
        let kept_mb = if report.verdict == LeakVerdict::None { 0.0 } else { floor.risen_mb().max(0.0) };
        Detected { kept_mb, ..Detected::without_finding(report) }
    };
    match judge(judged, &floor, recurrences(series)) {
        Judgement::Not(verdict, mut reason) => {
            if let Some(part) = &anonymous {
                let whole_grows = verdict == LeakVerdict::None && growth(undeclared, after).is_some();
                reason = part.told(&reason, whole_grows);
            }
            if let Some(part) = &declared
                && growth(series, &after_batches).is_some_and(|whole| part.is_most_of(whole))
            {
                return of(of_declared(part, &reason, context));
            }
            of(LeakReport::without_growth(verdict, reason))
        }
        Judgement::Growing(growing) => {
            if let Some(part) = declared.as_ref().filter(|part| part.explains(growing.total_mb)) {
                let reason = format!("{:.0} MiB of what a heap adds", growing.total_mb);
                return of(of_declared(part, &reason, context));
            }
            let beside = Beside {
                in_children: in_children(judged),
                by_operation: by_operation(&context.batches, &context.operations),
                anonymous,
                declared,
            };
            let (report, finding) = report(series, context, &floor, &growing, &beside);
            Detected { report, finding: Some(finding), kept_mb: growing.total_mb }
        }
    }
}

/// Growth that the job declares: no leak, and told a thousand items and by operation.
fn of_declared(part: &Declared, reason: &str, context: &Context) -> LeakReport {
    LeakReport {
        by_operation: by_operation(&context.batches, &context.operations),
        ..LeakReport::without_growth(LeakVerdict::None, part.told(reason))
    }
}

/// Growth of RSS as a whole in MiB, where that would be called a leak.
fn growth(series: &Series, between_batches: &[(f64, f64)]) -> Option<f64> {
    match judge(series, &floor(series, between_batches)?, recurrences(series)) {
        Judgement::Growing(growing) => Some(growing.total_mb),
        Judgement::Not(..) => None,
    }
}

/// How often the most frequent stage began anew, with another stage between.
fn recurrences(series: &Series) -> usize {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    let mut last = None;
    for stage in (0..series.len()).filter(|i| series.boundary[*i]).map(|i| series.stage[i]) {
        if stage != last {
            *counts.entry(stage.unwrap_or(u32::MAX)).or_default() += usize::from(stage.is_some());
        }
        last = stage;
    }
    counts.into_values().max().unwrap_or_default()
}
