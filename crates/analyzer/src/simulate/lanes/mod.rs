//! Many replays at once: several configs, several draws, or both.
//!
//! Levels go eight in a group (`group`), with the policy's rules as selects (`policy`, `vector`) and the
//! widest instructions that the processor has (`dispatch`); fixed and predicted sizes, which nobody
//! looks at between the edges of batches, take the plain replay. Both cores share the work. Every figure is
//! the plain replay's, bit for bit: nothing is fused, reordered or rounded otherwise.

mod dispatch;
mod edges;
mod group;
mod looks;
mod policy;
#[cfg(test)]
mod tests;
mod vector;
mod walk;

use std::sync::{Mutex, PoisonError};

use memtool_profile_model::AdaptiveConfig;

use super::Scenario;
use super::anchors::Anchors;
use super::hand::Hand;
use super::plan::{Plan, Scale};
use super::replay::{Outcome, peak_at, replay};

/// One replay that is asked for.
#[derive(Debug, Clone)]
pub(super) struct Task<'a> {
    pub(super) plan: &'a Plan,
    /// As it is without anchors.
    pub(super) scale: Scale,
    /// Sizes whose peaks are known.
    pub(super) known: &'a [(f64, f64)],
    pub(super) scenario: &'a Scenario,
    /// The plan's last anchored scale: scenarios of the same sizes follow each other.
    pub(super) last: &'a Mutex<Option<Scale>>,
}

/// A task whose sizes go by level.
#[derive(Debug, Clone, Copy)]
struct Leveled<'a> {
    task: &'a Task<'a>,
    config: &'a AdaptiveConfig,
}

impl<'a> Leveled<'a> {
    fn of(task: &'a Task<'a>) -> Option<Self> {
        match task.scenario {
            Scenario::Config(config) if !config.predictive.enabled => Some(Self { task, config }),
            Scenario::Config(_) | Scenario::FixedBatch(_) => None,
        }
    }
}

impl Task<'_> {
    /// The scale that gives the known peaks at their sizes, but for what repeats differ by.
    pub(super) fn anchored(&self) -> Scale {
        if self.known.is_empty() {
            return Scale { factor: self.plan.factor, ..self.scale.clone() };
        }
        // Whoever panicked while holding it left a whole value.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.as_ref().filter(|last| last.fits(&self.scale)) {
            return last.clone();
        }
        let at = |size| peak_at(self.plan, &self.scale, size);
        let anchors = Anchors::of(self.known, self.plan.base, at);
        let scale = Scale { factor: self.plan.factor, anchors, ..self.scale.clone() };
        last.insert(scale).clone()
    }

    fn plainly(&self) -> Outcome {
        let mut hand = Hand::new(self.scenario, self.plan.operations.len(), self.plan.total);
        replay(self.plan, &self.anchored(), &mut hand, |_, _| ())
    }
}

/// Fewer cells of all plans than this are not worth another thread.
const WORTH_A_THREAD: usize = 100_000;

/// The outcome of each task, in order.
pub(super) fn replay_all(tasks: &[Task<'_>]) -> Vec<Outcome> {
    let cells: usize = tasks.iter().map(|task| task.plan.held.len()).sum();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(cells / WORTH_A_THREAD + 1);
    if threads < 2 {
        return replay_here(tasks);
    }
    let chunks = tasks.chunks(tasks.len().div_ceil(threads));
    std::thread::scope(|scope| {
        let running: Vec<_> = chunks.map(|chunk| (chunk, scope.spawn(|| replay_here(chunk)))).collect();
        // A thread that panicked has said so; its part is taken here.
        running
            .into_iter()
            .flat_map(|(chunk, thread)| thread.join().unwrap_or_else(|_| replay_here(chunk)))
            .collect()
    })
}

fn replay_here(tasks: &[Task<'_>]) -> Vec<Outcome> {
    let leveled: Vec<Option<Leveled<'_>>> = tasks.iter().map(Leveled::of).collect();
    let mut by_level = dispatch::run(&leveled.iter().flatten().copied().collect::<Vec<_>>()).into_iter();
    let outcome = |(task, leveled): (&Task<'_>, Option<Leveled<'_>>)| {
        leveled.and_then(|_| by_level.next()).unwrap_or_else(|| task.plainly())
    };
    tasks.iter().zip(leveled).map(outcome).collect()
}
