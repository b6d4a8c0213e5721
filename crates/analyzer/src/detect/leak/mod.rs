//! Memory that grows without an end in sight.
//!
//! Idea: take the floor of the trace (what is left when batches are gone) and ask whether it is
//! *ordered*: does each point of it lie above the ones before, all through the run, and does
//! the job not give the memory back at its end? A leak needs all of: growth that matters
//! against the level, the allocator's own ratchet and the noise; for a floor of troughs an
//! order (Kendall's tau) of at least 0.7 and a rising Mann–Kendall test at 1 %; growth in most
//! eighths of the floor, not in one jump, and still going on in the last quarter; a shape that
//! no saturating curve fits much better (BIC); at least half of it still held after the work,
//! where the trace shows that. Then it is fitted: linfa's least squares, the Theil–Sen slope and
//! the slopes of both halves; the interval is their hull, its lower end divided by what a heap
//! adds to leaked bytes.
//! Where the part in mapped files and shared memory is known, all of this is asked of the rest: what
//! a file's pages take is the kernel's to take back. Where the part of children is known, a leak
//! says how much of its growth is theirs.
//! Limits: RSS can grow by several times what the program leaks. A ramp without one completed
//! cycle is no leak before it has lasted, since loading looks the same; under five minutes a
//! leak is at most suspected; under a minute of samples without enough cycles it is
//! inconclusive.

mod declared;
mod floor;
mod operations;
mod parts;
mod shape;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use self::declared::{Declared, declared};
use self::floor::{Floor, Source, floor};
pub use self::operations::OperationGrowth;
use self::operations::by_operation;
use self::parts::{Anonymous, anonymous, in_children};
use self::shape::{Shape, choose};
use super::{Context, Evidence, Finding, FindingKind, Severity};
use crate::series::Series;
use crate::stats::{Line, Trend, autocorrelation, line, median, robust_deviation, trend};

/// Fewer snapshots carry no verdict.
const FEWEST_SAMPLES: usize = 20;
/// A shorter run carries no verdict, in seconds.
const SHORTEST_S: f64 = 2.5;
/// Cycles that stand in for time: a ramp with fewer must last, and a floor with fewer is unsure.
const FEW_CYCLES: usize = 5;
/// A job whose stages come back must show so many of its cycles.
const FEWEST_RECURRENCES: usize = 4;
/// Large cycles from which a floor shows at all, though they may be too few for a verdict.
const FEW_DEEP: usize = 3;
/// In a longer run large cycles are as many as the job has, in seconds.
const LONG_S: f64 = 60.0;
/// Time that a ramp without cycles must last in a run that shows what its end keeps, in
/// seconds; without that sight it must last as long as a long run.
const LASTING_S: f64 = 10.0;
/// A shorter run can only make a leak suspected, in seconds.
const CONFIRMED_S: f64 = 300.0;
/// Cycles without which a leak is only suspected.
const CONFIRMED_CYCLES: usize = 5;
/// Lead in BIC that counts as strong evidence (Kass and Raftery).
const STRONG_LEAD: f64 = 6.0;
/// Lead in BIC by which a saturating curve wins: positive evidence in a run long enough to be
/// sure, very strong in a shorter one, where adaptive batch sizes bend a true leak.
const SATURATES: (f64, f64) = (2.0, 10.0);
/// Lead in BIC by which a level with steps wins: very strong evidence, since a heap that
/// takes memory in large pieces climbs a leak in steps too.
const STEPS_WIN: f64 = 10.0;
/// Chance of a false alarm of the trend test.
const P_RISING: f64 = 0.01;
/// How ordered troughs must be: of ten pairs at least eight and a half rise.
const ORDERED: f64 = 0.7;
/// Growth that matters: in MiB, as a share of the median in short and long runs, in deviations
/// of the noise.
const LEAST_GROWTH_MB: f64 = 25.0;
const LEAST_SHARE: (f64, f64) = (0.08, 0.05);
const LEAST_DEVIATIONS: f64 = 3.0;
/// Steps of time over which growth must be spread.
const STEPS: usize = 8;
/// Steps that must hold a share of the growth, and that share.
const SPREAD: (usize, f64) = (5, 0.03);
/// Share of all growth that one step may hold.
const LARGEST_JUMP: f64 = 0.6;
/// Growth of the later half against the earlier one, below which it has slowed down.
const GOES_ON: f64 = 0.36;
/// Share of all growth in the last quarter, below which it has ended.
const ENDS_WITH: f64 = 0.08;
/// Share of the growth that is still there when the work is done.
const KEPT: f64 = 0.5;
/// Share of the floor's rise that is: less, since samples seldom meet a trough at its lowest.
const KEPT_OF_RISE: f64 = 1.0 / 3.0;
/// Share of growth from which it is told as that of one part alone.
const MOSTLY: f64 = 0.75;
/// What a heap adds to leaked bytes in the usual case: recorded leaks of known size grew RSS by
/// 1.05 to 1.7 times (and up to 5 where small blocks pinned the heap).
const HEAP_OVERHEAD: f64 = 1.6;

/// What is known about a leak.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct LeakReport {
    /// The verdict.
    pub verdict: LeakVerdict,
    /// How sure a leak is.
    pub tier: Option<LeakTier>,
    /// Growth of the floor, where there is growth.
    pub slope_mb_per_min: Option<Growth>,
    /// The same growth a batch, where batches are recorded.
    pub slope_mb_per_batch: Option<Growth>,
    /// The same growth a thousand items.
    pub slope_mb_per_1000_items: Option<Growth>,
    /// What the batches of each operation leave behind in a leak, the most first.
    pub by_operation: Vec<OperationGrowth>,
    /// Time until the limit at this growth, where the limit is known and growth is sure.
    pub hours_to_limit: Option<Growth>,
    /// Why, as a code and words.
    pub reason: String,
}

/// Whether memory leaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LeakVerdict {
    /// It grows without an end in sight.
    Leak,
    /// It grew, and the growth ends or slows down.
    Saturating,
    /// It does not grow.
    None,
    /// The data cannot say.
    Inconclusive,
}

/// How sure a leak is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LeakTier {
    /// Every test is clear.
    Confirmed,
    /// It looks like one, in a short run or by a narrow lead.
    Suspected,
}

impl LeakTier {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Suspected => "suspected",
        }
    }
}

/// An estimate with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
pub struct Growth {
    /// The estimate.
    pub estimate: f64,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

impl Growth {
    /// Growth a minute as growth a unit of work, at so many units a minute.
    fn per(self, units_per_minute: f64) -> Option<Self> {
        (units_per_minute > 0.0 && units_per_minute.is_finite()).then(|| Self {
            estimate: self.estimate / units_per_minute,
            low: self.low / units_per_minute,
            high: self.high / units_per_minute,
        })
    }
}

impl LeakReport {
    fn without_growth(verdict: LeakVerdict, reason: String) -> Self {
        Self {
            verdict,
            tier: None,
            slope_mb_per_min: None,
            slope_mb_per_batch: None,
            slope_mb_per_1000_items: None,
            by_operation: Vec::new(),
            hours_to_limit: None,
            reason,
        }
    }
}

pub(super) fn detect(series: &Series, context: &Context) -> (LeakReport, Option<Finding>) {
    let duration = series.duration_s();
    if series.len() < FEWEST_SAMPLES || duration < SHORTEST_S {
        let reason = format!(
            "insufficient: {} snapshots over {duration:.1} s; a verdict needs {FEWEST_SAMPLES} over {SHORTEST_S} s",
            series.len()
        );
        return (LeakReport::without_growth(LeakVerdict::Inconclusive, reason), None);
    }
    let after_batches: Vec<(f64, f64)> =
        context.batches.iter().filter_map(|b| Some((b.end_s, b.after_mb?))).collect();
    let declared = declared(series, &context.batches);
    let (undeclared, after) =
        declared.as_ref().map_or((series, &after_batches), |part| (&part.series, &part.after_batches));
    let anonymous = anonymous(undeclared, after);
    let (judged, between) =
        anonymous.as_ref().map_or((undeclared, after), |part| (&part.series, &part.between_batches));
    let Some(floor) = floor(judged, between) else {
        return (
            LeakReport::without_growth(LeakVerdict::Inconclusive, "insufficient: no floor".to_owned()),
            None,
        );
    };
    match judge(&floor, duration, recurrences(series)) {
        Judgement::Not(verdict, mut reason) => {
            if let Some(part) = &anonymous {
                let whole_grows = verdict == LeakVerdict::None && growth(undeclared, after).is_some();
                reason = part.told(&reason, whole_grows);
            }
            if let Some(part) = &declared
                && growth(series, &after_batches).is_some_and(|whole| part.is_most_of(whole))
            {
                return (of_declared(part, &reason, context), None);
            }
            (LeakReport::without_growth(verdict, reason), None)
        }
        Judgement::Growing(growing) => {
            if let Some(part) = declared.as_ref().filter(|part| part.explains(growing.total_mb)) {
                let reason = format!("{:.0} MiB of what a heap adds", growing.total_mb);
                return (of_declared(part, &reason, context), None);
            }
            let beside = Beside {
                in_children: in_children(judged),
                by_operation: by_operation(&context.batches, &context.operations),
                anonymous,
                declared,
            };
            report(series, context, &floor, &growing, &beside)
        }
    }
}

/// Growth that the job declares: no leak, and told a thousand items and by operation.
fn of_declared(part: &Declared, reason: &str, context: &Context) -> LeakReport {
    LeakReport {
        by_operation: by_operation(&context.batches, &context.operations),
        ..LeakReport::without_growth(LeakVerdict::None, part.told(reason))
    }
}

/// Growth of RSS as a whole in MiB, where that would be called a leak.
fn growth(series: &Series, between_batches: &[(f64, f64)]) -> Option<f64> {
    match judge(&floor(series, between_batches)?, series.duration_s(), recurrences(series)) {
        Judgement::Growing(growing) => Some(growing.total_mb),
        Judgement::Not(..) => None,
    }
}

/// What is known of growth beside the floor.
struct Beside {
    /// The part that was judged, where mapped files are known.
    anonymous: Option<Anonymous>,
    /// What the job says it keeps on purpose, where it says so.
    declared: Option<Declared>,
    /// Share of the growth that is in child processes.
    in_children: Option<f64>,
    /// What each operation leaves behind, the most first.
    by_operation: Vec<OperationGrowth>,
}

impl Beside {
    /// Memory at the run's end that is no part of the floor.
    fn held_mb(&self) -> f64 {
        let mapped = self.anonymous.as_ref().map_or(0.0, |part| part.mapped_at_end_mb);
        mapped + self.declared.as_ref().map_or(0.0, |part| part.at_end_mb)
    }

    #[expect(clippy::cast_precision_loss, reason = "a count")]
    fn details(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let mapped = self.anonymous.as_ref().map(|part| ("mapped_growth_mb", part.mapped_growth_mb));
        let most = self.most().map(|most| {
            [
                ("operation_mb_per_1000_items", most.mb_per_1000_items),
                ("operation_growth_mb", most.growth_mb),
                ("operations_measured", self.by_operation.len() as f64),
            ]
        });
        let children = self.in_children.map(|share| ("in_children", share));
        let declared = self.declared.as_ref().map(|part| ("declared_growth_mb", part.growth_mb));
        mapped.into_iter().chain(declared).chain(children).chain(most.into_iter().flatten())
    }

    /// The operation that leaves the most behind.
    fn most(&self) -> Option<&OperationGrowth> {
        self.by_operation.first().filter(|most| most.growth_mb > 0.0)
    }

    /// Where to look, as a further sentence of the action.
    fn place(&self) -> String {
        let children = match self.in_children {
            Some(share) if share >= MOSTLY => {
                format!(" It grows in child processes ({:.0} % of it): look there first.", share * 100.0)
            }
            Some(share) if share <= 1.0 - MOSTLY => {
                " It grows in the process itself, not in its children.".to_owned()
            }
            Some(share) => format!(" {:.0} % of the growth is in child processes.", share * 100.0),
            None => String::new(),
        };
        let operation = self.most().map(|most| {
            format!(
                " Batches of {} leave the most behind, {:.2} MiB per 1,000 items.",
                most.operation, most.mb_per_1000_items
            )
        });
        children + &operation.unwrap_or_default()
    }
}

struct Growing {
    line: Line,
    trend: Trend,
    growth: Growth,
    lead: f64,
    total_mb: f64,
}

enum Judgement {
    Not(LeakVerdict, String),
    Growing(Growing),
}

impl Judgement {
    fn none(reason: String) -> Self {
        Self::Not(LeakVerdict::None, reason)
    }

    fn inconclusive(reason: String) -> Self {
        Self::Not(LeakVerdict::Inconclusive, reason)
    }

    fn saturating(reason: String) -> Self {
        Self::Not(LeakVerdict::Saturating, reason)
    }
}

fn judge(floor: &Floor, duration: f64, recurrences: usize) -> Judgement {
    let (Some(trend), Some(line)) =
        (trend(&floor.lowest.0, &floor.lowest.1), line(&floor.minutes, &floor.rss_mb))
    else {
        return Judgement::inconclusive("insufficient: too few points of the floor".to_owned());
    };
    let steps = floor.at_steps(STEPS);
    let total_mb = match floor.source {
        Source::Troughs => trend.slope * floor.length(),
        Source::Envelope => steps[STEPS] - steps[0],
    };
    let required = required_growth(floor, &trend, duration);
    if total_mb < required {
        return Judgement::none(format!(
            "small: the floor rose {:.0} MiB, {required:.0} are needed to matter",
            total_mb.max(0.0)
        ));
    }
    if floor.source == Source::Envelope
        && (FEW_DEEP..FEW_CYCLES + 1).contains(&floor.deep)
        && duration < LONG_S
    {
        return Judgement::inconclusive(format!(
            "few_cycles: the floor rose {total_mb:.0} MiB, but {} large cycles are too few to tell a trend",
            floor.deep
        ));
    }
    if let Some(other) =
        given_back(floor).or_else(|| unordered(floor, &trend)).or_else(|| ended(floor, &steps))
    {
        return other;
    }
    let place: Vec<f64> = floor.minutes.iter().map(|m| (m - floor.minutes[0]) / floor.length()).collect();
    let choice = choose(&place, &floor.rss_mb, required / 2.0);
    if let Some(choice) = choice.filter(|choice| choice.shape == Shape::Flat && choice.lead <= -STEPS_WIN) {
        return Judgement::none(format!(
            "level_shift: a level with steps fits the floor better (BIC {:.1})",
            -choice.lead
        ));
    }
    let lead = choice.map_or(0.0, |choice| match choice.shape {
        Shape::Flat => choice.lead.max(0.0),
        _ => choice.lead,
    });
    let wins = if duration >= CONFIRMED_S { SATURATES.0 } else { SATURATES.1 };
    if lead <= -wins {
        return Judgement::saturating(format!(
            "saturating: a curve that slows down fits the floor better (BIC {:.1})",
            -lead
        ));
    }
    let lasting = if floor.closing_mb.is_some() { LASTING_S } else { LONG_S };
    if floor.source == Source::Envelope && floor.cycles < FEW_CYCLES && duration < lasting {
        return Judgement::inconclusive(format!(
            "ramp: {duration:.1} s of growth in {} cycles may be one batch, or loading",
            floor.cycles
        ));
    }
    if (2..FEWEST_RECURRENCES).contains(&recurrences) {
        return Judgement::inconclusive(format!(
            "few_cycles: the job's stages came back {recurrences} times only: growth with each of them may be its work"
        ));
    }
    let growth = interval(floor, &line, &trend, &steps);
    Judgement::Growing(Growing { line, trend, growth, lead, total_mb })
}

/// How often the most frequent stage began anew, with another stage between.
fn recurrences(series: &Series) -> usize {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    let mut last = None;
    for stage in (0..series.len()).filter(|i| series.boundary[*i]).map(|i| series.stage[i]) {
        if stage != last {
            *counts.entry(stage.unwrap_or(u32::MAX)).or_default() += usize::from(stage.is_some());
        }
        last = stage;
    }
    counts.into_values().max().unwrap_or_default()
}

/// What the job gave back when its work was done was not leaked.
fn given_back(floor: &Floor) -> Option<Judgement> {
    let closing = floor.closing_mb?;
    let grown = floor.latest_mb() - floor.opening_mb;
    let kept = (closing - floor.opening_mb) / grown;
    let rose = floor.latest_mb() - floor.earliest_mb();
    let kept_of_rise = (closing - floor.earliest_mb()) / rose;
    (grown > 0.0 && (kept < KEPT || (rose > 0.0 && kept_of_rise < KEPT_OF_RISE))).then(|| {
        Judgement::none(format!(
            "released: the end of the work kept {:.0} % of {grown:.0} MiB above the start, {:.0} % of the floor's rise",
            kept * 100.0,
            kept_of_rise * 100.0
        ))
    })
}

/// Troughs that rise are a leak's; troughs that rise and fall are not.
fn unordered(floor: &Floor, trend: &Trend) -> Option<Judgement> {
    if floor.source == Source::Envelope {
        return None;
    }
    (trend.tau < ORDERED || trend.p_rising >= P_RISING || trend.interval.0 <= 0.0).then(|| {
        Judgement::none(format!(
            "no_trend: {} troughs rise and fall (tau {:.2}, p = {:.3})",
            floor.lowest.1.len(),
            trend.tau,
            trend.p_rising
        ))
    })
}

/// Growth in one jump is a step, and growth that has ended is a plateau.
fn ended(floor: &Floor, steps: &[f64]) -> Option<Judgement> {
    let total = steps[STEPS] - steps[0];
    let parts: Vec<f64> = steps.windows(2).map(|w| (w[1] - w[0]) / total.max(f64::MIN_POSITIVE)).collect();
    let spread = parts.iter().filter(|part| **part > SPREAD.1).count();
    let lowest = floor.lowest_at_steps(STEPS);
    let rose = (lowest[STEPS] - lowest[0]).max(f64::MIN_POSITIVE);
    let largest = lowest.windows(2).map(|w| (w[1] - w[0]) / rose).fold(0.0, f64::max);
    let (early, late, last) = match floor.source {
        Source::Envelope => (
            parts[..STEPS / 2].iter().sum(),
            parts[STEPS / 2..].iter().sum(),
            parts[STEPS - STEPS / 4..].iter().sum(),
        ),
        Source::Troughs => thirds(&floor.rss_mb),
    };
    let scattered = floor.source == Source::Envelope && spread < SPREAD.0;
    if largest > LARGEST_JUMP {
        return Some(Judgement::none(format!(
            "level_shift: {:.0} % of the growth lies in an eighth of the run",
            largest * 100.0
        )));
    }
    (scattered || late < GOES_ON * early || last < ENDS_WITH).then(|| {
        Judgement::saturating(format!(
            "saturating: the floor rose by {:.0} % of its growth early, {:.0} % late, {:.0} % at the end, in {spread} \
             of {STEPS} parts",
            early * 100.0,
            late * 100.0,
            last.max(0.0) * 100.0
        ))
    })
}

/// Growth from the first to the middle third of troughs, and from there to the last, which
/// also stands for the end: single troughs are too noisy for more.
fn thirds(troughs: &[f64]) -> (f64, f64, f64) {
    let third = troughs.len() / 3;
    let middle = |part: &[f64]| median(part).unwrap_or_default();
    let [a, b, c] = [
        middle(&troughs[..third]),
        middle(&troughs[third..troughs.len() - third]),
        middle(&troughs[troughs.len() - third..]),
    ];
    let total = (c - a).max(f64::MIN_POSITIVE);
    ((b - a) / total, (c - b) / total, (c - b) / total)
}

fn required_growth(floor: &Floor, trend: &Trend, duration: f64) -> f64 {
    let share = if duration >= CONFIRMED_S { LEAST_SHARE.1 } else { LEAST_SHARE.0 };
    let noise = match floor.source {
        // The envelope only rises: what is left of a line is its steps, not noise.
        Source::Envelope => 0.0,
        Source::Troughs => {
            let detrended: Vec<f64> =
                floor.lowest.0.iter().zip(&floor.lowest.1).map(|(m, rss)| rss - trend.slope * m).collect();
            robust_deviation(&detrended).unwrap_or_default()
        }
    };
    LEAST_GROWTH_MB.max(share * floor.level_mb).max(LEAST_DEVIATIONS * noise)
}

/// The slope, with the hull of what several looks at it say.
#[expect(clippy::cast_precision_loss, reason = "a few dozen points")]
fn interval(floor: &Floor, line: &Line, trend: &Trend, steps: &[f64]) -> Growth {
    let n = line.residuals.len() as f64;
    let phi = autocorrelation(&line.residuals, 1).clamp(0.0, 0.95);
    let effective = (n * (1.0 - phi) / (1.0 + phi)).max(4.0);
    let quantile = StudentsT::new(0.0, 1.0, effective - 2.0).map_or(1.96, |t| t.inverse_cdf(0.975));
    let half = (quantile * line.slope_error * (n / effective).sqrt()).min(line.slope.abs());
    let halves = [(0, STEPS / 2), (STEPS / 2, STEPS)]
        .map(|(a, b)| (steps[b] - steps[a]) / (floor.length() * (b - a) as f64 / STEPS as f64));
    let mut looks = vec![line.slope - half, line.slope + half, trend.interval.0, trend.interval.1];
    looks.extend(halves);
    if let (Some(closing), Some(end)) = (floor.closing_mb, floor.minutes.last()) {
        looks.push((closing - floor.opening_mb) / end);
    }
    let least = looks.iter().copied().fold(line.slope, f64::min);
    let most = looks.iter().copied().fold(line.slope, f64::max);
    Growth { estimate: line.slope, low: if least > 0.0 { least / HEAP_OVERHEAD } else { least }, high: most }
}

#[expect(clippy::cast_precision_loss, reason = "a count")]
fn report(
    series: &Series,
    context: &Context,
    floor: &Floor,
    growing: &Growing,
    beside: &Beside,
) -> (LeakReport, Option<Finding>) {
    let growth = growing.growth;
    let confirmed = growing.lead >= STRONG_LEAD
        && series.duration_s() >= CONFIRMED_S
        && floor.cycles >= CONFIRMED_CYCLES
        && growth.low > 0.0;
    let tier = if confirmed { LeakTier::Confirmed } else { LeakTier::Suspected };
    let hours = hours_to_limit(context, floor, growing, beside.held_mb());
    let source = match floor.source {
        Source::Troughs => "between batches",
        Source::Envelope => "that is never given back",
    };
    let reason = format!(
        "growing: the memory {source} rose {:.0} MiB over {} cycles, tau {:.2}, BIC lead {:.1}{}",
        growing.total_mb,
        floor.cycles,
        growing.trend.tau,
        growing.lead,
        if series.duration_s() < CONFIRMED_S { "; the run is shorter than 5 minutes" } else { "" }
    );
    let finding = Finding {
        kind: FindingKind::MemoryLeak,
        severity: severity(confirmed, hours),
        confidence: confidence(confirmed, context),
        evidence: Evidence {
            rule: "memory_leak.floor_trend",
            window_s: (floor.minutes[0] * 60.0, floor.minutes[floor.minutes.len() - 1] * 60.0),
            samples: series.len(),
            statistic: "growth of the floor in MiB a minute",
            value: growth.estimate,
            interval: Some((growth.low, growth.high)),
            operation: beside.most().map(|most| most.operation.clone()),
            details: details(floor, growing, beside),
        },
        action: format!(
            "Memory that batches leave behind grows {:.0} MiB a minute: look for lists, caches or logs that live longer \
             than a batch, and record a longer run to confirm it.{}",
            growth.estimate,
            beside.place()
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("growth of RSS can be several times the bytes leaked"),
    };
    let minutes = series.duration_s() / 60.0;
    let batches = context.batches.len() as f64;
    let items = context.batches.iter().map(|b| b.items).sum::<u64>() as f64;
    let report = LeakReport {
        verdict: LeakVerdict::Leak,
        tier: Some(tier),
        slope_mb_per_min: Some(growth),
        slope_mb_per_batch: growth.per(batches / minutes),
        slope_mb_per_1000_items: growth.per(items / 1000.0 / minutes),
        by_operation: beside.by_operation.clone(),
        hours_to_limit: hours,
        reason,
    };
    (report, Some(finding))
}

#[expect(clippy::cast_precision_loss, reason = "a count")]
fn details(floor: &Floor, growing: &Growing, beside: &Beside) -> BTreeMap<&'static str, f64> {
    let mut details = BTreeMap::from([
        ("growth_mb", growing.total_mb),
        ("bic_lead", growing.lead),
        ("p_rising", growing.trend.p_rising),
        ("tau", growing.trend.tau),
        ("cycles", floor.cycles as f64),
        ("theil_sen_mb_per_min", growing.trend.slope),
        ("line_at_start_mb", growing.line.intercept),
    ]);
    details.extend(beside.details());
    details
}

/// As measured: surer where memory after batches is recorded; see docs/detectors.md.
const fn confidence(confirmed: bool, context: &Context) -> f64 {
    match (confirmed, context.batches.is_empty()) {
        (true, _) | (false, false) => 0.9,
        (false, true) => 0.75,
    }
}

fn severity(confirmed: bool, hours: Option<Growth>) -> Severity {
    match hours {
        Some(hours) if confirmed && hours.low < 8.0 => Severity::High,
        _ if confirmed => Severity::Medium,
        Some(hours) if hours.low < 1.0 => Severity::Medium,
        _ => Severity::Low,
    }
}

/// Hours from the run's end; `None` without a limit or where the growth may be nothing.
fn hours_to_limit(context: &Context, floor: &Floor, growing: &Growing, beside_mb: f64) -> Option<Growth> {
    let headroom = context.limit_mb? - floor.rss_mb.last()? - beside_mb;
    let growth = growing.growth;
    if growth.low <= 0.0 {
        return None;
    }
    let hours = |per_minute: f64| (headroom / per_minute / 60.0).max(0.0);
    Some(Growth { estimate: hours(growth.estimate), low: hours(growth.high), high: hours(growth.low) })
}

#[cfg(test)]
mod tests {
    use super::super::context;
    use super::*;
    use crate::series::shapes::{noise, series};

    fn verdict(n: usize, f: impl Fn(f64) -> f64) -> LeakReport {
        let rss: Vec<f64> =
            noise(11, n).iter().enumerate().map(|(i, e)| f(i as f64 / n as f64) + 3.0 * e).collect();
        detect(&series(1.0, &rss), &context()).0
    }

    #[test]
    fn a_ramp_under_a_sawtooth_is_a_leak_with_its_slope() {
        let found = verdict(1200, |s| 400.0 + 300.0 * s + ((s * 1200.0) % 12.0) * 20.0);
        assert_eq!((found.verdict, found.tier), (LeakVerdict::Leak, Some(LeakTier::Confirmed)), "{found:?}");
        let growth = found.slope_mb_per_min.expect("growth");
        assert!(
            growth.low < 15.0 && growth.high > 15.0 && (growth.estimate - 15.0).abs() < 1.5,
            "{growth:?}"
        );
        let hours = found.hours_to_limit.expect("hours");
        assert!(hours.low <= hours.estimate && hours.estimate <= hours.high);
    }

    #[test]
    fn a_short_ramp_is_only_suspected() {
        assert_eq!(verdict(120, |s| 400.0 + 300.0 * s).tier, Some(LeakTier::Suspected));
    }

    #[test]
    fn a_ramp_without_cycles_must_last() {
        let rss: Vec<f64> = (0..60).map(|i| 400.0 + 5.0 * f64::from(i)).collect();
        let found = detect(&series(0.1, &rss), &context()).0;
        assert_eq!(found.verdict, LeakVerdict::Inconclusive);
        assert!(found.reason.starts_with("ramp: 5.9 s"), "{}", found.reason);
        let mut longer = series(0.2, &rss);
        assert_eq!(detect(&longer, &context()).0.verdict, LeakVerdict::Inconclusive, "its end is not seen");
        longer.boundary[59] = true;
        assert_eq!(detect(&longer, &context()).0.tier, Some(LeakTier::Suspected));
    }

    #[test]
    fn a_few_large_cycles_are_too_few() {
        let rss: Vec<f64> =
            (0..250).map(|i| 100.0 + f64::from(i / 50) * 15.0 + f64::from(i % 50) * 8.0).collect();
        let found = detect(&series(0.1, &rss), &context()).0;
        assert_eq!(found.verdict, LeakVerdict::Inconclusive, "{}", found.reason);
        assert!(found.reason.starts_with("few_cycles"), "{}", found.reason);
    }

    #[test]
    fn what_the_end_gives_back_was_no_leak() {
        let ramp = |end: f64| {
            let rss: Vec<f64> = (0..400).map(|i| if i < 398 { 400.0 + f64::from(i) } else { end }).collect();
            let mut run = series(1.0, &rss);
            run.boundary[398] = true;
            detect(&run, &context()).0
        };
        assert_eq!(ramp(797.0).verdict, LeakVerdict::Leak);
        let released = ramp(420.0);
        assert_eq!(released.verdict, LeakVerdict::None);
        assert!(released.reason.starts_with("released"), "{}", released.reason);
    }

    #[test]
    fn stages_that_came_back_twice_carry_no_verdict() {
        let staged = |cycles: usize| {
            let rss: Vec<f64> = (0..400).map(|i| 400.0 + f64::from(i)).collect();
            let mut run = series(1.0, &rss);
            for i in 0..2 * cycles {
                run.boundary[i * 390 / (2 * cycles)] = true;
                run.stage[i * 390 / (2 * cycles)] = Some(u32::from(i % 2 == 1));
            }
            detect(&run, &context()).0.verdict
        };
        assert_eq!(staged(2), LeakVerdict::Inconclusive);
        assert_eq!(staged(4), LeakVerdict::Leak);
        assert_eq!(staged(0), LeakVerdict::Leak);
    }

    #[test]
    fn a_rise_that_the_end_takes_back_was_no_leak() {
        // The heap holds 300 MiB from the start; only what came on top of them counts.
        let saw = |end: f64| {
            let rss: Vec<f64> = (0..400)
                .map(|i| match i {
                    0 => 100.0,
                    398.. => end,
                    _ => 400.0 + f64::from(i) * 0.3 + f64::from(i % 10) * 40.0,
                })
                .collect();
            let mut run = series(1.0, &rss);
            run.boundary[398] = true;
            detect(&run, &context()).0
        };
        assert_eq!(saw(510.0).verdict, LeakVerdict::Leak);
        let released = saw(425.0);
        assert!(released.reason.starts_with("released"), "{}", released.reason);
    }

    #[test]
    fn loading_is_saturating_and_not_a_leak() {
        let found = verdict(240, |s| 400.0 + 600.0 * (s / 0.5).min(1.0));
        assert_eq!(found.verdict, LeakVerdict::Saturating, "{}", found.reason);
    }

    #[test]
    fn rising_batch_peaks_over_a_level_floor_are_none() {
        let found = verdict(600, |s| 400.0 + ((s * 600.0) % 10.0) * 60.0 * s);
        assert_eq!(found.verdict, LeakVerdict::None, "{}", found.reason);
    }

    #[test]
    fn a_plateau_is_saturating() {
        let found = verdict(1200, |s| 400.0 + 300.0 * (1.0 - (-s / 0.15_f64).exp()));
        assert_eq!(found.verdict, LeakVerdict::Saturating, "{found:?}");
    }

    #[test]
    fn a_sawtooth_a_step_and_noise_are_none() {
        assert_eq!(verdict(1200, |s| 400.0 + ((s * 1200.0) % 60.0) * 20.0).verdict, LeakVerdict::None);
        assert_eq!(verdict(1200, |s| if s < 0.4 { 400.0 } else { 700.0 }).verdict, LeakVerdict::None);
        assert_eq!(verdict(1200, |_| 400.0).verdict, LeakVerdict::None);
    }

    #[test]
    fn too_few_samples_and_all_equal() {
        let few = detect(&series(1.0, &[1.0; 19]), &context()).0;
        assert_eq!(few.verdict, LeakVerdict::Inconclusive);
        assert!(few.reason.starts_with("insufficient: 19 snapshots"), "{}", few.reason);
        let equal = detect(&series(1.0, &[100.0; 500]), &context()).0;
        assert_eq!(equal.verdict, LeakVerdict::None);
    }
}
