//! The configs that are tried: sizes over the allowed range, and thresholds in closed form.
//!
//! A threshold cannot stop a batch that has begun. What keeps a job alive is the size; the
//! thresholds are placed above the peak of that size, so that they do not make it flap, and
//! below the limit, as a net for what no run has shown.

use std::collections::BTreeMap;

use memtool_profile_model::{AdaptiveConfig, BatchSizes};

use super::evaluation::Evaluation;
use super::evaluator::Evaluator;
use super::ranges::{Reader, fits_reader, size_step, usual_sizes};
use super::space::Space;
use super::time_budget::{Phase, TimeBudget};
use crate::memory_model::MemoryModel;

/// Sizes beyond this multiple of the largest recorded one are never proposed.
const ENLARGE_MOST: f64 = 2.0;
/// Sizes that are evaluated besides those seen.
const SCANNED: u32 = 16;
/// The existing defaults as shares of the limit: moderate, GC, high, fallback, critical.
pub(super) const DEFAULT_SHARES: [f64; 5] = [0.50, 0.60, 0.75, 0.80, 0.90];
/// Thresholds are moved up at most to these shares.
const HIGHEST: [f64; 5] = [0.84, 0.86, 0.88, 0.90, 0.92];

/// The smallest and the largest high size that may be chosen.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the ranges")]
pub(super) fn range_of_sizes(memory_model: &MemoryModel, reader: Reader) -> Result<(u32, u32), String> {
    let (Some(smallest), Some(largest)) = (memory_model.sizes_seen.first(), memory_model.sizes_seen.last())
    else {
        return Err(memory_model.reason().unwrap_or_else(|| "no batch size was recorded".to_owned()));
    };
    let (least, most) = reader.ranges().high;
    let refused = || {
        Err(format!(
            "the config's loader accepts a high size from {least} to {most}; the runs, with sizes from \
             {smallest} to {largest}, say nothing of that range"
        ))
    };
    if !memory_model.identifiable() {
        let kept = largest.round();
        return if kept < f64::from(least) || kept > f64::from(most) {
            refused()
        } else {
            Ok((kept as u32, kept as u32))
        };
    }
    // Bigger is often not faster: without measured speed there is nothing to enlarge for.
    let enlarge = memory_model.speed_measured();
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

/// Evaluates sizes across the range, each as if it were fixed: first those seen, then from the ends of the
/// range to its middle, while there is time. From the smallest.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range")]
pub(super) fn scan(
    evaluator: &Evaluator,
    space: &Space,
    draws: u32,
    budget: &mut TimeBudget,
) -> BTreeMap<u32, Evaluation> {
    let (least, most) = space.sizes;
    let ends = (0..SCANNED).map(|i| if i % 2 == 0 { i / 2 } else { SCANNED - 1 - i / 2 });
    let spread = ends.map(|i| space.size_at(f64::from(i) / f64::from(SCANNED - 1)));
    let seen = evaluator.memory_model.sizes_seen.iter().map(|size| size.round().clamp(0.0, 1e9) as u32);
    let mut found = BTreeMap::new();
    for size in seen.filter(|size| (least..=most).contains(size)).chain(spread) {
        // One is evaluated in any case.
        if !found.contains_key(&size) && (budget.step(Phase::Scan) || found.is_empty()) {
            found.extend(evaluator.of_size(size, draws).map(|evaluation| (size, evaluation)));
        }
    }
    found
}

/// Configs in closed form: for each size with its peak the usual sizes below it, or the same size under moderate,
/// under high pressure too, or everywhere, with the existing default thresholds or with those above its peak.
pub(super) fn closed_forms(space: &Space, sizes: &[(u32, f64)]) -> Vec<AdaptiveConfig> {
    let mut configs: Vec<AdaptiveConfig> = Vec::new();
    for (size, peak_mb) in sizes {
        let defaults = DEFAULT_SHARES.map(|share| share * space.limit_mb);
        for wanted in [defaults, above(*peak_mb, space.limit_mb)] {
            let Some(thresholds) = space.ordered(wanted) else { continue };
            let with = |batch_sizes| AdaptiveConfig { thresholds, batch_sizes, ..space.rest.clone() };
            configs.extend(families(*size, space.reader).map(with));
        }
    }
    configs.retain(|config| fits_reader(config, space.limit_mb, space.reader));
    configs.dedup();
    configs
}

/// The config of a size that is scanned as if it were fixed.
pub(super) fn steady(space: &Space, size: u32, peak_mb: f64) -> Option<AdaptiveConfig> {
    let thresholds = space.ordered(above(peak_mb, space.limit_mb))?;
    let [_, batch_sizes, ..] = families(size, space.reader);
    Some(AdaptiveConfig { thresholds, batch_sizes, ..space.rest.clone() })
}

/// Sizes by level for a high size: the usual ones, and the high size down to moderate, high and critical pressure.
fn families(size: u32, reader: Reader) -> [BatchSizes; 4] {
    let usual = usual_sizes(size, reader);
    let ranges = reader.ranges();
    let medium = size.min(ranges.medium.1);
    let low = medium.min(ranges.low.1);
    let to_moderate = BatchSizes { medium, ..usual };
    let to_high = BatchSizes { low, ..to_moderate };
    let everywhere = BatchSizes { fallback: low.min(ranges.fallback.1), ..to_high };
    [usual, to_moderate, to_high, everywhere]
}

/// The existing default thresholds, moved up above a peak as far as the limit has room.
fn above(peak_mb: f64, limit_mb: f64) -> [f64; 5] {
    let mut below = 1.02 * peak_mb;
    std::array::from_fn(|i| {
        let placed = (DEFAULT_SHARES[i] * limit_mb).max(below).min(HIGHEST[i] * limit_mb);
        below = placed + 0.02 * limit_mb;
        placed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_above_the_peak_while_there_is_room() {
        assert_eq!(above(100.0, 1000.0), [500.0, 600.0, 750.0, 800.0, 900.0]);
        let moved = above(700.0, 1000.0);
        assert!(moved[0] >= 714.0 && moved.windows(2).all(|pair| pair[0] < pair[1]), "{moved:?}");
        let full = above(2000.0, 1000.0);
        assert!(full.windows(2).all(|pair| pair[0] < pair[1]) && full[4] <= 920.0, "{full:?}");
    }

    #[test]
    fn every_closed_form_is_ordered_and_within_the_ranges() {
        for reader in [Reader::Existing, Reader::Recorder] {
            let rest = AdaptiveConfig::default();
            let space = Space { limit_mb: 4000.0, reader, sizes: (200, 5000), rest };
            for size in (200..=5000).step_by(300) {
                let configs = closed_forms(&space, &[(size, 0.5 * f64::from(size))]);
                assert!(configs.iter().any(|config| config.batch_sizes.medium >= size.min(2000)), "{size}");
                assert!(configs.iter().all(|config| fits_reader(config, 4000.0, reader)));
            }
        }
    }
}
