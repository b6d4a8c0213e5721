//! What the models of some runs come to: memory per item, how well it is known, and from what.

use std::collections::{BTreeMap, BTreeSet};

use super::interval::Interval;
use super::model_warning::ModelWarning;
use super::peak_model::PeakModel;
use super::run_model::{RunModel, RunParts, Shared};
use super::types::{MemoryModel, Method, Status, TO_95};

/// Sizes closer than this ratio are one size.
const APART: f64 = 1.25;
/// A half width of the need of an item beyond this share of it does not identify it.
const SHARP: f64 = 0.25;

pub(super) fn estimate(parts: &[RunParts<'_>]) -> MemoryModel {
    let labels: BTreeSet<Option<&str>> =
        parts.iter().flat_map(|t| t.work.labels.iter().map(Option::as_deref)).collect();
    let all: Vec<&RunParts<'_>> = parts.iter().collect();
    let shared: BTreeMap<Option<&str>, Shared> =
        labels.into_iter().map(|label| (label, Shared::of(&all, label, None))).collect();
    let of = |label: Option<&str>| shared.get(&label).cloned().unwrap_or_default();
    let models: Vec<RunModel> = parts.iter().map(|part| part.model(of)).collect();
    let mut sizes: Vec<f64> = parts.iter().flat_map(|t| t.trace.sizes()).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let mut memory_model = dominant(&models).unwrap_or_else(|| nothing(&models));
    let several = matches!((sizes.first(), sizes.last()), (Some(a), Some(b)) if *b >= a * APART);
    let fixed = fixed_peaks(&models);
    memory_model.method = method(&models, fixed.len() > 1);
    memory_model.status = status(&memory_model, several, fixed.len() > 1);
    memory_model.warnings = warnings(&memory_model, &fixed);
    if let Some((per_item, base)) = line(&fixed) {
        (memory_model.per_item_mb, memory_model.base_mb) = (per_item.at_least(0.0), base.at_least(0.0));
        memory_model.samples = models.iter().filter(|m| m.finished && m.fixed.is_some()).count();
    }
    memory_model.sizes_seen = sizes;
    memory_model.fixed_peaks = fixed;
    memory_model.models = models;
    memory_model
}

fn method(models: &[RunModel], fixed_runs: bool) -> Method {
    match models {
        _ if models.iter().all(|m| m.operations.is_empty()) => Method::None,
        _ if fixed_runs => Method::FixedRuns,
        _ if models.iter().any(|m| m.recorded) => Method::Batches,
        _ => Method::Snapshots,
    }
}

fn status(memory_model: &MemoryModel, several: bool, fixed_runs: bool) -> Status {
    let per_item = memory_model.per_item_mb;
    let sharp = per_item.high - per_item.median <= SHARP * per_item.median;
    match memory_model.method {
        Method::None => Status::NotIdentifiable,
        _ if !several => Status::NotIdentifiable,
        Method::Snapshots => Status::Bounded,
        Method::FixedRuns if fixed_runs => Status::Identified,
        _ if sharp => Status::Identified,
        _ => Status::Bounded,
    }
}

fn warnings(memory_model: &MemoryModel, fixed: &[(f64, f64)]) -> Vec<ModelWarning> {
    let higher = fixed.windows(2).any(|w| w[0].1 > 1.02 * w[1].1);
    let of_bounds = match (memory_model.status, memory_model.method) {
        (Status::Bounded, Method::Snapshots) => Some(ModelWarning::SamplesOnly),
        (Status::Bounded, _) => Some(ModelWarning::MemoryStays),
        _ => None,
    };
    higher.then_some(ModelWarning::SmallerSizeHigherPeak).into_iter().chain(of_bounds).collect()
}

/// Sizes of runs with one fixed size that came to their end, with their mean peaks, from the smallest.
fn fixed_peaks(models: &[RunModel]) -> Vec<(f64, f64)> {
    let mut all: Vec<(f64, f64)> =
        models.iter().filter(|m| m.finished).filter_map(|m| Some((m.fixed?, m.peak))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    #[expect(clippy::cast_precision_loss, reason = "a count of runs")]
    let mean =
        |group: &[(f64, f64)]| (group[0].0, group.iter().map(|p| p.1).sum::<f64>() / group.len() as f64);
    all.chunk_by(|a, b| b.0 < a.0 * APART).map(mean).collect()
}

/// Repeats of a fixed size differ by about 2 % of the peak.
const REPEAT_SPREAD: f64 = 0.02;

/// Memory per item and base by the peaks of runs of several fixed sizes, which no policy steered: the line
/// through them by least squares, with 90 % intervals from the spread of repeats or what the line leaves,
/// whichever is more. In 15 of 19 recorded workloads it explains 98 % or more.
fn line(fixed: &[(f64, f64)]) -> Option<(Interval, Interval)> {
    if fixed.len() < 2 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of sizes")]
    let n = fixed.len() as f64;
    let (mean_x, mean_y) =
        (fixed.iter().map(|p| p.0).sum::<f64>() / n, fixed.iter().map(|p| p.1).sum::<f64>() / n);
    let sxx: f64 = fixed.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
    let slope = fixed.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum::<f64>() / sxx;
    let base = mean_y - slope * mean_x;
    let left: f64 = fixed.iter().map(|p| (p.1 - base - slope * p.0).powi(2)).sum();
    let deviation = (left / (n - 1.0)).sqrt().max(REPEAT_SPREAD * mean_y);
    let of_base = TO_95 * deviation * (1.0 / n + mean_x * mean_x / sxx).sqrt();
    let per_item = Interval::exactly(slope).widened(TO_95 * deviation / sxx.sqrt());
    Some((per_item, Interval::exactly(base).widened(of_base)))
}

/// The operation that sets the peak, where its peak is highest.
fn dominant(models: &[RunModel]) -> Option<MemoryModel> {
    let found = models.iter().flat_map(|run| run.operations.iter().map(move |o| (run, o)));
    let highest = found.filter_map(|(run, operation)| {
        let largest = run.sizes.iter().copied().fold(0.0, f64::max);
        let (peak, index) = operation.highest(largest)?;
        let peaks = &operation.peaks;
        Some((peak, peaks, index, operation.resident.at(peaks.at[index], 1.0)))
    });
    let (_, peaks, index, start) = highest.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let (per_item, base) = peaks.at_batch(index, start);
    let residuals: Vec<f64> = peaks.hypotheses.first()?.residuals.clone();
    Some(MemoryModel {
        per_item_mb: per_item.at_least(0.0),
        base_mb: base.at_least(0.0),
        residual_mb: Interval::of(&residuals).unwrap_or(Interval::exactly(0.0)),
        samples: peaks.at.len(),
        ..nothing(models)
    })
}

impl PeakModel {
    /// Need of an item, and level with the memory that was there, at one batch: 90 % intervals over the
    /// hypotheses.
    fn at_batch(&self, index: usize, start: f64) -> (Interval, Interval) {
        let over = |value: &dyn Fn(&super::line_filter::LineState, f64) -> (f64, f64)| {
            let terms = self.hypotheses.iter().filter_map(|h| {
                let (mean, variance) = value(h.fit.states.get(index)?, h.fit.hypothesis.follow);
                Some((h.weight, mean, variance))
            });
            let terms: Vec<(f64, f64, f64)> = terms.collect();
            let mean: f64 = terms.iter().map(|t| t.0 * t.1).sum();
            let variance: f64 = terms.iter().map(|t| t.0 * (t.2 + (t.1 - mean).powi(2))).sum();
            Interval::exactly(mean).widened(TO_95 * variance.max(0.0).sqrt())
        };
        (over(&|s, _| (s.slope, s.covariance[2])), over(&|s, f| (s.level + f * start, s.covariance[0])))
    }
}

fn nothing(models: &[RunModel]) -> MemoryModel {
    let base = models.iter().map(|m| m.base).reduce(f64::min).unwrap_or(0.0);
    MemoryModel {
        status: Status::NotIdentifiable,
        per_item_mb: Interval::exactly(0.0),
        base_mb: Interval::exactly(base),
        residual_mb: Interval::exactly(0.0),
        sizes_seen: Vec::new(),
        samples: 0,
        method: Method::None,
        warnings: Vec::new(),
        fixed_peaks: Vec::new(),
        models: Vec::new(),
    }
}
