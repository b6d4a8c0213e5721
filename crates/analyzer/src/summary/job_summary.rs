//! The summary of a job's runs.

use std::collections::BTreeMap;

use super::case::WorstCase;
use super::run_figures::RunFigures;
use super::sketch::Sketch;

/// Summaries by job, in order of name; `None` are runs whose job is not known, and files that could not be read.
pub type Summaries = BTreeMap<Option<String>, JobSummary>;

/// What a job's runs did, in figures that merge without rounding.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JobSummary {
    /// Runs that were judged.
    pub runs: u64,
    /// Files that could not be read.
    pub errors: u64,
    /// Samples of all runs.
    pub samples: u64,
    /// Durations of all runs, each rounded to milliseconds.
    pub duration_ms: u64,
    /// Runs that the kernel killed for want of memory.
    pub killed: u64,
    /// Runs that leak.
    pub leaks: u64,
    /// Runs with a finding.
    pub with_findings: u64,
    /// The run with the largest peak, in MiB.
    pub worst_peak: Option<WorstCase>,
    /// The run that came closest to its limit, as a share of it.
    pub worst_limit_share: Option<WorstCase>,
    /// The peaks, in MiB.
    pub peak_rss_mb: Sketch,
    /// The peaks as shares of the limit.
    pub limit_share: Sketch,
}

impl JobSummary {
    /// Takes a run in.
    pub fn add(&mut self, run: &RunFigures<'_>) {
        if run.failed {
            self.errors += 1;
            return;
        }
        self.runs += 1;
        self.samples = self.samples.saturating_add(run.samples);
        self.duration_ms = self.duration_ms.saturating_add(milliseconds(run.duration_s));
        self.killed += u64::from(run.killed);
        self.leaks += u64::from(run.leaks);
        self.with_findings += u64::from(run.has_findings);
        self.worst_peak = worst(self.worst_peak.take(), run.peak_rss_mb, run.uri);
        self.worst_limit_share = worst(self.worst_limit_share.take(), run.limit_share(), run.uri);
        run.peak_rss_mb.into_iter().for_each(|peak| self.peak_rss_mb.add(peak));
        run.limit_share().into_iter().for_each(|share| self.limit_share.add(share));
    }

    /// Takes in the summary of other runs of the job.
    pub fn merge(&mut self, other: Self) {
        for (own, more) in [
            (&mut self.runs, other.runs),
            (&mut self.errors, other.errors),
            (&mut self.samples, other.samples),
            (&mut self.duration_ms, other.duration_ms),
            (&mut self.killed, other.killed),
            (&mut self.leaks, other.leaks),
            (&mut self.with_findings, other.with_findings),
        ] {
            *own = own.saturating_add(more);
        }
        self.worst_peak = WorstCase::worse_of(self.worst_peak.take(), other.worst_peak);
        self.worst_limit_share = WorstCase::worse_of(self.worst_limit_share.take(), other.worst_limit_share);
        self.peak_rss_mb.merge(&other.peak_rss_mb);
        self.limit_share.merge(&other.limit_share);
    }
}

fn worst(known: Option<WorstCase>, value: Option<f64>, uri: &str) -> Option<WorstCase> {
    let value = value.filter(|value| value.is_finite());
    WorstCase::worse_of(known, value.map(|value| WorstCase { value, uri: uri.to_owned() }))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; not a number is 0")]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1e3).round() as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(uri: &str, peak: f64, limit: f64) -> RunFigures<'_> {
        RunFigures {
            uri,
            samples: 10,
            duration_s: 1.0004,
            peak_rss_mb: Some(peak),
            limit_mb: Some(limit),
            ..RunFigures::default()
        }
    }

    fn of(runs: &[RunFigures<'_>]) -> JobSummary {
        let mut summary = JobSummary::default();
        runs.iter().for_each(|run| summary.add(run));
        summary
    }

    #[test]
    fn a_file_that_failed_counts_as_nothing_else() {
        let failed = RunFigures { failed: true, ..run("a", 10.0, 20.0) };
        assert_eq!(of(&[failed]), JobSummary { errors: 1, ..JobSummary::default() });
    }

    #[test]
    fn the_worst_case_is_named() {
        let summary = of(&[run("a", 10.0, 20.0), run("b", 15.0, 100.0)]);
        assert_eq!(summary.worst_peak, Some(WorstCase { value: 15.0, uri: "b".to_owned() }));
        assert_eq!(summary.worst_limit_share, Some(WorstCase { value: 0.5, uri: "a".to_owned() }));
        assert_eq!((summary.runs, summary.samples, summary.duration_ms), (2, 20, 2_000));
    }

    #[test]
    fn a_run_without_a_limit_has_no_share_of_it() {
        let summary = of(&[RunFigures { limit_mb: None, ..run("a", 10.0, 0.0) }, run("b", 5.0, 0.0)]);
        assert_eq!((summary.worst_limit_share, summary.limit_share.count()), (None, 0));
    }

    proptest! {
        #[test]
        fn however_runs_are_divided_the_summary_is_the_same(
            figures in prop::collection::vec((0.0..1e6_f64, 0.0..1e6_f64, 0..3_usize), 0..40),
        ) {
            let uris = ["a", "b", "c"];
            let all: Vec<RunFigures<'_>> =
                figures.iter().enumerate().map(|(at, (peak, limit, _))| run(uris[at % 3], *peak, *limit)).collect();
            let part = |wanted: usize| {
                let chosen = all.iter().zip(&figures).filter(|(_, (.., part))| *part == wanted);
                of(&chosen.map(|(run, _)| *run).collect::<Vec<_>>())
            };
            let [a, b, c] = [part(0), part(1), part(2)];
            let mut left = a.clone();
            left.merge(b.clone());
            left.merge(c.clone());
            let mut right = c;
            right.merge(b);
            right.merge(a);
            prop_assert_eq!(&left, &right);
            prop_assert_eq!(left, of(&all));
        }
    }
}
