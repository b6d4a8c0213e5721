//! The policy's step in lanes: the rules of `memtool_policy`, selects in place of branches.
//!
//! Held to the policy itself by a property test, decision for decision. Levels are counted as the policy
//! orders them: fallback 0, low 1, medium 2, high 3. What only feeds counters that no replay reads
//! (fallbacks, warnings, since when a level is held back) is left out.

use memtool_profile_model::{AdaptiveConfig, OptimizationLevel};

use super::vector::{Lanes, Mask};

/// The share of the GC trigger that counts as freed at least, as in the policy.
const LEAST_FREED_SHARE: f64 = 0.05;

/// One config as numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rules {
    /// Moderate, high and critical.
    thresholds: [f64; 3],
    fallback: f64,
    collect: f64,
    cooldown: f64,
    least_freed: f64,
    /// Floors on available memory, in the same order.
    floors: [f64; 3],
    margin: f64,
    /// The least whole nanoseconds that are the dwell time.
    dwell: f64,
}

impl Rules {
    pub(super) fn of(config: &AdaptiveConfig) -> Self {
        let t = &config.thresholds;
        let floors = &config.available_limits;
        let where_on = |on: bool, value: f64| if on { value } else { f64::INFINITY };
        Self {
            thresholds: [t.moderate_mb.get(), t.high_mb.get(), t.critical_mb.get()],
            fallback: where_on(config.fallback_enabled, t.fallback_trigger_mb.get()),
            collect: where_on(config.auto_gc_enabled, t.gc_trigger_mb.get()),
            cooldown: config.gc_cooldown_share,
            least_freed: t.gc_trigger_mb.get() * LEAST_FREED_SHARE,
            floors: [floors.moderate_mb.get(), floors.high_mb.get(), floors.critical_mb.get()],
            margin: config.hysteresis.margin_mb.get().max(0.0),
            dwell: nanoseconds(config.hysteresis.dwell_seconds.max(0.0)),
        }
    }

    /// Whether less strict levels are held back.
    pub(super) fn holds(&self) -> bool {
        self.margin > 0.0 || self.dwell > 0.0
    }

    /// Whether collections wait for growth.
    pub(super) fn cools(&self) -> bool {
        self.cooldown > 0.0 || self.cooldown.is_nan()
    }
}

/// The least whole number of nanoseconds that, in seconds, is no less.
fn nanoseconds(seconds: f64) -> f64 {
    /// From here on not every whole number is one.
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    let mut least = (seconds * 1e9).ceil();
    if least >= WHOLE {
        return least;
    }
    while least >= 1.0 && (least - 1.0) / 1e9 >= seconds {
        least -= 1.0;
    }
    while least / 1e9 < seconds {
        least += 1.0;
    }
    least
}

/// The rules and states of all lanes.
#[derive(Debug)]
pub(super) struct Policies {
    thresholds: [Lanes; 3],
    fallback: Lanes,
    collect: Lanes,
    cooldown: Lanes,
    least_freed: Lanes,
    floors: [Lanes; 3],
    margin: Lanes,
    dwell: Lanes,
    holds: bool,
    cools: bool,
    pub(super) level: Lanes,
    /// Where the last look was given all that it allows: it would be so again at the same memory.
    pub(super) settled: Mask,
    /// Last moment, and since when low, medium and high are possible; infinity where they are not.
    last: Lanes,
    since: [Lanes; 3],
    /// Least memory since the last collection, minus infinity before the first; and what it freed.
    least_since: Lanes,
    freed: Lanes,
    pub(super) changes: Lanes,
    pub(super) collections: Lanes,
}

impl Policies {
    /// For rules some of which hold back levels, or let collections wait.
    pub(super) fn new(holds: bool, cools: bool) -> Self {
        let never = Lanes::all(f64::INFINITY);
        Self {
            thresholds: [never; 3],
            fallback: never,
            collect: never,
            cooldown: Lanes::all(0.0),
            least_freed: Lanes::all(0.0),
            floors: [Lanes::all(f64::NEG_INFINITY); 3],
            margin: Lanes::all(0.0),
            dwell: Lanes::all(0.0),
            holds,
            cools,
            level: Lanes::all(0.0),
            settled: Mask::NONE,
            last: Lanes::all(0.0),
            since: [never; 3],
            least_since: never,
            freed: Lanes::all(0.0),
            changes: Lanes::all(0.0),
            collections: Lanes::all(0.0),
        }
    }

    /// Begins a lane anew under some rules.
    pub(super) fn begin(&mut self, lane: usize, rules: &Rules) {
        for place in 0..3 {
            self.thresholds[place].0[lane] = rules.thresholds[place];
            self.floors[place].0[lane] = rules.floors[place];
            self.since[place].0[lane] = f64::INFINITY;
        }
        self.fallback.0[lane] = rules.fallback;
        self.collect.0[lane] = rules.collect;
        self.cooldown.0[lane] = rules.cooldown;
        self.least_freed.0[lane] = rules.least_freed;
        self.margin.0[lane] = rules.margin;
        self.dwell.0[lane] = rules.dwell;
        self.level.0[lane] = START_LEVEL;
        self.last.0[lane] = f64::NEG_INFINITY;
        self.least_since.0[lane] = f64::NEG_INFINITY;
        self.freed.0[lane] = 0.0;
        self.changes.0[lane] = 0.0;
        self.collections.0[lane] = 0.0;
    }

    /// Begins a lane anew that nobody looks at: high throughout, as a fixed size counts.
    pub(super) fn stay_high(&mut self, lane: usize) {
        self.level.0[lane] = 3.0;
        self.changes.0[lane] = 0.0;
        self.collections.0[lane] = 0.0;
    }

    /// The level in force in a lane.
    #[cfg(test)]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 3")]
    pub(super) fn level(&self, lane: usize) -> usize {
        self.level.0[lane] as usize
    }

    /// Level changes and collections of a lane.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
    pub(super) fn counters(&self, lane: usize) -> (u64, u64) {
        (self.changes.0[lane] as u64, self.collections.0[lane] as u64)
    }

    /// One look in the lanes of `who`, at some seconds; which of them collect.
    #[inline(always)]
    pub(super) fn step(&mut self, who: Mask, seconds: Lanes, rss: Lanes, available: Lanes) -> Mask {
        let collect = self.collects(who, rss);
        let wanted = self.allowed(rss, available);
        let next = if self.holds { self.held_back(who, seconds, rss, available, wanted) } else { wanted };
        self.settled = !next.differs(wanted);
        self.take(who, next);
        collect
    }

    /// Puts levels in force.
    #[inline(always)]
    fn take(&mut self, who: Mask, next: Lanes) {
        let changed = who & next.differs(self.level);
        self.changes = self.changes + changed.keep(Lanes::all(1.0));
        self.level = who.choose(next, self.level);
    }

    /// The lanes in which memory up to some height decides by itself: nothing is held back or collected.
    #[inline(always)]
    pub(super) fn by_memory_alone(&self, high: Lanes) -> Mask {
        if self.holds || self.cools { Mask::NONE } else { high.below(self.collect) }
    }

    /// A look of such lanes.
    #[inline(always)]
    pub(super) fn decide(&mut self, who: Mask, total: Lanes, rss: Lanes) {
        let level = self.allowed(rss, (total - rss).max(Lanes::all(0.0)));
        self.take(who, level);
    }

    /// Of such lanes those that allow the same at any memory between two, low and high, and that look: more memory
    /// never allows more, so what both ends allow all between them does.
    #[inline(always)]
    pub(super) fn decide_alike(&mut self, who: Mask, total: Lanes, (low, high): (Lanes, Lanes)) -> Mask {
        let zero = Lanes::all(0.0);
        let level = self.allowed(low, (total - low).max(zero));
        let other = self.allowed(high, (total - high).max(zero));
        let alike = who & !level.differs(other);
        self.take(alike, level);
        alike
    }

    /// Tells what collections did.
    #[inline(always)]
    pub(super) fn collected(&mut self, who: Mask, before: Lanes, after: Lanes) {
        self.least_since = who.choose(after, self.least_since);
        self.freed = who.choose((before - after).max(Lanes::all(0.0)), self.freed);
    }

    #[inline(always)]
    fn collects(&mut self, who: Mask, rss: Lanes) -> Mask {
        let mut collect = who & rss.at_least(self.collect);
        if self.cools {
            self.least_since = who.choose(self.least_since.min(rss), self.least_since);
            let growth = self.cooldown * self.freed.max(self.least_freed);
            let regrown = rss.at_least(self.least_since + growth) | !Lanes::all(0.0).below(self.cooldown);
            collect = collect & regrown;
        }
        if collect.any() {
            self.collected(collect, rss, rss);
            self.collections = self.collections + collect.keep(Lanes::all(1.0));
        }
        collect
    }

    #[inline(always)]
    fn allowed(&self, rss: Lanes, available: Lanes) -> Lanes {
        let full = Lanes::all;
        let rank = |reached: [Mask; 3]| {
            let moderate = reached[0].keep(full(1.0));
            reached[2].choose(full(3.0), reached[1].choose(full(2.0), moderate))
        };
        let [moderate, high, critical] = self.thresholds;
        let by_rss = rank([rss.at_least(moderate), rss.at_least(high), rss.at_least(critical)]);
        let [moderate, high, critical] = self.floors;
        let by_available =
            rank([available.below(moderate), available.below(high), available.below(critical)]);
        let pressure = by_rss.max(by_available);
        let critical = pressure.at_least(full(3.0));
        let strict = rss.at_least(self.fallback).choose(full(0.0), full(1.0));
        critical.choose(strict, full(3.0) - pressure)
    }

    #[inline(always)]
    fn held_back(&mut self, who: Mask, seconds: Lanes, rss: Lanes, available: Lanes, wanted: Lanes) -> Lanes {
        let never = Lanes::all(f64::INFINITY);
        let possible = self.allowed(rss + self.margin, available - self.margin);
        let at = (seconds * Lanes::all(1e9)).trunc();
        let back = at.below(self.last);
        self.last = who.choose(at, self.last);
        let mut loosest = Lanes::all(0.0);
        for (since, level) in self.since.iter_mut().zip(LEVELS_UP) {
            let level = Lanes::all(level);
            let known = back.choose(never, *since);
            let next = possible.at_least(level).choose(known.min(at), never);
            *since = who.choose(next, *since);
            loosest = (at - next).at_least(self.dwell).choose(level, loosest);
        }
        self.level.max(loosest).min(wanted)
    }
}

/// Low, medium and high.
const LEVELS_UP: [f64; 3] = [1.0, 2.0, 3.0];
/// The level that a policy starts at.
const START_LEVEL: f64 = match OptimizationLevel::Medium {
    OptimizationLevel::Fallback => 0.0,
    OptimizationLevel::Low => 1.0,
    OptimizationLevel::Medium => 2.0,
    OptimizationLevel::High => 3.0,
};
