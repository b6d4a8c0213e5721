//! The order in which findings of all runs are printed: the most severe and surest first.

use memtool_analyzer::{Finding, FindingKind, ProfileReport, Severity};

/// Where a finding is, and what decides its rank.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RankedFinding {
    /// The place of its run.
    pub(crate) run: usize,
    /// The same number for all runs of a file.
    pub(crate) file: usize,
    /// Its place among the findings of the run.
    pub(crate) at: usize,
    pub(crate) kind: FindingKind,
    severity: Severity,
    confidence: f64,
}

/// The findings of runs that are taken one by one.
#[derive(Debug, Default)]
pub(crate) struct FindingRanks {
    findings: Vec<RankedFinding>,
    runs: usize,
    files: usize,
    path: String,
}

impl FindingRanks {
    /// Takes the findings of the next run; runs of one file come one after the other.
    pub(crate) fn add(&mut self, profile: &ProfileReport) {
        let run = self.runs;
        self.runs += 1;
        if self.path != profile.path {
            self.files += 1;
            self.path.clone_from(&profile.path);
        }
        let file = self.files;
        let ranked = |(at, finding): (usize, &Finding)| RankedFinding {
            run,
            file,
            at,
            kind: finding.kind,
            severity: finding.severity,
            confidence: finding.confidence,
        };
        self.findings.extend(profile.findings.iter().enumerate().map(ranked));
    }

    /// All findings by rank; of equal ones the first is first.
    pub(crate) fn ranked(mut self) -> Vec<RankedFinding> {
        self.findings.sort_by(|a, b| a.severity.cmp(&b.severity).then(b.confidence.total_cmp(&a.confidence)));
        self.findings
    }
}
