//! How the time of an item depends on the size of its batch.
//!
//! `time per item = a · (1 + fixed/n + n/strain)`: a batch has a cost of its own, shared by its
//! items, and a large one may slow its items down (caches, page faults). The factor `a` drifts
//! with the data, and times are noisy, so that neither a fit nor the rates of single sizes can be
//! trusted early. Instead a fixed set of hypotheses of `fixed` and `strain` is weighed: each
//! follows `a` on its own, and its weight is how well it foresaw every batch so far.

const FIXED: [f64; 11] = [0.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0];
const STRAIN: [f64; 4] = [f64::INFINITY, 10_000.0, 3_000.0, 1_000.0];
const SHAPES: usize = FIXED.len() * STRAIN.len();
/// Standard deviations that the logarithm of one batch's time may have: CPU time on a quiet
/// machine, on a busy one, wall time on a busy one, hopeless.
const NOISE: [f64; 4] = [0.04, 0.1, 0.25, 0.6];

/// What is known of the times of one operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Each noise with its filters.
    banks: [Bank; NOISE.len()],
    batches: u32,
    /// The size of most batches.
    usual: f64,
    /// Batches since one that was notably smaller, and how many of those there were.
    since_small: u32,
    smaller: u32,
}

/// The hypotheses under one noise.
#[derive(Debug, Clone, Copy)]
struct Bank {
    /// Variance of one batch's logarithm of time.
    noise: f64,
    /// Variance of the levels, the same for all shapes.
    variance: f64,
    /// Logarithm of `a` by each shape.
    level: [f64; SHAPES],
    /// Logarithm of each shape's weight.
    weight: [f64; SHAPES],
}

impl Default for Pace {
    fn default() -> Self {
        let prior = std::array::from_fn(|index| {
            let strained = if index % STRAIN.len() == 0 { 0.0 } else { -0.7 };
            let costly = if FIXED[index / STRAIN.len()] > 300.0 { -0.7 } else { 0.0 };
            strained + costly
        });
        let bank =
            |noise: f64| Bank { noise: noise * noise, variance: 0.0, level: [0.0; SHAPES], weight: prior };
        Self { banks: NOISE.map(bank), batches: 0, usual: 0.0, since_small: 0, smaller: 0 }
    }
}

fn shape(index: usize, items: f64) -> f64 {
    1.0 + FIXED[index / STRAIN.len()] / items + items / STRAIN[index % STRAIN.len()]
}

impl Bank {
    /// The levels drift by this share of the noise from batch to batch.
    const DRIFT: f64 = 0.3;
    /// Old evidence loses weight: what was true of the first batches need not stay true.
    const MEMORY: f64 = 0.99;
    /// Degrees of freedom of the noise: few, so that an outlier convinces nobody.
    const TAIL: f64 = 4.0;

    fn begin(&mut self, told: f64, items: f64, extra: f64) {
        self.variance = self.noise + extra;
        for (index, level) in self.level.iter_mut().enumerate() {
            *level = told - shape(index, items).ln();
        }
    }

    fn learn(&mut self, told: f64, items: f64, extra: f64, warming: f64) {
        self.variance += (Self::DRIFT * Self::DRIFT).mul_add(self.noise, warming);
        let spread = self.variance + self.noise + extra;
        let gain = self.variance / spread;
        let most = 3.0 * spread.sqrt();
        for (index, (level, weight)) in self.level.iter_mut().zip(&mut self.weight).enumerate() {
            let error = told - *level - shape(index, items).ln();
            *level += gain * error.clamp(-most, most);
            let tail = (error * error / (spread * Self::TAIL)).ln_1p();
            let likely = (-0.5 * (Self::TAIL + 1.0)).mul_add(tail, -0.5 * spread.ln());
            *weight = weight.mul_add(Self::MEMORY, likely);
        }
        self.variance *= 1.0 - gain;
    }

    fn best(&self) -> f64 {
        self.weight.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }
}

impl Pace {
    /// The first batch of an operation pays for imports and cold caches.
    const FIRST: f64 = 0.5 * 0.5;
    /// The levels of the first batches fall: by this share of the time, over the batch's number.
    const WARMING: f64 = 0.15;
    /// Below this share of the usual size a batch is a smaller one.
    const SMALLER: f64 = 0.6;
    const SHRINKING: f64 = 0.9;
    /// A look goes to this share of the usual size, after so many batches, then twice as many.
    const LOOK: f64 = 0.4;
    const FIRST_LOOK: u32 = 4;
    /// Times are not told better than this, in seconds.
    const CLOCK: f64 = 0.000_5;

    pub(super) fn learn(&mut self, items: f64, seconds: f64) {
        if !(seconds > 0.0 && seconds.is_finite()) {
            return;
        }
        let told = (seconds / items).ln();
        let clock = (Self::CLOCK / seconds).min(10.0);
        let first = self.batches == 0;
        for bank in &mut self.banks {
            if first {
                bank.begin(told, items, clock.mul_add(clock, Self::FIRST));
            } else {
                let warming = Self::WARMING / f64::from(self.batches);
                bank.learn(told, items, clock * clock, warming * warming);
            }
        }
        self.batches = self.batches.saturating_add(1);
        self.level_weights();
        self.learn_usual(items);
    }

    fn learn_usual(&mut self, items: f64) {
        if self.is_smaller(items) {
            self.since_small = 0;
            self.smaller = self.smaller.saturating_add(1);
            // Where it stays small, this is soon the usual size.
            self.usual *= Self::SHRINKING;
        } else {
            self.since_small = self.since_small.saturating_add(1);
            self.usual += 0.5 * (items - self.usual);
        }
    }

    /// A size worth a look: notably smaller than the usual one, which was reached while the job
    /// was still warming up and every batch was faster than the one before. It costs no memory.
    pub(super) fn look(&self) -> Option<f64> {
        let wait = Self::FIRST_LOOK << self.smaller.min(5);
        (self.since_small >= wait).then_some(Self::LOOK * self.usual)
    }

    /// Whether a batch of this size is notably smaller than the usual one.
    pub(super) fn is_smaller(&self, items: f64) -> bool {
        items <= Self::SMALLER * self.usual
    }

    /// The size of most batches.
    pub(super) fn usual(&self) -> f64 {
        self.usual
    }

    /// Keeps the largest weight at one and none beyond return.
    fn level_weights(&mut self) {
        let best = self.banks.iter().map(Bank::best).fold(f64::NEG_INFINITY, f64::max);
        for weight in self.banks.iter_mut().flat_map(|bank| &mut bank.weight) {
            *weight = (*weight - best).max(-40.0);
        }
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
        for index in 0..SHAPES {
            let weight: f64 = self.banks.iter().map(|bank| bank.weight[index].exp()).sum();
            if weight < 1e-5 {
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
