//! What counts against the limit beside the job's resident memory.
//!
//! others = total − available − rss, over the run's time. In a container it is what the kernel charges
//! and RSS does not show, or the other way round: negative by the mapped library pages where the job is
//! alone, positive by what a neighbour holds. On a whole machine it is the system and everybody else:
//! then it moves what is available, and a limit of the job's own does not count it.

use memtool_profile_model::Run;

use super::interval::quantile_of;
use super::trace::Trace;

/// Points of the curve at most.
const POINTS: usize = 512;

/// The curve of one run.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct OtherMemory {
    /// What is available when nobody uses any.
    pub(crate) total: Option<f64>,
    /// Memory of others at even steps of time.
    pub(crate) others: Vec<f64>,
    /// Seconds of a step.
    pub(crate) step: f64,
    /// Whether the limit is a container's: others count against it.
    pub(crate) contained: bool,
    /// Mapped pages, where the samples say.
    pub(crate) shared: Option<f64>,
}

impl OtherMemory {
    pub(super) fn of(run: &Run, trace: &Trace) -> Self {
        let shared = quantile_of(run.snapshots.iter().filter_map(|s| s.shared).map(|m| m.get()), 0.5);
        let Some(total) = total(run) else { return Self { shared, ..Self::default() } };
        let points: Vec<(f64, f64)> = trace
            .samples
            .iter()
            .filter_map(|sample| Some((sample.seconds, total - sample.available.filter(|a| *a > 0.0)? - sample.rss)))
            .collect();
        let lowest = quantile_of(points.iter().map(|p| p.1), 0.05).unwrap_or(0.0);
        let by_source = run.host.limit_source.as_deref().is_some_and(|source| source.contains("cgroup"));
        let (others, step) = evenly(&points);
        // Nearly nothing beside the job, or less than nothing: only a container is that empty.
        let alone = !points.is_empty() && lowest < 0.02 * total;
        Self { total: Some(total), others, step, contained: by_source || alone, shared }
    }
}

/// The limit that available memory is counted from: the recorded one, else by the percentage in use.
fn total(run: &Run) -> Option<f64> {
    let told = run.host.limit_mb.or(run.host.total_mb).map(|m| m.get()).filter(|m| *m > 0.0);
    let by_percent = run.snapshots.iter().filter_map(|s| {
        let (available, percent) = (s.available?.get(), s.system_percent?);
        // The percentage has one decimal: near 100 it says little.
        (available > 0.0 && (0.0..70.0).contains(&percent)).then(|| available / (1.0 - percent / 100.0))
    });
    quantile_of(by_percent, 0.5).or(told).filter(|total| total.is_finite())
}

/// The two readings of a sample are taken one after the other, so that single ones are off by what
/// memory moved in between: the middle of so many counts.
const MIDDLE_OF: usize = 9;

#[expect(clippy::cast_precision_loss, reason = "a count of points")]
fn evenly(points: &[(f64, f64)]) -> (Vec<f64>, f64) {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return (Vec::new(), 0.0) };
    let count = points.len().min(POINTS);
    let step = (last.0 - first.0).max(1e-6) / count as f64;
    let at = |index: usize| {
        let middle = points.partition_point(|p| p.0 < first.0 + (index as f64 + 0.5) * step);
        let from = middle.saturating_sub(MIDDLE_OF / 2 + 1);
        let near = &points[from..(from + MIDDLE_OF).min(points.len())];
        quantile_of(near.iter().map(|p| p.1), 0.5).unwrap_or(0.0)
    };
    ((0..count).map(at).collect(), step)
}
