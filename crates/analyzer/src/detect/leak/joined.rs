//! Results that are joined at the end of a run.
//!
//! A job that collects results grows as a leak does, and puts them together when its work is done: memory rises at once, by about as
//! much as it grew. A step that comes late, and only once, says so. What was collected cannot be told from what was leaked then.
//! Limits: results that are written one by one, and a join within memory that is already free, make no step.

use super::baseline::Baseline;
use super::reason::ReasonCode;
use super::verdict::{GrowthFit, Judgement};
use crate::series::Series;

/// Share of the run at its end in which results are joined, and in which memory must rise by the step.
const LAST: f64 = 0.15;
const AT_ONCE: f64 = 0.05;
/// The step over all growth. On drawn programs that grew, steps were up to 0.5 of a leak in all but one of 82 runs, and 0.6 to 0.8 of
/// results in 4 of 9.
const STEP: f64 = 0.55;
/// Share of the range of memory that a step has: a smaller one is part of the saw.
const OF_RANGE: f64 = 0.3;

/// Whether growth may be results: `last_batch_s` is the end of the last recorded batch, before which a step is a batch's own.
pub(super) fn joined(
    series: &Series,
    baseline: &Baseline,
    fit: &GrowthFit,
    last_batch_s: Option<f64>,
) -> Option<Judgement> {
    let duration = series.duration_s() - baseline.left_out.map_or(0.0, |left_out| left_out.seconds);
    let usual_mb = fit.line.slope * AT_ONCE * duration / 60.0;
    let (mut highest, mut step_mb, mut from_s) = (Vec::with_capacity(series.len()), 0.0_f64, duration);
    let mut before = 0;
    for (at, mb) in series.seconds.iter().zip(&series.rss_mb).take_while(|(at, _)| **at <= duration) {
        highest.push(highest.last().map_or(*mb, |most: &f64| most.max(*mb)));
        while series.seconds[before] < at - AT_ONCE * duration {
            before += 1;
        }
        let rise_mb = highest[highest.len() - 1] - highest[before] - usual_mb;
        if *at >= (1.0 - LAST) * duration && last_batch_s.is_none_or(|last| *at > last) && rise_mb > step_mb {
            (step_mb, from_s) = (rise_mb, series.seconds[before]);
        }
    }
    // Without the step, where the baseline reaches past it.
    let grown_mb = baseline.risen_until(from_s / 60.0).max(fit.total_mb - step_mb);
    (step_mb >= STEP * grown_mb && step_mb >= OF_RANGE * baseline.range_mb).then(|| {
        let words = format!(
            "the {} rose {:.0} MiB, and at the end memory rose by {step_mb:.0} MiB at once, as where results that were kept are put \
             together: declare what is kept on purpose",
            baseline.basis.describe(),
            grown_mb
        );
        Judgement::inconclusive(ReasonCode::Joined, words)
    })
}

#[cfg(test)]
mod tests {
    use crate::detect::context::Context;
    use crate::detect::examples::{batch, context, leak_of};
    use crate::detect::leak::{LeakVerdict, ReasonCode};
    use crate::detect::observed::ObservedBatch;
    use crate::series::shapes::series;

    /// Growth by 300 MiB in 57 s, and a step at its end.
    fn run(step_mb: f64) -> Vec<f64> {
        let growth = (0..570).map(|i| 100.0 + f64::from(i) * 300.0 / 570.0 + f64::from(i % 20));
        growth.chain([400.0 + step_mb; 30]).collect()
    }

    fn found(step_mb: f64, batches: Vec<ObservedBatch>) -> (LeakVerdict, ReasonCode) {
        let report = leak_of(&series(0.1, &run(step_mb)), &Context { batches, ..context() }).0;
        (report.verdict, report.reason_code)
    }

    #[test]
    fn a_step_as_large_as_the_growth_may_be_its_results() {
        assert_eq!(found(40.0, Vec::new()).0, LeakVerdict::Leak);
        assert_eq!(found(300.0, Vec::new()), (LeakVerdict::Inconclusive, ReasonCode::Joined));
    }

    #[test]
    fn a_step_inside_a_recorded_batch_is_its_own() {
        let batches = |until: f64| {
            let at = |i: u32| ObservedBatch {
                after_mb: Some(100.0 + 5.0 * f64::from(i)),
                ..batch(f64::from(i), (f64::from(i) + 0.9).min(until), 420.0, true)
            };
            (0..60).map(at).filter(|batch| batch.end_s > batch.start_s).collect::<Vec<_>>()
        };
        assert_eq!(found(300.0, batches(60.0)).0, LeakVerdict::Leak);
        assert_eq!(found(300.0, batches(56.9)).1, ReasonCode::Joined);
    }
}
