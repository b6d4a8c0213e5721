//! What samples alone tell of a batch's memory: how much of it every batch takes again, and how much is kept.
//!
//! Without batch records nothing says where batches begin. What can be seen is the least memory that is still to come: what it
//! has by the tenth of the run is the heap of the first batches, or data that was loaded; what it grows by from there on is kept,
//! whatever the batch size; and what lies above it is a batch's own. A batch's own follows the size that was in force. What was there early
//! follows it too if it is a heap, and does not if it was loaded (imports, reference data): the two look the same, so both are possible
//! (`peak_model`). A run that was cut off may have grown by one batch as well as by what it kept: half of it counts as each.

/// Share of the samples by which the first batches have their heap; of 0.02, 0.05, 0.1, 0.15, 0.2, 0.3 and 0.5 the best with the level
/// that `peak_model` takes, by median and 90 % quantile of errors on drawn programs and recorded workloads.
const FIRST_BATCHES: f64 = 0.1;
/// A batch that runs at the end takes this many times as long as the longest before it, at most.
const RUNNING: usize = 2;
/// Share of what a cut-off run grew by that is a batch's; of 0, 0.25, 0.5, 0.75 and 1.
const CUT_OFF: f64 = 0.5;

/// What every batch takes again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rise {
    /// Memory in MiB.
    pub(super) mb: f64,
    /// The largest size in force until the peak.
    pub(super) items: f64,
    /// What of it was there early and stayed: the heap of the first batches, or loaded data.
    pub(super) early_mb: f64,
}

impl Rise {
    /// The mean over runs; `None` where no size was in force.
    pub(super) fn of_all(rises: &[Self]) -> Option<Self> {
        let sized: Vec<&Self> = rises.iter().filter(|rise| rise.items > 0.0).collect();
        #[expect(clippy::cast_precision_loss, reason = "a count of runs")]
        let runs = sized.len() as f64;
        let mean = |value: fn(&Self) -> f64| sized.iter().map(|rise| value(rise)).sum::<f64>() / runs;
        (!sized.is_empty()).then(|| Self {
            mb: mean(|rise| rise.mb),
            items: mean(|rise| rise.items),
            early_mb: mean(|rise| rise.early_mb),
        })
    }
}

/// Memory of samples, taken apart.
pub(super) struct TakenApart {
    /// Memory in MiB at each sample that no batch gives back.
    pub(super) kept: Vec<f64>,
    pub(super) rise: Rise,
}

/// Takes memory in MiB apart; `troughs` are the samples at which batches end, from the first one on, and `size_at` is the size in force at
/// a sample. `None` without samples.
pub(super) fn taken_apart(
    mb: &[f64],
    troughs: &[usize],
    size_at: impl Fn(usize) -> Option<f64>,
    finished: bool,
) -> Option<TakenApart> {
    let base = *mb.first()?;
    let least = least_to_come(mb, troughs);
    let highest = (1..mb.len()).fold(0, |highest, at| if mb[at] > mb[highest] { at } else { highest });
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index"
    )]
    let first = ((FIRST_BATCHES * mb.len() as f64) as usize).max(1).min(highest);
    let share = if finished { 1.0 } else { 1.0 - CUT_OFF };
    let kept: Vec<f64> = least.iter().map(|level| base + share * (level - least[first]).max(0.0)).collect();
    // The first sample shows the size before the policy first acted.
    let sizes = (1..=highest).chain([0]).filter_map(size_at);
    let items = sizes.fold(0.0, f64::max);
    let own = (mb[highest] - kept[highest]).max(0.0);
    let early_mb = (least[first] - base).clamp(0.0, own);
    Some(TakenApart { rise: Rise { mb: own, items, early_mb }, kept })
}

/// The least memory from each sample on. What follows the last trough is a batch that runs, if it is no longer than others were.
fn least_to_come(mb: &[f64], troughs: &[usize]) -> Vec<f64> {
    let longest = troughs.windows(2).map(|pair| pair[1] - pair[0]).max();
    let last = troughs.last().copied().unwrap_or_default();
    let runs = longest.is_some_and(|longest| mb.len() - last <= RUNNING * longest);
    let mut least = mb.to_vec();
    if runs {
        least[last..].fill(mb[last]);
    }
    for index in (0..least.len() - 1).rev() {
        least[index] = least[index].min(least[index + 1]);
    }
    least
}

#[cfg(test)]
mod tests {
    use super::super::troughs::troughs;
    use super::*;

    fn apart(mb: &[f64], finished: bool) -> TakenApart {
        let size_at = |index| Some(if index < 2 { 1000.0 } else { 500.0 });
        taken_apart(mb, &troughs(mb), size_at, finished).expect("samples")
    }

    #[test]
    fn a_saw_is_the_batches_own_and_a_ramp_is_kept() {
        let saw: Vec<f64> = (0..100).map(|i| 100.0 + f64::from(i % 10) * 20.0).collect();
        let found = apart(&saw, true);
        assert_eq!(found.rise, Rise { mb: 180.0, items: 1000.0, early_mb: 0.0 });
        assert!(found.kept.iter().all(|kept| *kept == 100.0), "the last batch runs: {:?}", found.kept);
        let ramp: Vec<f64> = (0..101).map(|i| 100.0 + f64::from(i)).collect();
        let found = apart(&ramp, true);
        assert_eq!((found.rise.mb, found.kept[100]), (10.0, 190.0), "the first tenth is the heap's");
        assert_eq!(apart(&ramp, false).kept[100], 145.0, "cut off, it may be one batch");
    }

    #[test]
    fn what_is_given_back_later_was_not_kept() {
        let mut buffer: Vec<f64> = (0..90).map(|i| 100.0 + f64::from(i)).collect();
        buffer.extend([110.0; 10]);
        assert_eq!(apart(&buffer, true).kept[89], 100.0);
        assert!(taken_apart(&[], &[], |_| None, true).is_none());
    }
}
