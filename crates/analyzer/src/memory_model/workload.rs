//! The work of a run in order: which operation did how many items, segment by segment.
//!
//! Batches of another size cut the same work elsewhere. So every batch has a position, counted in
//! items of its operation from the run's start, and what is learned of memory and time is a
//! function of that position. A segment ends where the operation changes, or where a batch had fewer
//! items than it was allowed: then its work was done.

use std::collections::BTreeMap;

use super::trace::{Trace, TracedBatch};

/// A stretch of one operation's work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Segment {
    /// Place of the operation.
    pub(crate) operation: usize,
    /// Items of the operation before it.
    pub(crate) from: f64,
    pub(crate) items: f64,
    /// Seconds between the batch before and its first one.
    pub(crate) pause: f64,
}

/// A batch and where in its operation's work it began.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PlacedBatch {
    pub(crate) at: f64,
    /// Whether it is the last of its segment.
    pub(crate) last: bool,
    pub(crate) batch: TracedBatch,
}

/// All work of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Workload {
    /// Labels, in order of appearance.
    pub(crate) labels: Vec<Option<String>>,
    pub(crate) segments: Vec<Segment>,
    /// The batches of each operation.
    pub(crate) batches: Vec<Vec<PlacedBatch>>,
}

impl Workload {
    pub(crate) fn of(trace: &Trace) -> Self {
        let mut work = Self::default();
        let mut places: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        let mut done: Vec<f64> = Vec::new();
        let mut open = false;
        let mut free_since = trace.samples.first().map_or(0.0, |sample| sample.seconds);
        for batch in &trace.batches {
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
                work.segments.push(Segment { operation, from: done[operation], items: 0.0, pause });
            }
            open = batch.items >= batch.allowed;
            if let Some(segment) = work.segments.last_mut() {
                segment.items += batch.items;
            }
            work.batches[operation].push(PlacedBatch { at: done[operation], last: !open, batch: *batch });
            done[operation] += batch.items;
            free_since = batch.begin + batch.seconds.unwrap_or(0.0);
        }
        work.mark_ends();
        work
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
