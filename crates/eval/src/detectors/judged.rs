//! A run with its labels and its findings.

use memtool_analyzer::{FindingKind, ProfileReport};

use super::simple_rules::SimpleRule;
use crate::corpus::Labels;

/// The kinds that are judged.
pub(super) const JUDGED: [FindingKind; 4] =
    [FindingKind::MemoryLeak, FindingKind::GcChurn, FindingKind::SustainedHigh, FindingKind::BatchFlapping];

/// A run with its labels, its report, and the simpler rules.
pub(super) struct Judged<'a> {
    pub(super) name: &'a str,
    pub(super) labels: &'a Labels,
    pub(super) report: ProfileReport,
    pub(super) baselines: Vec<SimpleRule>,
}

impl Judged<'_> {
    /// Whether a kind of finding is right for this run.
    pub(super) fn holds(&self, kind: FindingKind) -> bool {
        match kind {
            FindingKind::MemoryLeak => self.labels.leak,
            FindingKind::GcChurn => self.labels.gc_churn,
            FindingKind::SustainedHigh => self.labels.sustained_high,
            FindingKind::BatchFlapping => self.labels.flapping,
            _ => false,
        }
    }

    /// Whether it was found.
    pub(super) fn fires(&self, kind: FindingKind) -> bool {
        self.report.findings.iter().any(|finding| finding.kind == kind)
    }
}
