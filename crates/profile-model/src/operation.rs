//! The job's own labels, each stored once.

use std::collections::HashMap;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// Index of a label in its run's [`Operations`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(NonZeroU32);

impl OperationId {
    /// Position in [`Operations::names`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// Labels that a run may have; a label for each item would fill memory.
const MOST_LABELS: usize = 100_000;

/// Stands for all labels beyond.
const OTHERS: &str = "(further labels)";

/// The labels of one run, in order of appearance.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Operations {
    names: Vec<String>,
    ids: HashMap<String, OperationId>,
}

impl Operations {
    /// The id of a label, new or known. Beyond 100,000 different ones all share one id.
    pub fn intern(&mut self, name: &str) -> OperationId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        if self.names.len() >= MOST_LABELS && name != OTHERS {
            return self.intern(OTHERS);
        }
        self.names.push(name.to_owned());
        let count = u32::try_from(self.names.len()).ok().and_then(NonZeroU32::new);
        let id = OperationId(count.expect("at least 1, and far fewer than 2^32 labels"));
        self.ids.insert(name.to_owned(), id);
        id
    }

    /// The label of an id of this run.
    #[must_use]
    pub fn name(&self, id: OperationId) -> &str {
        &self.names[id.index()]
    }

    /// All labels, in order of appearance.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

impl From<Vec<String>> for Operations {
    fn from(names: Vec<String>) -> Self {
        let mut operations = Self::default();
        for name in names {
            operations.intern(&name);
        }
        operations
    }
}

impl From<Operations> for Vec<String> {
    fn from(operations: Operations) -> Self {
        operations.names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_without_end_share_one() {
        let mut operations = Operations::default();
        let ids: Vec<OperationId> =
            (0..MOST_LABELS + 10).map(|item| operations.intern(&format!("item {item}"))).collect();
        assert_eq!(operations.names().len(), MOST_LABELS + 1);
        assert_eq!(operations.name(ids[MOST_LABELS + 9]), OTHERS);
        assert_eq!(operations.name(ids[7]), "item 7");
    }

    #[test]
    fn a_label_is_stored_once() {
        let mut operations = Operations::default();
        let load = operations.intern("load");
        assert_ne!(load, operations.intern("report"));
        assert_eq!(load, operations.intern("load"));
        assert_eq!(operations.name(load), "load");
        assert_eq!(operations.names(), ["load", "report"]);
    }
}
