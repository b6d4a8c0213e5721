//! Findings against labels.

use std::collections::BTreeMap;

use memtool_analyzer::{FindingKind, LeakVerdict, ProfileReport, profile};
use memtool_profile_model::Run;

use super::table::Table;
use crate::corpus::{Labels, RecordedCase};
use crate::figures::share;

/// A program that was killed before it leaked this much, in MiB, is not scored for its leak.
const LEAKED_MB: f64 = 5.0;

/// One way in which a run reaches the analyzer.
pub(super) struct Input {
    pub(super) name: &'static str,
    policies: &'static [&'static str],
    run: fn(&RecordedCase) -> &Run,
}

/// Samples alone, streams with batch records, and recordings from outside.
pub(super) const INPUTS: [Input; 3] = [
    Input {
        name: "samples",
        policies: &["fixed", "thresholds", "predictive", "plain"],
        run: |case| &case.samples,
    },
    Input { name: "streams", policies: &["fixed", "thresholds", "predictive"], run: |case| &case.records },
    Input { name: "outside", policies: &["plain"], run: |case| &case.records },
];

/// A run with its labels and what was found.
pub(super) struct Verdict<'a> {
    pub(super) case: &'a RecordedCase,
    labels: &'a Labels,
    pub(super) report: ProfileReport,
}

/// What is found in the runs that reach the analyzer in one way.
pub(super) fn verdicts<'a>(cases: &'a [RecordedCase], input: &Input) -> Vec<Verdict<'a>> {
    cases
        .iter()
        .filter(|case| input.policies.contains(&case.policy.as_str()))
        .filter_map(|case| {
            let labels = case.labels.as_ref()?;
            Some(Verdict { case, labels, report: profile(&case.profile, (input.run)(case)) })
        })
        .collect()
}

impl Verdict<'_> {
    /// Whether a kind of finding is right for this run; `None` if it is not scored.
    pub(super) fn holds(&self, kind: FindingKind) -> Option<bool> {
        match kind {
            FindingKind::MemoryLeak if !self.labels.leak => Some(false),
            FindingKind::MemoryLeak => (self.labels.leaked_mb >= LEAKED_MB).then_some(true),
            FindingKind::GcChurn => Some(self.labels.gc_churn),
            FindingKind::SustainedHigh => Some(self.labels.sustained_high),
            FindingKind::BatchFlapping => Some(self.labels.flapping),
            _ => None,
        }
    }

    fn fires(&self, kind: FindingKind) -> bool {
        self.report.findings.iter().any(|finding| finding.kind == kind)
    }
}

/// How right leak findings are, and how many verdicts are inconclusive.
pub(super) fn leaks(input: &str, found: &[Verdict]) -> Table {
    let asked = found.iter().filter(|verdict| verdict.holds(FindingKind::MemoryLeak).is_some());
    let inconclusive = asked.filter(|v| v.report.leak.verdict == LeakVerdict::Inconclusive).count();
    shares(&format!("leak, {input}"), found, FindingKind::MemoryLeak).count("inconclusive", inconclusive)
}

/// How right findings of another kind are.
pub(super) fn others(title: &str, input: &str, found: &[Verdict], kind: FindingKind) -> Table {
    shares(&format!("{title}, {input}"), found, kind)
}

fn shares(title: &str, found: &[Verdict], kind: FindingKind) -> Table {
    let of = |holds: bool| found.iter().filter(move |verdict| verdict.holds(kind) == Some(holds));
    let hits = of(true).filter(|verdict| verdict.fires(kind)).count();
    let missed: Vec<&Verdict> = of(true).filter(|verdict| !verdict.fires(kind)).collect();
    let false_alarms: Vec<&Verdict> = of(false).filter(|verdict| verdict.fires(kind)).collect();
    Table::new(title)
        .count("runs", of(true).count() + of(false).count())
        .count("true", of(true).count())
        .count("found", hits)
        .count("missed", missed.len())
        .count("false", false_alarms.len())
        .share("precision", share(hits, hits + false_alarms.len()))
        .share("recall", share(hits, of(true).count()))
        .programs("missed in", by_program(&missed))
        .programs("false in", by_program(&false_alarms))
}

fn by_program(verdicts: &[&Verdict]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for verdict in verdicts {
        *counts.entry(&verdict.case.program).or_default() += 1;
    }
    counts.iter().map(|(program, count)| format!("{program} {count}")).collect()
}

/// Of programs recorded several times in one way, how many have one verdict; `inconclusive` may be beside it.
pub(super) fn repeats(input: &str, found: &[Verdict]) -> Table {
    let mut ways: BTreeMap<(&str, &str, bool), Vec<LeakVerdict>> = BTreeMap::new();
    for verdict in found {
        let case = verdict.case;
        let way = (case.program.as_str(), case.settings.as_str(), case.enforced);
        ways.entry(way).or_default().push(verdict.report.leak.verdict);
    }
    ways.retain(|_, verdicts| verdicts.len() > 1);
    let one = ways.values().filter(|verdicts| agree(verdicts)).count();
    Table::new(&format!("verdict repeats, {input}"))
        .count("recorded again", ways.len())
        .count("one verdict", one)
}

/// Whether verdicts are of one kind: no leak (none or saturating), or one and the same.
fn agree(verdicts: &[LeakVerdict]) -> bool {
    let told = || verdicts.iter().filter(|verdict| **verdict != LeakVerdict::Inconclusive);
    let quiet = |verdict: &LeakVerdict| matches!(verdict, LeakVerdict::None | LeakVerdict::Saturating);
    let Some(first) = told().next() else { return true };
    told().all(|verdict| verdict == first || (quiet(verdict) && quiet(first)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inconclusive_is_no_contradiction() {
        use LeakVerdict::{Inconclusive, Leak, None, Saturating};
        assert!(agree(&[Leak, Inconclusive, Leak]) && agree(&[None, Saturating]));
        assert!(agree(&[Inconclusive, Inconclusive]) && !agree(&[Leak, None]));
    }
}
