//! All recorded runs of one drawn program.

use std::collections::BTreeMap;

use crate::corpus::{RecordedCase, programs};
use crate::figures::{interpolate, quantile};

/// Share of the time on the clock that is processor time in a program that computes: drawn ones have under a quarter, or more than 60 %.
const COMPUTES: f64 = 0.5;

/// One number of a run.
pub(super) type Figure = fn(&RecordedCase) -> f64;

/// The runs of one program.
pub(super) struct Program<'a> {
    pub(super) name: &'a str,
    runs: Vec<&'a RecordedCase>,
}

impl<'a> Program<'a> {
    /// The programs of some runs, in order of name.
    pub(super) fn all(cases: &'a [RecordedCase]) -> Vec<Self> {
        let of = |name| Self { name, runs: cases.iter().filter(|case| case.program == name).collect() };
        programs(cases).into_iter().map(of).collect()
    }

    /// Its first run under a policy.
    pub(super) fn first(&self, policy: &str) -> Option<&'a RecordedCase> {
        self.runs.iter().find(|run| run.policy == policy && run.repeat == 1).copied()
    }

    /// Its runs of fixed sizes without a limit.
    pub(super) fn fixed(&self) -> BTreeMap<u32, &'a RecordedCase> {
        self.runs
            .iter()
            .filter(|run| run.policy == "fixed" && !run.enforced && run.repeat == 1)
            .map(|run| (run.largest_size, *run))
            .collect()
    }

    /// The limit that it was recorded under, in MiB.
    pub(super) fn limit_mb(&self) -> Option<f64> {
        self.first("thresholds").map(|run| run.limit_mb)
    }

    /// Whether the limit kills it at a fixed size: seen, else by what it was charged without one.
    pub(super) fn killed(&self, run: &RecordedCase) -> bool {
        let same = |other: &&&RecordedCase| {
            other.policy == "fixed" && other.enforced && other.largest_size == run.largest_size
        };
        match self.runs.iter().find(same) {
            Some(seen) => seen.killed,
            None => self.limit_mb().is_some_and(|limit| run.charged_mb > limit),
        }
    }

    /// Items per processor second where it computes, per second of the clock where it waits.
    pub(super) fn pace(&self) -> Figure {
        let fixed = self.fixed();
        let timed = fixed.values().filter(|run| run.items_per_s > 0.0 && run.items_per_cpu_s > 0.0);
        let shares: Vec<f64> = timed.map(|run| run.items_per_s / run.items_per_cpu_s).collect();
        let waits = self.runs[0].labels.as_ref().is_some_and(|labels| labels.pattern == "waiting_batches");
        if waits || !shares.is_empty() && quantile(&shares, 0.5) < COMPUTES {
            |run| run.items_per_s
        } else {
            |run| run.items_per_cpu_s
        }
    }

    /// The pace of the fastest fixed size that keeps to the limit, where there are sizes to choose from.
    pub(super) fn best_pace(&self) -> Option<f64> {
        let (fixed, pace) = (self.fixed(), self.pace());
        let able = fixed.values().filter(|run| !self.killed(run)).map(|run| pace(run));
        able.reduce(f64::max).filter(|_| fixed.len() > 1)
    }

    /// A figure of a size that was not run, by a line between its neighbours that were.
    pub(super) fn at(&self, size: u32, figure: Figure) -> Option<f64> {
        let points: Vec<(f64, f64)> =
            self.fixed().iter().map(|(size, run)| (f64::from(*size), figure(run))).collect();
        let (first, last) = (points.first()?.0, points.last()?.0);
        interpolate(&points, f64::from(size).clamp(first, last))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use memtool_profile_model::Run;

    use super::*;

    fn case(policy: &str, size: u32, charged_mb: f64, pace: f64) -> RecordedCase {
        RecordedCase {
            name: size.to_string(),
            profile: PathBuf::new(),
            program: "job".to_owned(),
            settings: policy.to_owned(),
            policy: policy.to_owned(),
            repeat: 1,
            fixed: Some(size),
            largest_size: size,
            completed: true,
            killed: false,
            enforced: policy == "thresholds",
            limit_mb: 120.0,
            peak_mb: charged_mb,
            charged_mb,
            items_per_cpu_s: pace,
            items_per_s: 0.0,
            labels: None,
            records: Run::default(),
            samples: Run::default(),
        }
    }

    #[test]
    fn a_program_that_computes_is_timed_by_the_processor_and_one_that_waits_by_the_clock() {
        let timed = |per_s: f64| {
            let cases =
                [100, 300].map(|size| RecordedCase { items_per_s: per_s, ..case("fixed", size, 50.0, 10.0) });
            let programs = Program::all(&cases);
            programs[0].pace()(&cases[0])
        };
        assert_eq!([7.0, 3.0].map(timed), [10.0, 3.0]);
    }

    #[test]
    fn a_size_between_two_is_read_off_their_line() {
        let cases = [case("fixed", 100, 50.0, 3.0), case("fixed", 300, 150.0, 9.0)];
        let programs = Program::all(&cases);
        let charged = [50, 100, 200, 900].map(|size| programs[0].at(size, |run| run.charged_mb));
        assert_eq!(charged, [50.0, 50.0, 100.0, 150.0].map(Some));
    }

    #[test]
    fn a_size_beyond_the_limit_is_not_the_best() {
        let cases = [
            case("fixed", 100, 50.0, 3.0),
            case("fixed", 300, 150.0, 9.0),
            case("thresholds", 300, 90.0, 5.0),
        ];
        assert_eq!(Program::all(&cases)[0].best_pace(), Some(3.0));
    }
}
