//! What to change in a config, and what was changed.

use std::fmt;

use memtool_profile_model::{AdaptiveConfig, SETTINGS, Scalar};

/// A setting and its new value.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigChange {
    /// The setting, as a dotted path below the block: `thresholds.high_mb`.
    pub path: String,
    /// The value it gets.
    pub value: Scalar,
}

impl ConfigChange {
    /// A change of one setting.
    pub fn new(path: impl Into<String>, value: impl Into<Scalar>) -> Self {
        Self { path: path.into(), value: value.into() }
    }

    /// The changes that lead from one config to another, in the order of the file.
    #[must_use]
    pub fn between(from: &AdaptiveConfig, to: &AdaptiveConfig) -> Vec<Self> {
        SETTINGS
            .iter()
            .filter(|setting| setting.get(from) != setting.get(to))
            .map(|setting| Self::new(setting.path, setting.get(to)))
            .collect()
    }
}

/// A line that an edit changed or added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedLine {
    /// The line in the edited text, from 1.
    pub line: usize,
    /// The full path, joined by dots.
    pub path: String,
    /// The value as it was written; none if the line is new.
    pub old: Option<String>,
    /// The value as it is written now.
    pub new: String,
}

/// What a reader of an edited config should know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EditNote {
    /// The block stands where the job does not look: the edit has no effect on it.
    IgnoredBlock {
        /// Its full path.
        path: String,
    },
    /// A comment at a changed value speaks of a number and may have become untrue.
    StaleComment {
        /// The line of the comment in the edited text, from 1.
        line: usize,
        /// The full path of the changed value.
        path: String,
        /// The comment.
        comment: String,
    },
}

impl fmt::Display for EditNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IgnoredBlock { path } => {
                write!(f, "{path}: the job does not look here, so the edit has no effect on it")
            }
            Self::StaleComment { line, path, comment } => {
                write!(f, "line {line}: {path} was changed; its comment may have become untrue: {comment}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use memtool_profile_model::Mib;

    #[test]
    fn the_difference_of_two_configs() {
        let from = AdaptiveConfig::default();
        assert_eq!(ConfigChange::between(&from, &from), []);
        let mut to = AdaptiveConfig { auto_gc_enabled: false, ..from.clone() };
        to.thresholds.high_mb = Mib::new(2900.0);
        assert_eq!(
            ConfigChange::between(&from, &to),
            [ConfigChange::new("thresholds.high_mb", 2900.0), ConfigChange::new("auto_gc_enabled", false)]
        );
    }
}
