//! How often the detectors are right, against labels: theirs beside simpler rules.
//!
//! Precision, recall and F1 per kind of finding and per pattern of the workload; how often the
//! slope's interval holds the true slope; what became of each band of confidence; and, in the
//! same table, rules that people use instead. Nothing here knows a file.

mod baseline;
mod score;

pub use baseline::{Baseline, leak_baselines, upstream};
pub use score::{Accuracy, Calibration, Coverage, KindScore, Mistake, PatternScore, Score, score};

use crate::detect::FindingKind;
use crate::report::ProfileReport;

/// The kinds that are judged.
pub const JUDGED: [FindingKind; 4] =
    [FindingKind::MemoryLeak, FindingKind::GcChurn, FindingKind::SustainedHigh, FindingKind::BatchFlapping];

/// What is known to be true of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// The run's name.
    pub name: String,
    /// The pattern that its workload was written to have.
    pub pattern: String,
    /// Memory is kept that is never used again.
    pub leak: bool,
    /// How much of it a minute.
    pub leak_mb_per_min: f64,
    /// The workload makes cyclic garbage in bulk.
    pub gc_churn: bool,
    /// At or above the high threshold for half of the time.
    pub sustained_high: bool,
    /// The level goes back and forth.
    pub flapping: bool,
}

impl Truth {
    /// Whether a kind of finding is right for this run.
    #[must_use]
    pub fn holds(&self, kind: FindingKind) -> bool {
        match kind {
            FindingKind::MemoryLeak => self.leak,
            FindingKind::GcChurn => self.gc_churn,
            FindingKind::SustainedHigh => self.sustained_high,
            FindingKind::BatchFlapping => self.flapping,
            _ => false,
        }
    }
}

/// A run with its truth, our report, and what the simpler rules say.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// What is true.
    pub truth: Truth,
    /// What we say.
    pub report: ProfileReport,
    /// What others say: rule and kind, where it fires.
    pub baselines: Vec<Baseline>,
}
