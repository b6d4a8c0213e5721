//! The floor of a trace: the memory that is left when a batch's own objects are gone.

use memtool_profile_model::SnapshotKind;

use crate::series::Series;
use crate::stats::{median, quantiles};

/// Post-collection snapshots from which they alone are the floor.
const ENOUGH_COLLECTIONS: usize = 8;
/// Bins of equal time: enough for a trend, few enough to hold a low quantile each.
const BINS: (usize, usize) = (12, 40);
/// The low quantile of a bin.
const LOW: f64 = 0.10;
/// Share of the run that counts as start-up and is left out.
const START_UP: f64 = 0.05;

/// Points of the floor, in order of time.
pub(super) struct Floor {
    pub(super) minutes: Vec<f64>,
    pub(super) rss_mb: Vec<f64>,
    pub(super) after_collections: bool,
}

/// The floor of a run without its start-up.
pub(super) fn floor(series: &Series) -> Floor {
    let start = START_UP * series.duration_s();
    let kept: Vec<usize> = (0..series.len())
        .filter(|i| series.seconds[*i] >= start && series.kind[*i] != SnapshotKind::Statistics)
        .collect();
    let collected: Vec<usize> =
        kept.iter().copied().filter(|i| series.kind[*i] == SnapshotKind::PostGc).collect();
    let after_collections = collected.len() >= ENOUGH_COLLECTIONS && spans_most(series, &collected);
    let source = if after_collections { collected } else { kept };
    let adjusted = adjusted(series, &source);
    let mut floor = Floor { minutes: Vec::new(), rss_mb: Vec::new(), after_collections };
    for bin in bins(series, &source) {
        let values: Vec<f64> = bin.clone().map(|k| adjusted[k]).collect();
        let times: Vec<f64> = bin.map(|k| series.seconds[source[k]] / 60.0).collect();
        if let (Some([low]), Some(middle)) = (quantiles(&values, [LOW]), median(&times)) {
            floor.minutes.push(middle);
            floor.rss_mb.push(low);
        }
    }
    floor
}

/// Collections that stand in one corner of the run say nothing of the rest.
fn spans_most(series: &Series, indices: &[usize]) -> bool {
    match (indices.first(), indices.last()) {
        (Some(first), Some(last)) => {
            series.seconds[*last] - series.seconds[*first] >= 0.6 * series.duration_s()
        }
        _ => false,
    }
}

/// Ranges of `source` that fall into bins of equal time; empty bins are left out.
fn bins(series: &Series, source: &[usize]) -> Vec<std::ops::Range<usize>> {
    let count = (source.len() / 8).clamp(BINS.0, BINS.1).min(source.len() / 2).max(1);
    let (Some(first), Some(last)) = (source.first(), source.last()) else { return Vec::new() };
    let (from, to) = (series.seconds[*first], series.seconds[*last]);
    let mut ranges = Vec::with_capacity(count);
    let mut start = 0;
    for bin in 1..=count {
        #[expect(clippy::cast_precision_loss, reason = "at most 40 bins")]
        let edge = from + (to - from) * bin as f64 / count as f64;
        let within = |i: &usize| series.seconds[*i] < edge || bin == count;
        let end = start + source[start..].iter().take_while(|i| within(i)).count();
        if end > start {
            ranges.push(start..end);
        }
        start = end;
    }
    ranges
}

/// RSS with the level of each (stage, batch size) taken out, so that a change of either is no
/// growth: the common slope within groups is found first, then each group's level around it.
fn adjusted(series: &Series, source: &[usize]) -> Vec<f64> {
    let key = |i: usize| (series.stage[i], series.batch_size[i]);
    let mut groups: std::collections::BTreeMap<_, Vec<usize>> = std::collections::BTreeMap::new();
    for (position, index) in source.iter().enumerate() {
        groups.entry(key(*index)).or_default().push(position);
    }
    let time = |position: usize| series.seconds[source[position]];
    let rss = |position: usize| series.rss_mb[source[position]];
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    let mean = |members: &[usize], value: &dyn Fn(usize) -> f64| {
        members.iter().map(|p| value(*p)).sum::<f64>() / members.len() as f64
    };
    let (mut with_time, mut of_time) = (0.0, 0.0);
    for members in groups.values() {
        let (middle_t, middle_r) = (mean(members, &time), mean(members, &rss));
        for position in members {
            with_time += (time(*position) - middle_t) * (rss(*position) - middle_r);
            of_time += (time(*position) - middle_t).powi(2);
        }
    }
    let slope = if of_time > 0.0 { with_time / of_time } else { 0.0 };
    let level = |members: &[usize]| mean(members, &rss) - slope * mean(members, &time);
    let levels: Vec<f64> = groups.values().map(|members| level(members)).collect();
    let common = median(&levels).unwrap_or_default();
    let mut adjusted: Vec<f64> = (0..source.len()).map(rss).collect();
    for (members, level) in groups.values().zip(levels) {
        for position in members {
            adjusted[*position] -= level - common;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::shapes::series;

    #[test]
    fn the_floor_of_a_sawtooth_is_flat() {
        let rss: Vec<f64> = (0..400).map(|i| 100.0 + f64::from(i % 10) * 50.0).collect();
        let floor = floor(&series(1.0, &rss));
        assert_eq!(floor.minutes.len(), 40);
        let highest = floor.rss_mb.iter().copied().fold(0.0, f64::max);
        assert!(highest < 200.0, "{:?}", floor.rss_mb);
    }

    #[test]
    fn a_larger_batch_is_a_step_and_no_growth() {
        let rss: Vec<f64> = (0..400).map(|i| if i < 200 { 100.0 } else { 300.0 }).collect();
        let mut run = series(1.0, &rss);
        run.batch_size = (0..400).map(|i| Some(if i < 200 { 100 } else { 500 })).collect();
        let floor = floor(&run);
        assert!(floor.rss_mb.iter().all(|r| (r - floor.rss_mb[0]).abs() < 1e-9), "{:?}", floor.rss_mb);
    }
}
