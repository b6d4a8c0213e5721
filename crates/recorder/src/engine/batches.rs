//! What a batch and a collection change in the state.

use std::sync::Arc;

use memtool_policy as policy;
use memtool_policy::predict::{Finished, Room, Sizing};
use memtool_profile_model::stream::current::{BatchEnd, BatchStart, GcRecord, LiveRecord, Record};
use memtool_profile_model::{
    Action, AdaptiveConfig, Mib, Observation, Offset, PeakSource, SnapshotKind, deducted,
};

use super::state::State;
use crate::batch_memory::BatchMemory;
use crate::peak::Beginning;

/// A predicted batch size, and the memory it was predicted from.
pub(crate) struct Predicted {
    pub(crate) sizing: Sizing,
    pub(crate) rss: Mib,
}

/// A collection that the host made.
pub(crate) struct Collection {
    pub(crate) at: Offset,
    pub(crate) seconds: f64,
    pub(crate) objects: Option<u64>,
    pub(crate) forced: bool,
    /// The batch size in force before the decision.
    pub(crate) batch_size: u32,
}

impl State {
    /// The next batch size of an operation, predicted from its batches so far and a fresh sample.
    pub(crate) fn predict(&mut self, at: Offset, operation: Option<&Arc<str>>) -> Option<Predicted> {
        let (rss, reading) = self.read_recent(at)?;
        let rss = self.memory.of(rss);
        let available = self.limits.available(rss, reading.available, reading.shared);
        let available = available.map(|available| self.outside.leave_room(available));
        let room = Room { rss, available, limit: self.limits.limit };
        let config = AdaptiveConfig {
            auto_gc_enabled: self.config.auto_gc_enabled && self.can_collect,
            ..self.config.clone()
        };
        let sizing = self.models.of(operation).next(&config, room);
        if sizing.size != self.size {
            let action = Action::Predict {
                operation: None,
                old_size: self.size,
                new_size: sizing.size,
                predicted_peak: sizing.predicted_peak,
                // Below the reserve there is none: a size is not negative.
                ceiling: sizing.ceiling.map(|ceiling| Mib::new(ceiling.get().max(0.0))),
                rule: sizing.rule,
            };
            self.decided(action, Observation { at, rss, available: reading.available }, operation);
            self.size = sizing.size;
        }
        Some(Predicted { sizing, rss })
    }

    /// Enters a request for a collection, to make room for the next batch; false if one runs already.
    pub(crate) fn ask_collection(&mut self, at: Offset, rss: Mib) -> bool {
        let asks = !self.collecting;
        if asks {
            self.collecting = true;
            self.policy.counters.total_gc_collections += 1;
            self.decided(Action::Collect, Observation { at, rss, available: None }, None);
        }
        asks
    }

    /// Begins a batch; returns its number.
    pub(crate) fn begin_batch(
        &mut self,
        at: Offset,
        operation: Option<&Arc<str>>,
        items: u64,
        cpu_start: Option<f64>,
        live: LiveRecord,
    ) -> u64 {
        let id = self.next_batch;
        self.next_batch += 1;
        let rss_start = self.read_rss();
        let written = self.stream.admits_batch();
        if written {
            let record = BatchStart {
                t_ns: at,
                batch: id,
                operation: operation.map(|name| name.to_string()),
                batch_size: self.size,
                items,
                rss_mb: rss_start,
                live,
            };
            self.stream.write_always(at, &Record::BatchStart(record));
        }
        let operation = operation.cloned();
        let deduction = self.memory.deduction();
        let before = self.open.begin(Beginning {
            id,
            operation,
            items,
            start: at,
            rss_start,
            deduction,
            cpu_start,
            written,
        });
        self.outside.began_batch(rss_start, before);
        id
    }

    /// Ends a batch and learns from it; returns its memory, unless it has ended already.
    pub(crate) fn end_batch(
        &mut self,
        id: u64,
        at: Offset,
        cpu: Option<f64>,
        live: LiveRecord,
    ) -> Option<BatchMemory> {
        let rss_end = self.read_rss();
        let open = self.open.end(id, at)?;
        self.outside.ended_batch(rss_end);
        // Learning costs a few microseconds, for nothing where levels choose the size.
        let teaches = self.config.predictive.enabled && open.is_known() && !open.overlapping;
        let (peak, overlapping, batch) = (open.peak(), open.overlapping, open.begun);
        let cpu_seconds = cpu.zip(batch.cpu_start).map(|(end, start)| (end - start).max(0.0));
        self.totals.batches += 1;
        self.totals.items += batch.items;
        if let Some((peak, _)) = peak {
            self.totals.peak.add(peak);
        }
        if batch.written {
            let record = BatchEnd {
                t_ns: at,
                batch: id,
                peak_rss_mb: peak.map(|(peak, _)| peak),
                peak_source: peak.map(|(_, source)| source),
                rss_mb: rss_end,
                retained_mb: self.retained,
                overlapping,
                seconds_cpu: cpu_seconds.map(rounded_seconds),
                live,
            };
            self.stream.write_always(at, &Record::BatchEnd(record));
        }
        if let (Some(rss_start), Some((rss_peak, source)), Some(rss_end), true) =
            (batch.rss_start, peak, rss_end, teaches)
        {
            let exact_peak = source == PeakSource::HighWaterMark;
            let seconds = duration(at.seconds() - batch.start.seconds(), cpu_seconds);
            // What is deducted at the peak is not known: the smaller of both edges is on the safe side.
            let end = self.memory.deduction();
            let finished = Finished {
                items: batch.items,
                rss_start: deducted(rss_start, batch.deduction),
                rss_peak: deducted(rss_peak, end.min(batch.deduction)),
                rss_end: deducted(rss_end, end),
                seconds,
                exact_peak,
            };
            self.models.of(batch.operation.as_ref()).finished(finished);
        }
        let exact = peak.is_some_and(|(_, source)| source == PeakSource::HighWaterMark);
        Some(BatchMemory {
            rss_start: batch.rss_start,
            rss_peak: peak.map(|(peak, _)| peak),
            exact_peak: exact && !overlapping,
            rss_end,
        })
    }

    /// Records a collection: its cost, and a sample after it.
    pub(crate) fn collected(&mut self, before: Option<Mib>, done: &Collection) {
        let after = if done.forced { self.read() } else { None };
        let rss_after = after.as_ref().map(|(rss, _)| *rss);
        let record = GcRecord {
            t_ns: done.at,
            forced: done.forced,
            seconds: Some(rounded_seconds(done.seconds)),
            rss_before_mb: before,
            rss_after_mb: rss_after,
            objects: done.objects,
        };
        self.stream.write(done.at, &Record::Gc(record));
        if let Some((rss, reading)) = after {
            let label = SnapshotKind::PostGc.label();
            let snapshot = self.snapshot(done.at, rss, &reading, label, done.batch_size);
            self.stream.snapshot(&snapshot, LiveRecord::default(), self.sampler.is_outside());
            self.history.push(snapshot);
        }
        if let (true, Some(before), Some(after)) = (done.forced, before, rss_after) {
            self.policy = policy::collected(self.policy, before, after);
            self.models.collected(before, after);
        }
    }
}

/// The duration of a batch for comparison with others of its operation. Where it computes, that is
/// its CPU time, which other processes do not lengthen; where it mostly waits, for a server, a disk or a
/// child, it is the time on the clock. In between it goes over from one to the other.
fn duration(wall: f64, cpu: Option<f64>) -> f64 {
    const COMPUTES: f64 = 0.75;
    const WAITS: f64 = 0.25;
    let Some(cpu) = cpu.filter(|_| wall > 0.0) else { return wall };
    let waiting = ((COMPUTES - cpu / wall) / (COMPUTES - WAITS)).clamp(0.0, 1.0);
    cpu + (wall - cpu).max(0.0) * waiting
}

fn rounded_seconds(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_waits_is_timed_by_the_clock_and_one_that_computes_by_cpu_time() {
        assert_eq!(duration(2.0, Some(2.0)), 2.0);
        assert_eq!(duration(4.0, Some(3.0)), 3.0, "another process had a quarter of the time");
        assert_eq!(duration(4.0, Some(0.1)), 4.0);
        assert_eq!(duration(4.0, Some(2.0)), 3.0, "half and half");
        assert_eq!(duration(1.0, Some(2.0)), 2.0, "two threads");
        assert_eq!([duration(3.0, None), duration(0.0, Some(0.0))], [3.0, 0.0]);
    }
}
