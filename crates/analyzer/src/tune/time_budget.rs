//! How far the work for one machine has come, and what share of its time remains.
//!
//! Each phase of the work leaves time to those after it: a config that was evaluated closely, and a
//! back-test of it, are worth more than a longer search.

/// A phase of the work for one machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Phase {
    /// Evaluates sizes as if they were fixed.
    Scan,
    /// Evaluates closed forms.
    Forms,
    /// Evaluates the best again, and resets what has no effect.
    Refine,
    /// Tests whether the bound would have held.
    Backtest,
}

impl Phase {
    /// The share of the time that must remain when the phase ends.
    const fn leaves(self) -> f64 {
        match self {
            Self::Scan => 0.6,
            Self::Forms => 0.4,
            Self::Refine => 0.25,
            Self::Backtest => 0.0,
        }
    }
}

/// Counts steps, reports each, and knows when a phase has to end.
pub(super) struct TimeBudget<'a> {
    /// Takes steps done and their total; answers the share of the time that remains.
    remaining_share: &'a mut dyn FnMut(usize, usize) -> f64,
    done: usize,
    total: usize,
    remaining: f64,
    cut: bool,
}

impl<'a> TimeBudget<'a> {
    pub(super) fn new(total: usize, remaining_share: &'a mut dyn FnMut(usize, usize) -> f64) -> Self {
        let remaining = remaining_share(0, total);
        Self { remaining_share, done: 0, total, remaining, cut: false }
    }

    /// Begins one step of a phase; whether there is time for it.
    pub(super) fn step(&mut self, phase: Phase) -> bool {
        if self.remaining > phase.leaves() {
            self.done = (self.done + 1).min(self.total);
            self.remaining = (self.remaining_share)(self.done, self.total);
        }
        let goes_on = self.remaining > phase.leaves();
        self.cut |= !goes_on;
        goes_on
    }

    /// Counts the work so far as this many steps: a phase may come to its own end early.
    pub(super) fn reach(&mut self, done: usize) {
        self.done = self.done.max(done).min(self.total);
    }

    /// Whether any phase was cut short.
    pub(super) fn cut(&self) -> bool {
        self.cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phase_leaves_time_to_those_after_it() {
        let mut reported = Vec::new();
        let mut remaining_share = |done: usize, total: usize| {
            reported.push((done, total));
            [1.0, 0.7, 0.5, 0.3][done.min(3)]
        };
        let mut budget = TimeBudget::new(10, &mut remaining_share);
        assert!(budget.step(Phase::Scan) && !budget.cut());
        assert!(!budget.step(Phase::Scan) && budget.cut());
        assert!(!budget.step(Phase::Forms) && budget.step(Phase::Refine) && budget.step(Phase::Backtest));
        assert_eq!(reported[..3], [(0, 10), (1, 10), (2, 10)]);
    }
}
