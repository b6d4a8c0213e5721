//! Doubts about a prediction.

use std::fmt;

use crate::memory_model::ModelWarning;

/// Why a prediction is uncertain, or what it does not cover.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum PredictionWarning {
    /// A warning of the memory model that the prediction rests on.
    Model(ModelWarning),
    /// No batch size was recorded: there is no figure for other sizes or settings.
    Withheld,
    /// No run has a readable sample.
    NoSample,
    /// The size is far from the recorded ones.
    Extrapolation,
    /// A controller's sizes depend on when memory is sampled.
    Adaptive,
    /// A run ended without closing.
    Unfinished,
    /// Batches are guessed from samples.
    GuessedBatches,
    /// The recording does not say what a collection gives back.
    UnknownCollections,
    /// The peak is one of samples.
    SampledPeak,
    /// The fixed cost of a batch is assumed.
    AssumedThroughput,
    /// What an item needs is known within bounds.
    BoundedItem,
    /// A replay of the recorded batches misses their peak.
    ReplayError {
        /// Share of the recorded peak.
        share: f64,
        /// Whether the prediction gives bounds only.
        bounds_only: bool,
    },
}

impl fmt::Display for PredictionWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Model(warning) => return warning.fmt(f),
            Self::ReplayError { share, bounds_only } => {
                let verdict = if *bounds_only {
                    "the model gives bounds and an order of sizes, no figure"
                } else {
                    "the figures rest on the peaks of the fixed sizes"
                };
                return write!(
                    f,
                    "a replay of the recorded batches misses the recorded peak by {:.0} %: {verdict}",
                    100.0 * share
                );
            }
            Self::Withheld => {
                "no batch size was recorded, so nothing is known of other sizes or settings: mark the batches with the \
                 recorder's `batch(operation, items)`, or give --memory-limit alone for the run as it was"
            }
            Self::NoSample => "no readable sample: nothing was simulated",
            Self::Extrapolation => "extrapolation: a size this far from the recorded ones was never seen",
            Self::Adaptive => {
                "an adaptive run's peak depends on what is sampled when, and differs between repeats; no threshold acts \
                 inside a batch"
            }
            Self::Unfinished => {
                "a run ended without closing: what its later work needs is not known, its peak is a lower bound"
            }
            Self::GuessedBatches => {
                "no batch records: batches are guessed from the memory's troughs, and peaks between samples are missed"
            }
            Self::UnknownCollections => {
                "collections: the recording does not say what one gives back; taken as nothing"
            }
            Self::SampledPeak => "the peak is that of samples: it may be higher between two of them",
            Self::AssumedThroughput => {
                "throughput: only one size was timed, or none; a batch's fixed cost is assumed (2 to 500 items' worth)"
            }
            Self::BoundedItem => "memory per item is known only within bounds",
        })
    }
}
