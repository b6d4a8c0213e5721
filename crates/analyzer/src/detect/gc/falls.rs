//! Falls of memory that come with collections.

use memtool_profile_model::SnapshotKind;

use crate::detect::context::Context;
use crate::series::Series;
use crate::stats::largest;

/// Falls of memory that are worth a look: a share of the largest RSS, and MiB.
const FALL: (f64, f64) = (0.1, 10.0);
/// Share of samples with a collection before them up to which a collection at a fall means something.
const SPARSE: f64 = 0.3;
/// Share of falls that must come with a collection.
const WITH_COLLECTION: f64 = 0.8;
/// Falls that make a habit.
const FEWEST_FALLS: usize = 3;

/// A fall of memory between two samples with a collection between them.
pub(in crate::detect) struct Fall {
    pub(in crate::detect) at_s: f64,
    pub(in crate::detect) mb: f64,
}

/// Falls that come with collections: garbage that waited for them. Empty where there are too few, or where
/// collections are so frequent that each fall meets one by chance.
pub(in crate::detect) fn falls_at_collections(series: &Series, context: &Context) -> Vec<Fall> {
    if !series.has_collections() {
        return Vec::new();
    }
    let least = FALL.1.max(FALL.0 * largest(&series.rss_mb));
    let fall = |sample: usize| series.rss_mb[sample - 1] - series.rss_mb[sample];
    let after_forced = after_forced(series, context);
    let (mut known, mut rises, mut falls) = (0, 0, Vec::new());
    let mut before = None;
    // Where the counter stays as it was, no sample but the first comes after a collection.
    for (samples, count) in series.collections.stretches() {
        let last = std::mem::replace(&mut before, count);
        let Some(count) = count else { continue };
        let place = samples.start;
        let followers = if last.is_some() { samples } else { place + 1..samples.end };
        known += after_forced[followers].iter().filter(|is_after| !**is_after).count();
        if last.is_some_and(|last| count > last) && !after_forced[place] {
            rises += 1;
            falls.extend(
                (fall(place) >= least).then(|| Fall { at_s: series.seconds[place], mb: fall(place) }),
            );
        }
    }
    if falls.len() < FEWEST_FALLS || share(rises, known) > SPARSE {
        return Vec::new();
    }
    let counted = |sample: usize| series.collections[sample - 1].and(series.collections[sample]).is_some();
    let falls_here = |sample: &usize| fall(*sample) >= least && !after_forced[*sample] && counted(*sample);
    let all = (1..series.len()).filter(falls_here).count();
    if share(falls.len(), all) >= WITH_COLLECTION { falls } else { Vec::new() }
}

/// Whether a collection was forced at a sample or the one before it, or between them: what memory did then is no news of others.
fn after_forced(series: &Series, context: &Context) -> Vec<bool> {
    let mut after = vec![false; series.len()];
    for (samples, _) in series.kind.stretches().filter(|(_, kind)| *kind == SnapshotKind::PostGc) {
        after[samples.start..series.len().min(samples.end + 1)].fill(true);
    }
    for forced in context.collections.iter().filter(|seen| seen.forced) {
        let first = series.seconds.partition_point(|at_s| *at_s < forced.at_s);
        let last = series.seconds.partition_point(|at_s| *at_s <= forced.at_s);
        after[first..series.len().min(last + 1)].fill(true);
    }
    after
}

#[expect(clippy::cast_precision_loss, reason = "counts")]
fn share(part: usize, of: usize) -> f64 {
    part as f64 / of.max(1) as f64
}
