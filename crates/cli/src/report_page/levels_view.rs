//! The levels that are drawn across a chart of memory.

use memtool_analyzer::document::{Course, Levels};
use serde::Serialize;

use super::panel::Panel;
use crate::text::mib;

/// A level far above memory is named in the legend only: a chart that reached it would be flat.
const MOST_ABOVE: f64 = 2.0;
/// Room above the highest thing drawn.
const HEADROOM: f64 = 1.06;
/// Least distance of two labels, in percent of the panel.
const APART: f64 = 6.0;

/// A level and its label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct LevelView {
    pub(super) class: &'static str,
    pub(super) label: String,
    /// Where its line is; null where it is above the chart.
    pub(super) y: Option<String>,
    /// Where its label is.
    pub(super) label_y: String,
}

fn known(levels: &Levels) -> Vec<(&'static str, &'static str, f64)> {
    let all = [
        ("limit", "limit", levels.limit),
        ("critical", "critical", levels.critical),
        ("high", "high", levels.high),
        ("gc", "GC trigger", levels.gc_trigger),
        ("moderate", "moderate", levels.moderate),
    ];
    let finite = |level: Option<f64>| level.filter(|mb| mb.is_finite() && *mb > 0.0);
    let mut known: Vec<_> =
        all.into_iter().filter_map(|(class, name, level)| Some((class, name, finite(level)?))).collect();
    known.sort_by(|a, b| b.2.total_cmp(&a.2));
    known
}

/// The value at the top of a chart whose memory reaches `peak`.
pub(super) fn top(course: &Course, peak: f64) -> f64 {
    let largest = course.memory.largest().max(peak);
    let near =
        known(&course.levels).into_iter().map(|(_, _, mb)| mb).filter(|mb| *mb <= MOST_ABOVE * largest);
    let top = near.fold(largest, f64::max) * HEADROOM;
    if top.is_finite() && top > 0.0 { top } else { 1.0 }
}

/// The levels from the highest, their labels far enough apart to be read.
pub(super) fn levels(course: &Course, panel: Panel) -> Vec<LevelView> {
    let mut free_from = 0.0_f64;
    let view = |(class, name, mb): (&'static str, &'static str, f64)| {
        let is_inside = mb <= panel.top;
        let at = 100.0 * (1.0 - mb / panel.top);
        let label_at = at.max(free_from);
        if is_inside {
            free_from = label_at + APART;
        }
        LevelView {
            class,
            label: format!("{name} {} MiB", mib(mb)),
            y: is_inside.then(|| panel.down(mb)),
            label_y: format!("{label_at:.1}%"),
        }
    };
    known(&course.levels).into_iter().map(view).collect()
}
