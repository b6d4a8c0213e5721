//! Everything that one run says of its job, ready to be replayed.

use std::sync::Arc;

use memtool_profile_model::Run;

use super::line_filter::{LineState, PeakObservation, SlopePrior};
use super::other_memory::{OtherMemory, charged_mb};
use super::pace::{BatchCosts, Pace, Timed};
use super::peak_model::PeakModel;
use super::reclaim::{ADDED, Reclaim};
use super::resident::{Keeping, ResidentCurve};
use super::rise::Rise;
use super::segment::{OutsideWork, Segment};
use super::shape::Shape;
use super::trace::{Trace, TracedCollection};
use super::workload::{PlacedBatch, Workload};

/// One operation of a job.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Operation {
    pub(crate) label: Option<String>,
    pub(crate) peaks: Arc<PeakModel>,
    pub(crate) resident: ResidentCurve,
    pub(crate) pace: Pace,
    pub(crate) shape: Shape,
    /// Position and items of each recorded batch.
    pub(crate) batches: Vec<(f64, f64)>,
    /// The largest memory of its batches.
    pub(crate) peak: f64,
    /// Seconds of all its batches on the clock.
    pub(crate) seconds: f64,
    /// Seconds on the clock for each second of its pace.
    pub(crate) wall_per_second: f64,
    /// Whether its batches wait more than they compute: then its pace is that of the clock.
    pub(crate) waits: bool,
}

impl Operation {
    /// The highest peak, in MiB, of a batch of this many items by the likeliest hypothesis, and the batch that it stands at.
    pub(super) fn highest(&self, items: f64) -> Option<(f64, usize)> {
        let fit = &self.peaks.hypotheses.first()?.fit;
        let at = |(index, state): (usize, &LineState)| {
            let start = self.resident.at(self.peaks.at[index], 1.0);
            (state.level + fit.hypothesis.follow * start + state.slope * items, index)
        };
        fit.states.iter().enumerate().map(at).max_by(|a, b| a.0.total_cmp(&b.0))
    }
}

/// One run's model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunModel {
    pub(crate) key: RunKey,
    pub(crate) operations: Vec<Operation>,
    pub(crate) segments: Vec<Segment>,
    pub(crate) other_memory: OtherMemory,
    pub(crate) reclaim: Reclaim,
    /// Sizes of the recorded batches, in order: the run itself, for comparison.
    pub(crate) sizes: Vec<f64>,
    /// Items of the batch that the run ended in; 0 where it ended after its last one.
    pub(crate) open_items: f64,
    /// Seconds outside of batches.
    pub(crate) outside: f64,
    /// What memory that stays after batches means.
    pub(crate) keeping: Keeping,
    /// Work outside of batches.
    pub(crate) outside_work: Vec<OutsideWork>,
    /// Seconds of the collections that the policy requested.
    pub(crate) collecting: f64,
    /// Seconds on the clock for each second of the batches' pace.
    pub(crate) wall_per_second: f64,
    /// Seconds between two samples over the configured interval.
    pub(crate) stretch: f64,
    /// Whether the job has samples taken at the edges of segments.
    pub(crate) samples_at_edges: bool,
    pub(crate) base: f64,
    pub(crate) peak: f64,
    /// Whether the kernel's own mark gives that peak, so that no sample missed it.
    pub(crate) exact_peak: bool,
    /// The most that was charged to the limit.
    pub(crate) charged_peak: f64,
    pub(crate) first_rss: f64,
    pub(crate) recorded: bool,
    pub(crate) finished: bool,
    pub(crate) fixed: Option<f64>,
    /// Seconds between two samples.
    pub(crate) interval: Option<f64>,
}

/// Where less than this share of the time is known by size, the cost of a batch counts as assumed.
const TIMED_SHARE: f64 = 0.8;

impl RunModel {
    /// Whether a good part of the time was spent in operations of which only one size was timed.
    pub(crate) fn cost_assumed(&self) -> bool {
        let all: f64 = self.operations.iter().map(|o| o.seconds).sum();
        let measured: f64 = self.operations.iter().filter(|o| o.pace.measured).map(|o| o.seconds).sum();
        measured < TIMED_SHARE * all || all <= 0.0
    }
}

/// What distinguishes one run from another, cheaply.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RunKey {
    started: i128,
    snapshots: usize,
    batches: usize,
    first: u64,
    last: u64,
}

impl RunKey {
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

/// A run taken apart, before anything is fitted.
pub(super) struct RunParts<'a> {
    pub(super) run: &'a Run,
    pub(super) trace: Trace,
    pub(super) work: Workload,
}

impl<'a> RunParts<'a> {
    pub(super) fn of(run: &'a Run) -> Option<Self> {
        let trace = Trace::of(run)?;
        let work = Workload::of(&trace);
        Some(Self { run, trace, work })
    }

    /// The batches of a label as the fit sees them.
    pub(super) fn observed(&self, label: Option<&str>) -> Vec<PeakObservation> {
        let batches = self.batches(label);
        let mut observed: Vec<PeakObservation> = batches
            .iter()
            .map(|b| PeakObservation {
                at: b.at,
                items: b.batch.items,
                start: b.batch.start,
                live: b.batch.live,
                peak: b.batch.peak,
                // A run that was killed in its first batch has no other.
                lower_bound: self.trace.recorded
                    && !self.trace.finished
                    && self.trace.open.is_none()
                    && self.trace.batches.len() == 1,
                upper_bound: false,
            })
            .collect();
        let open = self.trace.open.filter(|open| self.trace.label(open) == label);
        observed.extend(open.map(|open| PeakObservation {
            at: batches.last().map_or(0.0, |b| b.at + b.batch.items),
            items: open.items,
            start: open.start,
            live: open.live,
            peak: open.peak,
            lower_bound: true,
            upper_bound: false,
        }));
        observed
    }

    /// Recorded seconds on the clock and of the processor in all batches of a label; `None` where a batch has no
    /// processor time.
    pub(super) fn clock_and_processor(&self, label: Option<&str>) -> Option<(f64, f64)> {
        let own = || self.batches(label).iter().map(|b| b.batch);
        let processor: Option<f64> = own().map(|b| b.cpu).sum();
        Some((own().filter_map(|b| b.seconds).sum(), processor?))
    }

    /// The batches of a label, in the order of their work.
    fn batches(&self, label: Option<&str>) -> &[PlacedBatch] {
        let place = self.work.labels.iter().position(|l| l.as_deref() == label);
        place.map_or(&[], |place| self.work.batches[place].as_slice())
    }

    /// The model of the run, with what all runs show of each operation.
    pub(super) fn model(&self, shared: impl Fn(Option<&str>) -> Shared) -> RunModel {
        let trace = &self.trace;
        let mut reclaim = Reclaim::of(trace);
        let batches = || trace.batches.iter();
        let operations: Vec<Operation> =
            self.work.labels.iter().map(|l| self.operation(l, &shared)).collect();
        let seconds: f64 = operations.iter().map(|o| o.seconds).sum();
        let paced: f64 = operations.iter().map(|o| o.seconds / o.wall_per_second).sum();
        let wall_per_second = if seconds > 0.0 { seconds / paced } else { 1.0 };
        // One thread collects, however many compute.
        reclaim.seconds *= wall_per_second.min(1.0);
        let forced = trace.collections.iter().filter(|c| c.forced);
        let added = |c: &TracedCollection| {
            c.seconds.map_or(reclaim.seconds, |seconds| ADDED * seconds * wall_per_second.min(1.0))
        };
        let other_memory = OtherMemory::of(self.run, trace);
        let configured = self.run.config.monitoring_interval_seconds;
        let stretch = trace.interval().map_or(1.0, |seconds| seconds / configured);
        RunModel {
            key: RunKey::of(self.run),
            operations,
            segments: self.work.segments.clone(),
            charged_peak: charged_peak(trace, &other_memory),
            other_memory,
            sizes: batches().map(|p| p.items).collect(),
            open_items: trace.open.map_or(0.0, |open| open.items),
            outside: self.seconds_outside() / wall_per_second,
            keeping: Keeping::Heap,
            outside_work: self.work.outside.clone(),
            collecting: forced.map(added).sum::<f64>() / wall_per_second,
            reclaim,
            wall_per_second,
            stretch: if stretch.is_finite() { stretch.clamp(1.0, 10.0) } else { 1.0 },
            samples_at_edges: trace.samples.iter().any(|sample| sample.asked),
            base: trace.base,
            peak: trace.peak,
            exact_peak: trace.exact_peak,
            first_rss: trace.samples.first().map_or(trace.base, |sample| sample.rss),
            recorded: trace.recorded,
            finished: trace.finished,
            fixed: trace.fixed,
            interval: trace.interval(),
        }
    }

    fn seconds_outside(&self) -> f64 {
        let pauses: f64 = self.work.segments.iter().map(|segment| segment.pause).sum();
        pauses + self.work.outside.iter().map(|outside| outside.seconds).sum::<f64>()
    }

    fn operation(&self, label: &Option<String>, shared: &impl Fn(Option<&str>) -> Shared) -> Operation {
        let shared = shared(label.as_deref());
        let batches = self.batches(label.as_deref());
        let clock = self.clock_and_processor(label.as_deref()).filter(|_| !shared.by_clock);
        let ratio = clock.map_or(1.0, |(clock, processor)| clock / processor);
        Operation {
            label: label.clone(),
            peaks: shared.peaks,
            resident: ResidentCurve::of(batches, self.trace.recorded),
            pace: Pace::of(&self.timed(label.as_deref(), shared.by_clock), &shared.costs),
            shape: Shape::of(batches, &self.trace.samples),
            batches: batches.iter().map(|b| (b.at, b.batch.items)).collect(),
            peak: batches.iter().map(|b| b.batch.peak).fold(self.trace.base, f64::max),
            seconds: batches.iter().filter_map(|b| b.batch.seconds).sum(),
            wall_per_second: if ratio.is_finite() && ratio > 0.0 { ratio } else { 1.0 },
            waits: shared.waits,
        }
    }

    /// The batches of a label with the time of each, by the clock or the processor, less the collections that the
    /// policy requested inside.
    pub(super) fn timed(&self, label: Option<&str>, by_clock: bool) -> Vec<Timed> {
        let forced: Vec<(f64, f64)> = self
            .trace
            .collections
            .iter()
            .filter(|c| c.forced)
            .filter_map(|c| Some((c.seconds_at, c.seconds?)))
            .collect();
        let own = |placed: &PlacedBatch| {
            let batch = placed.batch;
            let wall = batch.seconds?;
            let first = forced.partition_point(|c| c.0 < batch.begin);
            let inside = forced[first..].iter().take_while(|c| c.0 <= batch.begin + wall);
            let seconds = if by_clock { wall } else { batch.cpu? };
            // Its share of the processor is the batch's, but for no more than one thread.
            let collecting = ADDED * inside.map(|c| c.1).sum::<f64>() * (seconds / wall).min(1.0);
            let seconds = (seconds - collecting).max(0.05 * seconds);
            (seconds > 0.0).then_some(Timed { at: placed.at, items: batch.items, seconds })
        };
        self.batches(label).iter().filter_map(own).collect()
    }
}

/// The most that was charged to the limit, by samples, the peaks of batches and that of the run.
fn charged_peak(trace: &Trace, other_memory: &OtherMemory) -> f64 {
    let charged =
        |rss: f64, seconds: f64| charged_mb(rss, other_memory.counted_at(seconds), other_memory.mapped);
    let samples = trace.samples.iter().map(|s| charged(s.rss, s.seconds));
    let batches = trace.batches.iter().chain(&trace.open);
    // At an unknown time others are taken to hold what they held at the largest sample.
    let largest = trace.samples.iter().max_by(|a, b| a.rss.total_cmp(&b.rss)).map_or(0.0, |s| s.seconds);
    let known = samples.chain(batches.map(|b| charged(b.peak, b.begin)));
    known.chain([charged(trace.peak, largest)]).fold(0.0, f64::max)
}

/// What all runs of a job show of one operation.
#[derive(Debug, Clone, Default)]
pub(super) struct Shared {
    pub(super) peaks: Arc<PeakModel>,
    pub(super) costs: BatchCosts,
    /// Whether its time is that of the clock: its batches wait, or have no processor time.
    pub(super) by_clock: bool,
    /// Whether its batches wait more than they compute.
    pub(super) waits: bool,
}

/// Batches whose processor time is less than this share of their time wait more than they compute.
const WAITING: f64 = 0.5;

impl Shared {
    /// From the runs; `prior` is what others say of the memory per item.
    pub(super) fn of(parts: &[&RunParts<'_>], label: Option<&str>, prior: Option<SlopePrior>) -> Self {
        let times: Option<Vec<(f64, f64)>> =
            parts.iter().map(|part| part.clock_and_processor(label)).collect();
        let (clock, processor) =
            times.iter().flatten().fold((0.0, 0.0), |sum, time| (sum.0 + time.0, sum.1 + time.1));
        let waits = processor > 0.0 && processor < WAITING * clock;
        let by_clock = waits || processor <= 0.0;
        let timed: Vec<Vec<Timed>> = parts.iter().map(|part| part.timed(label, by_clock)).collect();
        let recorded = parts.iter().all(|part| part.trace.recorded);
        Self {
            peaks: Arc::new(peaks(parts, label, prior)),
            costs: BatchCosts::of(&timed, recorded),
            by_clock,
            waits,
        }
    }
}

/// By the batches of runs that recorded them, or without any such run by what samples say.
fn peaks(parts: &[&RunParts<'_>], label: Option<&str>, prior: Option<SlopePrior>) -> PeakModel {
    let recorded = parts.iter().any(|part| part.trace.recorded);
    let of = parts.iter().filter(|part| part.trace.recorded == recorded);
    let mut observed: Vec<_> = of.flat_map(|part| part.observed(label)).collect();
    observed.sort_by(|a, b| a.at.total_cmp(&b.at));
    if recorded {
        return PeakModel::of(&observed, prior);
    }
    let rises: Vec<Rise> = parts.iter().filter_map(|part| part.trace.rise).collect();
    let work = observed.last().map_or(1.0, |last| (last.at + last.items).max(1.0));
    PeakModel::of_rises(&rises, observed.iter().map(|batch| batch.at).collect(), work)
}

/// The model of a run on its own; `prior` is what other runs say of the memory per item.
pub(crate) fn model_of(run: &Run, prior: Option<SlopePrior>) -> Option<RunModel> {
    let parts = RunParts::of(run)?;
    Some(parts.model(|label| Shared::of(&[&parts], label, prior)))
}
