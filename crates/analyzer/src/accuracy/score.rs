//! Counting right and wrong.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{JUDGED, Judged};
use crate::detect::{FindingKind, LeakVerdict};

/// Edges of the bands of confidence.
const BANDS: [f64; 6] = [0.0, 0.5, 0.7, 0.8, 0.9, 1.0];

/// Right and wrong of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Score {
    /// Rightly found.
    pub found: usize,
    /// True and not found.
    pub missed: usize,
    /// Found and not true.
    pub false_alarms: usize,
    /// Rightly silent.
    pub silent: usize,
    /// Share of what was found that is true; null where nothing was found.
    pub precision: Option<f64>,
    /// Share of what is true that was found; null where nothing is true.
    pub recall: Option<f64>,
    /// Their harmonic mean.
    pub f1: Option<f64>,
}

impl Score {
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

#[expect(clippy::cast_precision_loss, reason = "counts")]
fn share(part: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// One rule for one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindScore {
    /// What it looks for.
    pub kind: FindingKind,
    /// `memtool`, or the name of a simpler rule.
    pub rule: String,
    /// How it does.
    #[serde(flatten)]
    pub score: Score,
}

/// Our own rule for one kind on one pattern.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PatternScore {
    /// The pattern of the workload.
    pub pattern: String,
    /// What is looked for.
    pub kind: FindingKind,
    /// Leak verdicts that are inconclusive.
    pub inconclusive: usize,
    /// How it does.
    #[serde(flatten)]
    pub score: Score,
}

/// What became of one band of confidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// The kind.
    pub kind: FindingKind,
    /// From and to.
    pub band: (f64, f64),
    /// Findings in it.
    pub findings: usize,
    /// Their mean confidence.
    pub said: f64,
    /// The share of them that is true.
    pub was: f64,
}

/// How often the slope's interval holds the true slope.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Coverage {
    /// Leaks found that are true.
    pub intervals: usize,
    /// Of these, intervals that hold the true slope.
    pub hold: usize,
}

/// A wrong answer, or none where there should be one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mistake {
    /// The run.
    pub run: String,
    /// The kind.
    pub kind: FindingKind,
    /// `missed` or `false alarm`.
    pub mistake: &'static str,
    /// The leak verdict's reason, for leaks.
    pub reason: Option<String>,
}

/// The whole table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Accuracy {
    /// `memtool.accuracy/1`.
    pub schema: &'static str,
    /// Labelled runs that could be read.
    pub runs: usize,
    /// Leak verdicts that are inconclusive.
    pub inconclusive: usize,
    /// Of these, runs that do leak: counted as missed in the table.
    pub inconclusive_leaks: usize,
    /// Share of leaks found where the verdict is conclusive; null without any.
    pub conclusive_leak_recall: Option<f64>,
    /// One row a kind and rule, ours first.
    pub kinds: Vec<KindScore>,
    /// One row a pattern and kind.
    pub patterns: Vec<PatternScore>,
    /// One row a kind and band of confidence.
    pub calibration: Vec<Calibration>,
    /// The leak's slope.
    pub slope: Coverage,
    /// Every mistake.
    pub mistakes: Vec<Mistake>,
}

/// Scores labelled runs.
#[must_use]
pub fn score(runs: &[Judged]) -> Accuracy {
    let leaks = || runs.iter().filter(|r| r.truth.leak);
    let inconclusive_leaks = leaks().filter(|r| is_inconclusive(r)).count();
    let found = leaks().filter(|r| fires(r, FindingKind::MemoryLeak)).count();
    Accuracy {
        schema: "memtool.accuracy/1",
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

fn is_inconclusive(run: &Judged) -> bool {
    run.report.leak.verdict == LeakVerdict::Inconclusive
}

fn fires(run: &Judged, kind: FindingKind) -> bool {
    run.report.findings.iter().any(|f| f.kind == kind)
}

fn kind_scores(runs: &[Judged], kind: FindingKind) -> Vec<KindScore> {
    let mut ours = Score::default();
    let mut others: BTreeMap<&str, Score> = BTreeMap::new();
    for run in runs {
        let holds = run.truth.holds(kind);
        ours.count(fires(run, kind), holds);
        for other in run.baselines.iter().filter(|b| b.kind == kind) {
            others.entry(other.rule).or_default().count(other.fires, holds);
        }
    }
    let row = |rule: &str, score| KindScore { kind, rule: rule.to_owned(), score };
    std::iter::once(row("memtool", ours)).chain(others.into_iter().map(|(rule, s)| row(rule, s))).collect()
}

fn pattern_scores(runs: &[Judged]) -> Vec<PatternScore> {
    let mut patterns: BTreeMap<(&str, FindingKind), (Score, usize)> = BTreeMap::new();
    for run in runs {
        for kind in JUDGED {
            let (score, inconclusive) = patterns.entry((&run.truth.pattern, kind)).or_default();
            score.count(fires(run, kind), run.truth.holds(kind));
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
fn calibration(runs: &[Judged], kind: FindingKind) -> Vec<Calibration> {
    let said: Vec<(f64, bool)> = runs
        .iter()
        .flat_map(|run| run.report.findings.iter().map(move |f| (f, run.truth.holds(kind))))
        .filter(|(finding, _)| finding.kind == kind)
        .map(|(finding, holds)| (finding.confidence, holds))
        .collect();
    let band = |edges: &[f64]| {
        let (from, to) = (edges[0], edges[1]);
        let within = |c: f64| c >= from && (c < to || to >= 1.0);
        let members: Vec<&(f64, bool)> = said.iter().filter(|(c, _)| within(*c)).collect();
        let n = members.len() as f64;
        (!members.is_empty()).then(|| Calibration {
            kind,
            band: (from, to),
            findings: members.len(),
            said: members.iter().map(|(c, _)| c).sum::<f64>() / n,
            was: members.iter().filter(|(_, holds)| *holds).count() as f64 / n,
        })
    };
    BANDS.windows(2).filter_map(band).collect()
}

fn coverage(runs: &[Judged]) -> Coverage {
    let mut coverage = Coverage::default();
    for run in runs.iter().filter(|run| run.truth.leak) {
        if let Some(growth) = run.report.leak.slope_mb_per_min {
            coverage.intervals += 1;
            coverage.hold += usize::from((growth.low..=growth.high).contains(&run.truth.leak_mb_per_min));
        }
    }
    coverage
}

fn mistakes(run: &Judged) -> Vec<Mistake> {
    let wrong = |kind: &FindingKind| fires(run, *kind) != run.truth.holds(*kind);
    JUDGED
        .into_iter()
        .filter(wrong)
        .map(|kind| Mistake {
            run: run.truth.name.clone(),
            kind,
            mistake: if run.truth.holds(kind) { "missed" } else { "false alarm" },
            reason: (kind == FindingKind::MemoryLeak).then(|| run.report.leak.reason.clone()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_recall_and_f1() {
        let mut score = Score::default();
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
        let mut score = Score::default();
        score.count(false, false);
        assert_eq!((score.precision, score.recall, score.f1), (None, None, None));
    }
}
