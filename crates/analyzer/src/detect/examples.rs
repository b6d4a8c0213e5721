//! Inputs for tests of rules.

use super::context::Context;
use super::detection::detect;
use super::finding::Finding;
use super::kind::FindingKind;
use super::leak::LeakReport;
use super::observed::ObservedBatch;
use crate::series::Series;

pub(crate) fn context() -> Context {
    Context {
        has_policy: true,
        moderate_mb: 2000.0,
        high_mb: 3000.0,
        critical_mb: 3500.0,
        gc_trigger_mb: 2500.0,
        limit_mb: Some(4000.0),
        limit_recorded: true,
        ..Context::default()
    }
}

pub(crate) fn batch(start_s: f64, end_s: f64, peak_mb: f64, exact: bool) -> ObservedBatch {
    ObservedBatch {
        operation: None,
        start_s,
        end_s,
        size: 500,
        items: 500,
        before_mb: Some(100.0),
        peak_mb: Some(peak_mb),
        exact,
        overlapping: false,
        retained_mb: None,
        after_mb: Some(100.0),
    }
}

/// What is said of a run's leak.
pub(crate) fn leak_of(series: &Series, context: &Context) -> (LeakReport, Option<Finding>) {
    let found = detect(series, context);
    let finding = found.findings.into_iter().find(|finding| finding.kind == FindingKind::MemoryLeak);
    (found.leak, finding)
}
