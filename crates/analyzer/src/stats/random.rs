//! A tiny seeded generator, so that what is simulated is the same at every call.
//!
//! SplitMix64 (Steele, Lea, Flood 2014): one word of state, passes `BigCrush`; enough to spread
//! a few hundred draws.

/// A seeded stream of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// A number from 0 to below 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number from a standard normal distribution (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }

    /// A number with heavy tails: Student t of three degrees of freedom, scaled so that its 5 and 95 %
    /// quantiles are those of a standard normal one.
    pub(crate) fn heavy(&mut self) -> f64 {
        let squares: f64 = (0..3).map(|_| self.normal().powi(2)).sum();
        0.699 * self.normal() / (squares / 3.0).max(1e-9).sqrt()
    }

    /// A place below a count that is not zero.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index of a slice"
    )]
    pub(crate) fn below(&mut self, count: usize) -> usize {
        ((self.share() * count as f64) as usize).min(count.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let (mut a, mut b) = (Random::seeded(7), Random::seeded(7));
        assert!((0..100).all(|_| a.share() == b.share()));
    }

    #[test]
    fn shares_fill_the_unit_interval() {
        let mut random = Random::seeded(1);
        let shares: Vec<f64> = (0..1000).map(|_| random.share()).collect();
        let mean = shares.iter().sum::<f64>() / 1000.0;
        assert!(shares.iter().all(|s| (0.0..1.0).contains(s)) && (mean - 0.5).abs() < 0.05);
    }
}
