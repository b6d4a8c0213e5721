//! Memory by phase of the job, as output names it: by operation.

use serde::{Deserialize, Serialize};

use crate::series::Series;
use crate::stats::largest;

/// What one phase of the job did with memory.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct OperationUse {
    /// The job's label.
    pub operation: String,
    /// Snapshots taken in it.
    pub samples: u64,
    /// Largest RSS.
    pub peak_rss_mb: f64,
    /// Mean RSS over its snapshots.
    pub mean_rss_mb: f64,
}

/// What each phase did, the largest peak first.
///
/// One pass over the columns: a dataframe of every run would cost more than the rest of its analysis.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 snapshots")]
pub fn by_operation(series: &Series, names: &[String]) -> Vec<OperationUse> {
    let mut uses: Vec<OperationUse> = names
        .iter()
        .map(|name| OperationUse { operation: name.clone(), samples: 0, peak_rss_mb: 0.0, mean_rss_mb: 0.0 })
        .collect();
    for (samples, phase) in series.phase.stretches() {
        let Some(found) = phase.and_then(|id| uses.get_mut(id as usize)) else { continue };
        found.samples += samples.len() as u64;
        let rss_mb = &series.rss_mb[samples];
        found.peak_rss_mb = found.peak_rss_mb.max(largest(rss_mb));
        found.mean_rss_mb = rss_mb.iter().fold(found.mean_rss_mb, |sum, rss| sum + rss);
    }
    uses.retain(|found| found.samples > 0);
    for found in &mut uses {
        found.mean_rss_mb /= found.samples as f64;
    }
    uses.sort_by(|a, b| b.peak_rss_mb.total_cmp(&a.peak_rss_mb).then_with(|| a.operation.cmp(&b.operation)));
    uses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::shapes::series;

    #[test]
    fn the_stage_with_the_largest_peak_is_first_and_an_unused_one_is_left_out() {
        let mut run = series(1.0, &[1.0, 2.0, 6.0, 6.0, 9.0]);
        run.phase = vec![Some(0), Some(0), Some(2), Some(1), None].into();
        let names = ["load", "zip", "merge", "never"].map(str::to_owned);
        let found = by_operation(&run, &names);
        let told: Vec<_> =
            found.iter().map(|u| (u.operation.as_str(), u.samples, u.peak_rss_mb, u.mean_rss_mb)).collect();
        assert_eq!(told, [("merge", 1, 6.0, 6.0), ("zip", 1, 6.0, 6.0), ("load", 2, 2.0, 1.5)]);
    }
}
