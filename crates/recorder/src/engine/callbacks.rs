//! The host's callbacks: they may panic, and may call the recorder.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, RwLock};

use memtool_profile_model::MOST_METERS;

use super::sample::{Effects, SizeChange};
use crate::snapshot::MemorySnapshot;

/// Called with a snapshot.
pub(crate) type Hook = Arc<dyn Fn(&MemorySnapshot) + Send + Sync>;
/// Called with a change of the batch size and the snapshot that brought it.
pub(crate) type Listener = Arc<dyn Fn(&SizeChange, &MemorySnapshot) + Send + Sync>;
/// Collects the host's garbage; returns how many objects it freed, if known.
pub(crate) type Collector = Arc<dyn Fn() -> Option<u64> + Send + Sync>;

/// Reads bytes that a part of the job has handed out; `None` where it cannot tell now.
pub(crate) type MeterFn = Arc<dyn Fn() -> Option<u64> + Send + Sync>;
/// Counts the blocks that the host's runtime has handed out.
pub(crate) type BlockCounter = Arc<dyn Fn() -> Option<u64> + Send + Sync>;

/// The host's callbacks.
#[derive(Default)]
pub(crate) struct Callbacks {
    hooks: RwLock<Vec<Hook>>,
    alerts: RwLock<Vec<Hook>>,
    listeners: RwLock<Vec<Listener>>,
    collector: RwLock<Option<Collector>>,
    meters: RwLock<Vec<(String, MeterFn)>>,
    blocks: RwLock<Option<BlockCounter>>,
}

thread_local! {
    /// Whether this thread is inside a callback.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

impl Callbacks {
    pub(crate) fn add_hook(&self, hook: Hook) {
        self.hooks.write().unwrap_or_else(PoisonError::into_inner).push(hook);
    }

    pub(crate) fn add_alert(&self, alert: Hook) {
        self.alerts.write().unwrap_or_else(PoisonError::into_inner).push(alert);
    }

    pub(crate) fn add_listener(&self, listener: Listener) {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    pub(crate) fn set_collector(&self, collector: Collector) {
        *self.collector.write().unwrap_or_else(PoisonError::into_inner) = Some(collector);
    }

    /// Adds a meter, or replaces the one of that name; false where there are too many.
    pub(crate) fn add_meter(&self, name: &str, meter: MeterFn) -> bool {
        let mut meters = self.meters.write().unwrap_or_else(PoisonError::into_inner);
        let known = meters.iter().position(|(known, _)| known == name);
        match known {
            Some(place) => meters[place].1 = meter,
            None if meters.len() < MOST_METERS => meters.push((name.to_owned(), meter)),
            None => return false,
        }
        true
    }

    pub(crate) fn set_block_counter(&self, counter: BlockCounter) {
        *self.blocks.write().unwrap_or_else(PoisonError::into_inner) = Some(counter);
    }

    pub(crate) fn has_meters(&self) -> bool {
        has_any(&self.meters)
    }

    /// Reads all meters; returns their values in bytes and how many panicked.
    pub(crate) fn read_meters(&self) -> (Vec<(String, u64)>, u64) {
        let meters = self.meters.read().unwrap_or_else(PoisonError::into_inner).clone();
        let (mut values, mut failures) = (Vec::new(), 0);
        for (name, meter) in meters {
            match guarded(|| meter()) {
                Some(Ok(Some(bytes))) => values.push((name, bytes)),
                Some(Err(())) => failures += 1,
                _ => {}
            }
        }
        (values, failures)
    }

    /// Counts the runtime's blocks, where the host gave a counter that works.
    pub(crate) fn count_blocks(&self) -> Option<u64> {
        let counter = self.blocks.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        guarded(|| counter())?.ok().flatten()
    }

    /// Whether any of them is to be called after a sample.
    pub(crate) fn are_due(&self, effects: &Effects) -> bool {
        effects.collect
            || effects.read_meters
            || (effects.change.is_some() && has_any(&self.listeners))
            || (effects.became_critical && has_any(&self.alerts))
            || (effects.profiling && has_any(&self.hooks))
    }

    /// Calls every hook; returns how many panicked.
    pub(crate) fn call_hooks(&self, snapshot: &MemorySnapshot) -> u64 {
        call_each(&self.hooks, |hook| hook(snapshot))
    }

    /// Calls every alert; returns how many panicked.
    pub(crate) fn call_alerts(&self, snapshot: &MemorySnapshot) -> u64 {
        call_each(&self.alerts, |alert| alert(snapshot))
    }

    /// Calls every listener to changes of the size; returns how many panicked.
    pub(crate) fn call_listeners(&self, change: &SizeChange, snapshot: &MemorySnapshot) -> u64 {
        call_each(&self.listeners, |listener| listener(change, snapshot))
    }

    /// Runs the host's collector.
    pub(crate) fn collect(&self) -> CollectOutcome {
        let collector = self.collector.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(collector) = collector else { return CollectOutcome::Skipped };
        match guarded(|| collector()) {
            None => CollectOutcome::Skipped,
            Some(Ok(objects)) => CollectOutcome::Done(objects),
            Some(Err(())) => CollectOutcome::Failed,
        }
    }
}

/// The outcome of a collection.
pub(crate) enum CollectOutcome {
    /// Objects freed, if the host knows.
    Done(Option<u64>),
    /// The collector panicked.
    Failed,
    /// There is none, or this thread is inside a callback.
    Skipped,
}

fn has_any<F>(callbacks: &RwLock<Vec<F>>) -> bool {
    !callbacks.read().unwrap_or_else(PoisonError::into_inner).is_empty()
}

/// The list is copied out, so that a hook may add hooks.
fn call_each<F: Clone>(callbacks: &RwLock<Vec<F>>, call: impl Fn(&F)) -> u64 {
    let callbacks = callbacks.read().unwrap_or_else(PoisonError::into_inner).clone();
    callbacks.iter().filter(|callback| matches!(guarded(|| call(callback)), Some(Err(())))).count() as u64
}

/// Runs a callback of the host. A callback that ends up here again calls none: a hook that asks
/// for a check would otherwise run for ever.
fn guarded<T>(callback: impl FnOnce() -> T) -> Option<Result<T, ()>> {
    if INSIDE.replace(true) {
        return None;
    }
    let result = catch_unwind(AssertUnwindSafe(callback)).map_err(drop);
    INSIDE.set(false);
    Some(result)
}
