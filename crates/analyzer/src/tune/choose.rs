//! The largest batch size whose worst predicted peak fits a machine.

use memtool_profile_model::{AdaptiveConfig, AvailableLimits, MemoryThresholds, Mib, Predictive, Run};

use super::machine::Machine;
use super::ranges::{HIGH_SIZES, SIZE_STEP, fits_loader, sizes_below};
use super::thresholds::{Working, thresholds};
use super::{Reasons, TuneOptions};
use crate::respond::trace::Trace;
use crate::respond::{Response, quantile_of};
use crate::simulate::{Prediction, Scenario, SimulateOptions, simulate};

/// Sizes beyond this multiple of the largest recorded one are never proposed.
const ENLARGE_MOST: f64 = 2.0;
/// Of many runs, the searches look at those with the largest peaks.
const MOST_RUNS: usize = 16;

/// An upper predicted peak and the run it comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worst<'a> {
    pub(super) upper_mb: f64,
    pub(super) run: &'a Run,
}

/// The runs that matter for the largest peak: at the same size, those with the largest come first.
pub(super) fn worst_first<'a>(runs: &[&'a Run], response: &Response) -> Vec<&'a Run> {
    let common = response.sizes_seen.last().copied().unwrap_or(0.0);
    let at_common_size = |run: &Run| {
        let trace = Trace::of(run)?;
        let moved = trace.pieces.iter().map(|p| p.peak + response.per_item_mb.median * (common - p.items));
        Some(moved.fold(trace.peak, f64::max))
    };
    let mut scored: Vec<(f64, &Run)> =
        runs.iter().filter_map(|run| Some((at_common_size(run)?, *run))).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().take(MOST_RUNS).map(|(_, run)| run).collect()
}

/// The worst upper peak over the runs if every batch had the size.
pub(super) fn worst_at<'a>(
    runs: &[&'a Run],
    response: &Response,
    size: u32,
    options: &TuneOptions,
) -> Option<Worst<'a>> {
    let scenario = always(size);
    let simulation = simulation(options, None);
    let uppers = runs.iter().filter_map(|run| {
        let peak = simulate(&[run], response, &scenario, &simulation).peak_rss_mb?;
        Some(Worst { upper_mb: peak.high, run })
    });
    uppers.reduce(|a, b| if b.upper_mb > a.upper_mb { b } else { a })
}

/// The policy where nothing ever makes it step down: its worst case at a high size.
pub(super) fn always(size: u32) -> Scenario {
    let never = Mib::new(f64::MAX);
    Scenario::Config(Box::new(AdaptiveConfig {
        thresholds: MemoryThresholds {
            moderate_mb: never,
            high_mb: never,
            critical_mb: never,
            gc_trigger_mb: never,
            fallback_trigger_mb: never,
        },
        batch_sizes: sizes_below(size),
        available_limits: AvailableLimits::NONE,
        ..AdaptiveConfig::default()
    }))
}

/// The simulation that a search uses, on a machine or where the run was recorded.
pub(super) fn simulation(options: &TuneOptions, limit_mb: Option<f64>) -> SimulateOptions {
    SimulateOptions { limit_mb, machine_limit_mb: limit_mb, draws: options.draws, seed: options.seed }
}

/// The largest memory that a prediction may reach.
pub(super) fn safe_mb(machine: &Machine, options: &TuneOptions) -> f64 {
    options.safe_share * machine.limit_mb * options.safety
}

/// The high batch size; why not, where there is none.
pub(super) fn high_size(
    runs: &[&Run],
    response: &Response,
    machine: &Machine,
    options: &TuneOptions,
    reasons: &mut Reasons,
) -> Result<(u32, f64), String> {
    let Some(largest) = response.sizes_seen.last().copied() else {
        return Err(response.reason().unwrap_or_else(|| "no batch size was recorded".to_owned()));
    };
    let safe = safe_mb(machine, options);
    let candidates = candidates(largest, response)?;
    let fitting = candidates.partition_point(|size| {
        worst_at(runs, response, *size, options).is_some_and(|worst| worst.upper_mb <= safe)
    });
    let size = fitting.checked_sub(1).map(|last| candidates[last]);
    let shown = size.unwrap_or(candidates[0]);
    let worst = worst_at(runs, response, shown, options).ok_or("no readable sample")?;
    let allowed = format!(
        "{:.2} × limit {:.0} MiB × safety {:.2} = {safe:.0} MiB",
        options.safe_share, machine.limit_mb, options.safety
    );
    let found = format!(
        "upper predicted peak (95 %) at {shown}: {:.0} MiB, worst of {} runs, from the run started {}",
        worst.upper_mb,
        runs.len(),
        worst.run.started
    );
    let Some(size) = size else {
        let why = response.reason().map_or_else(String::new, |reason| format!("; {reason}"));
        return Err(format!("no batch size fits: {found}, above {allowed}{why}"));
    };
    reasons.insert("batch_sizes.high".to_owned(), high_reason(response, &candidates, &found, &allowed));
    for (name, share) in [("medium", 50), ("low", 25), ("fallback", 10)] {
        let text = format!(
            "{share} % of the high size {size}, as in the existing defaults, within the loader's range"
        );
        reasons.insert(format!("batch_sizes.{name}"), text);
    }
    Ok((size, worst.upper_mb))
}

/// The sizes to look at, from the smallest: the one seen, where no other can be judged.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range")]
fn candidates(largest: f64, response: &Response) -> Result<Vec<u32>, String> {
    let (least, most) = HIGH_SIZES;
    let ceiling = if response.identifiable() { largest * ENLARGE_MOST } else { largest };
    if ceiling < f64::from(least) || (!response.identifiable() && largest > f64::from(most)) {
        return Err(format!(
            "the config's loader wants a high size from {least} to {most}; the runs, with sizes up to \
             {largest}, say nothing of that range"
        ));
    }
    let top = ceiling.min(f64::from(most)) as u32;
    if response.identifiable() {
        return Ok((least..=top).step_by(SIZE_STEP as usize).collect());
    }
    Ok(vec![top])
}

fn high_reason(response: &Response, candidates: &[u32], found: &str, allowed: &str) -> String {
    let w = response.per_item_mb;
    match (response.reason(), candidates.last()) {
        (Some(reason), _) => format!("kept, never enlarged: {reason}; {found}, at most {allowed}"),
        (None, top) => format!(
            "largest multiple of {SIZE_STEP} up to {} with {found}, at most {allowed}; memory per item \
             {:.3} ({:.3} to {:.3}) MiB from {} points at sizes {}; \
             twice the largest size seen is the most that is chosen",
            top.unwrap_or(&0),
            w.median,
            w.low,
            w.high,
            response.samples,
            sizes(response)
        ),
    }
}

/// The config for one machine, and the worst prediction for it.
pub(super) fn choose(
    runs: &[&Run],
    response: &Response,
    machine: &Machine,
    options: &TuneOptions,
    reasons: &mut Reasons,
) -> Result<(AdaptiveConfig, Prediction), String> {
    let first = *runs.first().ok_or("no run has 30 or more readable samples and batches")?;
    let (size, upper_mb) = high_size(runs, response, machine, options, reasons)?;
    let working = Working { peak_mb: upper_mb, floor_mb: floor_of(runs) };
    let total = Mib::new(machine.total_mb.unwrap_or(machine.limit_mb));
    let config = AdaptiveConfig {
        thresholds: thresholds(machine.limit_mb, working, reasons)?,
        batch_sizes: sizes_below(size),
        history_size: first.config.history_size.clamp(10, 1000),
        monitoring_interval_seconds: interval_of(&first.config),
        available_limits: AvailableLimits::scaled_to(total),
        // The promise rests on sizes by level.
        predictive: Predictive::default(),
        ..first.config.clone()
    };
    if !fits_loader(&config, machine.limit_mb) {
        return Err("no ordered thresholds within the loader's ranges lie below this limit".to_owned());
    }
    let predicted =
        worst_prediction(runs, response, &config, machine, options).ok_or("no readable sample")?;
    match predicted.peak_rss_mb {
        Some(peak) if peak.high > machine.limit_mb => Err(format!(
            "the replay of the chosen config reaches {:.0} MiB (95 %), above the limit of {:.0} MiB",
            peak.high, machine.limit_mb
        )),
        _ => {
            note_floors(&config, machine, reasons);
            let kept = "as in the recorded run with the largest peak".to_owned();
            reasons.insert("monitoring_interval_seconds".to_owned(), kept);
            Ok((config, predicted))
        }
    }
}

fn interval_of(config: &AdaptiveConfig) -> f64 {
    let seconds = config.monitoring_interval_seconds;
    if seconds.is_finite() { seconds.clamp(0.1, 60.0) } else { 1.0 }
}

/// The worst prediction of a config over the runs, each on its own.
pub(super) fn worst_prediction(
    runs: &[&Run],
    response: &Response,
    config: &AdaptiveConfig,
    machine: &Machine,
    options: &TuneOptions,
) -> Option<Prediction> {
    let scenario = Scenario::Config(Box::new(config.clone()));
    let simulation = simulation(options, Some(machine.limit_mb));
    let upper = |p: &Prediction| p.peak_rss_mb.map_or(0.0, |peak| peak.high);
    runs.iter()
        .map(|run| simulate(&[run], response, &scenario, &simulation))
        .reduce(|a, b| if upper(&b) > upper(&a) { b } else { a })
}

/// What stays between batches: the largest, over the runs, of the 95 % quantile of batch starts.
fn floor_of(runs: &[&Run]) -> f64 {
    let floors = runs.iter().filter_map(|run| {
        let trace = Trace::of(run)?;
        quantile_of(trace.pieces.iter().map(|p| p.start), 0.95)
    });
    floors.fold(0.0, f64::max)
}

/// Says where the floors on available memory act before the thresholds do.
fn note_floors(config: &AdaptiveConfig, machine: &Machine, reasons: &mut Reasons) {
    let acts_at = machine.limit_mb - config.available_limits.moderate_mb.get();
    let verdict = if acts_at < config.thresholds.moderate_mb.get() { "before" } else { "after" };
    reasons.insert(
        "available_limits".to_owned(),
        format!(
            "with nothing else running, available memory reaches the floor of {:.0} MiB at {:.0} MiB of the \
             job's memory, {verdict} moderate_mb; an existing loader does not read these floors",
            config.available_limits.moderate_mb.get(),
            acts_at.max(0.0)
        ),
    );
}

/// The sizes seen, as a person lists them.
fn sizes(response: &Response) -> String {
    response.sizes_seen.iter().map(|size| format!("{size:.0}")).collect::<Vec<_>>().join(", ")
}
