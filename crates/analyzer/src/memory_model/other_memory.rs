//! What counts against a limit beside the job's resident memory.
//!
//! Whose limit it is decides, and only here:
//!
//! | limit | charged |
//! |---|---|
//! | a container's | RSS and what others use in it: others = limit − available − RSS over the run's time; negative by the mapped library pages where the job is alone |
//! | a machine's, or the job's own config | RSS less mapped pages, where the samples have them; others only lower what is available |
//!
//! Available memory may be that of the machine although the limit is smaller. So others are never taken to be less
//! than minus the mapped pages: otherwise a limit below the machine's memory would make the job weigh nothing.

use memtool_profile_model::Run;

use super::interval::quantile_of;
use super::trace::Trace;

/// Points of the curve at most.
const POINTS: usize = 512;
/// Mapped pages at most, in MiB, where the samples do not have them: 124 recorded runs had 10 to 95.
const MOST_MAPPED: f64 = 128.0;
/// Less than this share of the limit beside the job: it is alone in its container.
const ALONE: f64 = 0.02;

/// The curve of one run.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct OtherMemory {
    /// Available memory if nothing used any, in MiB.
    pub(crate) total: Option<f64>,
    /// Memory of others at even steps of time, in MiB.
    pub(crate) others: Vec<f64>,
    /// Seconds of a step.
    pub(crate) step: f64,
    /// Whether the limit is a container's: others count against it.
    pub(crate) contained: bool,
    /// Mapped pages, where the samples have them, in MiB.
    pub(crate) mapped: Option<f64>,
}

/// Memory charged to a limit, in MiB, while the job has `rss` resident; `others` in a container.
pub(crate) fn charged_mb(rss: f64, others: Option<f64>, mapped: Option<f64>) -> f64 {
    rss + others.unwrap_or_else(|| -mapped.unwrap_or(0.0))
}

impl OtherMemory {
    pub(super) fn of(run: &Run, trace: &Trace) -> Self {
        let mapped = quantile_of(run.snapshots.iter().filter_map(|s| s.shared).map(|m| m.get()), 0.5);
        let Some(total) = total(run) else { return Self { mapped, ..Self::default() } };
        let points: Vec<(f64, f64)> = trace
            .samples
            .iter()
            .filter_map(|s| Some((s.seconds, total - s.available.filter(|a| *a > 0.0)? - s.rss)))
            .collect();
        let contained = contained(run, total, &points);
        let least = if contained { -mapped.unwrap_or(MOST_MAPPED).max(0.0) } else { 0.0 };
        let (others, step) = evenly(&points);
        let others = others.into_iter().map(|mb| mb.max(least)).collect();
        Self { total: Some(total), others, step, contained, mapped }
    }

    /// Memory of others at a moment, where they count against the limit.
    pub(crate) fn counted_at(&self, seconds: f64) -> Option<f64> {
        self.contained.then(|| at(&self.others, self.step, seconds))
    }
}

/// The value of a curve at even steps; 0 of an empty one.
pub(crate) fn at(curve: &[f64], step: f64, seconds: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index, clamped")]
    let index = (seconds.max(0.0) / step.max(1e-9)) as i64 as usize;
    curve.get(index).or(curve.last()).copied().unwrap_or(0.0)
}

/// Whether the limit is a container's: by its source, or since only a container is that empty beside the job.
fn contained(run: &Run, total: f64, points: &[(f64, f64)]) -> bool {
    match run.host.limit_source.as_deref() {
        Some(source) if source.contains("cgroup") => true,
        Some(_) => false,
        None => {
            let lowest = quantile_of(points.iter().map(|p| p.1), 0.05).unwrap_or(f64::INFINITY);
            lowest < ALONE * total && lowest > -MOST_MAPPED.max(0.1 * total)
        }
    }
}

/// The limit that available memory is counted from: by the percentage in use, else the recorded one; beside a limit
/// of the job's own it is the machine's.
fn total(run: &Run) -> Option<f64> {
    let own = run.host.limit_source.as_deref().is_some_and(|source| !source.contains("cgroup"));
    let machine = run.host.total_mb.filter(|_| own);
    let recorded = machine.or(run.host.limit_mb).or(run.host.total_mb).map(|m| m.get()).filter(|m| *m > 0.0);
    let by_percent = run.snapshots.iter().filter_map(|s| {
        let (available, percent) = (s.available?.get(), s.system_percent?);
        // The percentage has one decimal: near 100 it says little.
        (available > 0.0 && (0.0..70.0).contains(&percent)).then(|| available / (1.0 - percent / 100.0))
    });
    quantile_of(by_percent, 0.5).or(recorded).filter(|total| total.is_finite())
}

/// The two readings of a sample are taken one after the other, so that single ones are off by what
/// memory moved in between: the median of this many counts.
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
