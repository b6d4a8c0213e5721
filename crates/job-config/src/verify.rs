//! Verifies that an edited text has the intended meaning and no other change.

use serde_yaml::{Mapping, Value};

use crate::error::ConfigError;
use crate::parse::{key_text, parse_mapping};
use crate::plan::Planned;

/// Refuses an edited text that means anything but the old one with the new values.
pub(crate) fn verify(
    before: &Mapping,
    edited: &str,
    block: &[&str],
    planned: &[Planned<'_>],
) -> Result<(), ConfigError> {
    let mut expected = before.clone();
    for change in planned {
        let value = serde_yaml::from_str(&change.new)
            .map_err(|_| ConfigError::Unintended { path: change.segments.join(".") })?;
        put(&mut expected, &change.segments, value);
    }
    let after = parse_mapping(edited).map_err(|_| ConfigError::Unintended { path: block.join(".") })?;
    match first_difference(&expected, &after) {
        Some(path) => Err(ConfigError::Unintended { path }),
        None => Ok(()),
    }
}

fn put(mapping: &mut Mapping, path: &[&str], value: Value) {
    let Some((leaf, parents)) = path.split_last() else { return };
    let mut mapping = mapping;
    for key in parents {
        let inner = mapping.entry(Value::from(*key)).or_insert(Value::Null);
        if !inner.is_mapping() {
            *inner = Value::Mapping(Mapping::new());
        }
        let Value::Mapping(next) = inner else { return };
        mapping = next;
    }
    mapping.insert(Value::from(*leaf), value);
}

fn first_difference(left: &Mapping, right: &Mapping) -> Option<String> {
    let keys = left.keys().chain(right.keys());
    for key in keys {
        let inner = match (left.get(key), right.get(key)) {
            (left, right) if left == right => continue,
            (Some(Value::Mapping(left)), Some(Value::Mapping(right))) => first_difference(left, right),
            _ => None,
        };
        let key = key_text(key);
        return Some(inner.map_or(key.clone(), |inner| format!("{key}.{inner}")));
    }
    None
}
