//! Counts right and wrong verdicts.

use std::collections::BTreeMap;

use memtool_analyzer::{FindingKind, LeakVerdict};

use super::judged::{JUDGED, Judged};
use crate::figures::share;

/// Edges of the bands of confidence.
const BANDS: [f64; 6] = [0.0, 0.5, 0.7, 0.8, 0.9, 1.0];

/// Right and wrong of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Counts {
    /// Rightly found.
    pub(super) found: usize,
    /// True and not found.
    pub(super) missed: usize,
    /// Found and not true.
    pub(super) false_alarms: usize,
    /// Rightly silent.
    pub(super) silent: usize,
    /// Share of what was found that is true; null where nothing was found.
    pub(super) precision: Option<f64>,
    /// Share of what is true that was found; null where nothing is true.
    pub(super) recall: Option<f64>,
    /// Their harmonic mean.
    pub(super) f1: Option<f64>,
}

impl Counts {
    fn count(&mut self, fires: bool, holds: bool) {
        match (fires, holds) {
            (true, true) => self.found += 1,
            (false, true) => self.missed += 1,
            (true, false) => self.false_alarms += 1,
            (false, false) => self.silent += 1,
        }
        self.precision = share(self.found, self.found + self.false_alarms);
        self.recall = share(self.found, self.found + self.missed);
        self.f1 = share(2 * self.found, 2 * self.found + self.false_alarms + self.missed);
    }
}

/// One rule for one kind.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KindScore {
    /// What it looks for.
    pub(super) kind: FindingKind,
    /// `memtool`, or the name of a simpler rule.
    pub(super) rule: String,
    /// How it does.
    pub(super) score: Counts,
}

/// Our own rule for one kind on one pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PatternScore {
    /// The pattern of the workload.
    pub(super) pattern: String,
    /// What is looked for.
    pub(super) kind: FindingKind,
    /// Leak verdicts that are inconclusive.
    pub(super) inconclusive: usize,
    /// How it does.
    pub(super) score: Counts,
}

/// What became of one band of confidence.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Calibration {
    /// The kind.
    pub(super) kind: FindingKind,
    /// From and to.
    pub(super) band: (f64, f64),
    /// Findings in it.
    pub(super) findings: usize,
    /// Their mean confidence.
    pub(super) stated: f64,
    /// The share of them that is true.
    pub(super) was_true: f64,
}

/// How often the slope's interval holds the true slope.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Coverage {
    /// Leaks found that are true.
    pub(super) intervals: usize,
    /// Of these, intervals that hold the true slope.
    pub(super) hold: usize,
}

/// A wrong answer, or none where there should be one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mistake {
    /// The run.
    pub(super) run: String,
    /// The kind.
    pub(super) kind: FindingKind,
    /// `missed` or `false alarm`.
    pub(super) mistake: &'static str,
    /// The leak verdict's reason, for leaks.
    pub(super) reason: Option<String>,
}

/// The whole table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Accuracy {
    /// Labelled runs that could be read.
    pub(super) runs: usize,
    /// Leak verdicts that are inconclusive.
    pub(super) inconclusive: usize,
    /// Of these, runs that do leak: counted as missed in the table.
    pub(super) inconclusive_leaks: usize,
    /// Share of leaks found where the verdict is conclusive; null without any.
    pub(super) conclusive_leak_recall: Option<f64>,
    /// One row per kind and rule, ours first.
    pub(super) kinds: Vec<KindScore>,
    /// One row per pattern and kind.
    pub(super) patterns: Vec<PatternScore>,
    /// One row per kind and band of confidence.
    pub(super) calibration: Vec<Calibration>,
    /// The leak's slope.
    pub(super) slope: Coverage,
    /// Every mistake.
    pub(super) mistakes: Vec<Mistake>,
}

/// Scores labelled runs.
pub(super) fn score(runs: &[Judged<'_>]) -> Accuracy {
    let leaks = || runs.iter().filter(|r| r.labels.leak);
    let inconclusive_leaks = leaks().filter(|r| is_inconclusive(r)).count();
    let found = leaks().filter(|r| r.fires(FindingKind::MemoryLeak)).count();
    Accuracy {
        runs: runs.len(),
        inconclusive: runs.iter().filter(|r| is_inconclusive(r)).count(),
        inconclusive_leaks,
        conclusive_leak_recall: share(found, leaks().count() - inconclusive_leaks),
        kinds: JUDGED.into_iter().flat_map(|kind| kind_scores(runs, kind)).collect(),
        patterns: pattern_scores(runs),
        calibration: JUDGED.into_iter().flat_map(|kind| calibration(runs, kind)).collect(),
        slope: coverage(runs),
        mistakes: runs.iter().flat_map(mistakes).collect(),
    }
}

fn is_inconclusive(run: &Judged<'_>) -> bool {
    run.report.leak.verdict == LeakVerdict::Inconclusive
}

fn kind_scores(runs: &[Judged<'_>], kind: FindingKind) -> Vec<KindScore> {
    let mut ours = Counts::default();
    let mut others: BTreeMap<&str, Counts> = BTreeMap::new();
    for run in runs {
        let holds = run.holds(kind);
        ours.count(run.fires(kind), holds);
        for other in run.baselines.iter().filter(|b| b.kind == kind) {
            others.entry(other.rule).or_default().count(other.fires, holds);
        }
    }
    let row = |rule: &str, score| KindScore { kind, rule: rule.to_owned(), score };
    std::iter::once(row("memtool", ours)).chain(others.into_iter().map(|(rule, s)| row(rule, s))).collect()
}

fn pattern_scores(runs: &[Judged<'_>]) -> Vec<PatternScore> {
    let mut patterns: BTreeMap<(&str, FindingKind), (Counts, usize)> = BTreeMap::new();
    for run in runs {
        for kind in JUDGED {
            let (score, inconclusive) = patterns.entry((&run.labels.pattern, kind)).or_default();
            score.count(run.fires(kind), run.holds(kind));
            *inconclusive += usize::from(kind == FindingKind::MemoryLeak && is_inconclusive(run));
        }
    }
    patterns
        .into_iter()
        .map(|((pattern, kind), (score, inconclusive))| PatternScore {
            pattern: pattern.to_owned(),
            kind,
            inconclusive,
            score,
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts")]
fn calibration(runs: &[Judged<'_>], kind: FindingKind) -> Vec<Calibration> {
    let stated: Vec<(f64, bool)> = runs
        .iter()
        .flat_map(|run| run.report.findings.iter().map(move |f| (f, run.holds(kind))))
        .filter(|(finding, _)| finding.kind == kind)
        .map(|(finding, holds)| (finding.confidence, holds))
        .collect();
    let band = |edges: &[f64]| {
        let (from, to) = (edges[0], edges[1]);
        let within = |c: f64| c >= from && (c < to || to >= 1.0);
        let members: Vec<&(f64, bool)> = stated.iter().filter(|(c, _)| within(*c)).collect();
        let n = members.len() as f64;
        (!members.is_empty()).then(|| Calibration {
            kind,
            band: (from, to),
            findings: members.len(),
            stated: members.iter().map(|(c, _)| c).sum::<f64>() / n,
            was_true: members.iter().filter(|(_, holds)| *holds).count() as f64 / n,
        })
    };
    BANDS.windows(2).filter_map(band).collect()
}

fn coverage(runs: &[Judged<'_>]) -> Coverage {
    let mut coverage = Coverage::default();
    for run in runs.iter().filter(|run| run.labels.leak) {
        if let Some(growth) = run.report.leak.slope_mb_per_min {
            coverage.intervals += 1;
            coverage.hold += usize::from((growth.low..=growth.high).contains(&run.labels.leak_mb_per_min));
        }
    }
    coverage
}

fn mistakes(run: &Judged<'_>) -> Vec<Mistake> {
    let wrong = |kind: &FindingKind| run.fires(*kind) != run.holds(*kind);
    JUDGED
        .into_iter()
        .filter(wrong)
        .map(|kind| Mistake {
            run: run.name.to_owned(),
            kind,
            mistake: if run.holds(kind) { "missed" } else { "false alarm" },
            reason: (kind == FindingKind::MemoryLeak).then(|| run.report.leak.reason.clone()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_recall_and_f1() {
        let mut score = Counts::default();
        for (fires, holds) in [(true, true), (true, true), (true, false), (false, true), (false, false)] {
            score.count(fires, holds);
        }
        assert_eq!((score.found, score.missed, score.false_alarms, score.silent), (2, 1, 1, 1));
        assert_eq!(
            (score.precision, score.recall, score.f1),
            (Some(2.0 / 3.0), Some(2.0 / 3.0), Some(2.0 / 3.0))
        );
    }

    #[test]
    fn without_a_case_there_is_no_share() {
        let mut score = Counts::default();
        score.count(false, false);
        assert_eq!((score.precision, score.recall, score.f1), (None, None, None));
    }
}
