//! The config for one machine: seeds, search, a second look at the best, defaults, reasons.

use memtool_profile_model::{AdaptiveConfig, AvailableLimits, Hysteresis, Mib, Predictive};

use super::TuneOptions;
use super::evidence::Evidence;
use super::front::{FrontPoint, front};
use super::machine::Machine;
use super::outlook::{Outlook, View};
use super::ranges::Reader;
use super::search::{EVALUATIONS, Judge, Tried, search};
use super::seed::{closed_form, range_of_sizes, scan};
use super::settle::{Provenance, Settling};
use super::space::Space;
use super::watch::{Part, Watch};

/// Of the configs searched, so many are looked at again with all replays.
const LOOKED_AT_AGAIN: usize = 12;
/// Replays of the first look at sizes.
const SCAN_DRAWS: u32 = 48;

/// Steps of a choice without an end before its time, about: sizes, search, second look, what has no effect.
pub(super) const STEPS: usize = SCANNED + EVALUATIONS + SETTLED;
const SCANNED: usize = 20;
const SETTLED: usize = 80;

/// What was chosen, and all that was learned on the way.
pub(super) struct Choice {
    pub(super) config: AdaptiveConfig,
    pub(super) view: View,
    /// Its speed over that of the fastest size there is.
    pub(super) speed: f64,
    pub(super) provenance: Vec<Provenance>,
    pub(super) front: Vec<FrontPoint>,
    pub(super) evaluations: usize,
    /// Whether search and second look came to their own end.
    pub(super) finished: bool,
    /// Why the policy collects, or not.
    pub(super) collecting: String,
}

/// The config for one machine; why there is none, if so.
pub(super) fn choose(
    runs: &[Evidence],
    outlook: &Outlook,
    machine: &Machine,
    options: &TuneOptions,
    watch: &mut Watch,
) -> Result<Choice, String> {
    let current = &runs.first().ok_or("no run has 30 or more readable samples and batches")?.run.config;
    let sizes = range_of_sizes(outlook, runs.len(), options.reader)?;
    let rest = rest_of(current, outlook.collecting.worth, machine, options.reader);
    let space = Space { limit_mb: outlook.limit_mb(), reader: options.reader, sizes, rest };
    if space.ordered([0.0; 5]).is_none() || space.config(&[0.5; 8]).is_none() {
        return Err(format!(
            "the limit of {:.0} MiB is too small for the ranges that the config's loader enforces (critical \
             from {:.0} MiB, in order and below the limit); memtool's recorder has no such ranges",
            space.limit_mb,
            options.reader.ranges().least[4]
        ));
    }
    let scanned = scan(outlook, &space, SCAN_DRAWS, watch);
    watch.reach(SCANNED);
    let fitting = scanned.iter().filter(|(_, view)| outlook.fits(view));
    let fastest = fitting.map(|(_, view)| view.speed).fold(0.0, f64::max);
    let judge = Judge { outlook, space: &space, fastest, current: space.place(current) };
    let begin = beginnings(&judge, &scanned)?;
    let simple = closed_form(&space, &begin);
    let mut seeds = vec![judge.current];
    seeds.extend(simple.iter().map(|config| space.place(config)));
    let (tried, evaluations) = search(&judge, &seeds, watch);
    watch.reach(SCANNED + EVALUATIONS);
    let best = second_look(&judge, simple, &tried, options.draws, watch).ok_or_else(|| {
        refusal(&judge, &scanned, if watch.cut() { TOO_SOON } else { "no config keeps the risk" })
    })?;
    let mut settling = Settling { judge: &judge, draws: options.draws, watch };
    let best = settling.climb(best);
    let best = settling.defaulted(best);
    let best = settling.own_settings(best);
    let provenance = settling.provenance(&best);
    Ok(Choice {
        provenance,
        speed: best.view.speed / fastest,
        front: front(&within_risk(&judge, tried), fastest),
        config: best.config,
        view: best.view,
        evaluations,
        finished: !watch.cut(),
        collecting: outlook.collecting.reason.clone(),
    })
}

/// What is not searched: as in the run with the largest peak, without memtool's own policy.
fn rest_of(current: &AdaptiveConfig, collect: bool, machine: &Machine, reader: Reader) -> AdaptiveConfig {
    let seconds = current.monitoring_interval_seconds;
    AdaptiveConfig {
        enabled: true,
        auto_gc_enabled: collect,
        // A net below the limit costs nothing, whatever the recorded run had.
        fallback_enabled: true,
        monitoring_interval_seconds: if seconds.is_finite() { seconds.clamp(0.1, 60.0) } else { 1.0 },
        history_size: current.history_size.clamp(10, 1000),
        // The existing manager's floors are fixed, whatever the machine.
        available_limits: match reader {
            Reader::Existing => AvailableLimits::default(),
            Reader::Recorder => {
                AvailableLimits::scaled_to(Mib::new(machine.total_mb.unwrap_or(machine.limit_mb)))
            }
        },
        hysteresis: Hysteresis::default(),
        gc_cooldown_share: 0.0,
        // The promise rests on sizes by level.
        predictive: Predictive::default(),
        ..current.clone()
    }
}

/// The best size and the largest that fit, with the peaks that thresholds should stand above.
fn beginnings(judge: &Judge, scanned: &[(u32, View)]) -> Result<Vec<(u32, f64)>, String> {
    let fitting: Vec<&(u32, View)> = scanned.iter().filter(|(_, view)| judge.outlook.fits(view)).collect();
    let best = fitting.iter().min_by(|a, b| judge.worth(&a.1).total_cmp(&judge.worth(&b.1)));
    let (Some(best), Some(largest)) = (best, fitting.last()) else {
        return Err(refusal(judge, scanned, "no batch size fits"));
    };
    Ok([*best, largest].map(|(size, view)| (*size, view.bound_mb)).to_vec())
}

/// Why nothing fits, by the size with the smallest peak.
fn refusal(judge: &Judge, scanned: &[(u32, View)], what: &str) -> String {
    let outlook = judge.outlook;
    let least = scanned.iter().min_by(|a, b| outlook.excess(&a.1).total_cmp(&outlook.excess(&b.1)));
    let Some((size, view)) = least else { return "no readable sample".to_owned() };
    let growth = outlook.growth.said.as_ref().map_or_else(String::new, |said| format!("; {said}"));
    let response = outlook.response.reason().map_or_else(String::new, |reason| format!("; {reason}"));
    format!(
        "{what}: at {size} the peak may reach {:.0} MiB with the stated risk (median {:.0} MiB){}, in the run \
         started {}, of {:.0} MiB that the job may use{growth}{response}",
        view.bound_mb,
        view.median_mb,
        view.uncounted(),
        outlook.worst_run(view).started,
        outlook.limit_mb(),
    )
}

/// What a searched config must gain over one in closed form, in speed: less is the search's luck
/// with the model, and the closed form keeps its net below the limit.
const SEARCH_GAIN: f64 = 0.01;

/// Why there is none, where more time might have found one.
const TOO_SOON: &str = "the time was over before a config was found that keeps the risk";

/// The best of the closed forms and of the most promising that were searched, by all replays. Without time
/// for that, the first that keeps the risk, of those that promised most.
fn second_look(
    judge: &Judge,
    simple: Vec<AdaptiveConfig>,
    tried: &[Tried],
    draws: u32,
    watch: &mut Watch,
) -> Option<Tried> {
    let safe =
        |config: AdaptiveConfig| judge.tried(config, draws).filter(|again| judge.outlook.fits(&again.view));
    let in_time = simple.into_iter().filter(|_| watch.step(Part::Settle));
    let closed = in_time.filter_map(safe).reduce(|a, b| if b.score < a.score { b } else { a });
    let mut order: Vec<&Tried> = tried.iter().collect();
    order.sort_by(|a, b| a.score.total_cmp(&b.score));
    let mut searched: Option<Tried> = None;
    for (place, one) in order.into_iter().enumerate() {
        let (found, late) = (searched.is_some() || closed.is_some(), !watch.step(Part::Settle));
        // Beyond the first dozen, or the time, only until one keeps the risk; and never far beyond both.
        let enough = place >= LOOKED_AT_AGAIN;
        if (found && (enough || late)) || (enough && late) {
            break;
        }
        let better = |again: &Tried| searched.as_ref().is_none_or(|best| again.score < best.score);
        if let Some(again) = safe(one.config.clone()).filter(better) {
            searched = Some(again);
        }
    }
    match (closed, searched) {
        (Some(closed), Some(searched)) if searched.score < closed.score - SEARCH_GAIN => Some(searched),
        (closed, searched) => closed.or(searched),
    }
}

fn within_risk(judge: &Judge, tried: Vec<Tried>) -> Vec<Tried> {
    tried.into_iter().filter(|one| judge.outlook.fits(&one.view)).collect()
}
