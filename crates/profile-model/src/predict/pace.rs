//! How the time of an item depends on the size of its batch.
//!
//! `time per item = a · (1 + fixed/n + n/strain)`: a batch has a cost of its own, shared by its
//! items, and a large one may slow its items down (caches, page faults). The factor `a` drifts
//! with the data, and times are noisy, so that neither a fit nor the rates of single sizes can be
//! trusted early. Instead a fixed set of hypotheses of `fixed` and `strain` is weighed: each
//! follows `a` on its own, and its weight is how well it foresaw every batch so far.

const FIXED: [f64; 11] = [0.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 4096.0];
const STRAIN: [f64; 5] = [f64::INFINITY, 16_000.0, 6_000.0, 2_500.0, 1_000.0];
const HYPOTHESES: usize = FIXED.len() * STRAIN.len();

/// What is known of the times of one operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Logarithm of `a` by each hypothesis.
    level: [f64; HYPOTHESES],
    /// Logarithm of each hypothesis' weight.
    weight: [f64; HYPOTHESES],
    /// Variance of the levels, the same for all.
    variance: f64,
    /// Variance of one batch's logarithm of time.
    noise: f64,
    batches: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            level: [0.0; HYPOTHESES],
            weight: std::array::from_fn(|index| if index % STRAIN.len() == 0 { 0.0 } else { -1.0 }),
            variance: 0.0,
            noise: 0.08 * 0.08,
            batches: 0,
        }
    }
}

fn shape(index: usize, items: f64) -> f64 {
    1.0 + FIXED[index / STRAIN.len()] / items + items / STRAIN[index % STRAIN.len()]
}

impl Pace {
    /// The level's variance grows by this from batch to batch.
    const DRIFT: f64 = 0.03 * 0.03;
    /// Old evidence loses weight: what was true of the first batches need not stay true.
    const MEMORY: f64 = 0.99;
    /// The first batch of an operation pays for imports and cold caches.
    const FIRST: f64 = 0.5 * 0.5;
    /// Times are not told better than this, in seconds.
    const CLOCK: f64 = 0.000_5;
    /// Degrees of freedom of the noise: small, so that an outlier convinces nobody.
    const TAIL: f64 = 4.0;

    pub(super) fn learn(&mut self, items: f64, seconds: f64) {
        if !(seconds > 0.0 && seconds.is_finite()) {
            return;
        }
        let told = (seconds / items).ln();
        let clock = Self::CLOCK / seconds;
        let first = if self.batches == 0 { Self::FIRST } else { 0.0 };
        let noise = clock.mul_add(clock, self.noise) + first;
        self.batches = self.batches.saturating_add(1);
        if self.batches == 1 {
            self.variance = noise;
            for (index, level) in self.level.iter_mut().enumerate() {
                *level = told - shape(index, items).ln();
            }
            return;
        }
        self.variance += Self::DRIFT;
        let spread = self.variance + noise;
        let gain = self.variance / spread;
        let mut best = (f64::NEG_INFINITY, 0.0);
        for index in 0..HYPOTHESES {
            let error = told - self.level[index] - shape(index, items).ln();
            let surprise = error * error / spread;
            self.level[index] += gain * error.clamp(-3.0 * spread.sqrt(), 3.0 * spread.sqrt());
            let heavy = (-0.5 * (Self::TAIL + 1.0)) * (surprise / Self::TAIL).ln_1p();
            self.weight[index] = self.weight[index].mul_add(Self::MEMORY, heavy);
            if self.weight[index] > best.0 {
                best = (self.weight[index], error);
            }
        }
        self.variance *= 1.0 - gain;
        for weight in &mut self.weight {
            *weight = (*weight - best.0).max(-60.0);
        }
        self.learn_noise(best.1 * best.1, spread);
    }

    fn learn_noise(&mut self, squared: f64, spread: f64) {
        let clipped = squared.min(9.0 * spread);
        self.noise = 0.05f64.mul_add(clipped - self.noise, self.noise).clamp(0.03 * 0.03, 0.3 * 0.3);
    }

    /// Batches whose time was told.
    pub(super) fn batches(&self) -> u32 {
        self.batches
    }

    /// Expected time per item at each size, over the best that any of the sizes has under the
    /// same hypothesis; 1 is as fast as can be.
    pub(super) fn slowness(&self, sizes: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        let mut total = 0.0;
        for index in 0..HYPOTHESES {
            let weight = self.weight[index].exp();
            if weight < 1e-4 {
                continue;
            }
            let best = sizes.iter().map(|&size| shape(index, size)).fold(f64::INFINITY, f64::min);
            for (sum, &size) in out.iter_mut().zip(sizes) {
                *sum += weight * shape(index, size) / best;
            }
            total += weight;
        }
        out.iter_mut().for_each(|sum| *sum /= total);
    }
}
