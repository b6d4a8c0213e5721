//! Live bytes: what the allocators have handed out, which a leak raises and a heap that does not shrink does not.
//!
//! RSS grows by leaks, by fragmentation and by pages that an allocator keeps for later. Where the recorder wrote the bytes in
//! use beside it, at the ends of batches, they decide wherever they and what the heap holds free account for half of the growth of RSS:
//! growth of the bytes in use is judged by itself, and growth of what is free is retention. A leak under a large saw shows in them though RSS
//! hides it. Growth that neither accounts for is in a library's own allocator: where the job's meters watch such libraries and stay level,
//! it may be what a library keeps as well as a leak that no meter sees; without meters RSS is judged as without live bytes.
//! Limits: the figures are the process's own, so where most of the growth is in children they say nothing; of CPython's small objects
//! only the number is known, and each is counted as the least that they usually take.

use memtool_profile_model::Mib;

use super::baseline::{Baseline, Basis};
use super::exact::{fit, judge_exact};
use super::reason::{Reason, ReasonCode};
use super::report::LeakVerdict;
use super::verdict::{GrowthFit, Judgement};
use super::work::longest_teardown_s;
use crate::detect::context::Context;
use crate::detect::observed::ObservedLive;
use crate::series::Series;
use crate::stats::median;

/// Ends of batches, and moments of a job without batches, below which live bytes say nothing.
const FEWEST_ENDS: usize = 4;
const FEWEST: usize = 8;
/// Seconds between two moments of a job without batches, less a little: readings come a second apart.
const APART_S: f64 = 0.9;
/// Moments that are kept.
const MOST: usize = 40;
/// Points below which growth of the bytes in use is neither shown nor ruled out: four in order are a chance of 1 in 24.
const FEWEST_JUDGED: usize = 5;
/// Share of the run in which it loads what it works on.
const START_UP: f64 = 0.1;
/// Share of the growth of RSS that the bytes in use and the heap's free ones must account for to decide.
const ACCOUNTED: f64 = 0.5;
/// Share of what the bytes in use rose by that is free again where it is not kept, and the least share of the growth of RSS that they rose by:
/// small objects are counted at the least that they take, often half.
const FREED_AGAIN: f64 = 0.75;
const FREED: f64 = 0.3;
/// Steps at the end that show growth which began late, and the least of one, in MiB and as a share of the whole range.
const LAST_STEPS: usize = 3;
const STEP: (f64, f64) = (2.0, 0.05);
/// The least that such growth comes to, in MiB.
const LATE_MB: f64 = 25.0;
/// What one of CPython's small objects takes at the least, in the usual mix, in MiB.
const SMALL_OBJECT_MB: f64 = 64.0 / Mib::BYTES;
/// Share of the growth of the bytes in use that is still there after the last batch.
const KEPT: f64 = 0.5;
/// Seconds after the last batch for which results are in use at the least: joins of recorded jobs took 0.6 s and more, the ends of
/// functions up to 0.4 s.
const USED_ON_S: f64 = 0.5;

/// One moment: seconds, bytes in use without what the job declares, and what the heap holds free.
#[derive(Debug, Clone, Copy)]
struct Point {
    at_s: f64,
    in_use_mb: f64,
    free_mb: f64,
}

/// Live bytes of a run at moments when no batch holds anything, in order of time.
pub(super) struct LiveBytes {
    points: Vec<Point>,
    /// The least in use after the last of these moments, where the run shows that it was given back after use.
    closing_mb: Option<f64>,
    metered: bool,
}

/// The least in use after the last batch, where the job used on what it held then or goes on without it. What is gone at once, as the
/// job ends, went with the function that held it, as at the end of a process.
fn given_back_after_use(last: &Point, after: &[Point], goes_on: bool) -> Option<f64> {
    let least_mb = after.iter().map(|point| point.in_use_mb).reduce(f64::min)?;
    let held = |point: &Point| point.in_use_mb - least_mb >= KEPT * (last.in_use_mb - least_mb);
    let used_on = after.iter().any(|point| point.at_s - last.at_s >= USED_ON_S && held(point));
    (goes_on || used_on).then_some(least_mb)
}

/// Moments that are a second apart: eight within a second or two are one batch's.
fn apart(points: Vec<Point>) -> Vec<Point> {
    let mut apart: Vec<Point> = Vec::with_capacity(points.len());
    for point in points {
        if apart.last().is_none_or(|last| point.at_s - last.at_s >= APART_S) {
            apart.push(point);
        }
    }
    apart
}

/// Of too many moments, the lowest of each few neighbours.
fn lowest_of(points: Vec<Point>) -> Vec<Point> {
    let together = points.len().div_ceil(MOST).max(1);
    let mut lowest: Vec<Point> = Vec::with_capacity(points.len().min(MOST));
    for (index, point) in points.into_iter().enumerate() {
        match lowest.last_mut().filter(|_| index % together > 0) {
            Some(least) if point.in_use_mb < least.in_use_mb => *least = point,
            Some(_) => {}
            None => lowest.push(point),
        }
    }
    lowest
}

/// The largest fall from any point to a later one.
fn largest_fall(mb: &[f64]) -> f64 {
    let mut highest_mb = f64::NEG_INFINITY;
    let fall = |mb: &f64| {
        highest_mb = highest_mb.max(*mb);
        highest_mb - mb
    };
    mb.iter().map(fall).fold(0.0, f64::max)
}

/// Growth that began late, in a figure without noise: the last points rise step by step, each by a good part of the whole range. Where as
/// much was given back before, as by a buffer that is written every so many batches, this may be too.
fn late_growth(minutes: &[f64], mb: &[f64]) -> Option<GrowthFit> {
    let from = mb.len().checked_sub(LAST_STEPS + 1).filter(|from| *from > 0)?;
    let (low, high) =
        mb.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), mb| (low.min(*mb), high.max(*mb)));
    let rises = mb[from..].windows(2).all(|pair| pair[1] - pair[0] >= STEP.0.max(STEP.1 * (high - low)));
    let growth = fit(&minutes[from..], &mb[from..])?;
    let emptied = largest_fall(&mb[..=from]) >= KEPT * growth.total_mb;
    (rises && !emptied && growth.total_mb >= LATE_MB).then_some(GrowthFit { of_part: true, ..growth })
}

impl LiveBytes {
    /// `declared_mb` is what the job says that it keeps at a moment; `None` where too little is recorded.
    pub(super) fn of(context: &Context, duration_s: f64, declared_mb: impl Fn(f64) -> f64) -> Option<Self> {
        let point = |live: &ObservedLive| {
            // Samples do not count small objects: after the last batch they count as given back.
            let small = live.py_blocks.unwrap_or_default() * SMALL_OBJECT_MB;
            let in_use_mb = (live.used_mb? + small - declared_mb(live.at_s)).max(0.0);
            Some(Point { at_s: live.at_s, in_use_mb, free_mb: live.free_mb? })
        };
        let started = |live: &&ObservedLive| live.at_s >= START_UP * duration_s;
        let of = |ends: bool| -> Vec<Point> {
            let wanted = context.live.iter().filter(started).filter(|live| live.batch_end || !ends);
            wanted.filter_map(point).collect()
        };
        let at_ends = of(true);
        let ends = !context.batches.is_empty() || !at_ends.is_empty();
        let points = if ends { at_ends } else { apart(of(false)) };
        let last = points.last()?;
        let after = context.live.iter().filter(|live| ends && live.at_s > last.at_s).filter_map(point);
        let goes_on = duration_s - last.at_s > longest_teardown_s(duration_s);
        let closing_mb = given_back_after_use(last, &after.collect::<Vec<_>>(), goes_on);
        let fewest = if ends { FEWEST_ENDS } else { FEWEST };
        (points.len() >= fewest).then(|| Self {
            points: lowest_of(points),
            closing_mb,
            metered: context.metered,
        })
    }

    /// What the bytes in use say by themselves, and their baseline, raised to what RSS is at its end, where it may be known after
    /// batches.
    pub(super) fn judge(&self, rss: &Series, after_batches: &[(f64, f64)]) -> (Baseline, Judgement) {
        let minutes: Vec<f64> = self.points.iter().map(|point| point.at_s / 60.0).collect();
        let in_use_mb: Vec<f64> = self.points.iter().map(|point| point.in_use_mb).collect();
        let last = self.points[self.points.len() - 1];
        let sampled = rss.seconds.partition_point(|seconds| *seconds <= last.at_s).saturating_sub(1);
        let recorded = after_batches.iter().rfind(|(at_s, _)| *at_s <= last.at_s);
        let above_mb = recorded.map_or(rss.rss_mb[sampled], |(_, mb)| *mb) - last.in_use_mb;
        let mut judgement = match judge_exact(&minutes, &in_use_mb, "the bytes in use between batches") {
            Judgement::Not(verdict, reason) => {
                late_growth(&minutes, &in_use_mb).map_or(Judgement::Not(verdict, reason), Judgement::Growing)
            }
            growing @ Judgement::Growing(_) => growing,
        };
        if let Judgement::Growing(fit) = &mut judgement {
            fit.line.intercept += above_mb;
            let grown_mb = fit.total_mb;
            if self.closing_mb.is_some_and(|closing_mb| closing_mb - in_use_mb[0] < KEPT * grown_mb) {
                let words = format!("{grown_mb:.0} MiB of bytes in use were given back after the last batch");
                judgement = Judgement::none(ReasonCode::Released, words);
            }
        }
        (self.baseline(minutes, in_use_mb, above_mb), judgement)
    }

    /// Whether the bytes in use and the heap's free ones account for what RSS grew by.
    pub(super) fn accounts_for(&self, rss_growth_mb: f64) -> bool {
        let free_mb = self.rise(|point| point.free_mb).max(0.0);
        self.rise(|point| point.in_use_mb).max(0.0) + free_mb >= ACCOUNTED * rss_growth_mb
    }

    /// What growth of RSS is where the bytes in use have a verdict that is no leak; `None` where they cannot say.
    pub(super) fn explains(
        &self,
        rss_growth_mb: f64,
        verdict: LeakVerdict,
        reason: Reason,
    ) -> Option<Judgement> {
        let (in_use_mb, free_mb) = (self.rise(|point| point.in_use_mb), self.rise(|point| point.free_mb));
        if let Some(freed_mb) = self.freed_mb().filter(|mb| *mb >= FREED * rss_growth_mb) {
            return Some(kept_after_use(rss_growth_mb, freed_mb));
        }
        if !self.accounts_for(rss_growth_mb) {
            return self.metered.then(|| unaccounted(rss_growth_mb));
        }
        if in_use_mb <= free_mb {
            return Some(retention(rss_growth_mb, free_mb));
        }
        (self.points.len() >= FEWEST_JUDGED).then_some(Judgement::Not(verdict, reason))
    }

    /// What the bytes in use rose by, where nearly all of that is free again at the last moment.
    fn freed_mb(&self) -> Option<f64> {
        let in_use = || self.points.iter().map(|point| point.in_use_mb);
        let (first, last) = (in_use().next()?, in_use().next_back()?);
        let risen = in_use().fold(first, f64::max) - first;
        (last - first <= (1.0 - FREED_AGAIN) * risen).then_some(risen)
    }

    /// From the middle of the first third of the points to that of the last.
    fn rise(&self, value: impl Fn(&Point) -> f64) -> f64 {
        let third = self.points.len().div_ceil(3);
        let middle =
            |part: &[Point]| median(&part.iter().map(&value).collect::<Vec<f64>>()).unwrap_or_default();
        middle(&self.points[self.points.len() - third..]) - middle(&self.points[..third])
    }

    fn baseline(&self, minutes: Vec<f64>, in_use_mb: Vec<f64>, above_mb: f64) -> Baseline {
        let rss_mb: Vec<f64> = in_use_mb.iter().map(|mb| mb + above_mb).collect();
        let (low, high) =
            rss_mb.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), mb| (low.min(*mb), high.max(*mb)));
        Baseline {
            basis: Basis::LiveBytes,
            recorded: minutes.len(),
            lowest: (minutes.clone(), rss_mb.clone()),
            cycles: minutes.len(),
            deep: minutes.len(),
            opening_mb: rss_mb[0],
            closing_mb: None,
            left_out: None,
            level_mb: median(&rss_mb).unwrap_or_default(),
            range_mb: high - low,
            minutes,
            rss_mb,
        }
    }
}

/// RSS grew, and what grew is free in the heap.
fn retention(rss_growth_mb: f64, free_mb: f64) -> Judgement {
    let words = format!(
        "RSS rose {rss_growth_mb:.0} MiB while the bytes in use stayed level: the allocator keeps what was freed, {free_mb:.0} MiB more by \
         the end"
    );
    Judgement::saturating(ReasonCode::Retention, words)
}

/// What RSS grew by was in use, and is free again.
fn kept_after_use(rss_growth_mb: f64, freed_mb: f64) -> Judgement {
    let words = format!(
        "RSS rose {rss_growth_mb:.0} MiB and stays, but at least {freed_mb:.0} MiB of it were in use for a while and are free again: the \
         allocator keeps what was freed"
    );
    Judgement::saturating(ReasonCode::Retention, words)
}

/// RSS grew where no counter looks.
fn unaccounted(rss_growth_mb: f64) -> Judgement {
    let words = format!(
        "RSS rose {rss_growth_mb:.0} MiB that neither the heap nor the job's meters account for: a library keeps what it freed, or leaks \
         where no meter looks"
    );
    Judgement::inconclusive(ReasonCode::Unaccounted, words)
}

#[cfg(test)]
mod tests {
    use crate::detect::context::Context;
    use crate::detect::examples::{batch, context, leak_of};
    use crate::detect::leak::{LeakVerdict, ReasonCode};
    use crate::detect::observed::{ObservedBatch, ObservedLive};
    use crate::series::Series;
    use crate::series::shapes::{noise, series};

    const N: usize = 400;

    /// Bytes in use and free at the end of a batch per 5 s, that rise by so much over the run.
    fn live(rise_mb: f64, free_rise_mb: f64) -> Vec<ObservedLive> {
        let at = |i: usize| ObservedLive {
            at_s: i as f64 * 5.0,
            batch_end: true,
            used_mb: Some(50.0 + rise_mb * i as f64 / 80.0),
            free_mb: Some(10.0 + free_rise_mb * i as f64 / 80.0),
            py_blocks: Some(1e6),
        };
        (0..80).map(at).collect()
    }

    fn growing_rss() -> Series {
        series(
            1.0,
            &(0..N).map(|i| 300.0 + 300.0 * i as f64 / N as f64 + (i % 10) as f64 * 5.0).collect::<Vec<_>>(),
        )
    }

    #[test]
    fn rss_that_grows_over_level_live_bytes_is_retention() {
        let of = |rise, free| leak_of(&growing_rss(), &Context { live: live(rise, free), ..context() }).0;
        let kept = of(1.0, 290.0);
        assert_eq!(
            (kept.verdict, kept.reason_code),
            (LeakVerdict::Saturating, ReasonCode::Retention),
            "{}",
            kept.reason
        );
        assert_eq!(of(250.0, 0.0).verdict, LeakVerdict::Leak);
        assert_eq!(of(1.0, 5.0).verdict, LeakVerdict::Leak, "in a child, or in a library's own pool");
        let metered = Context { live: live(1.0, 5.0), metered: true, ..context() };
        let unseen = leak_of(&growing_rss(), &metered).0;
        assert_eq!(
            (unseen.verdict, unseen.reason_code),
            (LeakVerdict::Inconclusive, ReasonCode::Unaccounted),
            "{}",
            unseen.reason
        );
        assert_eq!(leak_of(&growing_rss(), &context()).0.verdict, LeakVerdict::Leak, "as it is without them");
    }

    #[test]
    fn rss_that_stays_after_what_was_in_use_is_freed_is_retention() {
        let mut by_phase = live(250.0, 0.0);
        by_phase[50..].iter_mut().for_each(|live| live.used_mb = Some(52.0));
        let kept = leak_of(&growing_rss(), &Context { live: by_phase.clone(), ..context() }).0;
        assert_eq!(
            (kept.verdict, kept.reason_code),
            (LeakVerdict::Saturating, ReasonCode::Retention),
            "{}",
            kept.reason
        );
        by_phase[78..].iter_mut().for_each(|live| live.used_mb = Some(200.0));
        let kept = leak_of(&growing_rss(), &Context { live: by_phase, ..context() }).0;
        assert_ne!(kept.reason_code, ReasonCode::Retention, "{}", kept.reason);
    }

    #[test]
    fn a_leak_under_a_large_saw_is_found_by_live_bytes() {
        let rss: Vec<f64> =
            noise(3, N).iter().enumerate().map(|(i, e)| 600.0 + (i % 20) as f64 * 25.0 + 60.0 * e).collect();
        let run = series(1.0, &rss);
        let found = leak_of(&run, &Context { live: live(60.0, 0.0), ..context() }).0;
        assert_eq!(found.verdict, LeakVerdict::Leak, "{}", found.reason);
        let slope = found.slope_mb_per_min.expect("a slope").estimate;
        assert!((slope - 9.0).abs() < 1.0, "60 MiB in 400 s: {slope}");
        assert_ne!(leak_of(&run, &context()).0.verdict, LeakVerdict::Leak);
    }

    #[test]
    fn the_line_of_a_leak_ends_at_the_memory_of_its_last_batch() {
        // The last but one, which is the lowest of two.
        let line_ends_at = |series: &Series| {
            let (report, finding) = leak_of(series, &Context { live: live(250.0, 0.0), ..context() });
            let start_mb = finding.expect("a leak").evidence.details["line_at_start_mb"];
            start_mb + report.slope_mb_per_min.expect("a slope").estimate * 390.0 / 60.0
        };
        let run = growing_rss();
        assert!((line_ends_at(&run) - run.rss_mb[390]).abs() < 1.0);
        let mapped = Series { shared_mb: vec![Some(40.0); N].into(), ..growing_rss() };
        assert!((line_ends_at(&mapped) - run.rss_mb[390]).abs() < 1.0, "what is mapped lies below it");
    }

    #[test]
    fn a_few_ends_of_batches_are_enough_and_what_is_declared_is_none_of_it() {
        let every_12th = |rise| live(rise, 0.0).into_iter().step_by(12).collect::<Vec<_>>();
        let level = series(1.0, &[600.0; N]);
        let verdict = |live| leak_of(&level, &Context { live, ..context() }).0;
        let found = verdict(every_12th(60.0));
        assert_eq!(found.verdict, LeakVerdict::Leak, "{}", found.reason);
        assert_eq!(verdict(every_12th(2.0)).verdict, LeakVerdict::None);
        let declared = |i: u32| ObservedBatch {
            retained_mb: Some(60.0 * f64::from(i) / 80.0),
            ..batch(f64::from(i) * 5.0 - 4.0, f64::from(i) * 5.0, 600.0, true)
        };
        let batches: Vec<ObservedBatch> = (1..80).map(declared).collect();
        let kept = leak_of(&level, &Context { live: live(60.0, 0.0), batches, ..context() }).0;
        assert_ne!(kept.verdict, LeakVerdict::Leak, "{}", kept.reason);
    }

    #[test]
    fn one_batch_of_a_run_without_batch_ends_is_no_leak() {
        let ramp: Vec<f64> = (0..40).map(|i| 100.0 + 5.0 * f64::from(i)).collect();
        let at = |i: u32| ObservedLive {
            at_s: f64::from(i) / 10.0,
            batch_end: false,
            used_mb: Some(50.0 + 5.0 * f64::from(i)),
            ..live(0.0, 0.0)[0]
        };
        let context = Context { live: (0..40).map(at).collect(), ..context() };
        let found = leak_of(&series(0.1, &ramp), &context).0;
        assert_ne!(found.verdict, LeakVerdict::Leak, "{}", found.reason);
    }

    #[test]
    fn what_is_given_back_after_use_was_no_leak_and_what_goes_as_the_job_ends_may_be() {
        // The last batch ends after 395 s.
        let of = |lasts: usize, after: &[(f64, f64)]| {
            let mut live = live(60.0, 0.0);
            let last = live[79];
            let moment = |(at_s, mb): &(f64, f64)| ObservedLive {
                at_s: *at_s,
                batch_end: false,
                used_mb: Some(*mb),
                ..last
            };
            live.extend(after.iter().map(moment));
            leak_of(&series(1.0, &[600.0; N][..lasts]), &Context { live, ..context() }).0.verdict
        };
        assert_ne!(of(400, &[(395.2, 50.0)]), LeakVerdict::Leak, "the job goes on without it");
        assert_ne!(of(398, &[(395.6, 109.0), (396.0, 50.0)]), LeakVerdict::Leak, "it was used on");
        assert_eq!(of(398, &[(395.2, 50.0)]), LeakVerdict::Leak);
        assert_eq!(of(398, &[(395.2, 109.0), (396.0, 50.0)]), LeakVerdict::Leak);
    }

    #[test]
    fn growth_that_begins_late_shows_in_three_steps_and_a_load_does_not() {
        let of = |used: &[f64]| {
            let at = |(i, used): (usize, &f64)| ObservedLive {
                at_s: i as f64 * 60.0 + 39.0,
                used_mb: Some(*used),
                ..live(0.0, 0.0)[0]
            };
            let live = used.iter().enumerate().map(at).collect();
            leak_of(&series(1.0, &[600.0; N]), &Context { live, ..context() }).0.verdict
        };
        assert_eq!(of(&[6.0, 6.0, 6.0, 20.0, 60.0, 107.0]), LeakVerdict::Leak);
        assert_ne!(of(&[6.0, 6.0, 6.0, 6.0, 6.0, 107.0]), LeakVerdict::Leak);
        assert_ne!(of(&[6.0, 60.0, 80.0, 107.0, 107.0, 107.0]), LeakVerdict::Leak);
        assert_ne!(of(&[60.0, 120.0, 180.0, 2.0, 62.0, 122.0, 182.0]), LeakVerdict::Leak, "a buffer");
    }
}
