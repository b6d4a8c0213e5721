//! The nine numbers of a config that are tuned, each with its name, default and neighbours.

use memtool_profile_model::{AdaptiveConfig, BatchSizes, MemoryThresholds, Mib};

use super::candidates::DEFAULT_SHARES;
use super::ranges::{fits_reader, in_order, size_step, usual_sizes};
use super::space::Space;

/// One number of a config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    /// By its place in order: moderate, GC trigger, high, fallback trigger, critical.
    Threshold(usize),
    High,
    Medium,
    Low,
    Fallback,
}

impl Parameter {
    pub(super) const ALL: [Self; 9] = [
        Self::High,
        Self::Medium,
        Self::Low,
        Self::Fallback,
        Self::Threshold(0),
        Self::Threshold(1),
        Self::Threshold(2),
        Self::Threshold(3),
        Self::Threshold(4),
    ];

    /// The dotted setting.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Threshold(0) => "thresholds.moderate_mb",
            Self::Threshold(1) => "thresholds.gc_trigger_mb",
            Self::Threshold(2) => "thresholds.high_mb",
            Self::Threshold(3) => "thresholds.fallback_trigger_mb",
            Self::Threshold(_) => "thresholds.critical_mb",
            Self::High => "batch_sizes.high",
            Self::Medium => "batch_sizes.medium",
            Self::Low => "batch_sizes.low",
            Self::Fallback => "batch_sizes.fallback",
        }
    }

    pub(super) const fn is_size(self) -> bool {
        !matches!(self, Self::Threshold(_))
    }

    pub(super) fn get(self, config: &AdaptiveConfig) -> f64 {
        let b = &config.batch_sizes;
        match self {
            Self::Threshold(place) => in_order(config)[place],
            Self::High => f64::from(b.high),
            Self::Medium => f64::from(b.medium),
            Self::Low => f64::from(b.low),
            Self::Fallback => f64::from(b.fallback),
        }
    }

    /// The same config with another value here; `None` where that breaks an order or a range.
    pub(super) fn with(self, config: &AdaptiveConfig, value: f64, space: &Space) -> Option<AdaptiveConfig> {
        let changed = match self {
            Self::Threshold(place) => {
                let mut values = in_order(config);
                values[place] = (value / space.step_mb()).round() * space.step_mb();
                AdaptiveConfig { thresholds: thresholds(values), ..config.clone() }
            }
            _ => AdaptiveConfig {
                batch_sizes: self.sized(&config.batch_sizes, value, space),
                ..config.clone()
            },
        };
        let sound = fits_reader(&changed, space.limit_mb, space.reader)
            && changed.batch_sizes.high <= space.sizes.1
            && changed.batch_sizes.high >= space.sizes.0;
        sound.then_some(changed)
    }

    /// Another high size takes the sizes below with it; another size below leaves the rest.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size from the space")]
    fn sized(self, b: &BatchSizes, value: f64, space: &Space) -> BatchSizes {
        let step = f64::from(size_step(space.sizes.1));
        let value = (value / step).round() * step;
        let size = value.max(1.0) as u32;
        match self {
            Self::High => {
                let below = [b.medium, b.low, b.fallback].map(|s| f64::from(s) * value / f64::from(b.high));
                super::ranges::sizes(size, below, space.reader)
            }
            Self::Medium => BatchSizes { medium: size, ..*b },
            Self::Low => BatchSizes { low: size, ..*b },
            _ => BatchSizes { fallback: size, ..*b },
        }
    }

    /// What the existing manager would set: a share of the limit, or of the high size; the high
    /// size has none.
    pub(super) fn default(self, config: &AdaptiveConfig, space: &Space) -> Option<f64> {
        let usual = usual_sizes(config.batch_sizes.high, space.reader);
        Some(match self {
            Self::Threshold(place) => {
                (DEFAULT_SHARES[place] * space.limit_mb / space.step_mb()).round() * space.step_mb()
            }
            Self::High => return None,
            Self::Medium => f64::from(usual.medium),
            Self::Low => f64::from(usual.low),
            Self::Fallback => f64::from(usual.fallback),
        })
    }

    /// How far the next values are that are compared: a tenth, at least one step.
    pub(super) fn neighbours(self, config: &AdaptiveConfig, space: &Space) -> [f64; 2] {
        let value = self.get(config);
        let step = if self.is_size() { f64::from(size_step(space.sizes.1)) } else { space.step_mb() };
        let apart = ((0.1 * value / step).round() * step).max(step);
        [value + apart, value - apart]
    }
}

fn thresholds(values: [f64; 5]) -> MemoryThresholds {
    let [moderate, gc, high, fallback, critical] = values.map(Mib::new);
    MemoryThresholds {
        moderate_mb: moderate,
        high_mb: high,
        critical_mb: critical,
        gc_trigger_mb: gc,
        fallback_trigger_mb: fallback,
    }
}
