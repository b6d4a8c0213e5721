//! Figures that more than one test of a leak uses.

/// Fewer samples carry no verdict.
pub(super) const FEWEST_SAMPLES: usize = 20;
/// A shorter run carries no verdict, in seconds.
pub(super) const SHORTEST_S: f64 = 2.5;
/// A shorter run can only make a leak suspected, in seconds.
pub(super) const CONFIRMED_S: f64 = 300.0;
/// Steps of time over which growth must be spread.
pub(super) const STEPS: usize = 8;
/// What a heap adds to leaked bytes in the usual case: recorded leaks of known size grew RSS by
/// 1.05 to 1.7 times (and up to 5 where small blocks pinned the heap).
pub(super) const HEAP_OVERHEAD: f64 = 1.6;
