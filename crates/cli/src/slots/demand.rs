//! Whether one more unit fits beside the running ones.

use serde::{Deserialize, Serialize};

/// The memory that a unit is foreseen to need, in MiB.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Demand {
    /// Its peak on average.
    pub(super) expected_mb: f64,
    /// What its peak passes with the stated risk only.
    pub(super) upper_mb: f64,
    /// What it was seen to hold at most so far.
    #[serde(default)]
    pub(super) reached_mb: f64,
}

impl Demand {
    /// The expected peak, given what was reached.
    fn expected(&self) -> f64 {
        self.expected_mb.max(self.reached_mb)
    }

    fn margin(&self) -> f64 {
        (self.upper_mb - self.expected()).max(0.0)
    }
}

/// The memory that units at once pass with the stated risk only, in MiB: peaks add up, and margins as independent
/// errors do, by the root of their squares.
pub(super) fn together<'a>(units: impl Iterator<Item = &'a Demand>) -> f64 {
    let (sum, squares) = units
        .fold((0.0, 0.0), |(sum, squares), unit| (sum + unit.expected(), squares + unit.margin().powi(2)));
    sum + f64::sqrt(squares)
}

/// What running units are foreseen to take beyond what they hold, in MiB.
pub(super) fn outstanding<'a>(units: impl Iterator<Item = &'a Demand>) -> f64 {
    units.map(|unit| unit.expected() - unit.reached_mb).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn demand(expected_mb: f64, upper_mb: f64, reached_mb: f64) -> Demand {
        Demand { expected_mb, upper_mb, reached_mb }
    }

    #[test]
    fn margins_of_many_add_up_to_less_than_their_sum() {
        let one = demand(100.0, 130.0, 0.0);
        assert_eq!(together([one].iter()), 130.0);
        assert_eq!(together([one; 4].iter()), 460.0);
        assert_eq!(together([].iter()), 0.0);
    }

    #[test]
    fn what_was_reached_replaces_what_was_expected() {
        assert_eq!(together([demand(100.0, 130.0, 120.0)].iter()), 130.0);
        assert_eq!(together([demand(100.0, 130.0, 500.0)].iter()), 500.0);
        assert_eq!(outstanding([demand(100.0, 130.0, 40.0), demand(10.0, 20.0, 50.0)].iter()), 60.0);
    }
}
