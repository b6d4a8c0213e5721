//! A run as the memory model sees it: samples at memory, and batches in order.
//!
//! The size that a snapshot shows is what the next batch may have. The batch in flight began
//! earlier, under the size allowed then. With batch records both are known.
//! Without, a batch is taken to begin at each trough of the memory, with the size that the
//! policy allowed right after that sample, and to take what `rise` finds.

use memtool_profile_model::{Batch, Format, OperationId, Run, SnapshotKind};

use super::interval::quantile_of;
use super::live_curve::{LiveAt, LiveCurve};
use super::rise::{Rise, taken_apart};
use super::troughs::troughs;

/// One sample at memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TraceSample {
    pub(crate) seconds: f64,
    pub(crate) rss: f64,
    pub(crate) available: Option<f64>,
    /// Whether the policy acts here.
    pub(crate) acts: bool,
    /// Whether the job requested it, at the edge of a stage.
    pub(crate) asked: bool,
}

/// One batch, recorded or guessed from a trough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TracedBatch {
    pub(crate) operation: Option<OperationId>,
    pub(crate) items: f64,
    /// The size that was allowed.
    pub(crate) allowed: f64,
    pub(crate) begin: f64,
    pub(crate) start: f64,
    /// What the counters of bytes in use said at its start, where the run has them.
    pub(crate) live: Option<LiveAt>,
    pub(crate) peak: f64,
    /// Memory after it.
    pub(crate) end: Option<f64>,
    pub(crate) seconds: Option<f64>,
    /// Processor seconds.
    pub(crate) cpu: Option<f64>,
}

/// What a collection did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TracedCollection {
    pub(crate) seconds_at: f64,
    pub(crate) forced: bool,
    pub(crate) before: f64,
    pub(crate) after: f64,
    pub(crate) seconds: Option<f64>,
}

/// A run as samples and batches.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trace {
    pub(crate) samples: Vec<TraceSample>,
    pub(crate) batches: Vec<TracedBatch>,
    pub(crate) collections: Vec<TracedCollection>,
    /// The batch that was open when the run ended, if so.
    pub(crate) open: Option<TracedBatch>,
    /// The labels that batches refer to.
    labels: Vec<String>,
    /// The smallest memory.
    pub(crate) base: f64,
    /// The largest memory.
    pub(crate) peak: f64,
    /// Whether the kernel's own mark says so.
    pub(crate) exact_peak: bool,
    /// Whether the batches were recorded, with their peaks.
    pub(crate) recorded: bool,
    /// Whether the run came to its end: a killed one saw only a part of the work.
    pub(crate) finished: bool,
    /// The one size that was in force throughout, if so: then nothing steered it.
    pub(crate) fixed: Option<f64>,
    /// What every batch takes again, where batches were not recorded.
    pub(crate) rise: Option<Rise>,
}

impl Trace {
    /// The trace of a run; `None` without a readable sample.
    pub(crate) fn of(run: &Run) -> Option<Self> {
        let samples = samples_of(run);
        // The peak of a batch that another one ran beside is not its own.
        let alone = run.batches.iter().filter(|batch| !batch.overlapping);
        let live = LiveCurve::of(run);
        let mut batches: Vec<TracedBatch> =
            alone.filter_map(|batch| batch_of(batch, &samples, &live)).collect();
        let recorded = !batches.is_empty();
        let at_limit = recorded && ended_at_limit(run, &batches);
        let finished = finished(run) && !at_limit;
        // The batch a run died in is a lower bound, not a batch like the others; alone it is all there is.
        let open = if recorded && !finished && batches.len() > 1 {
            batches.pop_if(|last| at_limit || last.end.is_none())
        } else {
            None
        };
        let mut rise = None;
        if !recorded && let Some(found) = guessed(&samples, finished) {
            (batches, rise) = (found.0, Some(found.1));
        }
        let samples: Vec<TraceSample> = samples.iter().map(|s| s.sample).collect();
        let base = samples.iter().map(|sample| sample.rss).chain(batches.iter().map(|p| p.start));
        let peaks =
            samples.iter().map(|sample| sample.rss).chain(batches.iter().chain(&open).map(|p| p.peak));
        // A mark of the whole run may lie between all samples.
        let stated = run.stated_peak.map(|peak| peak.rss.get()).filter(|mb| mb.is_finite());
        Some(Self {
            base: base.reduce(f64::min)?,
            peak: peaks.chain(stated).reduce(f64::max)?,
            exact_peak: run.peak(None).is_some_and(|peak| peak.is_exact()),
            collections: collections(run),
            labels: run.operations.names().to_vec(),
            fixed: fixed_size(run),
            samples,
            batches,
            open,
            recorded,
            finished,
            rise,
        })
    }

    /// The label of a batch.
    pub(crate) fn label(&self, batch: &TracedBatch) -> Option<&str> {
        self.labels.get(batch.operation?.index()).map(String::as_str)
    }

    /// The sizes that were chosen, from the smallest: of recorded batches those that were as large as allowed, since a
    /// smaller one is the rest of a piece of work; of inferred ones those that more than a few had.
    pub(crate) fn sizes(&self) -> Vec<f64> {
        let full = |batch: &&TracedBatch| self.recorded && batch.items >= batch.allowed;
        let chosen: Vec<f64> = self.batches.iter().filter(full).map(|batch| batch.items).collect();
        let few = if chosen.is_empty() && self.batches.len() >= 2 * FEW_BATCHES { FEW_BATCHES } else { 1 };
        let all = || self.batches.iter().map(|batch| batch.items).collect();
        let mut sizes: Vec<f64> = if chosen.is_empty() { all() } else { chosen };
        sizes.retain(|items| *items > 0.0);
        sizes.sort_by(f64::total_cmp);
        sizes.chunk_by(|a, b| a == b).filter(|group| group.len() >= few).map(|group| group[0]).collect()
    }

    /// Median seconds between two samples that the policy acted on.
    pub(crate) fn interval(&self) -> Option<f64> {
        let acts: Vec<f64> = self.samples.iter().filter(|l| l.acts && !l.asked).map(|l| l.seconds).collect();
        quantile_of(acts.windows(2).map(|w| w[1] - w[0]), 0.5).filter(|seconds| *seconds > 0.0)
    }
}

/// Fewer batches of one size are the rest of a batch of work, not a size that was chosen.
const FEW_BATCHES: usize = 3;

/// Whether the last batch, and none before it, reached the kernel's limit: a child was killed there, and the job closed
/// its stream and gave up.
fn ended_at_limit(run: &Run, batches: &[TracedBatch]) -> bool {
    let contained = run.host.limit_source.as_deref().is_some_and(|source| source.contains("cgroup"));
    let limit = run.host.limit_mb.filter(|_| contained).map_or(f64::INFINITY, |limit| limit.get());
    batches.iter().position(|batch| batch.peak >= limit).is_some_and(|first| first + 1 == batches.len())
}

/// A stream that was closed, or a profile with its closing sample. One without it, as other programs write it, may be what is left of a
/// killed run: that ends at its largest.
fn finished(run: &Run) -> bool {
    if run.format == Format::StreamV1 {
        return !run.is_cut_off();
    }
    let closed = run.snapshots.last().is_some_and(|last| last.kind == SnapshotKind::Statistics);
    let rss = || run.snapshots.iter().filter_map(|snapshot| Some(snapshot.rss?.get()));
    let largest = rss().fold(0.0, f64::max);
    closed || rss().next_back().is_some_and(|last| last < AT_PEAK * largest)
}

/// Share of the largest sample that a killed run ends at: a sample may miss the last step.
const AT_PEAK: f64 = 0.95;

/// The one size in force: the first sample shows the level before the policy first acted.
fn fixed_size(run: &Run) -> Option<f64> {
    let regular = run.snapshots.iter().filter(|s| s.kind == SnapshotKind::Regular);
    let mut in_force: Vec<u32> = regular.skip(1).filter_map(|s| s.batch_size).collect();
    if in_force.is_empty() {
        in_force = run.batches.iter().map(|b| b.size).collect();
    }
    let first = *in_force.first()?;
    (first > 0 && in_force.iter().all(|size| *size == first)).then_some(f64::from(first))
}

/// What the run says of its collections: records, or samples taken right after one.
fn collections(run: &Run) -> Vec<TracedCollection> {
    let of_records = run.collections.iter().filter_map(|c| {
        Some(TracedCollection {
            seconds_at: c.at.seconds(),
            forced: c.forced,
            before: c.rss_before?.get(),
            after: c.rss_after?.get(),
            seconds: c.seconds.filter(|s| s.is_finite() && *s >= 0.0),
        })
    });
    let of_samples = run.snapshots.windows(2).filter_map(|pair| {
        let after = (pair[1].kind == SnapshotKind::PostGc).then_some(pair[1])?;
        Some(TracedCollection {
            seconds_at: after.at.seconds(),
            forced: true,
            before: pair[0].rss?.get(),
            after: after.rss?.get(),
            seconds: Some(after.at.seconds_since(pair[0].at)).filter(|s| *s >= 0.0),
        })
    });
    if run.collections.is_empty() { of_samples.collect() } else { of_records.collect() }
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    sample: TraceSample,
    size: Option<u32>,
}

fn samples_of(run: &Run) -> Vec<Sample> {
    let readable = |rss: &f64| rss.is_finite() && *rss > 0.0;
    run.snapshots
        .iter()
        .filter_map(|s| {
            let acts = s.kind == SnapshotKind::Regular;
            let sample = TraceSample {
                seconds: s.at.seconds(),
                rss: s.rss.map(|rss| rss.get()).filter(readable)?,
                available: s.available.map(|a| a.get()).filter(|a| a.is_finite()),
                acts,
                asked: acts && s.operation.is_some(),
            };
            Some(Sample { sample, size: s.batch_size })
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "items far below 2^52")]
fn batch_of(batch: &Batch, samples: &[Sample], live: &LiveCurve) -> Option<TracedBatch> {
    let begin = batch.start.seconds();
    let end = batch.end.map(|e| e.seconds());
    let first = samples.partition_point(|s| s.sample.seconds < begin);
    let inside = samples[first..].iter().take_while(|s| end.is_none_or(|end| s.sample.seconds <= end));
    let sampled = inside.map(|s| s.sample.rss).reduce(f64::max);
    let readable = |value: &f64| value.is_finite() && *value > 0.0;
    let start = batch.rss_start.map(|m| m.get()).filter(readable);
    let recorded = batch.rss_peak.map(|m| m.get()).filter(readable);
    let peak = recorded.into_iter().chain(sampled).chain(start).reduce(f64::max)?;
    let start = start.unwrap_or(peak).min(peak);
    let traced = TracedBatch {
        operation: batch.operation,
        items: batch.items as f64,
        allowed: f64::from(batch.size),
        begin,
        start,
        live: live.at(begin, start, end),
        peak,
        end: batch.rss_end.map(|m| m.get()).filter(readable).or(end.map(|_| peak)),
        seconds: end.map(|end| end - begin).filter(|s| *s > 0.0),
        cpu: batch.cpu_seconds.filter(|s| s.is_finite() && *s > 0.0),
    };
    (batch.items > 0 && begin.is_finite()).then_some(traced)
}

/// A batch has begun once memory rose by this much, in MiB: beyond the noise of a probe.
const RISE_MB: f64 = 2.0;
/// Memory that falls by less than this share of what it rises hides its batches.
const RETURNED: f64 = 0.5;

fn guessed(samples: &[Sample], finished: bool) -> Option<(Vec<TracedBatch>, Rise)> {
    let regular: Vec<&Sample> = samples.iter().filter(|s| s.sample.acts).collect();
    let values: Vec<f64> = regular.iter().map(|s| s.sample.rss).collect();
    let mut starts = troughs(&values);
    let apart = taken_apart(&values, &starts, |index| regular[index].size.map(f64::from), finished)?;
    let moves = |down: bool| {
        values.windows(2).map(|w| if down { w[0] - w[1] } else { w[1] - w[0] }.max(0.0)).sum::<f64>()
    };
    if moves(true) < RETURNED * moves(false) {
        starts = (0..values.len()).collect();
    }
    let last = regular.last().map(|sample| sample.sample);
    let batch = |(place, &start): (usize, &usize)| {
        let next = starts.get(place + 1).copied();
        let (begin, end) = (regular[start].sample, next.map(|next| regular[next].sample));
        // The batch began after the sample at the trough, with the size that the policy allowed by what it
        // saw there; or before it, with the one that was in force.
        let rises = |s: &&&Sample| s.sample.rss >= regular[start].sample.rss + RISE_MB;
        let risen = regular[start + 1..].iter().find(rises).or(regular.get(start + 1));
        let after = risen.and_then(|s| s.size);
        // Of the two the larger: a small batch right before a large one shows no trough between them.
        let allowed = after.max(regular[start].size).map_or(0.0, f64::from);
        TracedBatch {
            operation: None,
            items: allowed,
            allowed,
            begin: begin.seconds,
            start: apart.kept[start],
            live: None,
            peak: values[start..=next.unwrap_or(values.len() - 1)].iter().copied().fold(begin.rss, f64::max),
            end: next.map(|next| apart.kept[next]),
            seconds: end.or(last).map(|sample| sample.seconds - begin.seconds).filter(|s| *s > 0.0),
            cpu: None,
        }
    };
    let batches = starts.iter().enumerate().map(batch).filter(|batch| batch.items > 0.0);
    Some((batches.collect(), apart.rise))
}
