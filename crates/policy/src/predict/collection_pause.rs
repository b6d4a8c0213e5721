//! Whether a collection is worth asking for.

use super::finished::Seen;

/// What is known of garbage that piles up between batches.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CollectionPause {
    batches: u64,
    /// Batches to wait after a collection; doubled by each that freed little.
    pause: u64,
    /// No collection before this many batches.
    not_before: u64,
    /// Resident memory after the last collection, or the lowest at a batch's start so far.
    floor: Option<f64>,
    reported: bool,
}

impl CollectionPause {
    const LONGEST_PAUSE: u64 = 256;
    /// A host that never reports its collections is asked only once per this many batches.
    const UNREPORTED_PAUSE: u64 = 16;
    /// A collection was useful if it freed this share of what had piled up.
    const USEFUL: f64 = 0.2;

    pub(super) fn after_batch(&mut self, seen: Seen) {
        self.batches = self.batches.saturating_add(1);
        self.floor = Some(self.floor.map_or(seen.start, |floor| floor.min(seen.start)));
    }

    pub(super) fn collected(&mut self, before: f64, after: f64) {
        self.reported = true;
        let piled = (before - self.floor.unwrap_or(after)).max(1.0);
        let useful = before - after >= Self::USEFUL * piled;
        self.pause = if useful { 1 } else { (self.pause.max(1) * 2).min(Self::LONGEST_PAUSE) };
        self.not_before = self.batches.saturating_add(self.pause);
        self.floor = Some(after);
    }

    /// Whether memory that piled up may be garbage, and the last collection is long enough ago.
    /// Piled up counts as more than `notable`.
    pub(super) fn may_help(&self, rss: f64, notable: f64) -> bool {
        let due = if self.reported {
            self.batches >= self.not_before
        } else {
            self.batches % Self::UNREPORTED_PAUSE == 1
        };
        due && self.floor.is_some_and(|floor| rss - floor > notable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after_batches(pause: &mut CollectionPause, count: u64) {
        for _ in 0..count {
            pause.after_batch(Seen { items: 100.0, start: 500.0, peak: 600.0, end: 500.0 });
        }
    }

    #[test]
    fn useless_collections_are_further_and_further_apart() {
        let mut pause = CollectionPause::default();
        pause.after_batch(Seen { items: 100.0, start: 100.0, peak: 200.0, end: 100.0 });
        assert!(pause.may_help(500.0, 50.0));
        for batches in [2, 4, 8] {
            pause.collected(500.0, 500.0);
            after_batches(&mut pause, batches - 1);
            assert!(!pause.may_help(900.0, 50.0), "after {batches}");
            after_batches(&mut pause, 1);
            assert!(pause.may_help(900.0, 50.0), "after {batches}");
        }
    }
}
