//! Runs every rule on one run.

use super::case::Case;
use super::context::Context;
use super::finding::Finding;
use super::leak::LeakReport;
use super::rules::RULES;
use crate::series::Series;

/// What the detectors say of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// Whether memory leaks.
    pub leak: LeakReport,
    /// What is wrong, the most severe first.
    pub findings: Vec<Finding>,
}

/// Judges the leak, then runs every rule of the registry.
#[must_use]
pub fn detect(series: &Series, context: &Context) -> Detection {
    let case = Case::new(series, context);
    let mut findings: Vec<Finding> = RULES.iter().filter_map(|rule| rule(&case)).collect();
    findings.sort_by_key(|finding| (finding.severity, finding.kind));
    Detection { leak: case.leak.report, findings }
}
