//! The highest resident memory of a run, one figure for every output.

use serde::{Deserialize, Serialize};

use crate::batch::PeakSource;
use crate::run::Run;
use crate::units::Mib;

/// The highest resident memory of a run and where it was read.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// The highest resident memory.
    pub rss: Mib,
    /// Where it was read; `None` where the file does not say.
    pub source: Option<PeakSource>,
}

impl Peak {
    /// The larger of two; of equal ones the exact one.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        let rank = |peak: &Self| (peak.rss.get(), peak.is_exact());
        if rank(&other) > rank(&self) { other } else { self }
    }

    /// Whether the kernel's own mark was read: otherwise the peak was *at least* this.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        matches!(self.source, Some(PeakSource::HighWaterMark | PeakSource::CgroupPeak))
    }
}

impl Run {
    /// The run's peak: the highest of the peak that the file states, the batches' peaks and `sampled`, the
    /// highest RSS of the snapshots (`None`: those that the run holds).
    #[must_use]
    pub fn peak(&self, sampled: Option<Mib>) -> Option<Peak> {
        let held = || {
            self.snapshots
                .iter()
                .filter_map(|snapshot| snapshot.rss)
                .max_by(|a, b| a.get().total_cmp(&b.get()))
        };
        let sampled = sampled.or_else(held).map(|rss| Peak { rss, source: Some(PeakSource::Sampled) });
        let batches = self
            .batches
            .iter()
            .filter_map(|batch| Some(Peak { rss: batch.rss_peak?, source: batch.peak_source }));
        batches.chain(sampled).chain(self.stated_peak).reduce(Peak::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peak(rss: f64, source: Option<PeakSource>) -> Peak {
        Peak { rss: Mib::new(rss), source }
    }

    #[test]
    fn the_mark_above_all_samples_is_the_peak() {
        let mark = peak(667.0, Some(PeakSource::HighWaterMark));
        let run = Run { stated_peak: Some(mark), ..Run::default() };
        assert_eq!(run.peak(Some(Mib::new(629.0))), Some(mark));
        assert!(run.peak(Some(Mib::new(667.0))).is_some_and(|peak| peak.is_exact()));
    }

    #[test]
    fn a_sample_above_the_mark_is_a_lower_bound() {
        let run = Run { stated_peak: Some(peak(100.0, Some(PeakSource::HighWaterMark))), ..Run::default() };
        let found = run.peak(Some(Mib::new(120.0))).expect("a peak");
        assert_eq!((found.rss.get(), found.is_exact()), (120.0, false));
        assert_eq!(Run::default().peak(None), None);
    }
}
