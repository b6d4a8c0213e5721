//! The runs that replays start from.

use std::borrow::Cow;

use memtool_profile_model::Run;

use super::scenario::Scenario;
use crate::memory_model::MemoryModel;
use crate::memory_model::run_model::{RunKey, RunModel, model_of};

/// The models of the runs: those of the memory model, and for others one with its memory per item.
pub(super) fn models<'a>(runs: &[&Run], memory_model: &'a MemoryModel) -> Vec<Cow<'a, RunModel>> {
    let of = |run: &&Run| {
        let key = RunKey::of(run);
        match memory_model.models.iter().find(|model| model.key == key) {
            Some(model) => Some(Cow::Borrowed(model)),
            None => model_of(run, memory_model.slope_prior()).map(Cow::Owned),
        }
    };
    runs.iter().filter_map(of).collect()
}

/// The runs to replay: a killed one only where none saw all the work, and for a fixed size those of fixed
/// sizes, where the peaks of several are known.
pub(super) fn bases<'a>(
    models: &'a [Cow<'_, RunModel>],
    known: &[(f64, f64)],
    scenario: &Scenario,
) -> Vec<&'a RunModel> {
    let all = || models.iter().map(AsRef::as_ref);
    let finished: Vec<&RunModel> = all().filter(|model| model.finished).collect();
    let fixed = finished.iter().filter(|model| model.fixed.is_some() && !known.is_empty());
    let fixed: Vec<&RunModel> = fixed.copied().collect();
    match scenario {
        Scenario::AsRecorded => all().collect(),
        Scenario::FixedBatch(_) if !fixed.is_empty() => fixed,
        _ if !finished.is_empty() => finished,
        _ => all().collect(),
    }
}

/// Whether each run is evidence for a scenario: for a fixed size those with work for a whole batch of it, if any had that.
pub(super) fn tells(bases: &[&RunModel], scenario: &Scenario) -> Vec<bool> {
    let Scenario::FixedBatch(size) = scenario else { return vec![true; bases.len()] };
    let had = |model: &&RunModel| model.segments.iter().any(|segment| segment.items >= f64::from(*size));
    let tells: Vec<bool> = bases.iter().map(had).collect();
    if tells.contains(&true) { tells } else { vec![true; bases.len()] }
}

/// Sizes whose peaks are known, where there are several: one alone would only correct a run to itself.
pub(super) fn known_peaks(memory_model: &MemoryModel) -> &[(f64, f64)] {
    if memory_model.fixed_peaks.len() > 1 { &memory_model.fixed_peaks } else { &[] }
}
