//! What speed costs in memory: the configs that no other beats in both.

use memtool_profile_model::AdaptiveConfig;

use super::scorer::Candidate;

/// Points shown at most.
const MOST: usize = 7;

/// One config that no other one beats in both speed and memory.
#[derive(Debug, Clone, PartialEq)]
pub struct ParetoPoint {
    /// The config.
    pub config: AdaptiveConfig,
    /// Upper bound of its peak at the accepted risk, in MiB.
    pub peak_upper_mb: f64,
    /// Items per second over those of the fastest size that fits.
    pub speed: f64,
    /// Largest share of replays, over the runs, that reach the limit, less the binomial sampling error (95 %).
    pub kill_share_excess: f64,
    /// Whether it is the knee: the point farthest from the line between the two ends.
    pub knee: bool,
}

/// At most seven points of the front, from the smallest peak to the largest, with the knee.
pub(super) fn pareto(candidates: &[Candidate], fastest: f64) -> Vec<ParetoPoint> {
    let mut points: Vec<ParetoPoint> = candidates
        .iter()
        .map(|one| ParetoPoint {
            config: one.config.clone(),
            peak_upper_mb: one.evaluation.peak_upper_mb,
            speed: one.evaluation.speed / fastest,
            kill_share_excess: one.evaluation.kill_share_excess,
            knee: false,
        })
        .collect();
    points.sort_by(|a, b| a.peak_upper_mb.total_cmp(&b.peak_upper_mb).then(b.speed.total_cmp(&a.speed)));
    let mut fastest_yet = f64::NEG_INFINITY;
    points.retain(|point| {
        // A gain that nobody could measure is no point of its own.
        let gains = point.speed > fastest_yet + 1e-3;
        fastest_yet = fastest_yet.max(point.speed);
        gains
    });
    mark_knee(&mut points);
    while points.len() > MOST {
        let Some(crowded) = most_crowded(&points) else { break };
        points.remove(crowded);
    }
    points
}

/// Peak and speed on scales from 0 to 1 over the front.
fn scaled(points: &[ParetoPoint]) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let width = (last.peak_upper_mb - first.peak_upper_mb).max(1e-9);
    let height = (last.speed - first.speed).max(1e-9);
    points
        .iter()
        .map(|p| ((p.peak_upper_mb - first.peak_upper_mb) / width, (p.speed - first.speed) / height))
        .collect()
}

fn mark_knee(points: &mut [ParetoPoint]) {
    let above: Vec<f64> = scaled(points).iter().map(|(peak, speed)| speed - peak).collect();
    let farthest = (0..above.len()).max_by(|a, b| above[*a].total_cmp(&above[*b]).then(b.cmp(a)));
    if let Some(farthest) = farthest {
        points[farthest].knee = true;
    }
}

/// The inner point whose neighbours are nearest; never the knee.
fn most_crowded(points: &[ParetoPoint]) -> Option<usize> {
    let at = scaled(points);
    let room = |i: usize| (at[i + 1].0 - at[i - 1].0) + (at[i + 1].1 - at[i - 1].1);
    let inner = (1..points.len().checked_sub(1)?).filter(|i| !points[*i].knee);
    inner.min_by(|a, b| room(*a).total_cmp(&room(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(peak_upper_mb: f64, speed: f64) -> ParetoPoint {
        ParetoPoint {
            config: AdaptiveConfig::default(),
            peak_upper_mb,
            speed,
            kill_share_excess: 0.0,
            knee: false,
        }
    }

    #[test]
    fn the_knee_is_where_more_memory_stops_to_pay() {
        let mut points = [point(100.0, 0.2), point(200.0, 0.8), point(300.0, 0.9), point(400.0, 1.0)];
        mark_knee(&mut points);
        assert_eq!(points.iter().position(|p| p.knee), Some(1));
    }

    #[test]
    fn the_crowded_go_first_and_the_ends_stay() {
        let points =
            [point(0.0, 0.0), point(0.5, 0.5), point(0.51, 0.51), point(0.52, 0.52), point(1.0, 1.0)];
        assert_eq!(most_crowded(&points), Some(2));
        assert_eq!(most_crowded(&points[..2]), None);
    }
}
