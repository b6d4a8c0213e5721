//! Where in the file the block stands, and whether the job looks there.

use serde_yaml::{Mapping, Value};

use crate::parse::key_text;

/// The name of the block.
pub(super) const BLOCK: &str = "adaptive_memory";

/// Where the block stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    /// At `optimization.adaptive_memory`: the job reads it.
    OptimizationBlock,
    /// At `adaptive_memory`, at the root of the file: the existing loader ignores it, memtool's
    /// recorder reads it.
    RootBlock,
    /// Anywhere else: everybody silently ignores it and runs with the defaults.
    Ignored {
        /// The full path, joined by dots.
        path: String,
    },
    /// Nowhere: the job runs with the defaults.
    Missing,
}

impl Placement {
    /// Whether the existing loader reads the block.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        matches!(self, Self::OptimizationBlock)
    }

    /// Whether memtool's own recorder reads the block.
    #[must_use]
    pub const fn is_read_by_recorder(&self) -> bool {
        matches!(self, Self::OptimizationBlock | Self::RootBlock)
    }
}

/// The blocks of a file.
pub(super) struct Blocks<'a> {
    /// Where the first one stands that counts.
    pub(super) placement: Placement,
    /// Its keys from the root.
    pub(super) path: Vec<&'a str>,
    /// What stands there.
    pub(super) value: Option<&'a Value>,
    /// Full paths of further ones, which nothing reads.
    pub(super) others: Vec<String>,
}

/// Finds the block: where the job looks first, else wherever one stands.
pub(super) fn find_blocks(root: &Mapping) -> Blocks<'_> {
    let mut found = Vec::new();
    let mut path = Vec::new();
    collect(root, &mut path, &mut found);
    let rank = |path: &[&str]| match path {
        ["optimization", BLOCK] => 0,
        [BLOCK] => 1,
        _ => 2,
    };
    found.sort_by_key(|(path, _)| rank(path));
    let mut found = found.into_iter();
    let Some((path, value)) = found.next() else {
        return Blocks { placement: Placement::Missing, path: Vec::new(), value: None, others: Vec::new() };
    };
    let placement = match rank(&path) {
        0 => Placement::OptimizationBlock,
        1 => Placement::RootBlock,
        _ => Placement::Ignored { path: joined(&path) },
    };
    let others = found.map(|(path, _)| joined(&path)).collect();
    Blocks { placement, path, value: Some(value), others }
}

fn joined(path: &[&str]) -> String {
    path.iter().map(|key| key_text(&Value::from(*key))).collect::<Vec<_>>().join(".")
}

/// Adds every entry named as the block is, outside of blocks. Lists are not searched: no
/// path of keys leads through one.
fn collect<'a>(mapping: &'a Mapping, path: &mut Vec<&'a str>, found: &mut Vec<(Vec<&'a str>, &'a Value)>) {
    for (key, value) in mapping {
        let Some(key) = key.as_str() else { continue };
        path.push(key);
        if key == BLOCK {
            found.push((path.clone(), value));
        } else if let Value::Mapping(inner) = value {
            collect(inner, path, found);
        }
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &str) -> (Placement, Vec<String>) {
        let root: Mapping = serde_yaml::from_str(text).expect("a mapping");
        let blocks = find_blocks(&root);
        (blocks.placement, blocks.others)
    }

    #[test]
    fn the_place_the_job_reads_comes_first() {
        let text = "adaptive_memory: {}\nx:\n  adaptive_memory: {}\noptimization:\n  adaptive_memory: {}\n";
        let others = vec!["adaptive_memory".to_owned(), "x.adaptive_memory".to_owned()];
        assert_eq!(blocks(text), (Placement::OptimizationBlock, others));
    }

    #[test]
    fn at_the_root() {
        assert_eq!(blocks("adaptive_memory: {}\n"), (Placement::RootBlock, vec![]));
    }

    #[test]
    fn in_an_ignored_place() {
        let ignored = Placement::Ignored { path: "orchestrator.run.adaptive_memory".to_owned() };
        assert_eq!(blocks("orchestrator:\n  run:\n    adaptive_memory: {}\n"), (ignored, vec![]));
    }

    #[test]
    fn nowhere() {
        assert_eq!(blocks("a: 1\n"), (Placement::Missing, vec![]));
    }
}
