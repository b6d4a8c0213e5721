//! The work of a run in order: which operation did how many items, segment by segment.
//!
//! Batches of another size cut the same work elsewhere. So every batch has a position, counted in
//! items of its operation from the run's start, and what is learned of memory and time is a
//! function of that position. A segment ends where the operation changes, or where a batch had fewer
//! items than it was allowed: then its work was done. Operations in turn on each chunk of the work are
//! another matter (`turns`).

use std::collections::BTreeMap;

use super::segment::{OutsideWork, Segment};
use super::trace::{Trace, TracedBatch};
use super::turns::{Piece, in_turn};

/// A batch and where in its operation's work it began.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PlacedBatch {
    pub(crate) at: f64,
    /// Whether it is the last of its segment.
    pub(crate) last: bool,
    /// Memory at the start of the run's next batch, of whatever operation.
    pub(crate) next_start: Option<f64>,
    pub(crate) batch: TracedBatch,
}

/// Memory that rises by less than this outside of batches, in MiB and as a share of it, is no work of its own.
const OUTSIDE_RISE: (f64, f64) = (2.0, 0.01);

/// All work of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Workload {
    /// Labels, in order of appearance.
    pub(crate) labels: Vec<Option<String>>,
    pub(crate) segments: Vec<Segment>,
    /// The batches of each operation.
    pub(crate) batches: Vec<Vec<PlacedBatch>>,
    /// Work outside of batches, in order.
    pub(crate) outside: Vec<OutsideWork>,
}

impl Workload {
    pub(crate) fn of(trace: &Trace) -> Self {
        let mut work = Self::default();
        let mut places: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        let (mut done, mut pieces): (Vec<f64>, Vec<Piece>) = (Vec::new(), Vec::new());
        let mut open = false;
        let mut before: Option<&TracedBatch> = None;
        let mut free_since = trace.samples.first().map_or(0.0, |sample| sample.seconds);
        for (number, batch) in trace.batches.iter().enumerate() {
            let label = trace.label(batch);
            let operation = *places.entry(label).or_insert_with(|| {
                work.labels.push(label.map(str::to_owned));
                work.batches.push(Vec::new());
                done.push(0.0);
                work.labels.len() - 1
            });
            let goes_on = open && work.segments.last().is_some_and(|segment| segment.operation == operation);
            if !goes_on {
                let pause = (batch.begin - free_since).max(0.0);
                let (round, from) = (work.segments.len(), done[operation]);
                work.segments.push(Segment { operation, from, items: 0.0, pause, round, of_chunk: 1.0 });
                pieces.push(Piece::default());
            }
            work.find_outside(trace, before, Some((batch, goes_on)));
            before = Some(batch);
            open = batch.items >= batch.allowed;
            if let Some((segment, piece)) = work.segments.last_mut().zip(pieces.last_mut()) {
                segment.items += batch.items;
                *piece = Piece { batches: piece.batches + 1, full: open };
            }
            let next_start = trace.batches.get(number + 1).map(|next| next.start);
            let at = done[operation];
            work.batches[operation].push(PlacedBatch { at, last: !open, next_start, batch: *batch });
            done[operation] += batch.items;
            free_since = batch.begin + batch.seconds.unwrap_or(0.0);
        }
        if trace.open.is_none() {
            work.find_outside(trace, before, None);
        }
        work.finish_shares();
        work.mark_ends();
        if trace.recorded {
            (work.segments, work.outside) = in_turn(&work.segments, &pieces, &work.outside);
        }
        work
    }

    /// Takes in what happened between a batch and the next one, which goes on with the segment or begins one.
    fn find_outside(
        &mut self,
        trace: &Trace,
        before: Option<&TracedBatch>,
        next: Option<(&TracedBatch, bool)>,
    ) {
        // Inferred batches leave no time between them, and a batch without an end has no time after it.
        if !trace.recorded || before.is_some_and(|batch| batch.seconds.is_none()) {
            return;
        }
        let from = before.map_or(f64::NEG_INFINITY, |batch| batch.begin + batch.seconds.unwrap_or(0.0));
        let to = next.map_or(f64::INFINITY, |(batch, _)| batch.begin);
        let first = trace.samples.partition_point(|sample| sample.seconds <= from);
        let inside = trace.samples[first..].iter().take_while(|sample| sample.seconds < to);
        let peak = inside.map(|sample| sample.rss).fold(0.0, f64::max);
        let start = before.and_then(|batch| batch.end).unwrap_or(trace.base);
        let ends = next.map_or(0.0, |(batch, _)| batch.start);
        let least = start.max(ends) + OUTSIDE_RISE.0.max(OUTSIDE_RISE.1 * peak);
        let Some(last) = self.segments.len().checked_sub(1).filter(|_| peak > least) else { return };
        let (done, seconds) = match next {
            Some((_, false)) => (0.0, 0.0),
            Some((batch, true)) => (self.segments[last].items, batch.begin - from),
            None => (self.segments[last].items, 0.0),
        };
        self.outside.push(OutsideWork { segment: last, share: done, peak, seconds });
    }

    /// Makes shares of the items before each piece of work outside of batches.
    fn finish_shares(&mut self) {
        for outside in &mut self.outside {
            outside.share /= self.segments[outside.segment].items.max(1.0);
        }
    }

    /// The batch before a segment of its own operation is the last of the segment before.
    fn mark_ends(&mut self) {
        for segment in &self.segments {
            let batches = &mut self.batches[segment.operation];
            let end = segment.from + segment.items;
            let beyond = batches.partition_point(|batch| batch.at < end);
            if let Some(last) = beyond.checked_sub(1).and_then(|last| batches.get_mut(last)) {
                last.last = true;
            }
        }
    }
}
