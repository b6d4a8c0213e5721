//! Settings that would have stopped a run's flapping, by replay on its own RSS.

use std::iter::zip;

use super::context::Context;
use crate::series::Series;
use crate::stats::{Crossings, WholeCrossings, largest, valleys};

/// The time over which changes are counted, in seconds: Kubernetes' autoscaler damps over the same.
pub(super) const WINDOW_S: f64 = 300.0;
/// The thresholds' names in a config, from the lowest.
const NAMES: [&str; 3] = ["moderate_mb", "high_mb", "critical_mb"];
/// The same for a threshold in the place of the run's.
const INSTEAD: [&str; 3] = ["moderate_mb_instead", "high_mb_instead", "critical_mb_instead"];

/// Two ways to fewer changes, where there are too many.
#[derive(Debug, PartialEq)]
pub(super) struct Remedies {
    /// Crossings of the thresholds as they are.
    changes: usize,
    /// The smallest margin below each threshold that calms them, in MiB, and the crossings left.
    margin: Option<(f64, usize)>,
    /// Moved thresholds in whole MiB, each moved as little as calms it, and the crossings left.
    thresholds: Option<([f64; 3], usize)>,
}

/// A run's crossings of its thresholds.
struct Replay<'a> {
    rss_mb: &'a [f64],
    edges: [f64; 3],
    /// Those of each.
    crossings: [Crossings; 3],
    /// Crossings a window that are no flapping.
    windows: usize,
}

impl Remedies {
    /// `None` where thresholds are crossed at most once per window, the way up aside.
    pub(super) fn of(series: &Series, context: &Context) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
        let windows = (series.duration_s() / WINDOW_S) as usize;
        let edges = [context.moderate_mb, context.high_mb, context.critical_mb];
        let crossings = edges.map(|edge| Crossings::of(&series.rss_mb, edge));
        let replay = Replay { rss_mb: &series.rss_mb, edges, crossings, windows };
        let changes = replay.changes(0.0);
        if changes <= replay.allowed() {
            return None;
        }
        let highest = largest(&series.rss_mb) + 1.0;
        let ceiling = context.limit_mb.unwrap_or(highest);
        Some(Self { changes, margin: replay.smallest_margin(), thresholds: replay.moved(ceiling) })
    }

    /// As figures of the evidence.
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    pub(super) fn details(&self) -> Vec<(&'static str, f64)> {
        let mut details = vec![("replayed_changes", self.changes as f64)];
        if let Some((margin, left)) = self.margin {
            details.extend([("hysteresis_mb", margin), ("changes_with_hysteresis", left as f64)]);
        }
        if let Some((edges, left)) = self.thresholds {
            details.extend(INSTEAD.into_iter().zip(edges));
            details.push(("changes_with_thresholds", left as f64));
        }
        details
    }

    /// As an advice.
    pub(super) fn describe(&self, context: &Context) -> String {
        let mut ways = Vec::new();
        if let Some((margin, left)) = self.margin {
            ways.push(format!(
                "leave a level only {margin:.0} MiB below its threshold (level changes: {left} instead of {})",
                self.changes
            ));
        }
        if let Some((edges, left)) = self.thresholds {
            let now = [context.moderate_mb, context.high_mb, context.critical_mb];
            let moves: Vec<String> = (0..NAMES.len())
                .filter(|k| edges[*k] != now[*k])
                .map(|k| format!("{} from {:.0} to {:.0}", NAMES[k], now[k], edges[k]))
                .collect();
            ways.push(format!(
                "move {} (level changes: {left} instead of {})",
                moves.join(" and "),
                self.changes
            ));
        }
        let replayed = if ways.is_empty() {
            format!(
                "neither a margin nor other thresholds calm it, since each batch crosses {:.0} MiB",
                context.moderate_mb
            )
        } else {
            format!("{}, as replayed on this run's memory", ways.join(", or "))
        };
        format!("{replayed}; or use one fixed batch size that fits (`memtool tune` finds it)")
    }
}

impl Replay<'_> {
    /// The way up is no flapping: one change a level, and one a window.
    fn allowed(&self) -> usize {
        self.edges.len() + self.windows
    }

    fn changes(&self, margin: f64) -> usize {
        self.crossings.iter().map(|crossings| crossings.changes(margin)).sum()
    }

    /// `None` where even the whole distance between thresholds does not calm them.
    fn smallest_margin(&self) -> Option<(f64, usize)> {
        let widest = self.edges[0].min(self.edges[2]);
        let calm = |margin: f64| self.changes(margin) <= self.allowed();
        if !(widest > 0.0 && widest.is_finite() && calm(widest)) {
            return None;
        }
        // A wider margin never makes more changes: the least one that calms lies between two that end a dip.
        let dips = zip(self.edges, &self.crossings).map(|(edge, crossings)| (edge, crossings.dips()));
        let (mut too_narrow, mut wide_enough) = (0.0_f64, f64::INFINITY);
        for (edge, dips) in dips {
            let calmed = dips.partition_point(|dip| calm(edge - dip));
            let at = |dip: usize| dips.get(dip).map(|dip| edge - dip);
            too_narrow = too_narrow.max(at(calmed).unwrap_or_default());
            wide_enough = wide_enough.min(calmed.checked_sub(1).and_then(at).unwrap_or(f64::INFINITY));
        }
        let valleys = valleys(self.rss_mb);
        let depths = self.edges.iter().flat_map(|edge| valleys.iter().map(move |valley| edge - valley));
        let smallest = depths.filter(|depth| *depth > too_narrow && *depth <= wide_enough && calm(*depth));
        smallest.min_by(f64::total_cmp).map(|margin| (margin, self.changes(margin)))
    }

    /// Thresholds moved one by one, the most crossed first, until all together are calm; their
    /// order stays, and the highest stays below `ceiling`. `None` where that does not calm them.
    fn moved(&self, ceiling: f64) -> Option<([f64; 3], usize)> {
        let everywhere = WholeCrossings::of(self.rss_mb)?;
        let mut edges = self.edges;
        let mut changes = [0, 1, 2].map(|k: usize| self.crossings[k].changes(0.0));
        let mut order = [0, 1, 2];
        order.sort_by_key(|k| std::cmp::Reverse(changes[*k]));
        for k in order {
            if changes.iter().sum::<usize>() <= self.allowed() {
                break;
            }
            let above = if k == 0 { 0.0 } else { edges[k - 1] };
            let below = edges.get(k + 1).copied().unwrap_or(ceiling);
            if let Some(edge) = self.least_move(&everywhere, edges[k], (above, below)) {
                (edges[k], changes[k]) = (edge, everywhere.changes(edge));
            }
        }
        let left = changes.iter().sum();
        (left <= self.allowed()).then_some((edges, left))
    }

    /// The nearest whole MiB between two others at which one threshold is calm.
    fn least_move(&self, everywhere: &WholeCrossings, edge: f64, (above, below): (f64, f64)) -> Option<f64> {
        let calm = |at: &f64| {
            *at > above && *at < below && everywhere.changes(*at) <= 1 + self.windows / self.edges.len()
        };
        let widest = (edge - above).max(below - edge);
        let steps =
            std::iter::successors(Some(1.0), |step| Some(step + 1.0)).take_while(|step| *step <= widest);
        steps.flat_map(|step| [(edge - step).ceil(), (edge + step).floor()]).find(calm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples::context;
    use crate::series::shapes::series;

    fn saw(low: f64, high: f64) -> Series {
        let rss: Vec<f64> = (0..200).map(|i| if (i / 5) % 2 == 0 { low } else { high }).collect();
        series(1.0, &rss)
    }

    #[test]
    fn the_margin_is_the_saws_depth_and_no_more() {
        // RSS crosses 2000 up and down by 150 on either side.
        let found = Remedies::of(&saw(1850.0, 2150.0), &context()).expect("remedies");
        assert_eq!((found.changes, found.margin), (39, Some((150.0, 1))));
        assert_eq!(Remedies::of(&series(1.0, &[1000.0; 50]), &context()), None);
    }

    #[test]
    fn thresholds_move_as_little_as_calms_them_and_the_advice_counts() {
        let found = Remedies::of(&saw(1900.0, 2150.0), &context()).expect("remedies");
        assert_eq!(found.thresholds, Some(([1900.0, 3000.0, 3500.0], 0)), "down by 100, not up by 151");
        let told = found.describe(&context());
        assert!(told.contains("100 MiB below its threshold (level changes: 1 instead of 39)"), "{told}");
        assert!(
            told.contains("move moderate_mb from 2000 to 1900 (level changes: 0 instead of 39)"),
            "{told}"
        );
        let found = Remedies::of(&saw(1800.0, 2050.4), &context()).expect("remedies");
        assert_eq!(found.thresholds, Some(([2051.0, 3000.0, 3500.0], 0)));
    }

    #[test]
    fn moved_thresholds_keep_their_order_and_stay_below_the_limit() {
        // Over all three thresholds and past the limit: no order of whole MiB is calm.
        let found = Remedies::of(&saw(0.5, 5000.0), &context()).expect("remedies");
        assert_eq!(found.thresholds, None);
        assert!(found.describe(&context()).contains("use one fixed batch size"));
        // Two are crossed: both move, to either side of the saw.
        let found = Remedies::of(&saw(1950.0, 3050.0), &context()).expect("remedies");
        let ([moderate, high, critical], left) = found.thresholds.expect("moved");
        assert!(moderate < high && high < critical && left <= 3, "{found:?}");
        assert_eq!((moderate, high, critical), (1950.0, 3051.0, 3500.0));
    }
}
