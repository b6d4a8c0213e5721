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

/// The labels of one run, in order of appearance.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Operations {
    names: Vec<String>,
    ids: HashMap<String, OperationId>,
}

impl Operations {
    /// The id of a label, new or known.
    ///
    /// # Panics
    /// With more than 2^32 different labels, which no file of a readable size holds.
    pub fn intern(&mut self, name: &str) -> OperationId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        self.names.push(name.to_owned());
        let count = u32::try_from(self.names.len()).ok().and_then(NonZeroU32::new);
        let id = OperationId(count.expect("from 1 to fewer than 2^32 labels"));
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
    fn a_label_is_stored_once() {
        let mut operations = Operations::default();
        let load = operations.intern("load");
        assert_ne!(load, operations.intern("report"));
        assert_eq!(load, operations.intern("load"));
        assert_eq!(operations.name(load), "load");
        assert_eq!(operations.names(), ["load", "report"]);
    }
}
