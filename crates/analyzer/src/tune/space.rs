//! The configs that are searched: eight numbers from 0 to 1, ordered by construction.
//!
//! moderate = (.15 + .6 x₀) L; critical = moderate + (.9 L − moderate)(.25 + .75 x₁);
//! high = moderate + (critical − moderate)(.2 + .7 x₃); GC = moderate + (high − moderate) x₂;
//! fallback halfway from high to critical. The high size runs over its range by ratio (x₄), the
//! sizes below as shares of the one above: 30 to 100 % (x₅, x₆) and 20 to 100 % (x₇).

use memtool_profile_model::{AdaptiveConfig, MemoryThresholds, Mib};

use super::ranges::{Reader, fits_reader, in_order, size_step, sizes};

/// A point of the space.
pub(super) type Place = [f64; DIMENSIONS];
pub(super) const DIMENSIONS: usize = 8;

/// The configs for one limit.
pub(super) struct Space {
    pub(super) limit_mb: f64,
    pub(super) reader: Reader,
    /// The smallest and the largest high size.
    pub(super) sizes: (u32, u32),
    /// Everything that is not searched.
    pub(super) rest: AdaptiveConfig,
}

impl Space {
    /// The config at a place; `None` where the limit leaves no room for the ranges.
    pub(super) fn config(&self, x: &Place) -> Option<AdaptiveConfig> {
        let l = self.limit_mb;
        let moderate = (0.15 + 0.6 * x[0]) * l;
        let critical = moderate + (0.9 * l - moderate) * (0.25 + 0.75 * x[1]);
        let high = moderate + (critical - moderate) * (0.2 + 0.7 * x[3]);
        let gc = moderate + (high - moderate) * x[2];
        let thresholds = self.ordered([moderate, gc, high, f64::midpoint(high, critical), critical])?;
        let size = self.high_size(x[4]);
        let medium = f64::from(size) * (0.3 + 0.7 * x[5]);
        let low = medium * (0.3 + 0.7 * x[6]);
        let batch_sizes = sizes(size, [medium, low, low * (0.2 + 0.8 * x[7])], self.reader);
        let config = AdaptiveConfig { thresholds, batch_sizes, ..self.rest.clone() };
        fits_reader(&config, l, self.reader).then_some(config)
    }

    /// The place nearest to a config.
    pub(super) fn place(&self, config: &AdaptiveConfig) -> Place {
        let l = self.limit_mb;
        let [moderate, gc, high, _, critical] = in_order(config);
        let b = &config.batch_sizes;
        let (least, most) = (f64::from(self.sizes.0), f64::from(self.sizes.1));
        let over = |a: u32, b: u32| f64::from(a) / f64::from(b.max(1));
        let places = [
            (moderate / l - 0.15) / 0.6,
            ((critical - moderate) / (0.9 * l - moderate) - 0.25) / 0.75,
            (gc - moderate) / (high - moderate),
            ((high - moderate) / (critical - moderate) - 0.2) / 0.7,
            (f64::from(b.high) / least).ln() / (most / least).ln(),
            (over(b.medium, b.high) - 0.3) / 0.7,
            (over(b.low, b.medium) - 0.3) / 0.7,
            (over(b.fallback, b.low) - 0.2) / 0.8,
        ];
        places.map(|x| if x.is_finite() { x.clamp(0.0, 1.0) } else { 0.5 })
    }

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
    pub(super) fn high_size(&self, place: f64) -> u32 {
        let (least, most) = self.sizes;
        let wanted = f64::from(least) * (f64::from(most) / f64::from(least)).powf(place);
        let step = f64::from(size_step(most));
        (((wanted / step).round() * step) as u32).clamp(least, most)
    }
}

/// How far apart two places are, as the mean over the dimensions.
pub(super) fn distance(a: &Place, b: &Place) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).abs()).sum::<f64>() / 8.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn space(limit_mb: f64, reader: Reader) -> Space {
        Space { limit_mb, reader, sizes: (200, 2000), rest: AdaptiveConfig::default() }
    }

    proptest! {
        #[test]
        fn every_place_is_an_ordered_config_or_none(
            x in prop::array::uniform8(0.0..=1.0_f64), limit in 1.0..200_000.0_f64, own: bool,
        ) {
            let reader = if own { Reader::Recorder } else { Reader::Existing };
            if let Some(config) = space(limit, reader).config(&x) {
                prop_assert!(fits_reader(&config, limit, reader), "{config:?}");
            } else {
                prop_assert!(limit < 1700.0, "a place without a config at {limit}");
            }
        }

        #[test]
        fn a_config_is_found_again(x in prop::array::uniform8(0.05..=0.95_f64)) {
            let space = space(16_000.0, Reader::Existing);
            let config = space.config(&x).expect("room");
            let again = space.config(&space.place(&config)).expect("room");
            let (first, second) = (in_order(&config), in_order(&again));
            let apart = first.iter().zip(second).map(|(a, b)| (a - b).abs());
            // One step of rounding in each of the thresholds that a place depends on.
            prop_assert!(apart.fold(0.0, f64::max) <= 300.0, "{config:?} {again:?}");
            prop_assert!(config.batch_sizes.high.abs_diff(again.batch_sizes.high) <= 25);
        }
    }
}
