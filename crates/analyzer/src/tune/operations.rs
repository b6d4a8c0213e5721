//! A size for each operation of a job, and which of them limits a size for all.

use std::collections::BTreeMap;

use serde::Serialize;

use super::candidates::range_of_sizes;
use super::evaluation::Evaluation;
use super::evaluator::Evaluator;
use super::evidence::{Evidence, Growth};
use super::options::TuneOptions;
use super::scorer::Scorer;
use super::space::Space;
use super::time_budget::{Phase, TimeBudget};
use crate::memory_model::MemoryModel;

/// Replays of each evaluation.
const DRAWS: u32 = 32;
/// Sizes that are evaluated per operation.
const SCANNED: u32 = 12;

/// The size that an operation may have by itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OperationSize {
    /// The operation.
    pub operation: String,
    /// Its size; null where none keeps the risk.
    pub batch_size: Option<u32>,
    /// Upper bound of its peak at that size and the stated risk, in MiB.
    pub peak_upper_mb: Option<f64>,
    /// Upper bound of its peak at the size that is chosen for all, in MiB.
    pub peak_upper_at_chosen_mb: f64,
    /// Whether it has the highest peak at that size: it is what limits a size for all.
    pub binding: bool,
}

/// What the sizes are chosen from.
pub(super) struct OperationScan<'a> {
    pub(super) runs: &'a [Evidence<'a>],
    pub(super) memory_model: &'a MemoryModel,
    pub(super) growth: &'a Growth,
    pub(super) usable_mb: f64,
    pub(super) options: &'a TuneOptions,
}

impl OperationScan<'_> {
    /// A size for each of several operations, beside the one `chosen` for all; empty for a job with one operation, or where
    /// the time budget ended.
    pub(super) fn sizes(&self, chosen: u32, budget: &mut TimeBudget) -> Vec<OperationSize> {
        let labels = self.memory_model.operations();
        if labels.len() < 2 {
            return Vec::new();
        }
        let in_time = |_: &&str| budget.step(Phase::Refine);
        let labels = labels.into_iter().take_while(in_time);
        let mut sizes: Vec<OperationSize> = labels.filter_map(|label| self.of(label, chosen)).collect();
        let highest = sizes.iter().map(|size| size.peak_upper_at_chosen_mb).fold(0.0, f64::max);
        sizes.iter_mut().for_each(|size| size.binding = size.peak_upper_at_chosen_mb >= highest);
        sizes
    }

    fn of(&self, label: &str, chosen: u32) -> Option<OperationSize> {
        let model = self.memory_model.of_operation(label);
        let shared = (&model, self.growth);
        let evaluator =
            Evaluator::new(self.runs, shared, self.usable_mb, self.options.risk, self.options.seed);
        let evaluator = evaluator.of_one_operation();
        let at_chosen = evaluator.of_size(chosen, DRAWS)?;
        let best = range_of_sizes(&model, self.options.reader).ok();
        let best = best.and_then(|range| self.best(&evaluator, range));
        Some(OperationSize {
            operation: label.to_owned(),
            batch_size: best.as_ref().map(|(size, _)| *size),
            peak_upper_mb: best.map(|(_, evaluation)| evaluation.peak_upper_mb),
            peak_upper_at_chosen_mb: at_chosen.peak_upper_mb,
            binding: false,
        })
    }

    /// The size that is worth most of those that keep the risk.
    fn best(&self, evaluator: &Evaluator, sizes: (u32, u32)) -> Option<(u32, Evaluation)> {
        let current = &self.runs.first()?.run.config;
        let rest = current.clone();
        let space = Space { limit_mb: self.usable_mb, reader: self.options.reader, sizes, rest };
        let places = (0..SCANNED).map(|place| f64::from(place) / f64::from(SCANNED - 1));
        let scanned: BTreeMap<u32, Evaluation> = places
            .map(|place| space.size_at(place))
            .filter_map(|size| Some((size, evaluator.of_size(size, DRAWS)?)))
            .filter(|(_, evaluation)| evaluator.fits(evaluation))
            .collect();
        let fastest = scanned.values().map(|evaluation| evaluation.speed).fold(0.0, f64::max);
        let scorer = Scorer { evaluator, space: &space, fastest, current };
        let worth = |evaluation: &Evaluation| scorer.worth(evaluation);
        scanned.into_iter().min_by(|a, b| worth(&a.1).total_cmp(&worth(&b.1)))
    }
}
