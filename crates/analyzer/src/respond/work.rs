//! The work of a run in order: which operation did how many items, stage by stage.
//!
//! Batches of another size cut the same work elsewhere. So every batch has a position, counted in
//! items of its operation from the run's start, and what is learned of memory and time is a
//! function of that position. A stage ends where the operation changes, or where a batch had fewer
//! items than it was allowed: then its work was done.

use std::collections::BTreeMap;

use super::trace::{Piece, Trace};

/// A stretch of one operation's work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stage {
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
pub(crate) struct Placed {
    pub(crate) at: f64,
    /// Whether it is the last of its stage.
    pub(crate) last: bool,
    pub(crate) piece: Piece,
}

/// All work of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Work {
    /// Labels, in order of appearance.
    pub(crate) labels: Vec<Option<String>>,
    pub(crate) stages: Vec<Stage>,
    /// The batches of each operation.
    pub(crate) batches: Vec<Vec<Placed>>,
}

impl Work {
    pub(crate) fn of(trace: &Trace) -> Self {
        let mut work = Self::default();
        let mut places: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        let mut done: Vec<f64> = Vec::new();
        let mut open = false;
        let mut free_since = trace.looks.first().map_or(0.0, |look| look.seconds);
        for piece in &trace.pieces {
            let label = trace.label(piece);
            let operation = *places.entry(label).or_insert_with(|| {
                work.labels.push(label.map(str::to_owned));
                work.batches.push(Vec::new());
                done.push(0.0);
                work.labels.len() - 1
            });
            let goes_on = open && work.stages.last().is_some_and(|stage| stage.operation == operation);
            if !goes_on {
                let pause = (piece.begin - free_since).max(0.0);
                work.stages.push(Stage { operation, from: done[operation], items: 0.0, pause });
            }
            open = piece.items >= piece.allowed;
            if let Some(stage) = work.stages.last_mut() {
                stage.items += piece.items;
            }
            work.batches[operation].push(Placed { at: done[operation], last: !open, piece: *piece });
            done[operation] += piece.items;
            free_since = piece.begin + piece.seconds.unwrap_or(0.0);
        }
        work.mark_ends();
        work
    }

    /// The batch before a stage of its own operation is the last of the stage before.
    fn mark_ends(&mut self) {
        for stage in &self.stages {
            let batches = &mut self.batches[stage.operation];
            let end = stage.from + stage.items;
            let beyond = batches.partition_point(|batch| batch.at < end);
            if let Some(last) = beyond.checked_sub(1).and_then(|last| batches.get_mut(last)) {
                last.last = true;
            }
        }
    }
}
