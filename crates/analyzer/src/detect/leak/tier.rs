//! How sure growth is, and how long it may go on.

use super::baseline::Baseline;
use super::limits::CONFIRMED_S;
use super::report::Growth;
use super::verdict::GrowthFit;
use crate::detect::context::Context;
use crate::series::Series;

/// Cycles without which a leak is only suspected.
const CONFIRMED_CYCLES: usize = 5;
/// Lead in BIC that counts as strong evidence (Kass and Raftery).
const STRONG_LEAD: f64 = 6.0;

/// Why growth is no more than suspected; `None` where it is confirmed: it must be sure and go on to the end.
/// Whether it is a result that the job keeps only the job can say, which moves the confidence.
pub(super) fn doubt(
    series: &Series,
    context: &Context,
    baseline: &Baseline,
    fit: &GrowthFit,
) -> Option<&'static str> {
    if series.duration_s() < CONFIRMED_S {
        Some("the run is shorter than 5 minutes")
    } else if baseline.cycles.max(baseline.recorded) < CONFIRMED_CYCLES {
        Some("it has fewer than 5 cycles")
    } else if fit.lead < STRONG_LEAD {
        Some("growth that ends fits nearly as well")
    } else if !fit.to_the_end || fit.growth.low <= 0.0 {
        Some("its last third does not go on rising by itself")
    } else if fit.of_part {
        Some("only the last part of the run grows")
    } else if !context.pools.is_empty() {
        Some("a cache or a library's pool may fill to its bound")
    } else {
        None
    }
}

/// Hours from the run's end; `None` without a limit or where the growth may be nothing.
pub(super) fn hours_to_limit(
    limit_mb: Option<f64>,
    baseline: &Baseline,
    (growth, end_minutes): (Growth, f64),
    held_mb: f64,
) -> Option<Growth> {
    let since = (end_minutes - baseline.minutes.last()?).max(0.0);
    let at_end = baseline.rss_mb.last()? + growth.estimate.max(0.0) * since;
    let headroom = limit_mb? - at_end - held_mb;
    if growth.low <= 0.0 {
        return None;
    }
    let hours = |per_minute: f64| (headroom / per_minute / 60.0).max(0.0);
    Some(Growth { estimate: hours(growth.estimate), low: hours(growth.high), high: hours(growth.low) })
}
