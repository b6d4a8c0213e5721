//! How much of a run a report holds, so that it stays small enough to be passed on.

/// Points of all lines of one run, where the report holds no other: with its HTML about 2 MB.
const ALONE: usize = 120_000;
/// Points of all runs together, where there are several: with their HTML less than 1 MB for 30 runs.
const SHARED: usize = 20_000;
/// Points of a run at least: half a pixel each on a chart of usual width.
const LEAST: usize = 400;
/// Batches, collections, decisions and operations of a run at least and at most.
const MARKS: (usize, usize) = (60, 500);

/// How much of a run a report holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageBudget {
    /// Points of the line of memory.
    pub points: usize,
    /// Batches, collections, decisions and operations, of each kind.
    pub marks: usize,
}

impl PageBudget {
    /// For a report on this many files.
    #[must_use]
    pub fn for_files(files: usize) -> Self {
        let points = if files <= 1 { ALONE } else { (SHARED / files).max(LEAST) };
        Self { points, marks: (points / 8).clamp(MARKS.0, MARKS.1) }
    }
}
