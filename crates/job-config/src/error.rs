//! Why a config could not be read, written or edited.

use memtool_profile_model::Violation;

/// Why a config could not be read, written or edited.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The text is larger than any config.
    #[error("expected a config of at most {limit} bytes, found {bytes}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The largest size that is read.
        limit: usize,
    },
    /// The text is nested deeper than any config.
    #[error("line {line}: expected at most {limit} levels of nesting, found more")]
    TooDeep {
        /// The line where the limit is passed, from 1.
        line: usize,
        /// The deepest nesting that is read.
        limit: usize,
    },
    /// The text is not YAML.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the parser says.
        message: String,
    },
    /// The text is YAML, yet not to be read: several documents, or aliases without end.
    #[error("{reason}")]
    Refused {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A mapping has the same key twice.
    #[error("{}expected each key once, found {key} again", at(*.line))]
    DuplicateKey {
        /// The line of the second one, if known.
        line: Option<usize>,
        /// The key.
        key: String,
    },
    /// The file is something else than settings by name.
    #[error("expected a mapping at the top of the file, found {found}")]
    NotAMapping {
        /// What it is.
        found: String,
    },
    /// A value has the wrong type.
    #[error("{}{path}: expected {expected}, found {found}", at(*.line))]
    WrongType {
        /// The line, if known.
        line: Option<usize>,
        /// The full path, joined by dots.
        path: String,
        /// What it would have to be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A config that is not valid was to be written.
    #[error("the config is not written, since {}", list(.violations))]
    Unsound {
        /// What is wrong with it.
        violations: Vec<Violation>,
    },
    /// The written text does not read back as the config it was made from.
    #[error("internal error: the written config does not read back ({reason}); nothing was written")]
    NotIdentical {
        /// What differs.
        reason: String,
    },
    /// A path that is no setting.
    #[error("{path}: expected the path of a setting{}", did_you_mean(.meant.as_deref()))]
    UnknownSetting {
        /// The given path.
        path: String,
        /// The setting that was probably meant.
        meant: Option<String>,
    },
    /// A change of the wrong kind, such as a switch where a number belongs.
    #[error("{path}: expected {expected}, found {found}")]
    WrongChange {
        /// The path below the block.
        path: String,
        /// What it would have to be.
        expected: &'static str,
        /// The new value.
        found: String,
    },
    /// A manifest without the containers or services that have a size.
    #[error("expected a container or service called {}, found none", names.join(", "))]
    NoContainer {
        /// The names that have a size.
        names: Vec<String>,
    },
    /// There is no block to edit.
    #[error("expected a block `adaptive_memory`, found none; add:\n{add}")]
    NoBlock {
        /// The lines to add.
        add: String,
    },
    /// One setting cannot be changed in place.
    #[error("{}{path}: cannot be changed in place, since {reason}; write `{add}` yourself", at(*.line))]
    NotEditable {
        /// The line, if known.
        line: Option<usize>,
        /// The full path, joined by dots.
        path: String,
        /// What stands in the way.
        reason: &'static str,
        /// What to write by hand.
        add: String,
    },
    /// The edited text would mean something else than intended.
    #[error("the edit would also change {path}; nothing was changed")]
    Unintended {
        /// The first path that would differ.
        path: String,
    },
}

fn at(line: Option<usize>) -> String {
    line.map(|line| format!("line {line}: ")).unwrap_or_default()
}

fn did_you_mean(meant: Option<&str>) -> String {
    meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default()
}

fn list(violations: &[Violation]) -> String {
    violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
