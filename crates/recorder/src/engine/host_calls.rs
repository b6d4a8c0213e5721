//! Calls into the host: its collector, listeners, alerts and hooks.

use std::sync::atomic::Ordering;

use memtool_profile_model::Mib;

use super::batches::Collection;
use super::callbacks::CollectOutcome;
use super::events;
use super::sample::Effects;
use super::shared::Shared;

impl Shared {
    /// Runs the host's callbacks that are due.
    pub(crate) fn call(&self, effects: &Effects) {
        if effects.read_meters {
            self.read_meters_for_sample();
        }
        let Some(snapshot) = &effects.snapshot else { return };
        if effects.collect {
            self.collect(snapshot.rss, snapshot.batch_size);
        }
        let mut failures = 0;
        if let Some(change) = &effects.change {
            failures += self.callbacks.call_listeners(change, snapshot);
        }
        if effects.became_critical {
            failures += self.callbacks.call_alerts(snapshot);
        }
        if effects.profiling {
            failures += self.callbacks.call_hooks(snapshot);
        }
        self.hooks_failed(failures);
    }

    /// Counts callbacks that were skipped because earlier ones still run.
    pub(crate) fn calls_skipped(&self, effects: &Effects) {
        let mut state = self.state();
        state.collecting &= !effects.collect;
        state.totals.hook_failures += 1;
        let total = state.totals.hook_failures;
        if events::is_worth_reporting(total) {
            let text =
                format!("callbacks of the host are slower than the interval: {total} failed or were skipped");
            state.stream.note(self.now(), &text);
        }
        drop(state);
        events::hook_slow(total);
    }

    pub(crate) fn hooks_failed(&self, failures: u64) {
        if failures > 0 {
            let mut state = self.state();
            state.totals.hook_failures += failures;
            let total = state.totals.hook_failures;
            state.stream.note(self.now(), "a callback of the host panicked");
            drop(state);
            events::hook_failed(total);
        }
    }

    /// Runs the host's collector, after the state has entered the request.
    pub(super) fn collect(&self, before: Mib, batch_size: u32) {
        let began = self.clock.now();
        let outcome = self.callbacks.collect();
        let seconds = self.clock.now().seconds() - began.seconds();
        let mut state = self.state();
        state.collecting = false;
        if let CollectOutcome::Done(objects) = outcome {
            // The time of the record, taken where no other record comes between.
            let done = Collection { at: self.now(), seconds, objects, forced: true, batch_size };
            state.collected(Some(before), &done);
        }
        drop(state);
        self.hooks_failed(u64::from(matches!(outcome, CollectOutcome::Failed)));
    }

    /// Records a collection that the host's runtime made by itself.
    pub(crate) fn host_collected(&self, seconds: f64, objects: Option<u64>, total: Option<u64>) {
        if let Some(total) = total {
            self.collections.store(total, Ordering::Relaxed);
        }
        let mut state = self.state();
        let batch_size = state.size;
        let done = Collection { at: self.now(), seconds, objects, forced: false, batch_size };
        state.collected(None, &done);
        drop(state);
        self.deliver();
    }
}
