//! Whether the policy should collect garbage at all, by what its collections freed.

use super::evidence::Evidence;
use crate::stats::median;

/// Fewer forced collections say nothing.
const FEWEST: usize = 6;
/// Collections that free less than this share of memory are not worth their pause: where the
/// detectors, and the JVM's own overhead limit, draw the line.
const INEFFECTIVE: f64 = 0.02;
/// Seconds that a forced collection takes where none was recorded: the mean of 6,172.
const PAUSE_SECONDS: f64 = 0.042;

/// What forced collections came to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Collecting {
    /// Whether they are worth it, or nothing is known against them.
    pub(super) worth: bool,
    /// How long one takes, in seconds.
    pub(super) pause_seconds: f64,
    /// Why, in words.
    pub(super) reason: String,
}

impl Collecting {
    pub(super) fn of(runs: &[Evidence]) -> Self {
        let forced = || runs.iter().flat_map(|run| &run.run.collections).filter(|c| c.forced);
        let seconds: Vec<f64> = forced().filter_map(|c| c.seconds).filter(|s| s.is_finite()).collect();
        let freed: Vec<f64> = forced()
            .filter_map(|c| Some((c.rss_before?.get(), c.rss_after?.get())))
            .filter(|(before, after)| *before > 0.0 && after.is_finite())
            .map(|(before, after)| (before - after) / before)
            .collect();
        let pause_seconds = median(&seconds).unwrap_or(PAUSE_SECONDS);
        let (worth, reason) = match median(&freed) {
            Some(share) if freed.len() >= FEWEST => (
                share >= INEFFECTIVE,
                format!(
                    "{} forced collections freed {:.1} % of the memory in the median, {:.0} ms each; below 2 % \
                     they only cost time",
                    freed.len(),
                    100.0 * share.max(0.0),
                    1000.0 * pause_seconds
                ),
            ),
            _ => (true, "nothing is known against collecting in these runs".to_owned()),
        };
        Self { worth, pause_seconds, reason }
    }
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::{Collection, Mib, Offset, Run};

    use super::*;

    fn run(freed_mb: f64, count: i64) -> Run {
        let collections = (0..count)
            .map(|i| Collection {
                at: Offset::from_nanos(i * 1_000_000_000),
                forced: true,
                seconds: Some(0.1),
                rss_before: Some(Mib::new(1000.0)),
                rss_after: Some(Mib::new(1000.0 - freed_mb)),
                committed: None,
                young: false,
                objects: None,
            })
            .collect();
        Run { collections, ..Run::default() }
    }

    fn worth(run: &Run) -> (bool, f64) {
        let collecting = Collecting::of(&[Evidence { run, leak: None }]);
        (collecting.worth, collecting.pause_seconds)
    }

    #[test]
    fn collections_that_free_nothing_are_switched_off_once_there_are_enough() {
        assert_eq!(worth(&run(5.0, 10)), (false, 0.1));
        assert_eq!(worth(&run(300.0, 10)), (true, 0.1));
        assert_eq!(worth(&run(5.0, 5)), (true, 0.1));
        assert_eq!(worth(&run(5.0, 0)), (true, PAUSE_SECONDS));
    }
}
