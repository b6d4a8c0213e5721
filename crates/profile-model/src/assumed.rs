//! Values that a file did not have and that were assumed.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A setting that a file does not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assumed {
    /// The setting's path in the config.
    pub setting: Cow<'static, str>,
    /// The value taken.
    pub value: String,
    /// Why this value.
    pub basis: Basis,
}

/// Why a value was assumed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Basis {
    /// It is the existing manager's default.
    Default,
    /// It stands to the other thresholds as in the existing factory.
    FactoryRatio,
    /// The samples bound it: it lies above the first and at or below the second, in MiB.
    Observed {
        /// The largest resident memory without the effect, if any was seen.
        above_mb: Option<f64>,
        /// The smallest resident memory with the effect.
        at_most_mb: f64,
    },
    /// It reproduces this many of the recorded pressure levels.
    Reproduces {
        /// Levels that agree.
        agree: usize,
        /// Levels recorded.
        of: usize,
    },
}

impl fmt::Display for Assumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} ", self.setting, self.value)?;
        match &self.basis {
            Basis::Default => write!(f, "(not in the file: default)"),
            Basis::FactoryRatio => {
                write!(f, "(not in the file: the factory's ratio to the critical threshold)")
            }
            Basis::Observed { above_mb: Some(above), at_most_mb } => {
                write!(f, "(not in the file: collections began between {above} and {at_most_mb} MiB)")
            }
            Basis::Observed { above_mb: None, at_most_mb } => {
                write!(f, "(not in the file: collections began at or below {at_most_mb} MiB)")
            }
            Basis::Reproduces { agree, of } => {
                write!(f, "(not in the file: reproduces {agree} of {of} recorded levels)")
            }
        }
    }
}
