//! Bytes in use over a run: what its allocators have handed out, where it recorded that.
//!
//! Counted at the ends of batches, when a batch's own objects are freed, and before the first one. Resident memory keeps
//! what was freed; bytes in use show what the work leaves behind below it. What the counters leave unexplained of the
//! memory may be either: a library's own heap, a child.

use memtool_profile_model::{Batch, LiveSample, Mib, Run};

/// Mean size of CPython's small objects where the run does not tell, and the least and largest size of a block, in MiB.
const BLOCK_MB: f64 = 64.0 / Mib::BYTES;
const BLOCKS_MB: std::ops::RangeInclusive<f64> = 16.0 / Mib::BYTES..=512.0 / Mib::BYTES;
/// So many blocks more than before the first batch, and this share of the most, tell their size.
const TELLING: f64 = 20_000.0;
const TELLING_SHARE: f64 = 0.5;

/// Small objects of an interpreter that has done nothing yet, and the share of its memory that is in use in its heap.
const IDLE_BLOCKS: f64 = 60_000.0;
const IDLE_SHARE: f64 = 0.3;

/// What the counters say at one moment, in MiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LiveAt {
    /// Bytes in use.
    pub(crate) used: f64,
    /// Bytes in use when the batch that begins then has ended.
    pub(crate) used_after: f64,
    /// Resident memory that no counter explains, beyond what there was before the first batch.
    pub(crate) unexplained: f64,
    /// Resident memory that may not be in use, beyond what there was before the first batch.
    pub(crate) idle: f64,
}

impl LiveAt {
    /// What the batch that begins then added to the bytes in use.
    pub(super) fn added(self) -> f64 {
        (self.used_after - self.used).max(0.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Count {
    seconds: f64,
    used: f64,
    /// Bytes in use, and free in the heap.
    counted: f64,
}

/// What the counters said at one sample, small objects apart; MiB but for their number.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Reading {
    seconds: f64,
    blocks: f64,
    used: f64,
    free: f64,
    /// Resident memory, at the end of a batch.
    rss: Option<f64>,
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
        let blocks = run.live.samples.iter().any(|sample| sample.py_blocks.is_some());
        let whole = |sample: &&LiveSample| sample.py_blocks.is_some() == blocks;
        let samples = run.live.samples.iter().filter(idle).filter(whole);
        let mut readings: Vec<Reading> = samples.filter_map(|sample| reading(run, sample)).collect();
        if let Some(before) = before_first(&readings, first) {
            readings.insert(0, before);
        }
        let block = block_mb(&readings, first.rss_start.map(Mib::get));
        let counts = readings.iter().map(|reading| {
            let used = block.mul_add(reading.blocks, reading.used);
            Count { seconds: reading.seconds, used, counted: used + reading.free }
        });
        let mut curve = Self { counts: counts.filter(|c| c.counted.is_finite()).collect(), uncounted: 0.0 };
        let counted = curve.between(first.start.seconds()).map_or(0.0, |count| count.counted);
        curve.uncounted = first.rss_start.map_or(0.0, |rss| rss.get() - counted);
        curve
    }

    /// What the counters say of a batch that begins with so much resident, and of its end; `None` where nothing was counted.
    pub(super) fn at(&self, seconds: f64, rss: f64, end: Option<f64>) -> Option<LiveAt> {
        let count = self.between(seconds)?;
        let unexplained = (rss - count.counted - self.uncounted).max(0.0);
        let after = end.and_then(|end| self.between(end)).map_or(count.used, |after| after.used);
        let idle = (rss - count.used - self.uncounted).max(0.0);
        Some(LiveAt { used: count.used, used_after: after, unexplained, idle })
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
fn reading(run: &Run, sample: &LiveSample) -> Option<Reading> {
    let meters = run.live.meters.iter().filter_map(|meter| {
        let beyond = meter.values.partition_point(|(at, _)| *at <= sample.at);
        Some(meter.values[beyond.checked_sub(1)?].1.get())
    });
    let batch = run.batches.partition_point(|batch| batch.start < sample.at).checked_sub(1);
    let ended = batch.map(|index| &run.batches[index]).filter(|batch| batch.end == Some(sample.at));
    #[expect(clippy::cast_precision_loss, reason = "a count of blocks")]
    Some(Reading {
        seconds: sample.at.seconds(),
        blocks: sample.py_blocks.unwrap_or(0) as f64,
        used: sample.heap_used?.get() + meters.sum::<f64>(),
        free: sample.heap_free.map_or(0.0, Mib::get),
        rss: ended.and_then(|batch| batch.rss_end).map(Mib::get),
    })
}

/// What is taken to be in use before the first batch, where nothing was read so early: no more than later.
fn before_first(readings: &[Reading], batch: &Batch) -> Option<Reading> {
    let (first, rss) = (readings.first()?, batch.rss_start?.get());
    let seconds = batch.start.seconds();
    (first.seconds > seconds).then_some(Reading {
        seconds,
        blocks: first.blocks.min(IDLE_BLOCKS),
        used: first.used.min(IDLE_SHARE * rss),
        free: 0.0,
        rss: Some(rss),
    })
}

/// The mean size of a small object: no more than memory grew by for each, beside what else was counted, where there are
/// many more of them than before the first batch.
fn block_mb(readings: &[Reading], rss: Option<f64>) -> f64 {
    let Some((first, rss)) = readings.first().zip(rss) else { return BLOCK_MB };
    let more = |reading: &Reading| reading.blocks - first.blocks;
    let most = readings.iter().map(more).fold(0.0, f64::max);
    let telling = readings.iter().filter(|reading| more(reading) >= TELLING.max(TELLING_SHARE * most));
    let sizes = telling.filter_map(|reading| {
        let others = reading.used + reading.free - first.used - first.free;
        Some((reading.rss? - rss - others) / more(reading))
    });
    Some(sizes.fold(f64::INFINITY, f64::min)).filter(|size| BLOCKS_MB.contains(size)).unwrap_or(BLOCK_MB)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(blocks: f64, used: f64, rss: f64) -> Reading {
        Reading { seconds: 0.0, blocks, used, free: 0.0, rss: Some(rss) }
    }

    #[test]
    fn small_objects_are_as_large_as_memory_says_at_its_fullest() {
        let before = reading(50_000.0, 5.0, 20.0);
        // A million more of 128 bytes, and 10 MiB of the heap; later half of them, in pages that are still full.
        let full = reading(1_050_000.0, 15.0, 30.0 + 128e6 / Mib::BYTES);
        let half = reading(600_000.0, 5.0, 20.0 + 128e6 / Mib::BYTES);
        let bytes = |readings: &[Reading]| (block_mb(readings, Some(20.0)) * Mib::BYTES).round();
        assert_eq!(bytes(&[before, full, half]), 128.0);
        assert_eq!(bytes(&[before, reading(60_000.0, 5.0, 200.0)]), 64.0, "too few tell nothing");
        assert_eq!(bytes(&[before, reading(100_000.0, 5.0, 200.0)]), 64.0, "nor does a heap that is kept");
    }
}
