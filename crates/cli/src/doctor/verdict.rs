//! Whether a plant was told for what it is.

use memtool_analyzer::{LeakReport, LeakTier, LeakVerdict};
use memtool_profile_model::{Batch, PeakSource};
use serde::Serialize;

use super::plant::SPIKE;
use crate::args::Plant;
use crate::text::hundredths;

/// Share of the spike that the exact peak must show: kernels with many processors count
/// resident pages with some MiB to spare.
const SHOWN: f64 = 0.95;

/// What came of a plant, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// Told for what it is.
    Right,
    /// The recording does not carry a verdict.
    Unsure,
    /// Taken for something else, or not recorded.
    Wrong,
}

/// What a recording shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Found {
    pub(crate) verdict: LeakVerdict,
    pub(crate) tier: Option<LeakTier>,
    pub(crate) reason: String,
    pub(crate) slope_mb_per_min: Option<f64>,
    pub(crate) samples: usize,
    pub(crate) batches: usize,
    /// The largest sample.
    pub(crate) peak_rss_mb: f64,
    /// The largest peak of a batch that the kernel told; none where it tells none.
    pub(crate) exact_peak_mb: Option<f64>,
    /// The most that memory rose within a batch, by exact peaks.
    pub(crate) exact_rise_mb: Option<f64>,
}

impl Found {
    pub(crate) fn new(leak: &LeakReport, samples: usize, peak_rss_mb: f64, batches: &[Batch]) -> Self {
        let exact = batches.iter().filter(|batch| batch.peak_source.is_some_and(is_exact));
        let peaks: Vec<(f64, f64)> =
            exact.filter_map(|b| Some((b.rss_peak?.get(), b.rss_start?.get()))).collect();
        let most = |values: &mut dyn Iterator<Item = f64>| values.reduce(f64::max);
        Self {
            verdict: leak.verdict,
            tier: leak.tier,
            reason: leak.reason.clone(),
            slope_mb_per_min: leak.slope_mb_per_min.map(|slope| hundredths(slope.estimate)),
            samples,
            batches: batches.len(),
            peak_rss_mb,
            exact_peak_mb: most(&mut peaks.iter().map(|(peak, _)| *peak)),
            exact_rise_mb: most(&mut peaks.iter().map(|(peak, start)| hundredths(peak - start))),
        }
    }

    /// The verdict in a few words.
    pub(crate) fn words(&self, plant: Plant) -> String {
        let leak = match (self.verdict, self.slope_mb_per_min) {
            (LeakVerdict::Leak, Some(slope)) => format!("leak, {slope:.0} MiB/min"),
            (LeakVerdict::Leak, None) => "leak".to_owned(),
            (LeakVerdict::Saturating, _) => "no leak, saturating".to_owned(),
            (LeakVerdict::None, _) => "no leak".to_owned(),
            (LeakVerdict::Inconclusive, _) => "inconclusive".to_owned(),
        };
        match (plant, self.exact_peak_mb) {
            (Plant::Spike, Some(peak)) => {
                format!("{leak}, peak {peak:.0} (samples {:.0})", self.peak_rss_mb)
            }
            (Plant::Spike, None) => format!("{leak}, no exact peak"),
            _ => leak,
        }
    }
}

const fn is_exact(source: PeakSource) -> bool {
    !matches!(source, PeakSource::Sampled)
}

/// Whether it is what was planted, and if not, why.
pub(crate) fn judge(plant: Plant, found: &Found) -> (Outcome, Option<String>) {
    let leak = match (found.verdict, plant == Plant::Leak) {
        (LeakVerdict::Inconclusive, _) => Outcome::Unsure,
        (LeakVerdict::Leak, is_leak) if is_leak => Outcome::Right,
        (LeakVerdict::None | LeakVerdict::Saturating, is_leak) if !is_leak => Outcome::Right,
        _ => Outcome::Wrong,
    };
    let (peak, note) = if plant == Plant::Spike { spike(found) } else { (Outcome::Right, None) };
    if leak >= peak && leak != Outcome::Right {
        return (leak, Some(found.reason.clone()));
    }
    (peak, note)
}

fn spike(found: &Found) -> (Outcome, Option<String>) {
    match found.exact_rise_mb {
        None => {
            let note = "exact peaks are not to be had here, so that a peak between two looks is not seen";
            (Outcome::Unsure, Some(note.to_owned()))
        }
        Some(rise) if rise >= SPIKE as f64 * SHOWN => (Outcome::Right, None),
        Some(rise) => {
            (Outcome::Wrong, Some(format!("the exact peak rose {rise:.0} MiB, {SPIKE} were planted")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(verdict: LeakVerdict, exact_rise_mb: Option<f64>) -> Found {
        Found {
            verdict,
            tier: None,
            reason: "why".to_owned(),
            slope_mb_per_min: None,
            samples: 99,
            batches: 40,
            peak_rss_mb: 50.0,
            exact_peak_mb: exact_rise_mb,
            exact_rise_mb,
        }
    }

    #[test]
    fn a_leak_must_be_found_and_nothing_else_taken_for_one() {
        let outcome = |plant, verdict| judge(plant, &found(verdict, None)).0;
        assert_eq!(outcome(Plant::Leak, LeakVerdict::Leak), Outcome::Right);
        assert_eq!(outcome(Plant::Leak, LeakVerdict::Saturating), Outcome::Wrong);
        assert_eq!(outcome(Plant::Leak, LeakVerdict::None), Outcome::Wrong);
        assert_eq!(outcome(Plant::Plateau, LeakVerdict::Saturating), Outcome::Right);
        assert_eq!(outcome(Plant::Sawtooth, LeakVerdict::None), Outcome::Right);
        assert_eq!(outcome(Plant::Plateau, LeakVerdict::Leak), Outcome::Wrong);
        for plant in Plant::ALL {
            assert_eq!(outcome(plant, LeakVerdict::Inconclusive), Outcome::Unsure, "{plant:?}");
        }
    }

    #[test]
    fn a_spike_needs_its_exact_peak() {
        let judged = |verdict, rise| judge(Plant::Spike, &found(verdict, rise));
        assert_eq!(judged(LeakVerdict::None, Some(150.2)), (Outcome::Right, None));
        assert_eq!(judged(LeakVerdict::None, Some(90.0)).0, Outcome::Wrong);
        assert_eq!(judged(LeakVerdict::None, None).0, Outcome::Unsure);
        assert_eq!(judged(LeakVerdict::Leak, None), (Outcome::Wrong, Some("why".to_owned())));
        assert_eq!(judged(LeakVerdict::Inconclusive, Some(90.0)).0, Outcome::Wrong);
    }

    #[test]
    fn sampled_peaks_are_not_exact() {
        let leak = LeakReport {
            verdict: LeakVerdict::None,
            tier: None,
            slope_mb_per_min: None,
            slope_mb_per_batch: None,
            slope_mb_per_1000_items: None,
            hours_to_limit: None,
            reason_code: memtool_analyzer::ReasonCode::Small,
            reason: String::new(),
            by_operation: Vec::new(),
        };
        assert_eq!(Found::new(&leak, 9, 50.0, &[]).exact_peak_mb, None);
        assert!(is_exact(PeakSource::CgroupPeak) && !is_exact(PeakSource::Sampled));
    }
}
