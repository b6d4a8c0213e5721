//! What is wrong with a run: one file a pattern, from plain columns to findings.

mod batch;
mod batch_flapping;
mod children_memory;
mod coarse_sampling;
mod finding;
mod gc_churn;
mod hidden_peak;
mod history_cut;
mod idle_headroom;
mod leak;
mod peak_by_operation;
mod pressure_by_others;
mod sustained_high;
#[cfg(test)]
mod tests;
mod unused_size;

pub use batch::{BatchSeen, CollectionSeen};
pub use finding::{Estimate, Evidence, Finding, FindingKind, Severity};
pub use leak::{Growth, LeakReport, LeakTier, LeakVerdict, OperationGrowth};

use crate::series::Series;

/// What detectors need to know beside the columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// Moderate pressure begins here, in MiB like all sizes here.
    pub moderate_mb: f64,
    /// High pressure begins here.
    pub high_mb: f64,
    /// Critical pressure begins here.
    pub critical_mb: f64,
    /// Collections begin here.
    pub gc_trigger_mb: f64,
    /// Where the machine or its limit ends, if that is known.
    pub limit_mb: Option<f64>,
    /// Snapshots that the file's ring holds; `None` for files without a ring.
    pub ring: Option<usize>,
    /// Snapshots of the run where only some of them are in the columns, or else 0.
    pub thinned_from: usize,
    /// Collections of the whole run, by the writer's count.
    pub total_collections: Option<u64>,
    /// Names of the stages that the columns refer to.
    pub stages: Vec<String>,
    /// Names of the operations that batches refer to.
    pub operations: Vec<String>,
    /// Finished batches in order of start, where the file records them.
    pub batches: Vec<BatchSeen>,
    /// Collections in order of time, where the file records them.
    pub collections: Vec<CollectionSeen>,
    /// Changes of batch size of the whole run, by the writer's count.
    pub total_adjustments: Option<u64>,
    /// Whether each operation had its own predicted size: then a size that moves is no flapping.
    pub predictive: bool,
}

/// What the detectors say of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// Whether memory leaks.
    pub leak: LeakReport,
    /// What is wrong, the most severe first.
    pub findings: Vec<Finding>,
}

/// Runs every detector.
#[must_use]
pub fn detect(series: &Series, context: &Context) -> Detection {
    let leak = leak::detect(series, context);
    let mut findings: Vec<Finding> = [
        leak.finding,
        sustained_high::detect(series, context),
        gc_churn::detect(series, context, leak.kept_mb),
        batch_flapping::detect(series, context),
        history_cut::detect(series, context),
        hidden_peak::detect(series, context),
        coarse_sampling::detect(series, context),
        unused_size::detect(series, context),
        idle_headroom::detect(series, context),
        children_memory::detect(series, context),
        peak_by_operation::detect(series, context),
        pressure_by_others::detect(series, context),
    ]
    .into_iter()
    .flatten()
    .collect();
    findings.sort_by_key(|finding| (finding.severity, finding.kind));
    Detection { leak: leak.report, findings }
}

#[cfg(test)]
pub(crate) fn context() -> Context {
    Context {
        moderate_mb: 2000.0,
        high_mb: 3000.0,
        critical_mb: 3500.0,
        gc_trigger_mb: 2500.0,
        limit_mb: Some(4000.0),
        ring: None,
        thinned_from: 0,
        total_collections: None,
        stages: Vec::new(),
        operations: Vec::new(),
        batches: Vec::new(),
        collections: Vec::new(),
        total_adjustments: None,
        predictive: false,
    }
}

#[cfg(test)]
pub(crate) fn batch(start_s: f64, end_s: f64, peak_mb: f64, exact: bool) -> BatchSeen {
    BatchSeen {
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
