//! What sets the batch size: nothing, the policy's levels, or its predictions.
//!
//! The same state machines that the recorder runs live.

use memtool_policy::predict::{BatchModel, Finished, Room};
use memtool_policy::{PolicyState, advance, collected};
use memtool_profile_model::{AdaptiveConfig, Mib, Observation, Offset, OptimizationLevel};

use super::scenario::Scenario;

/// Memory at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moment {
    pub(super) seconds: f64,
    pub(super) rss: f64,
    pub(super) available: Option<f64>,
}

/// What sets the batch size.
pub(super) enum BatchController<'a> {
    Fixed(f64),
    /// The sizes of a recording, in order.
    Recorded {
        sizes: &'a [f64],
        next: usize,
    },
    Level {
        config: &'a AdaptiveConfig,
        state: PolicyState,
    },
    Predictive {
        config: &'a AdaptiveConfig,
        state: PolicyState,
        models: Vec<BatchModel>,
        limit: Option<Mib>,
    },
}

impl<'a> BatchController<'a> {
    /// The controller of a scenario; `total` is the memory that there is.
    pub(super) fn new(scenario: &'a Scenario, operations: usize, total: Option<f64>) -> Self {
        let state = PolicyState::default();
        match scenario {
            Scenario::FixedBatch(size) => Self::Fixed(f64::from(*size)),
            Scenario::Config(config) if config.predictive.enabled => {
                let models = vec![BatchModel::default(); operations];
                Self::Predictive { config, state, models, limit: total.map(Mib::new) }
            }
            Scenario::Config(config) => Self::Level { config, state },
            Scenario::AsRecorded => Self::Recorded { sizes: &[], next: 0 },
        }
    }

    /// Seconds between two samples.
    pub(super) fn interval(&self) -> f64 {
        match self {
            Self::Fixed(_) | Self::Recorded { .. } => f64::INFINITY,
            Self::Level { config, .. } | Self::Predictive { config, .. } => seconds_of(config),
        }
    }

    /// One sample of the policy; whether it collects.
    pub(super) fn sample(&mut self, moment: Moment) -> bool {
        match self {
            Self::Level { config, state } => advance(config, state, observation(moment)).collect,
            // Predictions ask for their collections themselves.
            Self::Fixed(_) | Self::Recorded { .. } | Self::Predictive { .. } => false,
        }
    }

    /// Takes the effect of a collection.
    pub(super) fn collected(&mut self, operation: usize, before: f64, after: f64) {
        let (before, after) = (Mib::new(before), Mib::new(after));
        match self {
            Self::Level { state, .. } => *state = collected(*state, before, after),
            Self::Predictive { models, .. } => models[operation].collected(before, after),
            Self::Fixed(_) | Self::Recorded { .. } => {}
        }
    }

    /// The size of the next batch, and whether garbage is collected first.
    pub(super) fn size(&mut self, operation: usize, moment: Moment) -> (f64, bool) {
        match self {
            Self::Fixed(size) => (*size, false),
            Self::Recorded { sizes, next } => {
                *next += 1;
                (sizes.get(*next - 1).or(sizes.last()).copied().unwrap_or(1.0), false)
            }
            Self::Level { config, state } => (f64::from(config.batch_sizes.size(state.level)), false),
            Self::Predictive { config, state, models, limit } => {
                let room = Room {
                    rss: Mib::new(moment.rss),
                    available: moment.available.map(Mib::new),
                    limit: *limit,
                };
                let sizing = models[operation].next(config, room);
                state.counters.total_gc_collections += u64::from(sizing.collect_first);
                (f64::from(sizing.size), sizing.collect_first)
            }
        }
    }

    /// Items of a batch of the asked size, in an operation that takes a share of each chunk.
    pub(super) fn of_chunk(&self, asked: f64, share: f64) -> f64 {
        match self {
            Self::Recorded { .. } => asked,
            _ if share >= 1.0 => asked,
            _ => (asked * share).round(),
        }
    }

    /// Takes a finished batch: memory before, inside and after it.
    pub(super) fn finished(
        &mut self,
        operation: usize,
        items: f64,
        (start, peak, end): (f64, f64, f64),
        seconds: f64,
    ) {
        if let Self::Predictive { models, .. } = self {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "items of a batch")]
            let items = items.round() as u64;
            models[operation].finished(Finished {
                items,
                rss_start: Mib::new(start),
                rss_peak: Mib::new(peak),
                rss_end: Mib::new(end),
                seconds,
                exact_peak: true,
            });
        }
    }

    /// Changes of the level and collections so far.
    pub(super) fn counters(&self) -> (u64, u64) {
        match self {
            Self::Fixed(_) | Self::Recorded { .. } => (0, 0),
            Self::Level { state, .. } | Self::Predictive { state, .. } => {
                (state.counters.batch_size_adjustments, state.counters.total_gc_collections)
            }
        }
    }

    /// Place of the level in force, from fallback to high; without levels, high.
    pub(super) fn level(&self) -> usize {
        match self {
            Self::Level { state, .. } => match state.level {
                OptimizationLevel::Fallback => 0,
                OptimizationLevel::Low => 1,
                OptimizationLevel::Medium => 2,
                OptimizationLevel::High => 3,
            },
            Self::Fixed(_) | Self::Recorded { .. } | Self::Predictive { .. } => 3,
        }
    }
}

/// Seconds between two samples of a policy.
fn seconds_of(config: &AdaptiveConfig) -> f64 {
    let seconds = config.monitoring_interval_seconds;
    if seconds.is_finite() { seconds.clamp(0.001, 3600.0) } else { 1.0 }
}

fn observation(moment: Moment) -> Observation {
    Observation {
        at: Offset::from_seconds(moment.seconds),
        rss: Mib::new(moment.rss),
        available: moment.available.map(Mib::new),
    }
}
