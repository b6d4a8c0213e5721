//! Reading live bytes beside samples and at the ends of batches.

use std::collections::BTreeMap;

use memtool_profile_model::Mib;
use memtool_profile_model::stream::current::LiveRecord;

use super::shared::Shared;
use crate::live::{HeapBytes, heap_bytes};

impl Shared {
    /// The C allocator's account beside a sample, where it is due: seldom while resident memory stands still, so that
    /// an idle job does not pay for it. Of another process there is none.
    pub(crate) fn heap_when_due(&self) -> Option<HeapBytes> {
        let began = self.clock.now();
        let pacer = &self.live_pacers.samples;
        if self.subject.pid != self.pid || !(self.raw_state().heap_watch.moved() || pacer.is_stale(began)) {
            return None;
        }
        if !pacer.take(began) {
            return None;
        }
        let heap = heap_bytes();
        pacer.took(began, self.clock.now());
        self.raw_state().heap_watch.was_read();
        heap
    }

    /// Live bytes before the first batch: what batches leave in use is the difference from it. The first end is
    /// due all the same.
    pub(crate) fn live_before_first_batch(&self) -> LiveRecord {
        let first = self.state().is_before_batches();
        if first { self.read_live() } else { LiveRecord::default() }
    }

    /// Live bytes at the end of a batch, where they are due.
    pub(crate) fn live_at_batch_end(&self) -> LiveRecord {
        let began = self.clock.now();
        if !self.live_pacers.batch_ends.take(began) {
            return LiveRecord::default();
        }
        let live = self.read_live();
        self.live_pacers.batch_ends.took(began, self.clock.now());
        live
    }

    fn read_live(&self) -> LiveRecord {
        let heap = heap_bytes();
        let (py_blocks, meters) = (self.callbacks.count_blocks(), self.read_meters());
        LiveRecord {
            heap_used_mb: heap.map(|heap| heap.used),
            heap_free_mb: heap.map(|heap| heap.free),
            py_blocks,
            meters,
        }
    }

    pub(crate) fn read_meters_for_sample(&self) {
        let began = self.clock.now();
        let meters = self.read_meters();
        self.live_pacers.meters.took(began, self.clock.now());
        self.state().live.meters.extend(meters);
    }

    pub(crate) fn read_meters(&self) -> BTreeMap<String, Mib> {
        let (values, failures) = self.callbacks.read_meters();
        self.hooks_failed(failures);
        values.into_iter().map(|(name, bytes)| (name, Mib::from_bytes(bytes).rounded())).collect()
    }
}
