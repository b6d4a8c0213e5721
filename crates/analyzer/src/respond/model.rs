//! Everything that one run says of its job, ready to be replayed.

use std::sync::Arc;

use memtool_profile_model::Run;

use super::drift::Seen;
use super::held::Held;
use super::level::{Levels, SlopePrior};
use super::neighbours::Neighbours;
use super::pace::Pace;
use super::reclaim::{ADDED, Reclaim};
use super::shape::Shape;
use super::trace::{Collected, Trace};
use super::work::{Placed, Stage, Work};

/// One operation of a job.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Operation {
    pub(crate) label: Option<String>,
    pub(crate) levels: Arc<Levels>,
    pub(crate) held: Held,
    pub(crate) pace: Pace,
    pub(crate) shape: Shape,
    /// Position and items of each recorded batch.
    pub(crate) batches: Vec<(f64, f64)>,
    /// Seconds of all its batches.
    pub(crate) seconds: f64,
}

/// One run's model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunModel {
    pub(crate) mark: Mark,
    pub(crate) operations: Vec<Operation>,
    pub(crate) stages: Vec<Stage>,
    pub(crate) neighbours: Neighbours,
    pub(crate) reclaim: Reclaim,
    /// Sizes of the recorded batches, in order: the run itself, for comparison.
    pub(crate) sizes: Vec<f64>,
    /// Seconds of work outside of batches.
    pub(crate) outside: f64,
    /// Seconds of the collections that the policy asked for.
    pub(crate) collecting: f64,
    /// Seconds that pass for a second of the batches' time.
    pub(crate) wall_per_second: f64,
    /// Seconds between two looks over the configured interval.
    pub(crate) stretch: f64,
    /// Whether the job has looks taken at the edges of stages.
    pub(crate) looks_at_edges: bool,
    pub(crate) base: f64,
    pub(crate) peak: f64,
    pub(crate) first_rss: f64,
    pub(crate) recorded: bool,
    pub(crate) finished: bool,
    pub(crate) fixed: Option<f64>,
    /// Seconds between two looks.
    pub(crate) interval: Option<f64>,
}

/// What tells one run from another, cheaply.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mark {
    started: i128,
    snapshots: usize,
    batches: usize,
    first: u64,
    last: u64,
}

impl Mark {
    pub(crate) fn of(run: &Run) -> Self {
        let bits = |s: Option<&memtool_profile_model::Snapshot>| {
            s.map_or(0, |s| s.rss.map_or(0.0, |m| m.get()).to_bits() ^ s.at.nanos().unsigned_abs())
        };
        Self {
            started: run.started.as_nanosecond(),
            snapshots: run.snapshots.len(),
            batches: run.batches.len(),
            first: bits(run.snapshots.first()),
            last: bits(run.snapshots.last()),
        }
    }
}

/// Sizes of guessed batches of a steered run are off by so much of themselves: of 36 recorded adaptive runs
/// half to four fifths of the troughs show the right one, others a half or a double of it.
const GUESSED_SIZE: f64 = 0.5;

/// A run taken apart, before anything is fitted.
pub(super) struct Taken<'a> {
    pub(super) run: &'a Run,
    pub(super) trace: Trace,
    pub(super) work: Work,
}

impl<'a> Taken<'a> {
    pub(super) fn of(run: &'a Run) -> Option<Self> {
        let trace = Trace::of(run)?;
        let work = Work::of(&trace);
        Some(Self { run, trace, work })
    }

    /// The batches of a label as the fit sees them.
    pub(super) fn seen(&self, label: Option<&str>) -> Vec<Seen> {
        let Some(place) = self.work.labels.iter().position(|l| l.as_deref() == label) else {
            return Vec::new();
        };
        let batches = &self.work.batches[place];
        // Sizes of guessed batches are guessed too, unless there was only one.
        let blur = if self.trace.recorded || self.trace.fixed.is_some() { 0.0 } else { GUESSED_SIZE };
        let mut seen: Vec<Seen> = batches
            .iter()
            .map(|b| Seen {
                at: b.at,
                items: b.piece.items,
                blur,
                start: b.piece.start,
                peak: b.piece.peak,
                least: false,
            })
            .collect();
        let open = self.trace.open.filter(|open| self.trace.label(open) == label);
        seen.extend(open.map(|open| Seen {
            at: batches.last().map_or(0.0, |b| b.at + b.piece.items),
            items: open.items,
            blur,
            start: open.start,
            peak: open.peak,
            least: true,
        }));
        seen
    }

    /// The model of the run, with what is known of each label's memory.
    pub(super) fn model(&self, levels: impl Fn(Option<&str>) -> Arc<Levels>) -> RunModel {
        let trace = &self.trace;
        let mut reclaim = Reclaim::of(trace);
        let pieces = || trace.pieces.iter();
        let with_cpu = pieces().all(|p| p.cpu.is_some());
        let wall: f64 = pieces().filter_map(|p| p.seconds).sum();
        let cpu: f64 = pieces().filter_map(|p| p.cpu).sum();
        let wall_per_second = if with_cpu && cpu > 0.0 && wall > 0.0 { wall / cpu } else { 1.0 };
        // One thread collects, however many compute.
        reclaim.seconds *= wall_per_second.min(1.0);
        let operations = self.work.labels.iter().zip(&self.work.batches).map(|(label, batches)| Operation {
            label: label.clone(),
            levels: levels(label.as_deref()),
            held: Held::of(batches, trace.recorded),
            pace: Pace::of(&self.timed(batches, with_cpu), trace.recorded),
            shape: Shape::of(batches, &trace.looks),
            batches: batches.iter().map(|b| (b.at, b.piece.items)).collect(),
            seconds: batches.iter().filter_map(|b| b.piece.seconds).sum(),
        });
        let forced = trace.collections.iter().filter(|c| c.forced);
        let added = |c: &Collected| {
            c.seconds.map_or(reclaim.seconds, |seconds| ADDED * seconds * wall_per_second.min(1.0))
        };
        let configured = self.run.config.monitoring_interval_seconds;
        let stretch = trace.interval().map_or(1.0, |seconds| seconds / configured);
        RunModel {
            mark: Mark::of(self.run),
            operations: operations.collect(),
            stages: self.work.stages.clone(),
            neighbours: Neighbours::of(self.run, trace),
            sizes: pieces().map(|p| p.items).collect(),
            outside: self.work.stages.iter().map(|s| s.pause).sum::<f64>() / wall_per_second,
            collecting: forced.map(added).sum::<f64>() / wall_per_second,
            reclaim,
            wall_per_second,
            stretch: if stretch.is_finite() { stretch.clamp(1.0, 10.0) } else { 1.0 },
            looks_at_edges: trace.looks.iter().any(|look| look.asked),
            base: trace.base,
            peak: trace.peak,
            first_rss: trace.looks.first().map_or(trace.base, |look| look.rss),
            recorded: trace.recorded,
            finished: trace.finished,
            fixed: trace.fixed,
            interval: trace.interval(),
        }
    }

    /// The batches with what each took, without the collections that were asked for inside.
    fn timed(&self, batches: &[Placed], with_cpu: bool) -> Vec<(Placed, Option<f64>)> {
        let forced: Vec<(f64, f64)> = self
            .trace
            .collections
            .iter()
            .filter(|c| c.forced)
            .filter_map(|c| Some((c.seconds_at, c.seconds?)))
            .collect();
        let own = |batch: &Placed| {
            let piece = batch.piece;
            let wall = piece.seconds?;
            let first = forced.partition_point(|c| c.0 < piece.begin);
            let inside = forced[first..].iter().take_while(|c| c.0 <= piece.begin + wall);
            let seconds = if with_cpu { piece.cpu? } else { wall };
            // Its share of the processor is the batch's, but for no more than one thread.
            let collecting = ADDED * inside.map(|c| c.1).sum::<f64>() * (seconds / wall).min(1.0);
            Some((seconds - collecting).max(0.05 * seconds))
        };
        batches.iter().map(|batch| (*batch, own(batch))).collect()
    }
}

/// The model of a run on its own; `prior` is what other runs say of the need of an item.
pub(crate) fn model_of(run: &Run, prior: Option<SlopePrior>) -> Option<RunModel> {
    let taken = Taken::of(run)?;
    Some(taken.model(|label| Arc::new(Levels::of(&taken.seen(label), prior, taken.trace.shown))))
}
