//! The memory model of one operation of a job, as if it were all of its work.

use std::collections::BTreeSet;

use super::run_model::RunModel;
use super::segment::Segment;
use super::types::{MemoryModel, Status};

impl MemoryModel {
    /// The labels of operations with recorded batches, in order of name.
    pub(crate) fn operations(&self) -> BTreeSet<&str> {
        let recorded = self.models.iter().filter(|model| model.recorded);
        let labels = recorded.flat_map(|model| &model.operations).filter(|o| !o.batches.is_empty());
        labels.filter_map(|operation| operation.label.as_deref()).collect()
    }

    /// The model of one operation's batches alone, without work outside of batches.
    pub(crate) fn of_operation(&self, label: &str) -> Self {
        let models: Vec<RunModel> = self.models.iter().map(|model| only(model, label)).collect();
        let mut sizes_seen: Vec<f64> = models.iter().flat_map(|model| model.sizes.iter().copied()).collect();
        sizes_seen.sort_by(f64::total_cmp);
        sizes_seen.dedup();
        let status = if sizes_seen.len() < 2 { Status::NotIdentifiable } else { self.status };
        // Known peaks are those of whole runs.
        Self { models, sizes_seen, status, fixed_peaks: Vec::new(), ..self.clone() }
    }
}

/// A run with the batches of one operation only; without any where it has none of them.
fn only(model: &RunModel, label: &str) -> RunModel {
    let place = model.operations.iter().position(|operation| operation.label.as_deref() == Some(label));
    let operation = place.map(|place| model.operations[place].clone());
    let own = |segment: &&Segment| Some(segment.operation) == place;
    let segments = model.segments.iter().filter(own);
    let peak = operation.as_ref().map_or(model.base, |operation| operation.peak);
    RunModel {
        segments: segments.map(|segment| Segment { operation: 0, of_chunk: 1.0, ..*segment }).collect(),
        sizes: operation.iter().flat_map(|operation| &operation.batches).map(|batch| batch.1).collect(),
        operations: operation.into_iter().collect(),
        outside_work: Vec::new(),
        peak,
        charged_peak: (model.charged_peak - (model.peak - peak)).max(0.0),
        ..model.clone()
    }
}
