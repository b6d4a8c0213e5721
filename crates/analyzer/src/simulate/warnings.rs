//! Which doubts a prediction has.

use std::borrow::Cow;

use super::calibration::GATE;
use super::prediction::Prediction;
use super::prediction_warning::PredictionWarning;
use super::scenario::Scenario;
use crate::memory_model::run_model::RunModel;
use crate::memory_model::{MemoryModel, ModelWarning, Status};

/// Sizes beyond these shares of the recorded ones are extrapolation.
const EXTRAPOLATION: (f64, f64) = (0.5, 2.0);

pub(super) fn warnings(
    memory_model: &MemoryModel,
    scenario: &Scenario,
    prediction: &Prediction,
    models: &[Cow<'_, RunModel>],
) -> Vec<PredictionWarning> {
    // A run as it was recorded rests on its peak alone, whatever its batches were.
    let as_recorded = matches!(scenario, Scenario::AsRecorded);
    // A run as it was recorded needs no model; what its figures are matters to any limit.
    let of_model =
        memory_model.warnings.iter().filter(|warning| !as_recorded || **warning == ModelWarning::HeapOnly);
    let any = |test: fn(&RunModel) -> bool| models.iter().any(|model| test(model));
    let collections = prediction.gc_runs > 0.0;
    let own = [
        (models.is_empty(), PredictionWarning::NoSample),
        (
            extrapolates(memory_model, scenario) && memory_model.identifiable(),
            PredictionWarning::Extrapolation,
        ),
        (matches!(scenario, Scenario::Config(_)), PredictionWarning::Adaptive),
        (any(|run| !run.finished), PredictionWarning::Unfinished),
        (!as_recorded && any(|run| !run.recorded), PredictionWarning::GuessedBatches),
        (
            collections && any(|run| !run.reclaim.known() && !run.reclaim.in_recording),
            PredictionWarning::UnknownCollections,
        ),
        (as_recorded && any(|run| !run.exact_peak), PredictionWarning::SampledPeak),
        (!as_recorded && prediction.throughput_assumed, PredictionWarning::AssumedThroughput),
        (!as_recorded && memory_model.status == Status::Bounded, PredictionWarning::BoundedItem),
        (
            !as_recorded && prediction.replay_error > GATE,
            PredictionWarning::ReplayError {
                share: prediction.replay_error,
                bounds_only: prediction.bounds_only,
            },
        ),
    ];
    let own = own.into_iter().filter_map(|(holds, warning)| holds.then_some(warning));
    of_model.copied().map(PredictionWarning::Model).chain(own).collect()
}

fn extrapolates(memory_model: &MemoryModel, scenario: &Scenario) -> bool {
    let Some(size) = scenario.typical_size() else { return false };
    match (memory_model.sizes_seen.first(), memory_model.sizes_seen.last()) {
        (Some(min), Some(max)) => size < EXTRAPOLATION.0 * min || size > EXTRAPOLATION.1 * max,
        _ => true,
    }
}
