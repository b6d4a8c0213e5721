//! Keys of the block that memtool does not know, kept so that writing does not lose them.

use serde_yaml::{Mapping, Value};

use crate::parse::key_text;
use memtool_profile_model::SECTIONS;

/// The unknown keys of a block, in their mappings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExtraKeys(Mapping);

impl ExtraKeys {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The dotted paths of the unknown keys, in the order of the file.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        list_paths(&self.0, "", &mut paths);
        paths
    }

    /// Adds a key to the section at a dotted path; the empty path is the block itself.
    pub(super) fn add(&mut self, section: &str, key: Value, value: Value) {
        let mut mapping = &mut self.0;
        for name in section.split('.').filter(|name| !name.is_empty()) {
            let inner = mapping.entry(Value::from(name)).or_insert_with(|| Value::Mapping(Mapping::new()));
            match inner {
                Value::Mapping(inner) => mapping = inner,
                // A section's name holds only sections: `add` is the one writer.
                _ => return,
            }
        }
        mapping.insert(key, value);
    }

    /// The unknown keys of the section at a dotted path, without its own sections.
    pub(super) fn in_section<'a>(&'a self, section: &'a str) -> impl Iterator<Item = (&'a Value, &'a Value)> {
        self.section(section).into_iter().flatten().filter(move |(key, _)| !is_section(section, key))
    }

    /// Whether any unknown key stands in the section or below it.
    pub(super) fn has_section(&self, section: &str) -> bool {
        self.section(section).is_some()
    }

    fn section(&self, section: &str) -> Option<&Mapping> {
        let mut mapping = &self.0;
        for name in section.split('.').filter(|name| !name.is_empty()) {
            mapping = mapping.get(name)?.as_mapping()?;
        }
        Some(mapping)
    }
}

/// The dotted path of a key in a section.
pub(super) fn join(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

fn is_section(section: &str, key: &Value) -> bool {
    key.as_str().is_some_and(|key| !key.contains('.') && SECTIONS.contains(&join(section, key).as_str()))
}

fn list_paths(mapping: &Mapping, section: &str, paths: &mut Vec<String>) {
    for (key, value) in mapping {
        let path = join(section, &key_text(key));
        match value {
            Value::Mapping(inner) if is_section(section, key) => list_paths(inner, &path, paths),
            _ => paths.push(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_kept_in_their_section() {
        let mut extra = ExtraKeys::default();
        extra.add("", "owner".into(), "ops".into());
        extra.add("thresholds", "soft_mb".into(), 1.into());
        extra.add("memtool.available_limits", "low_mb".into(), 2.into());
        assert_eq!(extra.paths(), ["owner", "thresholds.soft_mb", "memtool.available_limits.low_mb"]);
        assert_eq!(extra.in_section("").count(), 1);
        assert_eq!(extra.in_section("memtool").count(), 0);
        assert!(extra.has_section("memtool"));
        assert!(!extra.has_section("batch_sizes"));
    }
}
