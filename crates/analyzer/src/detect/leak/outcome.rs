//! From a run to its leak verdict.

use super::attribution::Attribution;
use super::baseline::Baseline;
use super::between::after_batches;
use super::collected::{self, Left};
use super::components::{Anonymous, anonymous, in_children};
use super::joined::joined;
use super::limits::{FEWEST_SAMPLES, SHORTEST_S};
use super::live::LiveBytes;
use super::operations::{by_operation, shared_out};
use super::reason::{Reason, ReasonCode};
use super::report::{LeakReport, LeakTier, LeakVerdict};
use super::retained::{Retained, without_retained};
use super::rss::{growth, judge_rss};
use super::tier::{doubt, hours_to_limit};
use super::verdict::{GrowthFit, Judgement};
use crate::detect::context::Context;
use crate::detect::observed::ObservedCollection;
use crate::series::Series;

/// Share of growth in children from which the process's own live bytes say nothing of it.
const MOSTLY_CHILDREN: f64 = 0.5;

/// What a run's memory says of leaks.
pub(in crate::detect) struct Leak {
    pub(in crate::detect) report: LeakReport,
    /// The growth, where the verdict is a leak.
    pub(in crate::detect) grown: Option<Grown>,
    /// What the baseline rose by in MiB where it may be objects that are kept: a leak, a cache, a pinned heap.
    pub(in crate::detect) kept_mb: f64,
}

/// Growth without an end in sight, with all that is known of it.
pub(in crate::detect) struct Grown {
    pub(in crate::detect) baseline: Baseline,
    pub(in crate::detect) fit: GrowthFit,
    pub(in crate::detect) attribution: Attribution,
}

impl Leak {
    /// Judges a run.
    pub(in crate::detect) fn of(series: &Series, context: &Context) -> Self {
        if let Some(left) = left_by_collections(context) {
            return Self::of_heap(series, context, &left);
        }
        match context.open_batch_s {
            Some(began_s) => Self::before_open_batch(series, context, began_s),
            None => Self::of_work(series, context),
        }
    }

    /// Judges a run that ended inside a batch: what that one takes says nothing of a leak.
    fn before_open_batch(series: &Series, context: &Context, began_s: f64) -> Self {
        let before = series.before(series.seconds.partition_point(|seconds| *seconds <= began_s));
        let live = context.live.iter().filter(|live| live.at_s <= began_s).copied().collect();
        let mut leak = Self::of_work(&before, &Context { live, ..context.clone() });
        let inside_s = series.duration_s() - before.duration_s();
        let words = format!("; the last {inside_s:.1} s, inside a batch that did not end, are left out");
        leak.report.reason.push_str(&words);
        leak
    }

    fn of_work(series: &Series, context: &Context) -> Self {
        let duration = series.duration_s();
        if series.len() < FEWEST_SAMPLES || duration < SHORTEST_S {
            return Self::unknown(format!(
                "{} snapshot{} over {duration:.1} s; a verdict needs {FEWEST_SAMPLES} over {SHORTEST_S} s",
                series.len(),
                if series.len() == 1 { "" } else { "s" }
            ));
        }
        let after_batches = after_batches(&context.batches, |_, rss_mb| rss_mb);
        Evidence::new(series, context, after_batches).judged()
    }

    /// Judges a heap by what its collections left.
    fn of_heap(series: &Series, context: &Context, left: &[Left]) -> Self {
        match collected::judge(left) {
            (Some(baseline), Judgement::Growing(fit)) => {
                Evidence::new(series, context, Vec::new()).growing(baseline, fit, None)
            }
            (baseline, Judgement::Not(verdict, reason)) => {
                let risen_mb = baseline.map_or(0.0, |baseline| baseline.risen_mb());
                Self::without_growth(LeakReport::without_growth(verdict, &reason), risen_mb)
            }
            (None, Judgement::Growing(_)) => Self::unknown("no baseline".to_owned()),
        }
    }

    /// No verdict, for a reason.
    pub(in crate::detect) fn unknown(words: String) -> Self {
        let reason = Reason::new(ReasonCode::Insufficient, words);
        Self::without_growth(LeakReport::without_growth(LeakVerdict::Inconclusive, &reason), 0.0)
    }

    fn without_growth(report: LeakReport, risen_mb: f64) -> Self {
        let kept_mb = if report.verdict == LeakVerdict::None { 0.0 } else { risen_mb.max(0.0) };
        Self { report, grown: None, kept_mb }
    }
}

/// What collections left, where the figures are a heap's and its log has them.
fn left_by_collections(context: &Context) -> Option<Vec<Left>> {
    // Once a heap is full it cannot grow: what follows tells nothing of growth.
    let until_full = context.collections.iter().take(full_from(&context.collections) + 1);
    let left =
        until_full.filter_map(|each| Some(Left { at_s: each.at_s, mb: each.after_mb?, young: each.young }));
    let mut left: Vec<Left> = left.filter(|_| context.measure.is_heap()).collect();
    // Parts of collections that overlap end out of order.
    left.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    (!left.is_empty()).then_some(left)
}

/// Share of the committed heap in use after a collection from which the heap is full: a program that has
/// room keeps at least a twentieth free.
const FULL: f64 = 0.95;
/// The same where a collection frees next to nothing of what is committed, and this share of it.
const NEARLY_FULL: f64 = 0.8;
const FREED: f64 = 0.03;
/// Collections at the end that may free more: the program has run out of memory, and ends.
const LAST: usize = 2;

/// The place of the first collection of those that a full heap ends with; where it does not, behind the last.
fn full_from(collections: &[ObservedCollection]) -> usize {
    let most_mb = collections.iter().filter_map(|each| each.committed_mb).fold(0.0, f64::max);
    let last_with_room = collections.iter().rposition(|each| !is_full(each, most_mb));
    let skipped = collections.len().saturating_sub(LAST);
    let before = collections[..skipped].iter().rposition(|each| !is_full(each, most_mb));
    match (last_with_room, before) {
        // Those at the very end were the only ones with room.
        (Some(last), Some(before)) if last >= skipped && before + 1 < skipped => before + 1,
        (Some(last), _) => last + 1,
        (None, _) => 0,
    }
}

/// Whether a collection left a heap in which next to nothing is free, of the most that the log has.
fn is_full(collection: &ObservedCollection, most_mb: f64) -> bool {
    let (Some(after), Some(committed)) = (collection.after_mb, collection.committed_mb) else { return false };
    let freed = collection.before_mb.map_or(f64::INFINITY, |before| before - after);
    let nearly = committed >= most_mb && after >= NEARLY_FULL * committed && freed < FREED * committed;
    after >= FULL * committed || nearly
}

/// A run, whole and without the parts that are judged apart.
struct Evidence<'a> {
    series: &'a Series,
    context: &'a Context,
    after_batches: Vec<(f64, f64)>,
    retained: Option<Retained>,
    anonymous: Option<Anonymous>,
}

impl<'a> Evidence<'a> {
    fn new(series: &'a Series, context: &'a Context, after_batches: Vec<(f64, f64)>) -> Self {
        let retained = without_retained(series, &context.batches);
        let mut evidence = Self { series, context, after_batches, retained, anonymous: None };
        let (undeclared, after) = evidence.undeclared();
        evidence.anonymous = anonymous(undeclared, after);
        evidence
    }

    /// Without what the job declares.
    fn undeclared(&self) -> (&Series, &[(f64, f64)]) {
        self.retained
            .as_ref()
            .map_or((self.series, &self.after_batches), |part| (&part.series, &part.after_batches))
    }

    /// What is left of RSS without the parts that are judged apart, and the same after batches.
    fn rest(&self) -> (&Series, &[(f64, f64)]) {
        let undeclared = self.undeclared();
        self.anonymous.as_ref().map_or(undeclared, |part| (&part.series, &part.between_batches[..]))
    }

    fn judged(self) -> Leak {
        let (rest, after) = self.rest();
        let Some((baseline, by_rss)) = judge_rss(rest, after, &self.context.batches) else {
            return Leak::unknown("no baseline".to_owned());
        };
        let in_children = in_children(rest);
        let declared_mb = |at_s: f64| self.retained.as_ref().map_or(0.0, |part| part.at(at_s));
        let live = LiveBytes::of(self.context, self.series.duration_s(), declared_mb)
            .filter(|_| in_children.is_none_or(|share| share < MOSTLY_CHILDREN));
        let Some(live) = live else { return self.concluded(baseline, by_rss, in_children) };
        let risen_mb = match &by_rss {
            Judgement::Growing(fit) => fit.total_mb,
            Judgement::Not(..) => 0.0,
        };
        match live.judge(rest, after) {
            (in_use, Judgement::Growing(fit)) if live.accounts_for(risen_mb) => {
                self.concluded(in_use, Judgement::Growing(fit), in_children)
            }
            (_, Judgement::Not(verdict, reason)) if risen_mb > 0.0 => {
                let by_live = live.explains(risen_mb, verdict, reason);
                self.concluded(baseline, by_live.unwrap_or(by_rss), in_children)
            }
            _ => self.concluded(baseline, by_rss, in_children),
        }
    }

    /// The outcome of a judgement on a baseline.
    fn concluded(self, baseline: Baseline, judgement: Judgement, in_children: Option<f64>) -> Leak {
        match judgement {
            Judgement::Not(verdict, reason) => {
                let reason = with_left_out(reason, &baseline);
                Leak::without_growth(self.not_growing(verdict, reason), baseline.risen_mb())
            }
            Judgement::Growing(fit) => {
                if let Some(part) = self.retained.as_ref().filter(|part| part.explains(fit.total_mb)) {
                    let rest = format!("{:.0} MiB of what a heap adds", fit.total_mb);
                    return Leak::without_growth(self.declared(part, &rest), baseline.risen_mb());
                }
                let last_batch_s = self.after_batches.last().map(|last| last.0);
                match joined(self.rest().0, &baseline, &fit, last_batch_s) {
                    Some(Judgement::Not(verdict, reason)) => Leak::without_growth(
                        LeakReport::without_growth(verdict, &with_left_out(reason, &baseline)),
                        baseline.risen_mb(),
                    ),
                    _ => self.growing(baseline, fit, in_children),
                }
            }
        }
    }

    fn not_growing(&self, verdict: LeakVerdict, mut reason: Reason) -> LeakReport {
        if let Some(part) = &self.anonymous {
            let (undeclared, after) = self.undeclared();
            let whole_grows = || growth(undeclared, after).is_some();
            let whole_grows = verdict == LeakVerdict::None && part.has_grown() && whole_grows();
            reason = part.describe(reason, whole_grows);
        }
        if let Some(part) = &self.retained
            && growth(self.series, &self.after_batches).is_some_and(|whole| part.is_most_of(whole))
        {
            return self.declared(part, &reason.to_string());
        }
        LeakReport::without_growth(verdict, &reason)
    }

    /// Growth that the job declares: no leak, and given per 1,000 items and by operation.
    fn declared(&self, part: &Retained, rest: &str) -> LeakReport {
        LeakReport {
            by_operation: by_operation(&self.context.batches, &self.context.operations),
            ..LeakReport::without_growth(LeakVerdict::None, &part.describe(rest))
        }
    }

    fn growing(self, baseline: Baseline, fit: GrowthFit, in_children: Option<f64>) -> Leak {
        let minutes = self.series.duration_s() / 60.0;
        let found = by_operation(&self.context.batches, &self.context.operations);
        let attribution = Attribution {
            in_children,
            by_operation: shared_out(found, fit.growth.estimate * minutes),
            anonymous: self.anonymous,
            declared: self.retained,
        };
        let report = report(self.series, self.context, &baseline, &fit, &attribution);
        let kept_mb = fit.total_mb;
        Leak { report, grown: Some(Grown { baseline, fit, attribution }), kept_mb }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count")]
fn report(
    series: &Series,
    context: &Context,
    baseline: &Baseline,
    fit: &GrowthFit,
    attribution: &Attribution,
) -> LeakReport {
    let growth = fit.growth;
    let doubt = doubt(series, context, baseline, fit);
    let reason = reason(baseline, fit, doubt);
    let minutes = series.duration_s() / 60.0;
    let batches = context.batches.len() as f64;
    let items = context.batches.iter().map(|b| b.items).sum::<u64>() as f64;
    LeakReport {
        verdict: LeakVerdict::Leak,
        tier: Some(if doubt.is_none() { LeakTier::Confirmed } else { LeakTier::Suspected }),
        slope_mb_per_min: Some(growth).filter(|_| !context.untimed),
        slope_mb_per_batch: growth.per(batches / minutes),
        slope_mb_per_1000_items: growth.per(items / 1000.0 / minutes),
        by_operation: attribution.by_operation.clone(),
        hours_to_limit: hours_to_limit(
            context.limit_mb.filter(|_| !context.untimed),
            baseline,
            (growth, minutes),
            attribution.held_mb(),
        ),
        reason_code: reason.code,
        reason: reason.to_string(),
    }
}

fn reason(baseline: &Baseline, fit: &GrowthFit, doubt: Option<&str>) -> Reason {
    let words = format!(
        "the {} rose {:.0} MiB over {} cycles, tau {:.2}, BIC lead {:.1}",
        baseline.basis.describe(),
        fit.total_mb,
        baseline.cycles,
        fit.trend.tau,
        fit.lead
    );
    let reason = Reason::new(ReasonCode::Growing, words);
    let reason = match doubt {
        Some(doubt) => reason.and(doubt),
        None => reason,
    };
    with_left_out(reason, baseline)
}

fn with_left_out(reason: Reason, baseline: &Baseline) -> Reason {
    match baseline.left_out {
        Some(left_out) => reason.and(&left_out.describe()),
        None => reason,
    }
}
