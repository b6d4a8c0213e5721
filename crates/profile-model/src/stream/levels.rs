//! Pressure levels that a stream leaves out: they follow from its settings.

use std::ops::Range;

use crate::config::AdaptiveConfig;
use crate::level::PressureLevel;
use crate::pressure::{Observation, pressure};
use crate::snapshot_columns::{SnapshotColumns, SnapshotRows};
use crate::units::{Mib, Offset};

/// Rows that are looked at together: mostly they are all of one level.
const AT_ONCE: usize = 64;

/// Sizes that are compared side by side: each comparison waits for the one before it in its lane only.
const LANES: usize = 4;

/// Gives each row with memory and without a level the one that it has under these settings.
pub(super) fn fill_levels(config: &AdaptiveConfig, columns: &mut SnapshotColumns, rows: Range<usize>) {
    for from in rows.clone().step_by(AT_ONCE) {
        let some = from..rows.end.min(from + AT_ONCE);
        if let Some(level) = common_level(config, &columns.rows(some.clone())) {
            columns.level[some].fill(Some(level));
            continue;
        }
        let SnapshotColumns { at, rss, available, level, .. } = &mut *columns;
        for row in some {
            if let (None, Some(rss)) = (level[row], rss[row]) {
                let available = available.get(row).copied().flatten();
                level[row] = Some(pressure(config, Observation { at: at[row], rss, available }).level);
            }
        }
    }
}

/// The level of all rows, where it is one: more memory in use, and less that is left, never lower it. `None` as well where some
/// have a level, or lack a figure.
fn common_level(config: &AdaptiveConfig, rows: &SnapshotRows<'_>) -> Option<PressureLevel> {
    if rows.level.iter().any(Option::is_some) {
        return None;
    }
    let [least, most] = ends(rows.rss)?;
    let [scarce, plenty] = match rows.available {
        [] => [None; 2],
        available => ends(available)?.map(Some),
    };
    let level = |rss, available| pressure(config, Observation { at: Offset::START, rss, available }).level;
    let lowest = level(least, plenty);
    (lowest == level(most, scarce)).then_some(lowest)
}

/// The least and the largest of sizes; `None` where one is not known.
fn ends(sizes: &[Option<Mib>]) -> Option<[Mib; 2]> {
    let (lanes, rest) = sizes.as_chunks::<LANES>();
    let mut are_known = rest.iter().all(Option::is_some);
    let (mut least, mut most) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    for some in lanes {
        for (lane, size) in some.iter().enumerate() {
            let mb = size.unwrap_or_default().get();
            are_known &= size.is_some();
            least[lane] = if mb < least[lane] { mb } else { least[lane] };
            most[lane] = if mb > most[lane] { mb } else { most[lane] };
        }
    }
    let all = || rest.iter().flatten().map(|size| size.get());
    let least = least.into_iter().chain(all()).fold(f64::INFINITY, f64::min);
    let most = most.into_iter().chain(all()).fold(f64::NEG_INFINITY, f64::max);
    are_known.then(|| [least, most].map(Mib::new))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_level_is_the_one_that_its_row_has_alone(
            rows in prop::collection::vec((prop::option::weighted(0.99, 0_u32..5000), prop::option::weighted(0.99, 0_u32..9000)), 1..200),
            spread in 1_u32..40, known in prop::option::of(0_usize..200),
        ) {
            let config = AdaptiveConfig::default();
            let near = |middle: u32, value: u32| Mib::new(f64::from(middle + value / spread));
            let mut columns = SnapshotColumns::default();
            for (rss, available) in &rows {
                columns.at.push(Offset::START);
                columns.rss.push(rss.map(|rss| near(1900, rss)));
                columns.available.push(available.map(|left| near(400, left)));
                columns.level.push(None);
            }
            if let Some(row) = known.filter(|row| *row < rows.len()) {
                columns.level[row] = Some(PressureLevel::Critical);
            }
            let alone = |row: usize| columns.level[row].or_else(|| {
                let (rss, available) = (columns.rss[row]?, columns.available[row]);
                Some(pressure(&config, Observation { at: Offset::START, rss, available }).level)
            });
            let expected: Vec<_> = (0..rows.len()).map(alone).collect();
            let mut filled = columns.clone();
            fill_levels(&config, &mut filled, 0..rows.len());
            prop_assert_eq!(filled.level, expected);
        }
    }
}
