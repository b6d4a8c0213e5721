//! What a reader of a prediction should know.

use std::borrow::Cow;

use super::{Prediction, Scenario, typical_size};
use crate::respond::model::RunModel;
use crate::respond::{Response, Status};

/// Sizes beyond these shares of the recorded ones are extrapolation.
const EXTRAPOLATION: (f64, f64) = (0.5, 2.0);
/// A replay of the recorded settings that misses by more is not to be trusted alone.
const TRUSTED: f64 = 0.10;

pub(super) fn warnings(
    response: &Response,
    scenario: &Scenario,
    prediction: &Prediction,
    models: &[Cow<'_, RunModel>],
) -> Vec<String> {
    let mut warnings = response.warnings.clone();
    let mut say = |when: bool, text: &str| {
        if when {
            warnings.push(text.to_owned());
        }
    };
    let adaptive = matches!(scenario, Scenario::Config(_));
    say(models.is_empty(), "no readable sample: nothing was simulated");
    say(
        extrapolates(response, scenario) && response.identifiable(),
        "extrapolation: a size this far from the recorded ones was never seen",
    );
    say(
        adaptive,
        "an adaptive run's peak depends on what is sampled when, and differs between repeats; no threshold \
         acts inside a batch",
    );
    say(
        models.iter().any(|m| !m.finished),
        "a run ended without closing: what its later work needs is not known, its peak is a lower bound",
    );
    say(
        models.iter().any(|m| !m.recorded),
        "no batch records: batches are guessed from the memory's troughs, and peaks between samples \
         are missed",
    );
    say(
        prediction.gc_runs > 0.0 && models.iter().any(|m| !m.reclaim.known() && !m.reclaim.in_recording),
        "collections: the recording does not say what one gives back; taken as nothing",
    );
    say(
        prediction.throughput_assumed,
        "throughput: only one size was timed, or none; a batch's fixed cost is assumed (2 to 500 items' worth)",
    );
    say(response.status == Status::Bounded, "memory per item is known only within bounds");
    if prediction.factual_error > TRUSTED {
        warnings.push(format!(
            "a replay of the recorded batches misses the recorded peak by {:.0} %: compare scenarios, do \
             not read the figures alone",
            100.0 * prediction.factual_error
        ));
    }
    warnings
}

fn extrapolates(response: &Response, scenario: &Scenario) -> bool {
    let size = typical_size(scenario);
    match (response.sizes_seen.first(), response.sizes_seen.last()) {
        (Some(min), Some(max)) => size < EXTRAPOLATION.0 * min || size > EXTRAPOLATION.1 * max,
        _ => true,
    }
}
