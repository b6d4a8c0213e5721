//! What happened in a run over time, brought down to what a chart and its tables show.

use memtool_profile_model::{Mib, Run, Snapshot};
use serde::Serialize;

use super::batches::{BatchSpan, batches};
use super::budget::PageBudget;
use super::decisions::{DecisionMark, decisions};
use super::line::{Line, rounded};
use super::operations::{OperationSpan, operations};
use crate::chart::Thresholds;
use crate::report::ChartColumns;

/// From and to, in seconds from the run's first sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Span {
    /// From.
    pub start_s: f64,
    /// To.
    pub end_s: f64,
}

/// Levels of memory, in MiB, as far as they are known.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Levels {
    /// Where moderate pressure begins.
    pub moderate: Option<f64>,
    /// Where high pressure begins.
    pub high: Option<f64>,
    /// Where critical pressure begins.
    pub critical: Option<f64>,
    /// Where the recorder starts collections.
    pub gc_trigger: Option<f64>,
    /// The memory the job may use.
    pub limit: Option<f64>,
}

impl From<Thresholds> for Levels {
    fn from(thresholds: Thresholds) -> Self {
        let Thresholds { moderate, high, critical, gc_trigger, limit } = thresholds;
        Self { moderate, high, critical, gc_trigger, limit }
    }
}

/// What happened in a run over time; seconds from its first sample, sizes in MiB.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Course {
    /// Where the time axis ends.
    pub end_s: f64,
    /// What the line of memory measures, such as `RSS`.
    pub quantity: &'static str,
    /// Levels across the chart.
    pub levels: Levels,
    /// Samples of memory.
    pub memory: Line,
    /// The part of it in child processes; empty where there were none.
    pub children: Line,
    /// What the C allocator had handed out; empty where that was not recorded.
    pub heap: Line,
    /// From when on which batch size was allowed, in items.
    pub batch_size: Line,
    /// Where the fallback size was in force.
    pub fallback: Vec<Span>,
    /// The longest stretches of an operation.
    pub operations: Vec<OperationSpan>,
    /// How many stretches there were.
    pub operations_total: usize,
    /// The batches with the largest peaks.
    pub batches: Vec<BatchSpan>,
    /// How many finished batches there were.
    pub batches_total: usize,
    /// When garbage was collected.
    pub collections: Vec<f64>,
    /// How many collections were recorded.
    pub collections_total: usize,
    /// The policy's first decisions.
    pub decisions: Vec<DecisionMark>,
    /// How many there were.
    pub decisions_total: usize,
}

impl Course {
    pub(super) fn new(
        run: &Run,
        quantity: Option<&'static str>,
        levels: Thresholds,
        columns: &ChartColumns,
        budget: PageBudget,
    ) -> Self {
        let start_s = columns.start_s();
        let marks = budget.marks;
        let (batches, batches_total) = batches(run, start_s, marks);
        let sampled = columns.seconds.last().copied().unwrap_or(0.0);
        let end_s = batches.iter().map(|batch| batch.end_s).fold(sampled, f64::max);
        let (operations, operations_total) = operations(&columns.phases, end_s, marks);
        let (collections, collections_total) = collections(run, columns, start_s, marks);
        let (decisions, decisions_total) = decisions(run, start_s, marks);
        let memory: Vec<(f64, f64)> =
            columns.seconds.iter().copied().zip(columns.rss_mb.iter().copied()).collect();
        let sizes: Vec<(f64, f64)> =
            columns.batch_sizes.iter().map(|(at, size)| (*at, f64::from(*size))).collect();
        let span = |span: &(f64, f64)| Span { start_s: span.0, end_s: span.1 };
        Self {
            end_s,
            quantity: quantity.unwrap_or("RSS"),
            levels: levels.into(),
            memory: Line::of(&memory, budget.points),
            children: children(run, start_s, budget.points / 4),
            heap: heap(run, start_s, budget.points / 4),
            batch_size: Line::of(&sizes, marks),
            fallback: columns.fallback_spans.iter().take(marks).map(span).collect(),
            operations,
            operations_total,
            batches,
            batches_total,
            collections,
            collections_total,
            decisions,
            decisions_total,
        }
    }
}

/// Memory of child processes, where there ever was any.
fn children(run: &Run, start_s: f64, most: usize) -> Line {
    let seen = |snapshot: &Snapshot| Some((snapshot.at.seconds() - start_s, snapshot.children_rss?.get()));
    let samples: Vec<(f64, f64)> = run.snapshots.iter().filter_map(seen).collect();
    if samples.iter().all(|sample| sample.1 <= 0.0) { Line::default() } else { Line::of(&samples, most) }
}

fn heap(run: &Run, start_s: f64, most: usize) -> Line {
    let mut samples: Vec<(f64, f64)> = run
        .live
        .samples
        .iter()
        .filter_map(|sample| Some((sample.at.seconds() - start_s, sample.heap_used.map(Mib::get)?)))
        .collect();
    samples.sort_by(|a, b| a.0.total_cmp(&b.0));
    Line::of(&samples, most)
}

/// Recorded collections, or the samples right after one where a file holds only these; evenly many of them.
fn collections(run: &Run, columns: &ChartColumns, start_s: f64, most: usize) -> (Vec<f64>, usize) {
    let recorded: Vec<f64> = run.collections.iter().map(|one| one.at.seconds() - start_s).collect();
    let all = if recorded.is_empty() { columns.gc_marks.clone() } else { recorded };
    let every = all.len().div_ceil(most.max(1)).max(1);
    (all.iter().step_by(every).map(|at| rounded(*at, 1000.0)).collect(), all.len())
}
