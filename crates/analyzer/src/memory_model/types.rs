//! The result of the memory model.

use super::interval::Interval;
use super::line_filter::SlopePrior;
use super::model_warning::ModelWarning;
use super::run_model::{Operation, RunModel};

/// How much is known of the effect of the batch size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Several sizes were seen and agree on a line.
    Identified,
    /// Several sizes were seen, but only bounds follow.
    Bounded,
    /// Only one size was seen, or none.
    NotIdentifiable,
}

/// The evidence that a memory model rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Peaks of runs with one fixed size each.
    FixedRuns,
    /// Peaks of recorded batches.
    Batches,
    /// Rises between snapshots.
    Snapshots,
    /// Nothing could be estimated.
    None,
}

/// How the memory of a job depends on its batch size.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryModel {
    /// How much is known.
    pub status: Status,
    /// Memory in MiB that one more item of a batch adds to the peak: never negative.
    pub per_item_mb: Interval,
    /// Memory in MiB without any batch.
    pub base_mb: Interval,
    /// Residuals around the line, in MiB: 5, 50 and 95 % quantiles.
    pub residual_mb: Interval,
    /// The batch sizes that were seen, from the smallest.
    pub sizes_seen: Vec<f64>,
    /// Number of runs or batches that the figures rest on.
    pub samples: usize,
    /// The evidence.
    pub method: Method,
    /// Why the figures are uncertain.
    pub warnings: Vec<ModelWarning>,
    /// Sizes of finished runs with one fixed size each, with their mean peaks, from the smallest.
    pub(crate) fixed_peaks: Vec<(f64, f64)>,
    /// The model of each run, for the replay.
    pub(crate) models: Vec<RunModel>,
}

/// Of a normal distribution, this many standard deviations to the 95 % quantile.
pub(super) const TO_95: f64 = 1.645;

impl MemoryModel {
    /// Whether a change of the batch size has a known effect.
    #[must_use]
    pub fn identifiable(&self) -> bool {
        self.status != Status::NotIdentifiable
    }

    /// Why a change of the batch size has no known effect, if so.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        self.not_identifiable().map(|warning| warning.to_string())
    }

    /// The same as a warning.
    pub(super) fn not_identifiable(&self) -> Option<ModelWarning> {
        let warning =
            self.sizes_seen.first().map_or(ModelWarning::NoSize, |size| ModelWarning::OneSize(*size));
        (!self.identifiable()).then_some(warning)
    }

    /// The highest memory of work outside of batches, over all runs, in MiB; 0 without any.
    pub(crate) fn outside_peak_mb(&self) -> f64 {
        let works = self.models.iter().flat_map(|model| &model.outside_work);
        works.map(|work| work.peak).fold(0.0, f64::max)
    }

    /// Seconds of an item in batches of a size, over all recorded work; `None` where no batch was timed.
    pub(crate) fn seconds_per_item(&self, size: f64) -> Option<f64> {
        let operations = || self.models.iter().flat_map(|model| &model.operations);
        let items = |o: &Operation| o.batches.iter().map(|(_, items)| items).sum::<f64>();
        let all: f64 = operations().map(items).sum();
        let seconds: f64 =
            operations().map(|o| items(o) * o.pace.seconds_per_item(size) * o.wall_per_second).sum();
        (all > 0.0 && seconds > 0.0).then_some(seconds / all)
    }

    /// Whether most of the time is known at several batch sizes.
    pub(crate) fn speed_measured(&self) -> bool {
        !self.models.is_empty() && !self.models.iter().any(RunModel::cost_assumed)
    }

    /// What this says of the memory per item in a run that it was not made from.
    pub(crate) fn slope_prior(&self) -> Option<SlopePrior> {
        let per_item = self.per_item_mb;
        let deviation = (per_item.high - per_item.median) / TO_95;
        (self.method != Method::None && per_item.median > 0.0)
            .then_some(SlopePrior { mean: per_item.median, deviation })
    }
}
