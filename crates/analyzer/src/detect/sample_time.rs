//! How long a state of memory lasted, where each sample speaks for the time up to the next one.

use crate::detect::case::Case;
use crate::detect::context::Context;
use crate::detect::pressure::own_high;
use crate::series::Series;

/// Interruptions that do not end an episode, in seconds.
const BRIDGE_S: f64 = 5.0;
/// A call may hold the interpreter so long, in seconds: no gap in what is known of memory.
const HELD_S: f64 = 2.0;

/// A run's time, shared out among its samples.
#[derive(Clone, Copy)]
pub(super) struct SampleTime<'a> {
    pub(super) series: &'a Series,
    pub(super) context: &'a Context,
    /// A sample speaks for this many seconds at most.
    longest_s: f64,
}

impl<'a> SampleTime<'a> {
    pub(super) fn of(case: &Case<'a>) -> Self {
        let longest_s = (3.0 * case.series.rough_spacing_s()).max(HELD_S);
        Self { series: case.series, context: case.context, longest_s }
    }

    pub(super) fn is_high(&self, i: usize) -> bool {
        own_high(self.series, self.context, i)
    }

    pub(super) fn is_critical(&self, i: usize) -> bool {
        self.series.rss_mb[i] >= self.context.critical_mb
    }

    /// Seconds of the samples for which something holds.
    pub(super) fn seconds(&self, holds: impl Fn(usize) -> bool) -> f64 {
        let until_next = |i: usize| {
            let next = self.series.seconds.get(i + 1);
            next.map_or(0.0, |next| (next - self.series.seconds[i]).min(self.longest_s))
        };
        // Nothing adds up to -0.
        (0..self.series.len()).filter(|i| holds(*i)).map(until_next).sum::<f64>() + 0.0
    }

    /// The same of the samples between two moments, and up to the later one.
    pub(super) fn seconds_within(&self, from_s: f64, to_s: f64, holds: impl Fn(usize) -> bool) -> f64 {
        let seconds = &self.series.seconds;
        let samples = seconds.partition_point(|s| *s < from_s)..seconds.partition_point(|s| *s < to_s);
        let until = |i: usize| seconds.get(i + 1).map_or(to_s, |next| next.min(to_s));
        samples.filter(|i| holds(*i)).map(|i| (until(i) - seconds[i]).min(self.longest_s)).sum::<f64>() + 0.0
    }

    /// From and to of the longest stretch for which something holds, short dips bridged.
    pub(super) fn longest(&self, holds: impl Fn(usize) -> bool) -> Option<(f64, f64)> {
        self.series.longest_episode(BRIDGE_S.min(self.series.duration_s() / 20.0), holds)
    }
}
