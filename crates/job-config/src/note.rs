//! Notes on a config that is valid.

use std::fmt;

use memtool_profile_model::Violation;

/// Something odd in a config that can be used all the same.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ConfigNote {
    /// A key that nothing reads.
    UnknownKey {
        /// Its line, if known.
        line: Option<usize>,
        /// Its path below the block.
        path: String,
        /// The setting it was probably meant to be.
        meant: Option<String>,
    },
    /// The block stands where the job does not look, so that the job runs with the defaults.
    IgnoredBlock {
        /// Its line, if known.
        line: Option<usize>,
        /// Its full path.
        path: String,
    },
    /// The block stands at the root, where the existing loader does not look.
    RootBlock {
        /// Its line, if known.
        line: Option<usize>,
    },
    /// `optimization.level` is a text that memtool's recorder has no level for.
    OtherLevel {
        /// Its line, if known.
        line: Option<usize>,
        /// The text, shortened and in quotes.
        level: String,
    },
    /// A second set of thresholds, elsewhere, which the job reads as well.
    SecondThresholds {
        /// Its line, if known.
        line: Option<usize>,
        /// Its full path.
        path: String,
        /// Its values, by name.
        values: Vec<(String, f64)>,
        /// Whether they rise from moderate to critical.
        rising: bool,
    },
    /// There is no block, so that the job runs with the defaults.
    NoBlock,
    /// A further block that nothing reads, beside the one that counts.
    SecondBlock {
        /// Its full path.
        path: String,
    },
    /// A block or section without anything in it.
    Empty {
        /// Its line, if known.
        line: Option<usize>,
        /// Its path below the block; empty for the block itself.
        path: String,
    },
    /// A YAML 1.1 word for a boolean, which Python reads and newer parsers take as text.
    Yaml11Boolean {
        /// Its line, if known.
        line: Option<usize>,
        /// Its path below the block.
        path: String,
        /// The word.
        word: String,
    },
    /// A number whose written form Python's parser and newer ones read differently.
    Yaml11Number {
        /// Its line, if known.
        line: Option<usize>,
        /// Its path below the block.
        path: String,
        /// The number as written.
        written: String,
        /// Who takes it as text.
        text_for: TextFor,
    },
    /// A value that the existing Python loader refuses.
    OutOfLoaderRange {
        /// Its line, if known.
        line: Option<usize>,
        /// What is wrong.
        violation: Violation,
    },
}

/// Which parser takes a number for text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextFor {
    /// Python's, such as `2e3`.
    Python,
    /// Parsers of YAML 1.2, such as `2_000`.
    Yaml12,
}

impl fmt::Display for ConfigNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line() {
            write!(f, "line {line}: ")?;
        }
        match self {
            Self::UnknownKey { path, meant: None, .. } => write!(f, "{path}: nothing reads this key"),
            Self::UnknownKey { path, meant: Some(meant), .. } => {
                write!(f, "{path}: nothing reads this key; did you mean {meant}?")
            }
            Self::IgnoredBlock { path, .. } => write!(
                f,
                "{path}: the job does not look here and runs with the defaults; move the block to \
                 optimization.adaptive_memory"
            ),
            Self::RootBlock { .. } => write!(
                f,
                "adaptive_memory: the job's own loader does not look at the root and runs with the defaults (memtool's \
                 recorder reads it there); move the block to optimization.adaptive_memory"
            ),
            Self::OtherLevel { level, .. } => write!(
                f,
                "optimization.level: {level} is no level of memtool's recorder (high, medium, low, fallback): it \
                 begins at medium"
            ),
            Self::SecondThresholds { path, values, rising, .. } => {
                let values: Vec<String> =
                    values.iter().map(|(name, value)| format!("{name} {value}")).collect();
                let order = if *rising { "" } else { "; they do not rise from moderate to critical" };
                write!(
                    f,
                    "{path}: a second set of thresholds, which the job reads as well: {}{order}",
                    values.join(", ")
                )
            }
            Self::NoBlock => write!(f, "no adaptive_memory block: the job runs with the defaults"),
            Self::SecondBlock { path } => write!(f, "{path}: a second block, which nothing reads"),
            Self::Empty { path, .. } if path.is_empty() => {
                write!(f, "the block is empty, the defaults apply")
            }
            Self::Empty { path, .. } => write!(f, "{path}: empty, the defaults apply"),
            Self::Yaml11Boolean { path, word, .. } => {
                write!(
                    f,
                    "{path}: {word} is a boolean to Python and text to newer parsers; write true or false"
                )
            }
            Self::Yaml11Number { path, written, text_for: TextFor::Python, .. } => {
                write!(f, "{path}: {written} is text to Python's parser; write the number in plain decimals")
            }
            Self::Yaml11Number { path, written, text_for: TextFor::Yaml12, .. } => {
                write!(f, "{path}: {written} is text to newer parsers; write the number without underscores")
            }
            Self::OutOfLoaderRange { violation, .. } => {
                write!(f, "{violation}; the job's own loader refuses it")
            }
        }
    }
}

impl ConfigNote {
    /// The line it is about, from 1, if known.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        match self {
            Self::UnknownKey { line, .. }
            | Self::IgnoredBlock { line, .. }
            | Self::RootBlock { line }
            | Self::OtherLevel { line, .. }
            | Self::SecondThresholds { line, .. }
            | Self::Empty { line, .. }
            | Self::Yaml11Boolean { line, .. }
            | Self::Yaml11Number { line, .. }
            | Self::OutOfLoaderRange { line, .. } => *line,
            Self::NoBlock | Self::SecondBlock { .. } => None,
        }
    }
}
