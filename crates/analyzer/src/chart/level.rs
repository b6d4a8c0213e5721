//! The horizontal levels of the memory panel: which are shown, and the places of their names.

use super::label;
use super::palette::{GC, Ink, LIMIT, THRESHOLDS};
use super::run::Thresholds;

/// The first level above the data is shown up to this many times the highest value: further away it squashes the data.
const NEXT_WITHIN: f64 = 3.0;
/// All other levels are shown up to this many times the highest value.
const OTHERS_WITHIN: f64 = 1.4;

/// How the line of a level is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stroke {
    Solid,
    Dashed,
    Heavy,
}

/// One level with its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
    pub(super) name: &'static str,
    pub(super) mb: f64,
    pub(super) ink: Ink,
    pub(super) stroke: Stroke,
}

impl Level {
    pub(super) fn label(&self) -> String {
        format!("{} {}", self.name, label::size(self.mb))
    }
}

/// The levels that have a finite, positive value, lowest first.
pub(super) fn levels(thresholds: &Thresholds) -> Vec<Level> {
    let known = [
        ("moderate", thresholds.moderate, THRESHOLDS[0], Stroke::Solid),
        ("high", thresholds.high, THRESHOLDS[1], Stroke::Solid),
        ("critical", thresholds.critical, THRESHOLDS[2], Stroke::Solid),
        ("GC trigger", thresholds.gc_trigger, GC, Stroke::Dashed),
        ("limit", thresholds.limit, LIMIT, Stroke::Heavy),
    ];
    let mut levels: Vec<Level> = known
        .into_iter()
        .filter_map(|(name, mb, ink, stroke)| {
            let mb = mb.filter(|mb| mb.is_finite() && *mb > 0.0)?;
            Some(Level { name, mb, ink, stroke })
        })
        .collect();
    levels.sort_by(|a, b| a.mb.total_cmp(&b.mb));
    levels
}

/// The highest level worth room on the axis when the data reach up to `highest`.
pub(super) fn ceiling(levels: &[Level], highest: f64) -> f64 {
    let next = levels.iter().map(|level| level.mb).find(|&mb| mb >= highest);
    let near = levels.iter().map(|level| level.mb).filter(|&mb| mb <= highest * OTHERS_WITHIN);
    near.chain(next.filter(|&mb| mb <= highest * NEXT_WITHIN)).fold(highest, f64::max)
}

/// Moves positions, sorted downwards on the image, apart until none is closer than `apart`, within `top..=bottom`.
pub(super) fn spread(wanted: &[i32], apart: i32, top: i32, bottom: i32) -> Vec<i32> {
    let mut placed: Vec<i32> = Vec::with_capacity(wanted.len());
    for &at in wanted {
        placed.push(placed.last().map_or(at.max(top), |last| at.max(last + apart)));
    }
    let mut floor = bottom;
    for at in placed.iter_mut().rev() {
        *at = (*at).min(floor);
        floor = *at - apart;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder() -> Vec<Level> {
        levels(&Thresholds {
            moderate: Some(2_000.0),
            high: Some(3_000.0),
            critical: Some(3_500.0),
            gc_trigger: None,
            limit: Some(f64::NAN),
        })
    }

    #[test]
    fn far_levels_get_no_room() {
        assert_eq!(ceiling(&ladder(), 1_456.0), 2_000.0);
        assert_eq!(ceiling(&ladder(), 3_650.0), 3_650.0);
        assert_eq!(ceiling(&ladder(), 2_900.0), 3_500.0);
        assert_eq!(ceiling(&ladder(), 100.0), 100.0);
    }

    #[test]
    fn names_are_spread() {
        assert_eq!(spread(&[100, 105, 300], 26, 50, 400), [100, 126, 300]);
        assert_eq!(spread(&[395, 398, 400], 26, 50, 400), [348, 374, 400]);
        assert_eq!(spread(&[50, 50], 26, 50, 400), [50, 76]);
    }
}
