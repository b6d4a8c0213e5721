//! One line of a chart.

use serde::Serialize;

use crate::chart::thinned;

/// One line of a chart: samples in order of time. Of a long run the lowest and the highest samples are kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Line {
    /// Seconds from the run's first sample.
    pub seconds: Vec<f64>,
    /// The values, as many.
    pub values: Vec<f64>,
}

impl Line {
    /// At most about `most` of some samples.
    pub(super) fn of(samples: &[(f64, f64)], most: usize) -> Self {
        let kept = thinned(samples, most);
        Self {
            seconds: kept.iter().map(|sample| rounded(sample.0, 1000.0)).collect(),
            values: kept.iter().map(|sample| rounded(sample.1, 100.0)).collect(),
        }
    }

    /// Whether it has no sample.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seconds.is_empty()
    }

    /// Moments and values.
    pub fn samples(&self) -> impl Iterator<Item = (f64, f64)> {
        self.seconds.iter().copied().zip(self.values.iter().copied())
    }

    /// The largest value; 0 of an empty line.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.values.iter().copied().fold(0.0, f64::max)
    }
}

/// A figure rounded to a share of its unit: more digits would only fill the file.
pub(super) fn rounded(value: f64, per_unit: f64) -> f64 {
    (value * per_unit).round() / per_unit
}
