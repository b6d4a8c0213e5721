//! Forced collections: what each freed, what it cost, and where it began.

use memtool_profile_model::SnapshotKind;

use crate::detect::context::Context;
use crate::detect::finding::Details;
use crate::detect::observed::ObservedCollection;
use crate::series::Series;
use crate::stats::{median, quantiles};

/// Collections, or batches, below which there is no verdict.
pub(in crate::detect) const FEWEST: usize = 5;
/// Share freed from which a collection is worth something.
pub(in crate::detect) const WORTHWHILE: f64 = 0.05;
/// Median share freed below which it is not (HotSpot's GCHeapFreeLimit).
pub(in crate::detect) const INEFFECTIVE: f64 = 0.02;
/// How long regrowth is followed, in seconds.
const FOLLOWED_S: f64 = 30.0;

/// One forced collection.
pub(in crate::detect) struct Forced {
    pub(in crate::detect) at_s: f64,
    /// How long it took, where the recorder timed it.
    seconds: Option<f64>,
    pub(in crate::detect) before_mb: f64,
    pub(in crate::detect) freed_mb: f64,
    pub(in crate::detect) regrowth_s: Option<f64>,
}

/// The forced collections of a run: those that the recorder wrote down, or else those seen as a
/// `post_gc` sample after the one before it.
pub(in crate::detect) fn collections(series: &Series, context: &Context) -> Vec<Forced> {
    let recorded: Vec<Forced> = context
        .collections
        .iter()
        .filter(|seen| seen.forced)
        .filter_map(|seen| Some(forced(series, seen.at_s, seen.before_mb?, seen.after_mb?, seen.seconds)))
        .collect();
    if recorded.is_empty() { paired(series) } else { recorded }
}

fn paired(series: &Series) -> Vec<Forced> {
    let collected = series.kind.stretches().filter(|(_, kind)| *kind == SnapshotKind::PostGc);
    let of = |i: usize| forced(series, series.seconds[i], series.rss_mb[i - 1], series.rss_mb[i], None);
    collected.map(|(samples, _)| samples.start).filter(|i| *i > 0).map(of).collect()
}

fn forced(series: &Series, at_s: f64, before_mb: f64, after_mb: f64, seconds: Option<f64>) -> Forced {
    let freed_mb = before_mb - after_mb;
    Forced { at_s, seconds, before_mb, freed_mb, regrowth_s: regrowth(series, at_s, after_mb, freed_mb) }
}

/// Seconds until nine tenths of what was freed are in use again; `None` if nothing was freed
/// or it does not come back within the time that matters.
fn regrowth(series: &Series, at_s: f64, after_mb: f64, freed_mb: f64) -> Option<f64> {
    if freed_mb <= 0.0 {
        return None;
    }
    let goal = after_mb + 0.9 * freed_mb;
    let first = series.seconds.partition_point(|s| *s <= at_s);
    (first..series.len())
        .map_while(|i| (series.seconds[i] - at_s <= FOLLOWED_S).then_some(i))
        .find(|i| series.rss_mb[*i] >= goal)
        .map(|i| series.seconds[i] - at_s)
}

/// What they come to, by name: freed, cost, the share that freed nothing, the trigger that would
/// have avoided them. Nothing without any.
#[expect(clippy::cast_precision_loss, reason = "counts")]
pub(in crate::detect) fn figures(forced: &[Forced], context: &Context, minutes: f64) -> Details {
    let count = forced.len() as f64;
    let mut figures = Details::from([("collections", count)]);
    if forced.is_empty() {
        return figures;
    }
    let freed: f64 = forced.iter().map(|f| f.freed_mb.max(0.0)).sum();
    let useless = forced.iter().filter(|f| f.freed_mb < INEFFECTIVE * f.before_mb).count();
    figures.extend([
        ("collections_per_minute", count / minutes),
        ("share_that_freed_nothing", useless as f64 / count),
        ("freed_mb_in_total", freed),
        ("freed_mb_per_collection", freed / count),
        ("gc_trigger_mb", context.gc_trigger_mb),
    ]);
    let regrowth: Vec<f64> = forced.iter().filter_map(|f| f.regrowth_s).collect();
    figures.extend(median(&regrowth).map(|seconds| ("median_regrowth_s", seconds)));
    let before: Vec<f64> = forced.iter().map(|f| f.before_mb).collect();
    if let Some([most, all]) = quantiles(&before, [0.95, 1.0]) {
        figures.extend([("trigger_that_avoids_most_mb", most), ("trigger_that_avoids_all_mb", all)]);
    }
    let timed: Vec<f64> = forced.iter().filter_map(|f| f.seconds).collect();
    if !timed.is_empty() {
        figures.extend([("seconds_in_forced_collections", timed.iter().sum())]);
    }
    figures
}

/// The share that each freed; `None` where they are too few.
pub(in crate::detect) fn shares(forced: &[Forced]) -> Option<Vec<f64>> {
    (forced.len() >= FEWEST).then(|| forced.iter().map(|f| f.freed_mb / f.before_mb).collect())
}

/// Collections per minute; `None` for a run without a length.
#[expect(clippy::cast_precision_loss, reason = "a count")]
pub(in crate::detect) fn rate(series: &Series, forced: &[Forced]) -> Option<f64> {
    let minutes = series.duration_s() / 60.0;
    (minutes > 0.0).then(|| forced.len() as f64 / minutes)
}

/// How clearly collections fall on one side: the share that agrees, by Laplace's rule.
#[expect(clippy::cast_precision_loss, reason = "counts")]
pub(in crate::detect) fn agreement(shares: &[f64], agrees: impl Fn(f64) -> bool) -> f64 {
    let agree = shares.iter().filter(|share| agrees(**share)).count() as f64;
    (agree + 1.0) / (shares.len() as f64 + 2.0)
}

/// Share of the run that recorded collections of any kind took; `None` where none was timed.
pub(in crate::detect) fn time_share(seen: &[ObservedCollection], duration_s: f64) -> Option<f64> {
    let timed: Vec<f64> = seen.iter().filter_map(|c| c.seconds).collect();
    (!timed.is_empty() && duration_s > 0.0).then(|| timed.iter().sum::<f64>() / duration_s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples::context;
    use crate::series::shapes::series;

    #[test]
    fn recorded_collections_have_their_cost_and_those_seen_beside_do_not() {
        let mut run = series(1.0, &[2600.0, 2600.0, 2200.0, 2600.0]);
        run.kind[2] = SnapshotKind::PostGc;
        let seen = collections(&run, &context());
        let told = figures(&seen, &context(), 0.05);
        assert_eq!((told["freed_mb_per_collection"], told["median_regrowth_s"]), (400.0, 1.0));
        assert!(told.get("seconds_in_forced_collections").is_none());
        let collection = |forced, before, after| ObservedCollection {
            at_s: 1.5,
            forced,
            seconds: Some(0.25),
            before_mb: Some(before),
            after_mb: Some(after),
            committed_mb: None,
            young: false,
            objects: None,
        };
        let recorded = vec![
            collection(true, 2600.0, 2600.0),
            collection(true, 2700.0, 2500.0),
            collection(false, 2000.0, 0.0),
        ];
        let with = Context { collections: recorded.clone(), ..context() };
        let told = figures(&collections(&run, &with), &with, 0.05);
        assert_eq!((told["collections"], told["share_that_freed_nothing"]), (2.0, 0.5));
        assert_eq!((told["freed_mb_per_collection"], told["seconds_in_forced_collections"]), (100.0, 0.5));
        assert_eq!(
            (told["trigger_that_avoids_all_mb"], told["trigger_that_avoids_most_mb"]),
            (2700.0, 2695.0)
        );
        assert_eq!(time_share(&recorded, 3.0), Some(0.25));
        assert_eq!(time_share(&[], 3.0), None);
    }
}
