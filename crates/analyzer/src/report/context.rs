//! What the detectors need to know of a run beside its columns.

use memtool_profile_model::{
    Batch, BatchSizes, Collection, Format, LiveSample, Meter, Mib, Offset, PeakSource, Run, SHARED_MEMORY,
    TimeBase, deducted,
};

use super::columns::Columns;
use crate::detect::{Context, ObservedBatch, ObservedCollection, ObservedLive};
use crate::series::Series;

/// What the detectors need to know of a run beside its columns.
pub(super) fn context(run: &Run, columns: &Columns) -> Context {
    let thresholds = &run.config.thresholds;
    let is_profile = matches!(run.format, Format::ProfileNaive | Format::ProfileZoned);
    Context {
        has_policy: run.origin.is_none(),
        moderate_mb: thresholds.moderate_mb.get(),
        high_mb: thresholds.high_mb.get(),
        critical_mb: thresholds.critical_mb.get(),
        gc_trigger_mb: thresholds.gc_trigger_mb.get(),
        limit_mb: limit_mb(run, &columns.series),
        ring: is_profile.then_some(run.config.history_size as usize),
        thinned_from: run.totals.as_ref().map_or(0, |totals| totals.samples),
        total_collections: run.counters.map(|c| c.total_gc_collections),
        phases: columns.phases.clone(),
        operations: run.operations.names().to_vec(),
        batches: batches(run, columns),
        open_batch_s: open_batch_s(run, columns.start_s),
        collections: collections(run, columns.start_s),
        live: live(run, columns.start_s),
        shared_memory_mb: shared_memory(run, columns.start_s),
        metered: !run.live.meters.is_empty(),
        total_adjustments: run.counters.map(|c| c.batch_size_adjustments),
        predictive: run.config.predictive.enabled || has_other_sizes(run, &columns.series),
        heap_committed_mb: Vec::new(),
        measure: run.measure(),
        precision: run.origin.as_ref().map_or_else(Default::default, |origin| origin.precision),
        untimed: run.origin.as_ref().is_some_and(|origin| origin.time_base == TimeBase::None),
        limit_recorded: run.host.limit_mb.is_some(),
        stated_peak_mb: stated_peak_mb(run, &columns.series),
        cut_off: run.is_cut_off() || run.was_ended_by_signal(),
        stopped: run
            .fate
            .as_ref()
            .is_some_and(|fate| fate.signal.is_some() && fate.killed_for_memory == Some(false)),
        pools: run.caches.iter().map(|cache| &cache.name).chain(&run.libraries).cloned().collect(),
    }
}

/// The peak by the kernel's mark or the file's own words, where it measures what the columns do: beside memory that is
/// proportional it is a sum of RSS.
fn stated_peak_mb(run: &Run, series: &Series) -> Option<f64> {
    let stated = run.stated_peak.filter(|_| series.summed_rss_mb.is_none())?;
    Some(stated.rss.get()).filter(|mb| mb.is_finite())
}

/// Whether sizes were in force that no level has: a profile does not say that they were predicted.
fn has_other_sizes(run: &Run, series: &Series) -> bool {
    let BatchSizes { low, medium, high, fallback } = run.config.batch_sizes;
    let levels = [low, medium, high, fallback];
    series.batch_size.values().iter().flatten().any(|size| !levels.contains(size))
}

/// Finished batches, in seconds from the first snapshot that counts; where memory is proportional, less what their sums count more
/// than once.
fn batches(run: &Run, columns: &Columns) -> Vec<ObservedBatch> {
    let seen = |batch: &Batch| {
        let (start_s, end_s) =
            (batch.start.seconds() - columns.start_s, batch.end?.seconds() - columns.start_s);
        let [twice_before, twice_after] =
            [start_s, end_s].map(|second| columns.series.counted_twice_at(second));
        let less = |size: Option<Mib>, twice: f64| size.map(|size| deducted(size, twice).get());
        Some(ObservedBatch {
            operation: batch.operation.and_then(|id| u32::try_from(id.index()).ok()),
            start_s,
            end_s,
            size: batch.size,
            items: batch.items,
            before_mb: less(batch.rss_start, twice_before),
            peak_mb: less(batch.rss_peak, twice_before.min(twice_after)),
            exact: batch.peak_source == Some(PeakSource::HighWaterMark),
            overlapping: batch.overlapping,
            retained_mb: batch.retained.map(Mib::get),
            after_mb: less(batch.rss_end, twice_after),
        })
    };
    run.batches.iter().filter_map(seen).collect()
}

/// Where the last batch began, if it did not end, in seconds from the first snapshot that counts. One before it that did not end was
/// left open by mistake.
fn open_batch_s(run: &Run, start: f64) -> Option<f64> {
    let last = run.batches.iter().max_by_key(|batch| batch.start)?;
    last.end.is_none().then(|| (last.start.seconds() - start).max(0.0))
}

/// Live bytes, in seconds from the first snapshot that counts.
fn live(run: &Run, start: f64) -> Vec<ObservedLive> {
    #[expect(clippy::cast_precision_loss, reason = "a count far below 2^53")]
    let blocks = |count: u64| count as f64;
    let seen = |sample: &LiveSample| ObservedLive {
        at_s: sample.at.seconds() - start,
        batch_end: sample.batch_end,
        used_mb: sample.heap_used.map(|used| used.get() + metered_mb(&run.live.meters, sample.at)),
        free_mb: sample.heap_free.map(Mib::get),
        py_blocks: sample.py_blocks.map(blocks),
    };
    let mut live: Vec<ObservedLive> = run.live.samples.iter().map(seen).collect();
    live.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    live
}

/// Shared memory and tmpfs that the job filled, in seconds from the first snapshot that counts, and MiB.
fn shared_memory(run: &Run, start: f64) -> Vec<(f64, f64)> {
    let meter = run.live.meters.iter().find(|meter| meter.name == SHARED_MEMORY);
    let values = meter.into_iter().flat_map(|meter| &meter.values);
    values.map(|(at, size)| (at.seconds() - start, size.get())).collect()
}

/// What the job's meters showed last, in MiB: libraries have allocators of their own. Shared memory is no allocator's.
fn metered_mb(meters: &[Meter], at: Offset) -> f64 {
    let last = |meter: &Meter| {
        let known = meter.values.partition_point(|(moment, _)| *moment <= at);
        meter.values[..known].last().map(|(_, value)| value.get())
    };
    meters.iter().filter(|meter| meter.name != SHARED_MEMORY).filter_map(last).sum()
}

/// Recorded collections, in seconds from the first snapshot that counts.
fn collections(run: &Run, start: f64) -> Vec<ObservedCollection> {
    let seen = |collection: &Collection| ObservedCollection {
        at_s: collection.at.seconds() - start,
        forced: collection.forced,
        seconds: collection.seconds,
        before_mb: collection.rss_before.map(Mib::get),
        after_mb: collection.rss_after.map(Mib::get),
        committed_mb: collection.committed.map(Mib::get),
        young: collection.young,
        objects: collection.objects,
    };
    run.collections.iter().map(seen).collect()
}

/// The limit in the file, or else what the job held and what was left at its last snapshot.
fn limit_mb(run: &Run, series: &Series) -> Option<f64> {
    let last = || {
        let samples = series.rss_mb.iter().enumerate().rev();
        samples.filter_map(|(sample, rss)| Some(rss + series.available_mb.get(sample)?)).next()
    };
    run.host.limit_mb.map(Mib::get).or_else(last)
}
