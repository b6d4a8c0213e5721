//! From the best config found to the one that is given: numbers without effect go back to
//! their defaults, the others are explained with their next-best value and what it costs.

use memtool_profile_model::{AdaptiveConfig, Hysteresis, Mib};
use serde::Serialize;

use super::outlook::View;
use super::parameter::Parameter;
use super::ranges::usual_sizes;
use super::search::{Judge, Tried};
use super::seed::FACTORY;
use super::watch::{Part, Watch};

/// A score that differs by less is the same: a tenth of a percent of speed.
const NO_EFFECT: f64 = 1e-3;
/// A setting of memtool's own must be worth at least this much to be switched on: half a
/// percent of speed, or flapping that costs as much.
const WORTH: f64 = 5e-3;
/// Steps of a tenth from the size that the search found.
const CLIMBS: usize = 8;
/// A level that was left is held for so many samples.
const DWELL_SAMPLES: f64 = 10.0;
/// Collect again once memory grew by half of what the last collection freed.
const COOLDOWN_SHARE: f64 = 0.5;

/// The value a number would have next, and what that costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NextBest {
    /// The value.
    pub value: f64,
    /// What it costs over the chosen one.
    pub cost: String,
}

/// Where a number comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Provenance {
    /// The dotted setting.
    pub parameter: &'static str,
    /// Its value.
    pub value: f64,
    /// What the existing manager would set; null for the high size.
    pub default: Option<f64>,
    /// Whether another value changes anything on these runs.
    pub has_effect: bool,
    /// The run that decides the peak, by its start; null without an effect.
    pub run: Option<String>,
    /// The next-best value, where there is an effect.
    pub next_best: Option<NextBest>,
    /// Why, in words.
    pub reason: String,
}

/// From the best config of the search to the one that is given, while there is time.
pub(super) struct Settling<'a, 'b, 'w> {
    pub(super) judge: &'a Judge<'a, 'b>,
    /// Replays of each look.
    pub(super) draws: u32,
    pub(super) watch: &'a mut Watch<'w>,
}

impl Settling<'_, '_, '_> {
    /// Looks at a config; `None` where it cannot be judged or the time is over.
    fn tried(&mut self, config: AdaptiveConfig) -> Option<Tried> {
        if self.watch.step(Part::Settle) { self.judge.tried(config, self.draws) } else { None }
    }

    /// Those of some values of a number that can be judged.
    fn around(&mut self, best: &Tried, parameter: Parameter) -> Vec<Tried> {
        let space = self.judge.space;
        let values = parameter.neighbours(&best.config, space).into_iter();
        values.filter_map(|value| self.tried(parameter.with(&best.config, value, space)?)).collect()
    }

    /// Puts back what has no effect: all thresholds, then all sizes, then one after the other.
    pub(super) fn defaulted(&mut self, best: Tried) -> Tried {
        let space = self.judge.space;
        let factory = space.ordered(FACTORY.map(|share| share * space.limit_mb));
        let sizes = usual_sizes(best.config.batch_sizes.high, space.reader);
        let mut best = best;
        let steps: [Option<AdaptiveConfig>; 2] = [
            factory.map(|thresholds| AdaptiveConfig { thresholds, ..best.config.clone() }),
            Some(AdaptiveConfig { batch_sizes: sizes, ..best.config.clone() }),
        ];
        for config in steps.into_iter().flatten() {
            best = self.cheaper(best, config);
        }
        for parameter in Parameter::ALL {
            let default = parameter.default(&best.config, space);
            let config = default.and_then(|value| parameter.with(&best.config, value, space));
            if let Some(config) = config.filter(|config| *config != best.config) {
                best = self.cheaper(best, config);
            }
        }
        best
    }

    /// Climbs from the high size to its neighbours while that gains something.
    pub(super) fn climb(&mut self, best: Tried) -> Tried {
        let mut best = best;
        for _ in 0..CLIMBS {
            let outlook = self.judge.outlook;
            let around = self.around(&best, Parameter::High).into_iter();
            let next = around
                .filter(|other| outlook.fits(&other.view) && other.score < best.score - NO_EFFECT)
                .min_by(|a, b| a.score.total_cmp(&b.score));
            match next {
                Some(other) => best = other,
                None => break,
            }
        }
        best
    }

    /// The other config if it is sound and no worse.
    fn cheaper(&mut self, best: Tried, config: AdaptiveConfig) -> Tried {
        let space = self.judge.space;
        if !super::ranges::fits_reader(&config, space.limit_mb, space.reader) {
            return best;
        }
        match self.tried(config) {
            Some(other) if self.judge.outlook.fits(&other.view) && other.score <= best.score + NO_EFFECT => {
                other
            }
            _ => best,
        }
    }

    /// Switches on what only memtool's recorder reads, where the replay is better for it; the other
    /// settings stay right without.
    pub(super) fn own_settings(&mut self, best: Tried) -> Tried {
        let interval = best.config.monitoring_interval_seconds;
        let drop = f64::from(best.config.batch_sizes.high - best.config.batch_sizes.low);
        let moderate = best.config.thresholds.moderate_mb.get();
        let margin = (self.judge.outlook.response.per_item_mb.high * drop).max(0.05 * moderate);
        let margin = margin.min(0.5 * moderate);
        let hysteresis =
            Hysteresis { margin_mb: Mib::new(margin.round()), dwell_seconds: DWELL_SAMPLES * interval };
        let held = AdaptiveConfig { hysteresis, ..best.config.clone() };
        let best = self.better(best, held);
        let cooled = AdaptiveConfig { gc_cooldown_share: COOLDOWN_SHARE, ..best.config.clone() };
        self.better(best, cooled)
    }

    fn better(&mut self, best: Tried, config: AdaptiveConfig) -> Tried {
        match self.tried(config) {
            Some(other) if self.judge.outlook.fits(&other.view) && other.score < best.score - WORTH => other,
            _ => best,
        }
    }

    /// Where each number comes from.
    pub(super) fn provenance(&mut self, best: &Tried) -> Vec<Provenance> {
        Parameter::ALL.iter().map(|parameter| self.explain(best, *parameter)).collect()
    }

    fn explain(&mut self, best: &Tried, parameter: Parameter) -> Provenance {
        let in_time = self.watch.step(Part::Settle);
        let tried = if in_time { self.around(best, parameter) } else { Vec::new() };
        let judge = self.judge;
        let value = parameter.get(&best.config);
        let default = parameter.default(&best.config, judge.space);
        let has_effect = tried.iter().any(|other| (other.score - best.score).abs() > NO_EFFECT);
        let next = tried.iter().min_by(|a, b| a.score.total_cmp(&b.score)).filter(|_| has_effect);
        let next_best = next.map(|other| NextBest {
            value: parameter.get(&other.config),
            cost: cost(judge, &best.view, &other.view),
        });
        let run = judge.outlook.worst_run(&best.view).started.to_string();
        let mut reason = reason(judge, best, parameter, default, next_best.as_ref(), has_effect || !in_time);
        if !in_time {
            reason.push_str("; other values were not tried, the time was over");
        }
        Provenance {
            parameter: parameter.name(),
            value,
            default,
            has_effect,
            run: has_effect.then_some(run),
            next_best,
            reason,
        }
    }
}

fn reason(
    judge: &Judge,
    best: &Tried,
    parameter: Parameter,
    default: Option<f64>,
    next: Option<&NextBest>,
    may_have_effect: bool,
) -> String {
    let value = parameter.get(&best.config);
    let unit = if parameter.is_size() { "" } else { " MiB" };
    let base = match default {
        Some(default) if default == value => "as the existing defaults have it".to_owned(),
        Some(default) => format!("the existing defaults would have {default:.0}{unit}"),
        None => high_size(judge, &best.view),
    };
    if !may_have_effect && default.is_some() {
        return match default {
            Some(default) if default == value => format!("no effect on these runs; {base}"),
            _ => format!("no effect of a tenth more or less on these runs; {base}"),
        };
    }
    let next =
        next.map_or_else(String::new, |next| format!("; next best {:.0}{unit}: {}", next.value, next.cost));
    format!("{base}{next}")
}

fn high_size(judge: &Judge, view: &View) -> String {
    let outlook = judge.outlook;
    let response = outlook.response;
    let w = response.per_item_mb;
    let sizes = response.sizes_seen.iter().map(|size| format!("{size:.0}")).collect::<Vec<_>>().join(", ");
    let memory = response.reason().map_or_else(
        || {
            format!(
                "memory per item {:.3} ({:.3} to {:.3}) MiB from {} points at sizes {sizes}",
                w.median, w.low, w.high, response.samples
            )
        },
        |reason| format!("kept, never changed: {reason}"),
    );
    let speed = if outlook.pace.measured {
        format!("{:.0} % of the speed of the fastest size that fits", 100.0 * view.speed / judge.fastest)
    } else {
        "speed is assumed: no batch durations at several sizes".to_owned()
    };
    format!(
        "peak {:.0} MiB, at most {:.0} MiB with the stated risk{}, of {:.0} MiB, in the run started {}; {memory}; {speed}",
        view.median_mb,
        view.bound_mb,
        view.uncounted(),
        outlook.limit_mb(),
        outlook.worst_run(view).started,
    )
}

/// What another config costs over the chosen one.
pub(super) fn cost(judge: &Judge, best: &View, other: &View) -> String {
    let outlook = judge.outlook;
    if other.charged_mb() > outlook.limit_mb() {
        return format!("its peak may reach {:.0} MiB, above the limit", other.charged_mb());
    }
    if !outlook.fits(other) {
        return format!("passes the limit with a chance of {:.1} %", 100.0 * other.oom);
    }
    let mut parts = Vec::new();
    let speed = 100.0 * (other.speed / best.speed - 1.0);
    if speed.abs() >= 0.1 {
        parts.push(format!("{:.1} % {}", speed.abs(), if speed < 0.0 { "slower" } else { "faster" }));
    }
    let peak = other.bound_mb - best.bound_mb;
    if peak.abs() >= 1.0 {
        parts.push(format!("peak {:.0} MiB {}", peak.abs(), if peak > 0.0 { "higher" } else { "lower" }));
    }
    let changes = other.changes_per_min - best.changes_per_min;
    if changes.abs() >= 0.1 {
        let word = if changes > 0.0 { "more" } else { "fewer" };
        parts.push(format!("{:.1} {word} level changes a minute", changes.abs()));
    }
    if parts.is_empty() { "nothing that shows".to_owned() } else { parts.join(", ") }
}
