//! Several units beside each other.

use serde::Serialize;

use super::passing::{Passing, draws};
use super::pool::{Pool, Starts};
use super::unit::FitUnit;

/// Rows of a mix of two.
const ROWS: usize = 16;
/// More of one unit are not tried in a mix.
const MOST: usize = 200;

/// Several units beside each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mix {
    /// The units, in the order of `counts`.
    pub units: Vec<String>,
    /// How many sets of one each.
    pub sets: usize,
    /// Of two units: how many of the second fit beside each number of the first, with independent start times.
    pub points: Vec<MixPoint>,
}

/// One mix that fits at the risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MixPoint {
    /// How many of each unit.
    pub counts: [usize; 2],
}

/// What fits of several units at the risk, started independently.
pub(super) fn mix(units: &[&FitUnit], limit_mb: f64, risk: f64) -> Mix {
    let pool = Pool::new(units, limit_mb);
    let most = (MOST, draws(risk));
    let largest = |before: &[usize], per_round: &[usize]| {
        Passing::new(&pool.rounds(Starts::Independent, before, per_round, most)).largest(risk)
    };
    let all: Vec<usize> = (0..units.len()).collect();
    let points = if units.len() == 2 {
        let first = largest(&[], &[0]);
        let step = (first / ROWS).max(1);
        let row = |count: usize| MixPoint { counts: [count, largest(&vec![0; count], &[1])] };
        (0..=first).step_by(step).map(row).collect()
    } else {
        Vec::new()
    };
    Mix { units: units.iter().map(|unit| unit.name.clone()).collect(), sets: largest(&[], &all), points }
}
