//! When the next collection is worth its time.

use memtool_profile_model::{AdaptiveConfig, Mib};

/// The share of the GC trigger that counts as freed at least: after a collection that freed
/// nothing memory still has to grow by something.
const LEAST_FREED_SHARE: f64 = 0.05;

/// What the last collection left behind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LastCollection {
    /// The least resident memory since, at first that right after it.
    pub least_since: Mib,
    /// The memory that it freed.
    pub freed: Mib,
}

impl LastCollection {
    pub(super) fn new(before: Mib, after: Mib) -> Self {
        Self { least_since: after, freed: Mib::new((before.get() - after.get()).max(0.0)) }
    }

    /// Growth counts from the least memory since the collection, not from what it left: memory
    /// that was returned later and grew again is worth another look.
    pub(super) fn seen(self, rss: Mib) -> Self {
        Self { least_since: Mib::new(self.least_since.get().min(rss.get())), ..self }
    }

    /// Whether memory grew by the configured share of what was freed.
    pub(super) fn has_regrown(&self, config: &AdaptiveConfig, rss: Mib) -> bool {
        let least = config.thresholds.gc_trigger_mb.scaled(LEAST_FREED_SHARE);
        let freed = self.freed.get().max(least.get());
        rss.get() >= self.least_since.get() + config.gc_cooldown_share * freed
    }
}
