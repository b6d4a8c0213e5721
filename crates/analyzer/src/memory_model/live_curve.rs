//! Bytes in use over a run: what its allocators have handed out, where it recorded that.
//!
//! Counted at the ends of batches, when a batch's own objects are freed, and before the first one. Resident memory keeps
//! what was freed; bytes in use show what the work leaves behind below it. What the counters leave unexplained of the
//! memory may be either: a library's own heap, a child.

use memtool_profile_model::{LiveSample, Mib, Run};

/// Mean size of CPython's small objects, in bytes: a block is 16 to 512.
const BLOCK_BYTES: f64 = 64.0;
const MIB: f64 = 1_048_576.0;

/// What the counters say at one moment, in MiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LiveAt {
    /// Bytes in use.
    pub(crate) used: f64,
    /// Resident memory that no counter explains, beyond what there was before the first batch.
    pub(crate) unexplained: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Count {
    seconds: f64,
    used: f64,
    /// Bytes in use, and free in the heap.
    counted: f64,
}

/// The counts of a run, in order.
pub(super) struct LiveCurve {
    counts: Vec<Count>,
    /// Resident memory that was not counted before the first batch.
    uncounted: f64,
}

impl LiveCurve {
    /// Empty where the run counted nothing.
    pub(super) fn of(run: &Run) -> Self {
        let Some(first) = run.batches.first() else { return Self { counts: Vec::new(), uncounted: 0.0 } };
        let idle = |sample: &&LiveSample| sample.batch_end || sample.at <= first.start;
        let counts = run.live.samples.iter().filter(idle).filter_map(|sample| count(run, sample));
        let mut curve = Self { counts: counts.filter(|c| c.counted.is_finite()).collect(), uncounted: 0.0 };
        let counted = curve.between(first.start.seconds()).map_or(0.0, |count| count.counted);
        curve.uncounted = first.rss_start.map_or(0.0, |rss| rss.get() - counted);
        curve
    }

    /// What the counters say at a moment at which so much is resident; `None` where nothing was counted.
    pub(super) fn at(&self, seconds: f64, rss: f64) -> Option<LiveAt> {
        let count = self.between(seconds)?;
        let unexplained = (rss - count.counted - self.uncounted).max(0.0);
        Some(LiveAt { used: count.used, unexplained })
    }

    /// The count at a moment, on a line between those on both sides.
    fn between(&self, seconds: f64) -> Option<Count> {
        let beyond = self.counts.partition_point(|count| count.seconds <= seconds);
        let after = self.counts.get(beyond).copied();
        let Some(before) = beyond.checked_sub(1).map(|index| self.counts[index]) else { return after };
        let Some(after) = after else { return Some(before) };
        let share = (seconds - before.seconds) / (after.seconds - before.seconds).max(1e-9);
        let mix = |a: f64, b: f64| a + (b - a) * share;
        let used = mix(before.used, after.used);
        Some(Count { seconds, used, counted: mix(before.counted, after.counted) })
    }
}

/// The heap, small objects and meters at one sample; `None` without the heap's own count.
fn count(run: &Run, sample: &LiveSample) -> Option<Count> {
    #[expect(clippy::cast_precision_loss, reason = "a count of blocks")]
    let blocks = sample.py_blocks.unwrap_or(0) as f64 * BLOCK_BYTES / MIB;
    let meters = run.live.meters.iter().filter_map(|meter| {
        let beyond = meter.values.partition_point(|(at, _)| *at <= sample.at);
        Some(meter.values[beyond.checked_sub(1)?].1.get())
    });
    let used = sample.heap_used?.get() + blocks + meters.sum::<f64>();
    let counted = used + sample.heap_free.map_or(0.0, Mib::get);
    Some(Count { seconds: sample.at.seconds(), used, counted })
}
