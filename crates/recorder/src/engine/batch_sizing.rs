//! The size of the next batch, and batches as they begin and end.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::batches::Predicted;
use super::events;
use super::shared::Shared;
use crate::batch_memory::BatchMemory;
use crate::cpu_time::cpu_seconds;

impl Shared {
    /// The size for the next batch.
    pub(crate) fn batch_size(&self, operation: Option<&str>) -> u32 {
        if self.predictive.load(Ordering::Relaxed) {
            return self.predicted_size(operation);
        }
        if self.is_late() {
            self.sample(None);
        }
        self.size.load(Ordering::Relaxed)
    }

    /// The last size that was in force; takes no lock, so that a forked child may ask.
    pub(crate) fn last_size(&self) -> u32 {
        self.size.load(Ordering::Relaxed)
    }

    /// Whether the sampling thread hangs (on a disk, say): the policy must not wait for it.
    fn is_late(&self) -> bool {
        let since = self.clock.now().nanos() - self.sampled.load(Ordering::Relaxed);
        self.is_threaded() && since > 3 * self.interval.load(Ordering::Relaxed) + 1_000_000_000
    }

    fn predicted_size(&self, operation: Option<&str>) -> u32 {
        let before = self.last_size();
        let mut chosen = self.predict(operation);
        if let Some(Predicted { sizing, rss }) = &chosen
            && sizing.collect_first
            && self.state().ask_collection(self.now(), *rss)
        {
            self.collect(*rss, before);
            chosen = self.predict(operation).or(chosen);
        }
        if let Some(Predicted { sizing, .. }) = &chosen
            && sizing.size != before
        {
            events::predicted(before, sizing);
        }
        self.deliver();
        // Another thread may have asked for another operation since.
        chosen.map_or_else(|| self.last_size(), |chosen| chosen.sizing.size)
    }

    fn predict(&self, operation: Option<&str>) -> Option<Predicted> {
        let mut state = self.state();
        let operation = operation.map(Arc::from).or_else(|| state.operation.clone());
        let chosen = state.predict(self.now(), operation.as_ref());
        self.size.store(state.size, Ordering::Relaxed);
        chosen
    }

    pub(crate) fn begin_batch(&self, operation: Option<&str>, items: u64) -> u64 {
        let cpu = cpu_seconds();
        let live = self.live_before_first_batch();
        let mut state = self.state();
        let operation = operation.map(Arc::from).or_else(|| state.operation.clone());
        let id = state.begin_batch(self.now(), operation.as_ref(), items, cpu, live);
        drop(state);
        self.deliver();
        id
    }

    pub(crate) fn end_batch(&self, id: u64) -> Option<BatchMemory> {
        let cpu = cpu_seconds();
        let at = self.now();
        let live = self.live_at_batch_end();
        let memory = self.state().end_batch(id, at, cpu, live);
        self.deliver();
        memory
    }

    pub(crate) fn set_operation(&self, name: Option<&str>) {
        self.state().set_operation(self.now(), name);
        self.deliver();
    }
}
