//! A finding of a detector, with its evidence.

use std::borrow::Cow;
use std::collections::BTreeMap;
#[cfg(test)]
use std::ops::Index;

use serde::{Deserialize, Serialize};

use super::kind::FindingKind;

/// How pressing a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Act now.
    High,
    /// Plan for it.
    Medium,
    /// Good to know.
    Low,
}

impl Severity {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// Something wrong, and why we say so.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// How pressing it is.
    pub severity: Severity,
    /// How sure we are, 0 to 1, as measured on labelled runs (docs/accuracy.md).
    pub confidence: f64,
    /// What it rests on.
    pub evidence: Evidence,
    /// What to do.
    pub action: String,
    /// What that would save; withheld where the data cannot carry it.
    pub estimated_savings_mb: Option<Estimate>,
    /// Why savings are withheld.
    pub savings_withheld: Option<Cow<'static, str>>,
}

/// What a finding rests on.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct Evidence {
    /// The rule that fired.
    pub rule: Cow<'static, str>,
    /// From and to, in seconds from the run's start.
    pub window_s: (f64, f64),
    /// Samples in it.
    pub samples: usize,
    /// What was measured.
    pub statistic: Cow<'static, str>,
    /// Its value.
    pub value: f64,
    /// Its 95 % interval, where the rule has one.
    pub interval: Option<(f64, f64)>,
    /// The operation it points to, where it points to one.
    pub operation: Option<String>,
    /// Further figures.
    pub details: Details,
}

/// Figures by name, in order of name.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Details(BTreeMap<Cow<'static, str>, f64>);

impl Details {
    /// A figure by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// All figures, in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), *value))
    }
}

impl<const N: usize> From<[(&'static str, f64); N]> for Details {
    fn from(figures: [(&'static str, f64); N]) -> Self {
        let mut details = Self::default();
        details.extend(figures);
        details
    }
}

impl Extend<(&'static str, f64)> for Details {
    fn extend<I: IntoIterator<Item = (&'static str, f64)>>(&mut self, figures: I) {
        self.0.extend(figures.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)));
    }
}

#[cfg(test)]
impl Index<&str> for Details {
    type Output = f64;

    fn index(&self, name: &str) -> &f64 {
        &self.0[name]
    }
}

/// A value with its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
pub struct Estimate {
    /// Lower bound.
    pub low: f64,
    /// Middle.
    pub median: f64,
    /// Upper bound.
    pub high: f64,
}
