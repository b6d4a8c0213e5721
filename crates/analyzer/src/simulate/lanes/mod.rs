//! Many replays at once: several configs, several draws, or both.
//!
//! Levels and fixed sizes go eight in a group (`group`), with the policy's rules as selects (`policy`, `vector`) and
//! the widest instructions that the processor has (`dispatch`); predicted sizes, each of which needs a
//! model of its own, take the plain replay. The peaks that anchors rest on are fixed sizes as well and go
//! first. Both cores share the work. Every figure is the plain replay's, bit for bit: nothing is fused,
//! reordered or rounded otherwise.

mod dispatch;
mod edges;
mod group;
mod looks;
mod policy;
#[cfg(test)]
mod tests;
mod vector;
mod walk;

use std::collections::BTreeMap;
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

/// A replay for a lane: sizes by level, or one for all.
#[derive(Debug, Clone)]
struct Laned<'a> {
    plan: &'a Plan,
    scale: Scale,
    /// Whose policy looks; at a fixed size nobody does.
    config: Option<&'a AdaptiveConfig>,
    /// From fallback to high.
    sizes: [f64; 4],
}

impl<'a> Laned<'a> {
    fn fixed(plan: &'a Plan, scale: Scale, size: f64) -> Self {
        Self { plan, scale, config: None, sizes: [size; 4] }
    }

    /// A task at its anchored scale; `None` where sizes are predicted.
    fn of(task: &Task<'a>, scale: Scale) -> Option<Self> {
        match task.scenario {
            Scenario::FixedBatch(size) => Some(Self::fixed(task.plan, scale, f64::from(*size))),
            Scenario::Config(config) if !config.predictive.enabled => {
                let sizes = config.batch_sizes;
                let sizes = [sizes.fallback, sizes.low, sizes.medium, sizes.high].map(f64::from);
                Some(Self { plan: task.plan, scale, config: Some(config), sizes })
            }
            Scenario::Config(_) => None,
        }
    }
}

impl Task<'_> {
    /// The scale that gives the known peaks at their sizes, but for what repeats differ by.
    pub(super) fn anchored(&self) -> Scale {
        let peaks = self.known.iter().map(|(size, _)| peak_at(self.plan, &self.scale, *size));
        self.anchored_to(peaks)
    }

    /// The same from the peaks that the model gives at the known sizes.
    fn anchored_to(&self, peaks: impl Iterator<Item = f64>) -> Scale {
        let anchors = Anchors::of(self.known, self.plan.base, peaks);
        Scale { factor: self.plan.factor, anchors, ..self.scale.clone() }
    }

    /// The plan's last anchored scale, where it is one of the same sizes.
    fn last(&self) -> Option<Scale> {
        // Whoever panicked while holding it left a whole value.
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|last| last.fits(&self.scale)).cloned()
    }

    /// What makes two anchored scales the same.
    fn key(&self) -> (*const Plan, u64, u64) {
        (std::ptr::from_ref(self.plan), self.scale.repeats.to_bits(), self.scale.growth.to_bits())
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
    let laned: Vec<Option<Laned<'_>>> =
        tasks.iter().zip(anchored(tasks)).map(|(task, scale)| Laned::of(task, scale)).collect();
    let in_lane: Vec<bool> = laned.iter().map(Option::is_some).collect();
    let mut outcomes = dispatch::run(&laned.into_iter().flatten().collect::<Vec<_>>()).into_iter();
    let outcome = |(task, in_lane): (&Task<'_>, bool)| {
        Some(()).filter(|()| in_lane).and_then(|()| outcomes.next()).unwrap_or_else(|| task.plainly())
    };
    tasks.iter().zip(in_lane).map(outcome).collect()
}

/// The anchored scale of each task; those that several share are found once.
fn anchored(tasks: &[Task<'_>]) -> Vec<Scale> {
    let mut scales: Vec<Option<Scale>> = tasks.iter().map(Task::last).collect();
    let mut places = BTreeMap::new();
    let mut missing: Vec<&Task<'_>> = Vec::new();
    for (task, scale) in tasks.iter().zip(&scales) {
        if scale.is_none() {
            places.entry(task.key()).or_insert_with(|| {
                missing.push(task);
                missing.len() - 1
            });
        }
    }
    let fixed = missing.iter().flat_map(|task| {
        task.known.iter().map(|(size, _)| Laned::fixed(task.plan, task.scale.clone(), *size))
    });
    let mut peaks = dispatch::run(&fixed.collect::<Vec<_>>()).into_iter().map(|outcome| outcome.peak);
    let found: Vec<Scale> =
        missing.iter().map(|task| task.anchored_to(peaks.by_ref().take(task.known.len()))).collect();
    for (task, scale) in missing.iter().zip(&found) {
        *task.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(scale.clone());
    }
    let of = |(task, scale): (&Task<'_>, &mut Option<Scale>)| {
        scale.take().unwrap_or_else(|| found[places[&task.key()]].clone())
    };
    tasks.iter().zip(&mut scales).map(of).collect()
}
