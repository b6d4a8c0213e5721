//! Collections as a runtime's own log has them: the heap in use before and after each.

use memtool_profile_model::{Collection, Mib, Offset};

use crate::trace::{Trace, sample};

/// One collection, with the heap around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Collected {
    /// When it ended, on the file's clock.
    pub(crate) at: i64,
    /// Heap in use before.
    pub(crate) before: Mib,
    /// Heap in use after.
    pub(crate) after: Mib,
    /// Heap committed after.
    pub(crate) committed: Option<Mib>,
    /// How long the program stood still, in seconds.
    pub(crate) pause_s: Option<f64>,
    /// Whether the program asked for it.
    pub(crate) forced: bool,
    /// Whether it looked at the young part of the heap only.
    pub(crate) young: bool,
}

impl Collected {
    /// Puts another part of the same collection, which ended later, to this one.
    pub(crate) fn extend(&mut self, later: &Self) {
        let pause_s = self.pause_s.into_iter().chain(later.pause_s).reduce(|a, b| a + b);
        *self = Self { before: self.before, pause_s, young: self.young && later.young, ..*later };
    }

    /// The largest heap that is known of it.
    pub(crate) fn peak(&self) -> Mib {
        if self.after > self.before { self.after } else { self.before }
    }

    /// Adds a sample with the heap at its largest. False where the time cannot be.
    #[must_use]
    pub(crate) fn sample(&self, trace: &mut Trace) -> bool {
        trace.push(self.at, sample(self.peak()))
    }

    /// Adds the collection itself, beside its sample.
    pub(crate) fn record(&self, trace: &mut Trace) {
        let collection = Collection {
            at: Offset::START,
            forced: self.forced,
            seconds: self.pause_s,
            rss_before: Some(self.before),
            rss_after: Some(self.after),
            committed: self.committed,
            young: self.young,
            objects: None,
        };
        trace.collected(self.at, collection);
    }
}
