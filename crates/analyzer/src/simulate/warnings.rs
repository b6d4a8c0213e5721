//! Warnings about a prediction.

use std::borrow::Cow;

use super::calibration::GATE;
use super::prediction::Prediction;
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
) -> Vec<String> {
    // A run as it was recorded rests on its peak alone, whatever its batches were.
    let as_recorded = matches!(scenario, Scenario::AsRecorded);
    // A run as it was recorded needs no model; what its figures are matters to any limit.
    let of_model =
        memory_model.warnings.iter().filter(|warning| !as_recorded || **warning == ModelWarning::HeapOnly);
    let mut warnings: Vec<String> = of_model.map(ToString::to_string).collect();
    let mut say = |when: bool, text: &str| {
        if when {
            warnings.push(text.to_owned());
        }
    };
    say(models.is_empty(), "no readable sample: nothing was simulated");
    say(
        extrapolates(memory_model, scenario) && memory_model.identifiable(),
        "extrapolation: a size this far from the recorded ones was never seen",
    );
    say(
        matches!(scenario, Scenario::Config(_)),
        "an adaptive run's peak depends on what is sampled when, and differs between repeats; no threshold \
         acts inside a batch",
    );
    for (when, text) in of_runs(models, prediction, as_recorded) {
        say(when, text);
    }
    say(
        prediction.throughput_assumed && !as_recorded,
        "throughput: only one size was timed, or none; a batch's fixed cost is assumed (2 to 500 items' worth)",
    );
    say(
        memory_model.status == Status::Bounded && !as_recorded,
        "memory per item is known only within bounds",
    );
    warnings.extend(replay_error(prediction).filter(|_| !as_recorded));
    warnings
}

/// What the recorded runs do not say.
fn of_runs(
    models: &[Cow<'_, RunModel>],
    prediction: &Prediction,
    as_recorded: bool,
) -> [(bool, &'static str); 4] {
    let any = |test: fn(&RunModel) -> bool| models.iter().any(|model| test(model));
    [
        (
            any(|run| !run.finished),
            "a run ended without closing: what its later work needs is not known, its peak is a lower bound",
        ),
        (
            any(|run| !run.recorded) && !as_recorded,
            "no batch records: batches are guessed from the memory's troughs, and peaks between samples \
             are missed",
        ),
        (
            prediction.gc_runs > 0.0 && any(|run| !run.reclaim.known() && !run.reclaim.in_recording),
            "collections: the recording does not say what one gives back; taken as nothing",
        ),
        (
            as_recorded && any(|run| !run.exact_peak),
            "the peak is that of samples: it may be higher between two of them",
        ),
    ]
}

/// How far a replay under the run's own settings misses its peak, where that is far.
fn replay_error(prediction: &Prediction) -> Option<String> {
    let verdict = if prediction.bounds_only {
        "the model gives bounds and an order of sizes, no figure"
    } else {
        "the figures rest on the peaks of the fixed sizes"
    };
    (prediction.replay_error > GATE).then(|| {
        format!(
            "a replay of the recorded batches misses the recorded peak by {:.0} %: {verdict}",
            100.0 * prediction.replay_error
        )
    })
}

fn extrapolates(memory_model: &MemoryModel, scenario: &Scenario) -> bool {
    let Some(size) = scenario.typical_size() else { return false };
    match (memory_model.sizes_seen.first(), memory_model.sizes_seen.last()) {
        (Some(min), Some(max)) => size < EXTRAPOLATION.0 * min || size > EXTRAPOLATION.1 * max,
        _ => true,
    }
}
