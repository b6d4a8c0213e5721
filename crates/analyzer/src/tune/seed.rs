//! Where the search begins: the sizes that may be chosen, and thresholds in closed form.
//!
//! A threshold cannot stop a batch that has begun. What keeps a job alive is the size; the
//! thresholds are placed above the peak of that size, so that they do not make it flap, and
//! below the limit, as a net for what no run has shown.

use std::collections::BTreeMap;

use memtool_profile_model::{AdaptiveConfig, BatchSizes};

use super::outlook::{Outlook, View};
use super::ranges::{Reader, fits_reader, size_step, usual_sizes};
use super::space::Space;
use super::watch::{Part, Watch};

/// Sizes beyond this multiple of the largest recorded one are never proposed, nor larger ones from a single run.
const ENLARGE_MOST: f64 = 2.0;
/// Sizes that are looked at before the search, besides those seen.
const LOOKED_AT: u32 = 16;
/// The factory's shares of the limit: moderate, GC, high, fallback, critical.
pub(super) const FACTORY: [f64; 5] = [0.50, 0.60, 0.75, 0.80, 0.90];
/// Thresholds are moved up at most to these shares.
const HIGHEST: [f64; 5] = [0.84, 0.86, 0.88, 0.90, 0.92];

/// The smallest and the largest high size that may be chosen.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the ranges")]
pub(super) fn range_of_sizes(outlook: &Outlook, runs: usize, reader: Reader) -> Result<(u32, u32), String> {
    let response = outlook.response;
    let (Some(smallest), Some(largest)) = (response.sizes_seen.first(), response.sizes_seen.last()) else {
        return Err(response.reason().unwrap_or_else(|| "no batch size was recorded".to_owned()));
    };
    let (least, most) = reader.ranges().high;
    let refused = || {
        Err(format!(
            "the config's loader wants a high size from {least} to {most}; the runs, with sizes from \
             {smallest} to {largest}, say nothing of that range"
        ))
    };
    if !response.identifiable() {
        let kept = largest.round();
        return if kept < f64::from(least) || kept > f64::from(most) {
            refused()
        } else {
            Ok((kept as u32, kept as u32))
        };
    }
    // Bigger is often not faster: without measured speed there is nothing to enlarge for.
    let enlarge = runs > 1 && outlook.pace.measured;
    let top = if enlarge { largest * ENLARGE_MOST } else { *largest };
    let top = top.min(f64::from(most)) as u32;
    let bottom = match reader {
        Reader::Existing => least,
        Reader::Recorder => ((smallest / 2.0) as u32).max(1),
    };
    let step = size_step(top);
    let (bottom, top) = (bottom.div_ceil(step) * step, top / step * step);
    if bottom > top { refused() } else { Ok((bottom, top)) }
}

/// Looks at sizes across the range, each as if it were fixed: first at those seen, then from the ends of the
/// range to its middle, while there is time. From the smallest.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range")]
pub(super) fn scan(outlook: &Outlook, space: &Space, draws: u32, watch: &mut Watch) -> Vec<(u32, View)> {
    let (least, most) = space.sizes;
    let ends = (0..LOOKED_AT).map(|i| if i % 2 == 0 { i / 2 } else { LOOKED_AT - 1 - i / 2 });
    let spread = ends.map(|i| space.high_size(f64::from(i) / f64::from(LOOKED_AT - 1)));
    let seen = outlook.response.sizes_seen.iter().map(|size| size.round().clamp(0.0, 1e9) as u32);
    let mut found: BTreeMap<u32, View> = BTreeMap::new();
    for size in seen.filter(|size| (least..=most).contains(size)).chain(spread) {
        // One is looked at in any case.
        if !found.contains_key(&size) && (watch.step(Part::Scan) || found.is_empty()) {
            found.extend(outlook.of_size(size, draws).map(|view| (size, view)));
        }
    }
    found.into_iter().collect()
}

/// Configs in closed form: for each size the usual sizes below it, or the same under moderate, or
/// under high pressure too, or everywhere, with the factory's thresholds or with those above what it needs.
pub(super) fn closed_form(space: &Space, sizes: &[(u32, f64)]) -> Vec<AdaptiveConfig> {
    let mut configs = Vec::new();
    for (size, peak_mb) in sizes {
        let usual = usual_sizes(*size, space.reader);
        let calm = BatchSizes { medium: *size, ..usual };
        let still = BatchSizes { low: *size, ..calm };
        let fixed = BatchSizes { fallback: *size, ..still };
        let factory = FACTORY.map(|share| share * space.limit_mb);
        for wanted in [factory, above(*peak_mb, space.limit_mb)] {
            let Some(thresholds) = space.ordered(wanted) else { continue };
            let with = |batch_sizes| AdaptiveConfig { thresholds, batch_sizes, ..space.rest.clone() };
            configs.extend([usual, calm, still, fixed].map(with));
        }
    }
    configs.retain(|config| fits_reader(config, space.limit_mb, space.reader));
    configs
}

/// The factory's thresholds, moved up above a peak as far as the limit has room.
pub(super) fn above(peak_mb: f64, limit_mb: f64) -> [f64; 5] {
    let mut below = 1.02 * peak_mb;
    std::array::from_fn(|i| {
        let placed = (FACTORY[i] * limit_mb).max(below).min(HIGHEST[i] * limit_mb);
        below = placed + 0.02 * limit_mb;
        placed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_stand_above_the_peak_while_there_is_room() {
        assert_eq!(above(100.0, 1000.0), [500.0, 600.0, 750.0, 800.0, 900.0]);
        let moved = above(700.0, 1000.0);
        assert!(moved[0] >= 714.0 && moved.windows(2).all(|pair| pair[0] < pair[1]), "{moved:?}");
        let full = above(2000.0, 1000.0);
        assert!(full.windows(2).all(|pair| pair[0] < pair[1]) && full[4] <= 920.0, "{full:?}");
    }
}
