//! The model of one operation's batches.

use memtool_profile_model::Mib;

use super::collection_pause::CollectionPause;
use super::finished::{Finished, Seen};
use super::pace::Pace;
use super::peak::Peaks;

/// What is known of the batches of one operation.
#[derive(Debug, Clone, Default)]
pub struct BatchModel {
    pub(super) peaks: Peaks,
    pub(super) pace: Pace,
    pub(super) pause: CollectionPause,
}

impl BatchModel {
    /// Learns from a finished batch; one without items or without finite numbers teaches nothing.
    pub fn finished(&mut self, batch: Finished) {
        let Some(seen) = Seen::of(batch) else { return };
        self.peaks.learn(seen);
        self.pace.learn(seen.items, batch.seconds);
        self.pause.after_batch(seen);
    }

    /// Learns what a collection freed, so that a useless one is not requested again soon.
    pub fn collected(&mut self, before: Mib, after: Mib) {
        let (before, after) = (before.get(), after.get());
        if before.is_finite() && after.is_finite() {
            self.pause.collected(before, after);
        }
    }
}
