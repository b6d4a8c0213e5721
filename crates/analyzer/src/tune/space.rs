//! The configs that may be chosen: thresholds in order below the limit, sizes within a range.

use memtool_profile_model::{AdaptiveConfig, MemoryThresholds, Mib};

use super::ranges::{Reader, size_step};

/// The configs for one limit.
pub(super) struct Space {
    pub(super) limit_mb: f64,
    pub(super) reader: Reader,
    /// The smallest and the largest high size.
    pub(super) sizes: (u32, u32),
    /// Everything that is not tuned.
    pub(super) rest: AdaptiveConfig,
}

impl Space {
    /// Thresholds near some wanted ones: in steps, above the reader's least, in order; `None`
    /// where critical would reach the limit.
    pub(super) fn ordered(&self, wanted: [f64; 5]) -> Option<MemoryThresholds> {
        let step = self.step_mb();
        let least = self.reader.ranges().least;
        let mut placed = [0.0; 5];
        let mut below = 0.0;
        for ((place, wanted), least) in placed.iter_mut().zip(wanted).zip(least) {
            let stepped = (wanted / step).round() * step;
            *place = stepped.max((least / step).ceil() * step).max(below + step);
            below = *place;
        }
        let [moderate, gc, high, fallback, critical] = placed.map(Mib::new);
        (below < self.limit_mb).then_some(MemoryThresholds {
            moderate_mb: moderate,
            high_mb: high,
            critical_mb: critical,
            gc_trigger_mb: gc,
            fallback_trigger_mb: fallback,
        })
    }

    /// Thresholds are multiples of this: about one percent of the limit.
    pub(super) fn step_mb(&self) -> f64 {
        match self.limit_mb {
            l if l < 100.0 => 0.5,
            l if l < 1000.0 => 5.0,
            l if l < 4096.0 => 10.0,
            _ => 50.0,
        }
    }

    /// The high size at a place between the smallest (0) and the largest (1), by ratio.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the sizes")]
    pub(super) fn size_at(&self, place: f64) -> u32 {
        let (least, most) = self.sizes;
        let wanted = f64::from(least) * (f64::from(most) / f64::from(least)).powf(place);
        let step = f64::from(size_step(most));
        (((wanted / step).round() * step) as u32).clamp(least, most)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_wanted_thresholds_are_ordered_below_the_limit_or_none(
            wanted in prop::array::uniform5(0.0..200_000.0_f64), limit_mb in 1.0..200_000.0_f64, own: bool,
        ) {
            let reader = if own { Reader::Recorder } else { Reader::Existing };
            let space = Space { limit_mb, reader, sizes: (200, 2000), rest: AdaptiveConfig::default() };
            if let Some(t) = space.ordered(wanted) {
                let values = [t.moderate_mb, t.gc_trigger_mb, t.high_mb, t.fallback_trigger_mb, t.critical_mb];
                prop_assert!(values.windows(2).all(|pair| pair[0] < pair[1]) && values[4].get() < limit_mb);
                let least = reader.ranges().least;
                prop_assert!(values.iter().zip(least).all(|(value, least)| value.get() >= least));
            }
        }
    }
}
