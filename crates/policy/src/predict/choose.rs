//! The size of the next batch: the best trade of time and memory that is safe.

use memtool_profile_model::{AdaptiveConfig, Mib, SizeRule};

use super::model::BatchModel;
use super::pace::Estimate;
use super::sizing::{Room, Sizing};

/// Sizes that are weighed against each other: from the start size up in steps of 7 %, or of more
/// where [`SIZES`] such steps do not reach the largest.
const STEP: f64 = 1.07;
const SIZES: usize = 96;
/// A batch may be this much larger than the last ones: where a job has few batches, small ones at its start cost much.
const GROWTH: f64 = 4.0;
/// So many standard deviations a size may be faster than expected, when sizes are weighed; and one
/// that is notably smaller than the usual one.
const HOPE: f64 = 0.1;
const TRIAL: f64 = 0.7;
/// Two doublings of the start size show a step of the pace that one does not, and still need little:
/// up to there a larger size than all so far is looked at once the others stayed ahead for long.
const FIRST_DOUBLINGS: f64 = 4.0;
/// What may be gained by a trial must be more than this share of the time.
const WORTH: f64 = 0.02;
/// Expected peaks are upper estimates: so far above the highest seen they cost no more memory.
const FREE: f64 = 1.1;
/// What a whole limit's worth of need may cost in time.
const PRICE: f64 = 0.15;
/// The share of the limit above which use is dearer, and by how much (a quadratic). Of 0.5, 1, 2 and 4 on 480 synthetic
/// jobs, run four times each, 0.5 had 32 runs killed, 1 fifteen, 2 and 4 five, at the same speed.
const COMFORT: f64 = 0.7;
const DISCOMFORT: f64 = 2.0;
/// A batch that needs less than this share of the limit need not shrink further.
const SMALL: f64 = 0.01;
/// Such a batch may have this share of what is left, reserve or not: a batch of one item would need little
/// less and take many times as long.
const LAST_SHARE: f64 = 0.25;

/// Sizes that the configuration allows.
#[derive(Debug, Clone, Copy)]
struct Allowed {
    start: f64,
    largest: f64,
}

impl Allowed {
    fn of(config: &AdaptiveConfig, room: Room) -> Self {
        let sizes = config.batch_sizes;
        let asked = if config.predictive.largest == 0 { sizes.high } else { config.predictive.largest };
        // Without a known limit nothing can be called safe: the medium size is the compromise.
        let blind = room.available.is_none() && room.limit.is_none();
        let largest = if blind { asked.min(sizes.medium) } else { asked }.max(1);
        Self { start: f64::from(sizes.fallback.clamp(1, largest)), largest: f64::from(largest) }
    }
}

/// What there is, in plain numbers.
#[derive(Debug, Clone, Copy)]
struct Space {
    rss: f64,
    /// What a batch may need above `rss`; infinite if unknown.
    safe: f64,
    /// The same with half of the reserve.
    last: f64,
    /// All that is left.
    left: f64,
    /// The limit, infinite if unknown.
    limit: f64,
}

impl Space {
    fn of(config: &AdaptiveConfig, room: Room) -> Self {
        let share = config.predictive.safe_share;
        let share = if share.is_finite() { share.clamp(0.05, 1.0) } else { 0.9 };
        let rss = known(room.rss).unwrap_or(0.0);
        let limit = room.limit.and_then(known);
        // The kernel counts charged memory, which is not RSS: mapped libraries are not in it, the
        // neighbours are. What is left tells, and RSS against the limit only where that is unknown.
        let left = room.available.and_then(known).or(limit.map(|limit| (limit - rss).max(0.0)));
        let whole = limit.or(left.map(|left| left + rss)).unwrap_or(f64::INFINITY);
        let spare = |reserve: f64| left.map_or(f64::INFINITY, |left| reserve.mul_add(-whole, left));
        Self {
            rss,
            left: left.unwrap_or(f64::INFINITY),
            safe: spare(1.0 - share),
            last: spare((1.0 - share) / 2.0),
            limit: whole,
        }
    }
}

impl Space {
    /// The resident memory that so much above what is used comes to; not below zero, where less is
    /// left than the reserve.
    fn ceiling(&self, spare: f64) -> Option<Mib> {
        spare.is_finite().then(|| Mib::new((self.rss + spare).max(0.0)))
    }
}

fn known(size: Mib) -> Option<f64> {
    let size = size.get();
    (size.is_finite() && size >= 0.0).then_some(size)
}

/// The sizes that are weighed, rising.
fn ladder(allowed: Allowed, sizes: &mut [f64; SIZES]) -> &[f64] {
    let mut count = 0;
    let mut size = allowed.start;
    let step = (allowed.largest / allowed.start).powf(1.0 / 64.0).max(STEP);
    while count < SIZES - 1 && size < allowed.largest {
        sizes[count] = size.floor();
        size = (size * step).max(size + 1.0);
        count += 1;
    }
    sizes[count] = allowed.largest;
    &sizes[..=count]
}

/// Nothing is known yet: the start size, or one item where there is no room at all.
fn unknown(allowed: Allowed, space: Space) -> Sizing {
    let size = if space.safe > 0.0 { allowed.start } else { 1.0 };
    Sizing {
        size: whole(size),
        predicted_peak: None,
        ceiling: space.ceiling(space.safe),
        rule: SizeRule::Unknown,
        collect_first: false,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a u32")]
fn whole(size: f64) -> u32 {
    size as u32
}

impl BatchModel {
    /// The size of the next batch.
    #[must_use]
    pub fn next(&self, config: &AdaptiveConfig, room: Room) -> Sizing {
        let (allowed, space) = (Allowed::of(config, room), Space::of(config, room));
        if self.peaks.batches() == 0 {
            return unknown(allowed, space);
        }
        let safe = self.largest_within(space, space.safe, allowed.largest);
        let grown = (self.peaks.recent() * GROWTH).max(allowed.start).min(allowed.largest);
        let (best, wanted) = self.wanted(allowed, space, grown);
        let (size, ceiling, rule) = if wanted <= safe {
            let rule = if best > grown { SizeRule::Growing } else { SizeRule::Efficient };
            (wanted, space.safe, rule)
        } else {
            let small = self.small(space).min(allowed.start);
            let rescue = space.last.max(LAST_SHARE * space.left);
            let rescued = self.largest_within(space, rescue, small);
            if rescued > safe {
                (rescued, rescue, SizeRule::Shrunk)
            } else if safe >= allowed.start {
                (safe, space.safe, SizeRule::Fitted)
            } else {
                (safe.max(1.0), space.safe, SizeRule::Shrunk)
            }
        };
        let short = safe < wanted && safe < 0.75 * allowed.largest;
        let size = size.floor().clamp(1.0, allowed.largest);
        Sizing {
            size: whole(size),
            predicted_peak: Some(Mib::new(self.peaks.peak(space.rss, size))),
            ceiling: space.ceiling(ceiling),
            rule,
            collect_first: short
                && config.auto_gc_enabled
                && self.pause.may_help(space.rss, 0.1 * space.limit.min(1e12)),
        }
    }

    /// The largest size whose predicted peak stays within so much above what is used; 0 if none.
    fn largest_within(&self, space: Space, spare: f64, most: f64) -> f64 {
        let fits = |items: f64| self.peaks.peak(space.rss, items) - space.rss <= spare;
        if fits(most.floor()) {
            return most.floor();
        }
        let (mut low, mut high) = (0.0_f64, most.floor());
        while high - low > 1.0 {
            let middle = ((low + high) / 2.0).floor();
            if fits(middle) { low = middle } else { high = middle }
        }
        low
    }

    /// The size up to which a batch's own need does not matter.
    fn small(&self, space: Space) -> f64 {
        let slope = self.peaks.slope();
        if slope > 0.0 { (SMALL * space.limit / slope).max(1.0) } else { f64::MAX }
    }

    /// The best trade of time and memory: over all sizes, and among those up to `most`.
    fn wanted(&self, allowed: Allowed, space: Space, most: f64) -> (f64, f64) {
        let mut sizes = [0.0; SIZES];
        let mut best = (allowed.start, f64::INFINITY);
        let mut reachable = best;
        let paces = self.pace.estimator();
        for &size in ladder(allowed, &mut sizes) {
            let peak = self.peaks.peak(space.rss, size);
            let price =
                self.time(allowed, size, peak, paces.estimate(size)) + Self::price(space, peak - space.rss);
            if price < best.1 {
                best = (size, price);
                if size <= most {
                    reachable = best;
                }
            }
        }
        let wanted = match (self.pace.again(), self.pace.before_growth()) {
            (Some(again), _) => again.max(allowed.start),
            (None, Some(first)) if reachable.0 > self.pace.largest() => first.max(allowed.start),
            _ => reachable.0,
        };
        (best.0, wanted)
    }

    /// What a batch of a size may cost in time, at best: so that what is not known gets tried. A
    /// size far away is tried between batches of the usual one, and only where the job has used
    /// as much memory before, or the size is still a small one.
    fn time(&self, allowed: Allowed, size: f64, peak: f64, estimate: Estimate) -> f64 {
        let free = size <= self.pace.largest() && peak <= FREE * self.peaks.highest();
        let first = self.pace.may_look_beyond(size) && size <= FIRST_DOUBLINGS * allowed.start;
        let least = match (self.pace.is_far(size), free && self.pace.may_look() || first) {
            (true, true) => WORTH - TRIAL * self.pace.curiosity() * estimate.doubt,
            (true, false) if size <= self.pace.largest() => 0.0,
            _ => -HOPE * self.pace.curiosity() * estimate.doubt,
        };
        estimate.slower + least.min(0.0)
    }

    /// What the memory of a batch is worth in time.
    fn price(space: Space, need: f64) -> f64 {
        if !space.limit.is_finite() || space.limit <= 0.0 {
            return 0.0;
        }
        let left = space.last - need;
        let used = 1.0 - left / space.limit;
        let crowded = (used - COMFORT).max(0.0);
        DISCOMFORT * crowded * crowded + PRICE * need / space.limit
    }
}
