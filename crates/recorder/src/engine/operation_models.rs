//! The models of each operation's batches.

use std::collections::HashMap;
use std::sync::Arc;

use memtool_policy::predict::BatchModel;
use memtool_profile_model::Mib;

/// Operations that are learned apart; later ones share one model.
const MOST_OPERATIONS: usize = 1_000;

/// A model for each operation.
#[derive(Default)]
pub(crate) struct OperationModels {
    by_operation: HashMap<Option<Arc<str>>, BatchModel>,
}

impl OperationModels {
    pub(crate) fn of(&mut self, operation: Option<&Arc<str>>) -> &mut BatchModel {
        let key = operation.cloned();
        let apart = self.by_operation.contains_key(&key) || self.by_operation.len() < MOST_OPERATIONS;
        self.by_operation.entry(if apart { key } else { None }).or_default()
    }

    /// Tells all of them what a collection freed.
    pub(crate) fn collected(&mut self, before: Mib, after: Mib) {
        self.by_operation.values_mut().for_each(|model| model.collected(before, after));
    }
}
