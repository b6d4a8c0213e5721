//! How long a less strict level has been possible.

use memtool_profile_model::{Offset, OptimizationLevel};

/// Levels above the strictest, from strict to loose.
const ABOVE_FALLBACK: [OptimizationLevel; 3] =
    [OptimizationLevel::Low, OptimizationLevel::Medium, OptimizationLevel::High];

/// Since when each level has been possible without a break, by the observations so far.
///
/// One time for each level, so that a job may relax to a level in between while a looser one
/// still waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dwell {
    last: Option<Offset>,
    since: [Option<Offset>; 3],
    held_since: Option<Offset>,
}

impl Dwell {
    /// Since when pressure alone would have allowed larger batches than are in force; `None`
    /// where nothing is held back.
    #[inline]
    #[must_use]
    pub const fn held_since(&self) -> Option<Offset> {
        self.held_since
    }

    /// Takes note that levels up to `possible` were possible at a moment. A moment before the
    /// last one begins all waiting anew: the time in between is not known.
    #[inline]
    pub(super) fn note(&mut self, at: Offset, possible: OptimizationLevel) {
        if self.last.is_some_and(|last| at < last) {
            *self = Self::default();
        }
        self.last = Some(at);
        for (level, since) in ABOVE_FALLBACK.into_iter().zip(&mut self.since) {
            *since = if level <= possible { since.or(Some(at)) } else { None };
        }
    }

    /// The loosest level that was possible for this many seconds up to the last moment.
    #[inline]
    pub(super) fn loosest(&self, seconds: f64) -> OptimizationLevel {
        let long_enough =
            |since: Offset| self.last.is_some_and(|last| last.seconds_since(since) >= seconds.max(0.0));
        let loosest = self.since.iter().rposition(|since| since.is_some_and(long_enough));
        loosest.map_or(OptimizationLevel::Fallback, |place| ABOVE_FALLBACK[place])
    }

    /// Takes note whether a larger size is held back at the last moment.
    #[inline]
    pub(super) fn hold(&mut self, held: bool) {
        self.held_since = if held { self.held_since.or(self.last) } else { None };
    }
}
