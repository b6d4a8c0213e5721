//! The search: seeds, then 200 points of low discrepancy, then 400 steps of a pattern.
//!
//! Deterministic: the additive recurrence of Roberts (R₈, steps of the root of x⁹ = x + 1)
//! instead of random numbers, then a search along one coordinate at a time with steps that
//! grow on success (× 1.3) and shrink on failure (× 0.6). More search finds a better score of the
//! model, not a better config.

use memtool_profile_model::AdaptiveConfig;

use super::outlook::{Outlook, View};
use super::space::{DIMENSIONS, Place, Space, distance};
use super::watch::{Part, Watch};

/// Evaluations of each kind.
const SCATTERED: usize = 200;
const STEPS: usize = 400;
/// Replays per run while searching; the best are judged again with more.
const DRAWS: u32 = 16;
const STEP: f64 = 0.25;
const SHRINK: f64 = 0.6;
const GROW: f64 = 1.3;
const STOP: f64 = 0.01;

/// All evaluations of a search without an end before its time.
pub(super) const EVALUATIONS: usize = SCATTERED + STEPS;

/// A config that was tried.
#[derive(Debug, Clone)]
pub(super) struct Tried {
    pub(super) config: AdaptiveConfig,
    pub(super) view: View,
    pub(super) score: f64,
}

/// What a config is worth.
pub(super) struct Judge<'a, 'b> {
    pub(super) outlook: &'a Outlook<'b>,
    pub(super) space: &'a Space,
    /// Items per second at the fastest size that fits.
    pub(super) fastest: f64,
    /// Where the job stands today.
    pub(super) current: Place,
}

/// Speeds this near to the fastest are the same: no repeats tell them apart.
const SAME_SPEED: f64 = 0.02;
/// A peak of the whole limit weighs as much as so much speed.
const PEAK_WEIGHT: f64 = 0.05;
/// Ten times as many level changes weigh as much as 2.3 % of speed.
const FLAPPING_WEIGHT: f64 = 0.01;
/// Among equals the nearest to the current config.
const NEARNESS_WEIGHT: f64 = 1e-3;
/// Whatever passes the risk is worse than whatever does not.
const UNSAFE: f64 = 10.0;

impl Judge<'_, '_> {
    /// The smaller the better: speed lost beyond 2 %, the peak, flapping, distance; above 10 if the risk is
    /// passed.
    pub(super) fn score(&self, config: &AdaptiveConfig, view: &View) -> f64 {
        let excess = self.outlook.excess(view);
        let unsafe_by = if excess > 0.0 { UNSAFE * (1.0 + excess) } else { 0.0 };
        unsafe_by
            + self.worth(view)
            + FLAPPING_WEIGHT * view.changes_per_min.ln_1p()
            + NEARNESS_WEIGHT * distance(&self.space.place(config), &self.current)
    }

    /// Speed lost beyond what counts as the same, and the peak.
    pub(super) fn worth(&self, view: &View) -> f64 {
        let lost = (1.0 - view.speed / self.fastest - SAME_SPEED).max(0.0);
        lost + PEAK_WEIGHT * view.bound_mb / self.outlook.limit_mb()
    }

    pub(super) fn tried(&self, config: AdaptiveConfig, draws: u32) -> Option<Tried> {
        let views = self.outlook.of_configs(std::slice::from_ref(&config), draws);
        self.scored(vec![config], views).pop()
    }

    /// Those of some configs that can be judged.
    fn scored(&self, configs: Vec<AdaptiveConfig>, views: Vec<Option<View>>) -> Vec<Tried> {
        let tried = |(config, view): (AdaptiveConfig, Option<View>)| {
            let view = view?;
            let score = self.score(&config, &view);
            Some(Tried { config, view, score })
        };
        configs.into_iter().zip(views).filter_map(tried).collect()
    }
}

/// Searches from some seeds, while there is time; answers with how many steps it took.
pub(super) fn search(judge: &Judge, seeds: &[Place], watch: &mut Watch) -> (Vec<Tried>, usize) {
    let mut steps = 0;
    let tried = searched(judge, seeds, &mut || {
        let goes_on = watch.step(Part::Search);
        steps += usize::from(goes_on);
        goes_on
    });
    (tried, steps)
}

/// `go_on` hears of each evaluation and may end the search.
fn searched(judge: &Judge, seeds: &[Place], go_on: &mut dyn FnMut() -> bool) -> Vec<Tried> {
    let mut search = Search { judge, all: Vec::new(), best: None };
    search.try_all(seeds);
    let points: Vec<Place> = (0..SCATTERED).map(scattered).collect();
    for together in points.chunks(TOGETHER) {
        let allowed: Vec<Place> = together.iter().take_while(|_| go_on()).copied().collect();
        search.try_all(&allowed);
        if allowed.len() < together.len() {
            return search.all;
        }
    }
    search.pattern(go_on);
    search.all
}

/// Points that do not wait for each other's score are judged together, so many at once: that
/// fills both cores, and an end before the time is still soon.
const TOGETHER: usize = 25;

struct Search<'a, 'b> {
    judge: &'a Judge<'a, 'b>,
    all: Vec<Tried>,
    best: Option<(f64, Place)>,
}

impl Search<'_, '_> {
    /// Steps along one coordinate at a time from the best.
    fn pattern(&mut self, go_on: &mut dyn FnMut() -> bool) {
        let mut steps = [STEP; DIMENSIONS];
        let mut left = STEPS;
        while left > 0 && steps.iter().any(|step| *step > STOP) {
            for (axis, step) in steps.iter_mut().enumerate() {
                let Some((_, from)) = self.best else { return };
                let mut moved = false;
                for sign in [1.0, -1.0] {
                    let mut x = from;
                    x[axis] = (x[axis] + sign * *step).clamp(0.0, 1.0);
                    if left == 0 || !go_on() {
                        return;
                    }
                    left -= 1;
                    if x != from && self.try_all(&[x]) {
                        moved = true;
                        break;
                    }
                }
                *step = if moved { (*step * GROW).min(0.5) } else { *step * SHRINK };
            }
        }
    }

    /// Tries places; whether one of them is better than the best so far.
    fn try_all(&mut self, places: &[Place]) -> bool {
        let placed: Vec<(Place, AdaptiveConfig)> =
            places.iter().filter_map(|x| Some((*x, self.judge.space.config(x)?))).collect();
        let mut fresh: Vec<AdaptiveConfig> = Vec::new();
        for (_, config) in &placed {
            // Neighbouring places are often the same config.
            if self.known(config).is_none() && !fresh.contains(config) {
                fresh.push(config.clone());
            }
        }
        // Once some config keeps the risk, none that passes it can be the best.
        let race = self.best.is_some_and(|(least, _)| least < UNSAFE);
        let outlook = self.judge.outlook;
        let views = if race { outlook.race(&fresh, DRAWS) } else { outlook.of_configs(&fresh, DRAWS) };
        self.all.extend(self.judge.scored(fresh, views));
        let mut better = false;
        for (x, config) in placed {
            let score = self.known(&config);
            if let Some(score) = score.filter(|score| self.best.is_none_or(|(least, _)| *score < least)) {
                self.best = Some((score, x));
                better = true;
            }
        }
        better
    }

    fn known(&self, config: &AdaptiveConfig) -> Option<f64> {
        self.all.iter().find(|tried| tried.config == *config).map(|tried| tried.score)
    }
}

/// A point of the additive recurrence.
#[expect(clippy::cast_precision_loss, reason = "a small index")]
fn scattered(index: usize) -> Place {
    // The root of x⁹ = x + 1.
    let root = (0..64).fold(1.1_f64, |x, _| (1.0 + x).powf(1.0 / 9.0));
    let mut point = [0.0; DIMENSIONS];
    for (axis, value) in (1..).zip(point.iter_mut()) {
        *value = (0.5 + (index + 1) as f64 * root.powi(-axis)).fract();
    }
    point
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_fill_every_axis_evenly() {
        for axis in 0..DIMENSIONS {
            let mut seen = [0; 10];
            for index in 0..SCATTERED {
                seen[(scattered(index)[axis] * 10.0) as usize] += 1;
            }
            assert!(seen.iter().all(|count| (14..=26).contains(count)), "{axis}: {seen:?}");
        }
    }
}
