//! Memory that grows without an end in sight.
//!
//! Idea: take the baseline of the trace (what is left when batches are gone) and ask whether it is
//! *ordered*: does each point of it lie above the ones before, all through the run, and does
//! the job not give the memory back at its end? A leak needs all of: growth that matters
//! against the level, the allocator's own ratchet and the noise; for a baseline of troughs an
//! order (Kendall's tau) of at least 0.7 and a rising Mann–Kendall test at 1 %; growth in most
//! eighths of the baseline, not in one jump, and still going on in the last quarter; a shape that
//! no saturating curve fits much better (BIC); at least half of it still held after the work,
//! where the trace shows that. Then it is fitted: linfa's least squares, the Theil–Sen slope and
//! the slopes of both halves; the interval is their hull, its lower end divided by what a heap
//! adds to leaked bytes.
//! Where the part in mapped files and shared memory is known, all of this is asked of the rest: what
//! a file's pages take is the kernel's to take back. Where the part of children is known, a leak
//! says how much of its growth is theirs.
//! Limits: RSS can grow by several times what the program leaks. A ramp without one completed
//! cycle is no leak before it has lasted, since loading looks the same; under five minutes a
//! leak is at most suspected; under a minute of samples without enough cycles it is
//! inconclusive.

mod attribution;
mod baseline;
mod between;
mod collected;
mod components;
mod exact;
mod joined;
mod judgement;
mod late;
mod limits;
mod live;
mod operations;
mod outcome;
mod peaks;
mod persistence;
mod reason;
mod report;
mod retained;
mod rss;
mod shape;
mod sizes;
mod slope;
#[cfg(test)]
mod tests;
mod tier;
mod turning_points;
mod verdict;
mod work;

pub(super) use baseline::Basis;
pub use operations::OperationGrowth;
pub(super) use outcome::{Grown, Leak};
pub use reason::ReasonCode;
pub use report::{Growth, LeakReport, LeakTier, LeakVerdict};
