//! The keys beside the block, in `optimization`.

use memtool_profile_model::OptimizationLevel;
use serde_yaml::{Mapping, Value};

use crate::error::ConfigError;
use crate::locate::Locator;
use crate::note::ConfigNote;
use crate::parse::{describe, shortened};

/// What stands beside the block.
#[derive(Default)]
pub(crate) struct Beside {
    /// Any text.
    pub(crate) level: Option<String>,
    pub(crate) memory_limit_gb: Option<f64>,
}

/// One of the recorder's levels by its name.
pub(crate) fn known_level(text: &str) -> Option<OptimizationLevel> {
    serde_yaml::from_value(Value::from(text)).ok()
}

/// A note on a level that the recorder does not have.
pub(crate) fn other_level(level: &str, locator: &Locator<'_>) -> Option<ConfigNote> {
    let line = locator.line_of_path(&["optimization", "level"]);
    known_level(level).is_none().then(|| ConfigNote::OtherLevel { line, level: shortened(level) })
}

/// Reads level and limit, which stand beside the block.
pub(crate) fn read_optimization(root: &Mapping, locator: &Locator<'_>) -> Result<Beside, ConfigError> {
    let wrong = |path: &[&str], expected, value: &Value| ConfigError::WrongType {
        line: locator.line_of_path(path),
        path: path.join("."),
        expected,
        found: describe(value),
    };
    let mapping = match root.get("optimization") {
        None | Some(Value::Null) => return Ok(Beside::default()),
        Some(Value::Mapping(mapping)) => mapping,
        Some(other) => return Err(wrong(&["optimization"], "a mapping", other)),
    };
    let level = match mapping.get("level") {
        None | Some(Value::Null) => None,
        Some(Value::String(level)) => Some(level.clone()),
        Some(value) => return Err(wrong(&["optimization", "level"], "a text", value)),
    };
    let limit = match mapping.get("memory_limit_gb") {
        None | Some(Value::Null) => None,
        Some(value) => match value.as_f64() {
            Some(limit) if limit.is_finite() && limit > 0.0 => Some(limit),
            _ => return Err(wrong(&["optimization", "memory_limit_gb"], "a positive number", value)),
        },
    };
    Ok(Beside { level, memory_limit_gb: limit })
}
