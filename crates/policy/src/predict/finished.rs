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
    /// What it took, by [`batch_seconds`]. Wall time on a busy machine is so noisy that many batches are needed to learn from it.
    pub seconds: f64,
    /// Whether the peak is the kernel's own and not the largest sample.
    pub exact_peak: bool,
}

/// What a batch took, in seconds, for comparison with others of its operation, from its time on the clock and its CPU time. Where it computes, that is
/// its CPU time, which other processes do not lengthen; where it mostly waits, for a server, a disk or a
/// child, it is the time on the clock. In between it goes over from one to the other.
#[must_use]
pub fn batch_seconds(wall: f64, cpu: Option<f64>) -> f64 {
    const COMPUTES: f64 = 0.75;
    const WAITS: f64 = 0.25;
    let Some(cpu) = cpu.filter(|_| wall > 0.0) else { return wall };
    let waiting = ((COMPUTES - cpu / wall) / (COMPUTES - WAITS)).clamp(0.0, 1.0);
    cpu + (wall - cpu).max(0.0) * waiting
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_waits_is_timed_by_the_clock_and_one_that_computes_by_cpu_time() {
        assert_eq!(batch_seconds(2.0, Some(2.0)), 2.0);
        assert_eq!(batch_seconds(4.0, Some(3.0)), 3.0, "another process had a quarter of the time");
        assert_eq!(batch_seconds(4.0, Some(0.1)), 4.0);
        assert_eq!(batch_seconds(4.0, Some(2.0)), 3.0, "half and half");
        assert_eq!(batch_seconds(1.0, Some(2.0)), 2.0, "two threads");
        assert_eq!([batch_seconds(3.0, None), batch_seconds(0.0, Some(0.0))], [3.0, 0.0]);
    }
}
