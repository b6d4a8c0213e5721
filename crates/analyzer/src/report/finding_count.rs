//! How many findings there are of each severity.

use std::iter::Sum;

use serde::Serialize;

use crate::detect::{Finding, Severity};

/// Findings by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct FindingCount {
    /// To act on now.
    pub high: usize,
    /// To plan for.
    pub medium: usize,
    /// To know.
    pub low: usize,
}

impl FindingCount {
    /// Counts findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut count = Self::default();
        for finding in findings {
            match finding.severity {
                Severity::High => count.high += 1,
                Severity::Medium => count.medium += 1,
                Severity::Low => count.low += 1,
            }
        }
        count
    }
}

impl Sum for FindingCount {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |all, one| Self {
            high: all.high + one.high,
            medium: all.medium + one.medium,
            low: all.low + one.low,
        })
    }
}
