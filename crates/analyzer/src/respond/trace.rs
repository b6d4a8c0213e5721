//! A run as the response and the replay see it: samples, and the batch in flight at each.
//!
//! The size that a snapshot shows is what the next batch may have. The batch in flight began
//! earlier, under the size allowed when it was asked for. With batch records both are known.
//! Without, a batch is taken to begin at each trough of the memory, with the size that the
//! policy allowed right after that sample.

use memtool_profile_model::{Batch, OperationId, Run, SnapshotKind};

use super::turning::troughs;

/// One moment of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) seconds: f64,
    pub(crate) rss: f64,
    pub(crate) available: Option<f64>,
    /// Items of the batch in flight; 0 before the first.
    pub(crate) in_flight: f64,
    /// The largest memory of that batch.
    pub(crate) batch_peak: f64,
    /// Whether a batch is asked for here.
    pub(crate) asks: bool,
    /// Whether the policy acts here.
    pub(crate) acts: bool,
}

/// One batch, recorded or guessed from a trough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Piece {
    pub(crate) operation: Option<OperationId>,
    pub(crate) items: f64,
    pub(crate) start: f64,
    pub(crate) peak: f64,
    pub(crate) seconds: Option<f64>,
}

/// A run as samples and batches.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trace {
    pub(crate) points: Vec<Point>,
    pub(crate) pieces: Vec<Piece>,
    /// The labels that pieces refer to.
    labels: Vec<String>,
    /// The smallest memory.
    pub(crate) base: f64,
    /// The largest memory.
    pub(crate) peak: f64,
    /// Whether the batches were recorded, with their peaks.
    pub(crate) recorded: bool,
    /// The one size that was in force throughout, if so: then nothing steered it.
    pub(crate) fixed: Option<f64>,
}

impl Trace {
    /// The trace of a run; `None` without a readable sample.
    pub(crate) fn of(run: &Run) -> Option<Self> {
        let samples = samples_of(run);
        // The peak of a batch that another one ran beside is not its own.
        let alone = run.batches.iter().filter(|batch| !batch.overlapping);
        let pieces: Vec<(usize, Piece)> = alone.filter_map(|batch| piece_of(batch, &samples)).collect();
        let recorded = !pieces.is_empty();
        let (points, pieces) =
            if recorded { with_batches(&samples, &pieces) } else { with_troughs(&samples) };
        let base = points.iter().map(|p| p.rss).reduce(f64::min)?;
        let base = pieces.iter().map(|p| p.start).fold(base, f64::min);
        let peak = points.iter().map(|p| p.rss).fold(base, f64::max);
        let labels = run.operations.names().to_vec();
        Some(Self { points, pieces, labels, base, peak, recorded, fixed: fixed_size(run) })
    }

    /// The label of a piece.
    pub(crate) fn label(&self, piece: &Piece) -> Option<&str> {
        self.labels.get(piece.operation?.index()).map(String::as_str)
    }

    /// The sizes that more than a few batches had, from the smallest.
    pub(crate) fn sizes(&self) -> Vec<f64> {
        sizes_of(&self.pieces)
    }

    /// Median seconds between two samples the policy acted on.
    pub(crate) fn interval(&self) -> Option<f64> {
        let acts: Vec<f64> = self.points.iter().filter(|p| p.acts).map(|p| p.seconds).collect();
        super::interval::quantile_of(acts.windows(2).map(|w| w[1] - w[0]), 0.5)
    }
}

/// The sizes that more than a few of the pieces had, from the smallest.
pub(super) fn sizes_of(pieces: &[Piece]) -> Vec<f64> {
    let mut all: Vec<f64> = pieces.iter().map(|p| p.items).filter(|i| *i > 0.0).collect();
    all.sort_by(f64::total_cmp);
    let few = if all.len() < 2 * FEW_BATCHES { 1 } else { FEW_BATCHES };
    let mut sizes: Vec<f64> = Vec::new();
    for group in all.chunk_by(|a, b| a == b) {
        if group.len() >= few {
            sizes.push(group[0]);
        }
    }
    sizes
}

/// Fewer batches of one size are the rest of a piece of work, not a size that was chosen.
const FEW_BATCHES: usize = 3;

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

#[derive(Debug, Clone, Copy)]
struct Sample {
    seconds: f64,
    rss: f64,
    available: Option<f64>,
    size: Option<u32>,
    kind: SnapshotKind,
}

fn samples_of(run: &Run) -> Vec<Sample> {
    let readable = |rss: &f64| rss.is_finite() && *rss > 0.0;
    run.snapshots
        .iter()
        .filter_map(|s| {
            Some(Sample {
                seconds: s.at.seconds(),
                rss: s.rss.map(|rss| rss.get()).filter(readable)?,
                available: s.available.map(|a| a.get()).filter(|a| a.is_finite()),
                size: s.batch_size,
                kind: s.kind,
            })
        })
        .collect()
}

/// A recorded batch and the position of the first sample at or after its start.
#[expect(clippy::cast_precision_loss, reason = "items far below 2^52")]
fn piece_of(batch: &Batch, samples: &[Sample]) -> Option<(usize, Piece)> {
    let begin = batch.start.seconds();
    let end = batch.end.map(|e| e.seconds());
    let first = samples.partition_point(|s| s.seconds < begin);
    let inside = samples[first..].iter().take_while(|s| end.is_none_or(|end| s.seconds <= end));
    let sampled = inside.map(|s| s.rss).reduce(f64::max);
    let readable = |value: &f64| value.is_finite() && *value > 0.0;
    let start = batch.rss_start.map(|m| m.get()).filter(readable);
    let recorded = batch.rss_peak.map(|m| m.get()).filter(readable);
    let peak = recorded.into_iter().chain(sampled).reduce(f64::max)?;
    let piece = Piece {
        operation: batch.operation,
        items: batch.items as f64,
        start: start.unwrap_or(peak).min(peak),
        peak,
        seconds: end.map(|end| end - begin).filter(|s| *s > 0.0),
    };
    (batch.items > 0 && begin.is_finite()).then_some((first, piece))
}

fn with_batches(samples: &[Sample], batches: &[(usize, Piece)]) -> (Vec<Point>, Vec<Piece>) {
    let mut points = Vec::with_capacity(samples.len() + 2 * batches.len());
    let mut upcoming = batches.iter().peekable();
    let mut current: Option<Piece> = None;
    let last = samples.len().checked_sub(1).map(|last| (last, samples[last]));
    for (index, sample) in samples.iter().enumerate() {
        while let Some((_, piece)) =
            upcoming.next_if(|(first, _)| *first <= index || last.is_some_and(|(last, _)| index == last))
        {
            points.extend(batch_points(piece, current, sample));
            current = Some(*piece);
        }
        let (in_flight, peak) = current.map_or((0.0, sample.rss), |p| (p.items, p.peak.max(sample.rss)));
        points.push(point_of(sample, in_flight, peak, false));
    }
    (points, batches.iter().map(|(_, piece)| *piece).collect())
}

/// The moment a batch is asked for, when the one before has ended, and the moment of its peak.
fn batch_points(piece: &Piece, before: Option<Piece>, near: &Sample) -> [Point; 2] {
    let ask = Point {
        seconds: near.seconds,
        rss: piece.start,
        available: near.available.map(|a| a + near.rss - piece.start),
        in_flight: before.map_or(0.0, |b| b.items),
        batch_peak: before.map_or(piece.start, |b| b.peak.max(piece.start)),
        asks: true,
        acts: false,
    };
    let peak = Point {
        rss: piece.peak,
        available: near.available.map(|a| a + near.rss - piece.peak),
        in_flight: piece.items,
        batch_peak: piece.peak,
        asks: false,
        ..ask
    };
    [ask, peak]
}

fn point_of(sample: &Sample, in_flight: f64, batch_peak: f64, asks: bool) -> Point {
    Point {
        seconds: sample.seconds,
        rss: sample.rss,
        available: sample.available,
        in_flight,
        batch_peak,
        asks,
        acts: sample.kind == SnapshotKind::Regular,
    }
}

fn with_troughs(samples: &[Sample]) -> (Vec<Point>, Vec<Piece>) {
    let regular: Vec<usize> =
        (0..samples.len()).filter(|&i| samples[i].kind == SnapshotKind::Regular).collect();
    let values: Vec<f64> = regular.iter().map(|&i| samples[i].rss).collect();
    let mut starts: Vec<usize> = troughs(&values).into_iter().map(|i| regular[i]).collect();
    if starts.is_empty() && !samples.is_empty() {
        starts.push(0);
    }
    let mut points = Vec::with_capacity(samples.len());
    let mut pieces: Vec<Piece> = Vec::with_capacity(starts.len());
    for (place, &start) in starts.iter().enumerate() {
        let begin = if place == 0 { 0 } else { start };
        let end = starts.get(place + 1).copied().unwrap_or(samples.len());
        let own = &samples[begin..end];
        let peak = own.iter().map(|s| s.rss).fold(0.0, f64::max);
        let items = size_after(samples, start).map_or(0.0, f64::from);
        // At the trough itself the batch before has just ended.
        let before = pieces.last().copied();
        points.extend(own.iter().enumerate().map(|(i, sample)| match before {
            Some(Piece { items, peak, .. }) if i == 0 => point_of(sample, items, peak, true),
            _ => point_of(sample, items, peak, begin + i == start),
        }));
        let start = samples[start].rss;
        pieces.push(Piece { operation: None, items, start, peak, seconds: None });
    }
    (points, pieces)
}

/// The size allowed once the policy has acted on a sample: what the next regular one shows.
fn size_after(samples: &[Sample], index: usize) -> Option<u32> {
    let next = samples[index + 1..].iter().find(|s| s.kind == SnapshotKind::Regular);
    next.and_then(|s| s.size).or(samples[index].size)
}
