//! Units that run at once, added up over time until they pass the limit.

use super::unit::FitUnit;
use crate::stats::Random;

/// Cells of the time axis: a peak that is shorter is taken to last a whole cell.
const CELLS: f64 = 256.0;
/// Seconds of a cell where runs have no length.
const SHORTEST_CELL_S: f64 = 1e-3;
/// The same numbers at every call.
const SEED: u64 = 20_261_130;

/// When the units of a pool start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Starts {
    /// At times that have nothing to do with each other; each is followed by another run of its kind.
    Independent,
    /// All at the same moment.
    Together,
}

/// The courses of some units on one time axis.
pub(super) struct Pool<'a> {
    units: Vec<(&'a FitUnit, Vec<Vec<f64>>)>,
    cells: usize,
    limit_mb: f64,
}

impl<'a> Pool<'a> {
    /// The units on an axis as long as the longest run.
    pub(super) fn new(units: &[&'a FitUnit], limit_mb: f64) -> Self {
        let longest = units.iter().map(|unit| unit.longest_s()).fold(0.0, f64::max);
        let cell_s = (longest / CELLS).max(SHORTEST_CELL_S);
        let cells = |unit: &FitUnit| unit.courses.iter().map(|course| course.cells(cell_s)).collect();
        let units: Vec<(&FitUnit, Vec<Vec<f64>>)> = units.iter().map(|unit| (*unit, cells(unit))).collect();
        let longest = units.iter().flat_map(|(_, runs)| runs).map(Vec::len).max().unwrap_or(1);
        Self { units, cells: longest, limit_mb }
    }

    /// For each draw, how many rounds of `per_round` fit on top of `before` (places of units) without passing the
    /// limit; at most `most`. With several numbers of draws the first ones are the same.
    pub(super) fn rounds(
        &self,
        starts: Starts,
        before: &[usize],
        per_round: &[usize],
        (most, draws): (usize, usize),
    ) -> Vec<usize> {
        let mut random = Random::seeded(SEED);
        let one = |_| {
            let mut sum = Sum::new(self.cells);
            before.iter().for_each(|unit| self.add(&mut sum, *unit, starts, &mut random));
            let mut rounds = 0;
            while rounds < most && sum.peak_mb <= self.limit_mb {
                per_round.iter().for_each(|unit| self.add(&mut sum, *unit, starts, &mut random));
                rounds += usize::from(sum.peak_mb <= self.limit_mb);
            }
            rounds
        };
        (0..draws).map(one).collect()
    }

    fn add(&self, sum: &mut Sum, unit: usize, starts: Starts, random: &mut Random) {
        let (unit, runs) = &self.units[unit];
        let run = &runs[random.below(runs.len())];
        let level = unit.level(random);
        match starts {
            Starts::Together => sum.add(run.iter().copied(), level),
            Starts::Independent => {
                let phase = random.below(run.len());
                sum.add(run.iter().cycle().skip(phase).copied(), level);
            }
        }
    }
}

/// The memory of all units so far, cell by cell.
struct Sum {
    cells: Vec<f64>,
    peak_mb: f64,
}

impl Sum {
    fn new(cells: usize) -> Self {
        Self { cells: vec![0.0; cells], peak_mb: 0.0 }
    }

    fn add(&mut self, run: impl Iterator<Item = f64>, level: f64) {
        for (cell, mb) in self.cells.iter_mut().zip(run) {
            *cell += mb * level;
            self.peak_mb = self.peak_mb.max(*cell);
        }
    }
}
