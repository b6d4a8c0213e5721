//! Live bytes: what the allocators have handed out, which a leak raises and a heap that does not shrink does not.
//!
//! RSS grows by leaks, by fragmentation and by pages that an allocator keeps for later. Where the recorder wrote the bytes in
//! use beside it, they decide: RSS that grows by bytes that the heap holds free is retention, and bytes that grow under a large
//! saw are a leak that RSS hides. Limits: the C allocator sees neither CPython's small objects, so the count of those must stay
//! level too, nor children and libraries with allocators of their own, so growth that is not free in the heap stays a leak.

use super::baseline::{Baseline, baseline};
use super::judgement::judge;
use super::verdict::{GrowthFit, Judgement};
use crate::detect::observed::ObservedLive;
use crate::series::Series;
use crate::stats::trend;

/// Moments below which live bytes say nothing.
const FEWEST: usize = 8;
/// Share of them that is start-up.
const START_UP: f64 = 0.2;
/// Share of the growth of RSS that live bytes may grow by and still be level.
const LEVEL: f64 = 0.2;
/// Share of the growth of RSS that must be free in the heap to be retention.
const FREE: f64 = 0.5;
/// Share of their number by which small objects may grow and still be level.
const LEVEL_BLOCKS: f64 = 0.1;
/// Order of a rise: as for troughs of RSS.
const ORDERED: (f64, f64) = (0.7, 0.01);

/// Whether live bytes are known and stay level while RSS grew by so much, most of it free in the heap.
pub(super) fn stays_level(live: &[ObservedLive], rss_growth_mb: f64) -> bool {
    let used = column(live, |point| point.used_mb);
    let blocks = column(live, |point| point.py_blocks);
    let free = rise(&column(live, |point| point.free_mb));
    let (Some(used_rise), Some(free_rise), blocks_rise) = (rise(&used), free, rise(&blocks)) else {
        return false;
    };
    let blocks_level = blocks.first().map_or(0.0, |first| LEVEL_BLOCKS * first.1);
    let is_free = free_rise >= FREE * rss_growth_mb;
    is_free && used_rise <= LEVEL * rss_growth_mb && blocks_rise.is_none_or(|rise| rise <= blocks_level)
}

/// Growth of the bytes in use, judged by the tests of a baseline, and raised to where RSS ends.
pub(super) fn growth(live: &[ObservedLive], rss_mb: &[f64]) -> Option<(Baseline, GrowthFit)> {
    let used = column(live, |point| point.used_mb);
    if used.len() < FEWEST {
        return None;
    }
    let (start_s, last_mb) = (used.first()?.0, used.last()?.1);
    let used: Vec<(f64, f64)> = used.iter().map(|(at, mb)| (at - start_s, *mb)).collect();
    let series = Series::of_memory(&used);
    let mut found = baseline(&series, &used)?;
    let Judgement::Growing(mut fit) = judge(&series, &found, 0) else { return None };
    let above_mb = rss_mb.last()? - last_mb;
    found.shift(start_s / 60.0, above_mb);
    fit.line.intercept += above_mb - fit.line.slope * start_s / 60.0;
    Some((found, fit))
}

/// Moments and values past the start-up: at the ends of batches, where those are known, when the batch's own objects are gone.
fn column(live: &[ObservedLive], value: impl Fn(&ObservedLive) -> Option<f64>) -> Vec<(f64, f64)> {
    let at_ends = live.iter().filter(|point| point.batch_end).count() >= FEWEST;
    let wanted = live.iter().filter(|point| point.batch_end || !at_ends);
    let all: Vec<(f64, f64)> = wanted.filter_map(|point| Some((point.at_s, value(point)?))).collect();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count"
    )]
    let start = (START_UP * all.len() as f64) as usize;
    all[start..].to_vec()
}

/// What values rise by, by the Theil–Sen slope of the lowest of ten parts; 0 where they are not in order.
fn rise(points: &[(f64, f64)]) -> Option<f64> {
    if points.len() < FEWEST {
        return None;
    }
    let together = points.len().div_ceil(10);
    let lowest =
        points.chunks(together).filter_map(|few| few.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1)));
    let (at, values): (Vec<f64>, Vec<f64>) = lowest.unzip();
    let found = trend(&at, &values)?;
    let ordered = found.tau >= ORDERED.0 && found.p_rising < ORDERED.1;
    Some(if ordered { found.slope * (at.last()? - at.first()?) } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use crate::detect::context::Context;
    use crate::detect::examples::{context, leak_of};
    use crate::detect::leak::{LeakVerdict, ReasonCode};
    use crate::detect::observed::ObservedLive;
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
        assert_eq!(leak_of(&growing_rss(), &context()).0.verdict, LeakVerdict::Leak, "as it is without them");
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
}
