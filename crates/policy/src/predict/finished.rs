//! A finished batch, from which the model learns.

use memtool_profile_model::Mib;

/// What one finished batch showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finished {
    /// Items it had; less than its size where a phase ends.
    pub items: u64,
    /// Resident memory before it.
    pub rss_start: Mib,
    /// The highest resident memory during it.
    pub rss_peak: Mib,
    /// Resident memory after it.
    pub rss_end: Mib,
    /// What it took: CPU seconds where they can be told, else wall time; the same for all. Wall
    /// time on a busy machine is so noisy that many batches are needed to learn from it.
    pub seconds: f64,
    /// Whether the peak is the kernel's own and not the largest sample.
    pub exact_peak: bool,
}

/// A batch whose numbers can be reckoned with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) items: f64,
    pub(super) start: f64,
    pub(super) peak: f64,
    pub(super) end: f64,
}

impl Seen {
    /// A sampled peak misses what lies between the samples: 2 % at the 90th percentile.
    const MISSED_BY_SAMPLES: f64 = 1.02;

    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 items")]
    pub(super) fn of(batch: Finished) -> Option<Self> {
        let (start, end, peak) = (batch.rss_start.get(), batch.rss_end.get(), batch.rss_peak.get());
        let usable = |mib: f64| (0.0..1e12).contains(&mib);
        if batch.items == 0 || !(usable(start) && usable(end) && usable(peak)) {
            return None;
        }
        let missed = if batch.exact_peak { 1.0 } else { Self::MISSED_BY_SAMPLES };
        Some(Self { items: batch.items as f64, start, peak: (peak * missed).max(start).max(end), end })
    }
}
