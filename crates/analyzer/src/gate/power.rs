//! How many runs are needed to detect a change that matters.

use serde::Serialize;

use crate::compare::Repeats;

/// Chance of missing a change that matters.
const MISSED: f64 = 0.05;
/// Chance that an unchanged measure fails, shared among the operations that it is asked of.
const FALSE_ALARM: f64 = 0.01;
/// Runs that are worth asking for.
const MOST_RUNS: u32 = 200;

/// How many runs are needed to detect a change that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RunsNeeded {
    /// Runs of the baseline.
    pub base: u32,
    /// Runs of a check.
    pub new: u32,
}

/// The difference from which a measure counts as changed: what chance alone may show, and half of what matters, so
/// that a change that matters is on its far side as often as one of nothing is on this.
///
/// All in the scale of the repeats; `asked` is the number of values the same measure is asked of.
pub(super) fn threshold(repeats: &Repeats, new_runs: f64, matters: f64, asked: usize) -> f64 {
    chance(repeats, new_runs, asked).max(matters / 2.0)
}

fn chance(repeats: &Repeats, new_runs: f64, asked: usize) -> f64 {
    repeats.quantile(1.0 - FALSE_ALARM / asked.max(1) as f64) * repeats.error(new_runs)
}

/// Whether a change that matters would have been seen 19 of 20 times.
pub(super) fn tells(repeats: &Repeats, new_runs: f64, matters: f64, asked: usize) -> bool {
    let room = repeats.quantile(1.0 - MISSED) * repeats.error(new_runs);
    threshold(repeats, new_runs, matters, asked) + room <= matters
}

/// The fewest runs that tell a change: of the check alone if that is enough, else of baseline and check alike. They are
/// planned with caution, since the runs to come may spread more than those that were seen.
pub(super) fn runs_needed(repeats: &Repeats, matters: f64, asked: usize) -> Option<RunsNeeded> {
    let (base, repeats) = (repeats.runs() as u32, repeats.cautious());
    let few =
        (1..=MOST_RUNS.min(2 * base.max(5))).find(|new| tells(&repeats, f64::from(*new), matters, asked));
    if let Some(new) = few {
        return Some(RunsNeeded { base, new });
    }
    let both = |runs: &u32| tells(&repeats.with_runs(f64::from(*runs)), f64::from(*runs), matters, asked);
    (base.max(2)..=MOST_RUNS).find(both).map(|runs| RunsNeeded { base: runs, new: runs })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeats(values: &[f64]) -> Repeats {
        let weighted: Vec<(f64, u32)> = values.iter().map(|value| (value.ln(), 1)).collect();
        Repeats::of(&weighted, &[], 0.02).expect("not empty")
    }

    const MATTERS: f64 = 0.0488;

    #[test]
    fn steady_repeats_need_few_runs_and_one_run_needs_more() {
        let steady = repeats(&[100.0, 100.1, 99.9, 100.0, 100.05]);
        let needed = runs_needed(&steady, MATTERS, 1).expect("to be had");
        assert!(needed.base == 5 && needed.new <= 10, "{needed:?}");
        let one = runs_needed(&repeats(&[100.0]), MATTERS, 1).expect("to be had");
        assert!(one.base > 1 && one.base == one.new, "{one:?}");
        assert!(!tells(&repeats(&[100.0]), 1.0, MATTERS, 1));
    }

    #[test]
    fn repeats_all_over_the_place_never_tell() {
        assert_eq!(runs_needed(&repeats(&[100.0, 300.0, 900.0]), MATTERS, 1), None);
    }

    #[test]
    fn half_of_what_matters_is_no_change() {
        let steady = repeats(&[100.0; 12]);
        assert!(threshold(&steady, 12.0, MATTERS, 1) >= MATTERS / 2.0);
    }
}
