//! Counts among other figures.

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "counts of runs, batches and samples are far below 2^53")]
pub(crate) const fn count(n: usize) -> f64 {
    n as f64
}
