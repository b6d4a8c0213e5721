//! A batch's peak as a line in its items whose level and slope drift with the work.
//!
//! peak = level(u) + follow · start + slope(u) · items + noise, at work position u. Level and slope
//! are random walks in u, filtered forwards and smoothed backwards (Kalman; Rauch, Tung and Striebel
//! 1965), with a Student t noise of four degrees of freedom so that a single odd batch has little weight.
//! `follow` distinguishes the two memory models: 1 is additive (a batch comes on top of what is there),
//! 0 is a reservoir (a batch reuses what the allocator kept). A batch whose peak is its start used
//! kept memory only: its need is bounded above, and counts only where it was expected to be more.
//!
//! Regressing memory on the batch size over a steered trace is refused elsewhere; here the start is
//! given, and given the start the size says nothing of the noise that is still to come.

use super::live_curve::LiveAt;

/// One batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct PeakObservation {
    pub(super) at: f64,
    pub(super) items: f64,
    pub(super) start: f64,
    /// What the counters of bytes in use said, where the run has them.
    pub(super) live: Option<LiveAt>,
    pub(super) peak: f64,
    /// The peak is a lower bound: the run was killed inside.
    pub(super) lower_bound: bool,
    /// The peak is an upper bound: what was kept below the start could hold most of what the batch needed.
    pub(super) upper_bound: bool,
}

impl PeakObservation {
    /// Whether the peak shows no need above the start.
    pub(super) fn shows_no_need(&self) -> bool {
        self.peak - self.start < f64::max(1.0, 0.01 * self.peak)
    }
}

/// One hypothesis of how memory behaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hypothesis {
    pub(crate) follow: f64,
    /// Whether a peak lies on top of the bytes that the batch leaves in use, instead of the resident memory.
    live: bool,
    /// What level and slope move over a tenth of the work, and the noise of a peak, as shares of the scale.
    level_drift: f64,
    slope_drift: f64,
    noise: f64,
}

impl Hypothesis {
    const FOLLOW: [f64; 3] = [0.0, 0.5, 1.0];
    const LEVEL: [f64; 3] = [0.003, 0.03, 0.15];
    const SLOPE: [f64; 2] = [0.003, 0.03];
    const NOISE: [f64; 3] = [0.01, 0.03, 0.1];

    /// A batch comes on top of what is there, and nothing drifts.
    pub(super) const ADDITIVE: Self =
        Self { follow: 1.0, live: false, level_drift: 0.0, slope_drift: 0.0, noise: 0.0 };

    /// Logarithm of its weight before the data: the less it lets level and need drift, the likelier.
    pub(super) fn log_prior(self) -> f64 {
        let faster = |drift: f64, slowest: f64| if drift > slowest { (drift / slowest).log10() } else { 0.0 };
        -STEADY * (faster(self.level_drift, Self::LEVEL[0]) + faster(self.slope_drift, Self::SLOPE[0]))
    }

    /// All hypotheses; where each batch has its bytes in use, a reservoir holds those and what comes on top.
    pub(super) fn all(live: bool) -> impl Iterator<Item = Self> {
        let on_top = Self::FOLLOW.into_iter().map(move |follow| (follow, live && follow == 0.0));
        on_top.flat_map(|(follow, live)| {
            Self::LEVEL.into_iter().flat_map(move |level_drift| {
                Self::SLOPE.into_iter().flat_map(move |slope_drift| {
                    Self::NOISE.map(|noise| Self { follow, live, level_drift, slope_drift, noise })
                })
            })
        })
    }

    /// Whether a peak lies on top of the bytes in use.
    pub(super) const fn is_live(self) -> bool {
        self.live
    }

    /// What a batch's peak lies on top of.
    fn carried(&self, batch: &PeakObservation) -> f64 {
        if self.live { batch.live.map_or(0.0, |live| live.used_after) } else { self.follow * batch.start }
    }
}

/// The need of an item before its batches are observed: mean and standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SlopePrior {
    pub(crate) mean: f64,
    pub(crate) deviation: f64,
}

/// What is known before the batches are observed, and the scales of everything.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prior {
    /// The span of memory.
    pub(super) span: f64,
    /// The work's length in items.
    pub(super) work: f64,
    /// The largest batch.
    pub(super) largest: f64,
    /// A low start: the level without any batch.
    pub(super) floor: f64,
    /// What a batch of any size adds to what it lies on.
    pub(super) above: f64,
    /// Need of an item.
    pub(super) slope: SlopePrior,
    /// The same beyond the bytes that a batch leaves in use.
    pub(super) slope_beyond_live: SlopePrior,
}

/// Each ten times of drift is this much less likely (logarithm).
const STEADY: f64 = 4.0;
/// The standard deviation of the level before the data, as a share of the span.
const LEVEL_DEVIATION: f64 = 0.25;
/// Degrees of freedom of the noise.
const TAIL: f64 = 4.0;

/// Level and slope at one position, with their covariance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LineState {
    pub(crate) level: f64,
    pub(crate) slope: f64,
    /// Variance of the level, covariance, variance of the slope.
    pub(crate) covariance: [f64; 3],
}

/// A hypothesis fitted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LineFit {
    pub(crate) hypothesis: Hypothesis,
    pub(crate) log_likelihood: f64,
    /// One per batch.
    pub(crate) states: Vec<LineState>,
    /// Variances that a whole run's work adds to level and slope.
    pub(crate) per_work: [f64; 2],
}

/// Fits one hypothesis to batches in order of their position.
pub(super) fn fit(observed: &[PeakObservation], hypothesis: Hypothesis, prior: &Prior) -> LineFit {
    let per_work = [
        10.0 * (hypothesis.level_drift * prior.span).powi(2),
        10.0 * (hypothesis.slope_drift * prior.span / prior.largest).powi(2),
    ];
    let noise = (hypothesis.noise * prior.span).powi(2);
    let moved = |from: f64, to: f64| (to - from).max(0.0) / prior.work;
    let carried = |batch: &PeakObservation| hypothesis.carried(batch);
    let live = observed.first().filter(|_| hypothesis.live).and_then(|batch| batch.live);
    let slope = if hypothesis.live { prior.slope_beyond_live } else { prior.slope };
    let mut state = LineState {
        level: (1.0 - hypothesis.follow) * prior.floor + prior.above - live.map_or(0.0, |live| live.used),
        slope: slope.mean,
        covariance: [(LEVEL_DEVIATION * prior.span).powi(2), 0.0, slope.deviation.powi(2)],
    };
    let mut states = Vec::with_capacity(observed.len());
    let mut log_likelihood = 0.0;
    let mut at = observed.first().map_or(0.0, |first| first.at);
    for batch in observed {
        state = state.drifted(per_work, moved(at, batch.at));
        at = batch.at;
        log_likelihood += state.learn(batch, carried(batch), noise);
        states.push(state);
    }
    for index in (0..states.len().saturating_sub(1)).rev() {
        let work = moved(observed[index].at, observed[index + 1].at);
        states[index] = states[index].smoothed(states[index + 1], per_work, work);
    }
    if hypothesis.live {
        // With the bytes that were in use at that place of the work, and what each item added to them.
        states.iter_mut().zip(observed).for_each(|(state, batch)| {
            let Some(live) = batch.live else { return };
            state.level += live.used.min(live.used_after);
            state.slope += live.added() / batch.items;
        });
    }
    LineFit { hypothesis, log_likelihood, states, per_work }
}

/// Logarithm of the probability that a noise of heavy tails lies below a bound (logistic, of the same variance).
fn log_probability_below(bound: f64) -> f64 {
    const SCALE: f64 = 1.813_799_364_234_218; // π / √3
    -(-SCALE * bound).exp().ln_1p().min(1e6)
}

impl LineState {
    /// The same, after so much of the work.
    pub(crate) fn drifted(self, per_work: [f64; 2], work: f64) -> Self {
        let [level, both, slope] = self.covariance;
        Self { covariance: [level + per_work[0] * work, both, slope + per_work[1] * work], ..self }
    }

    /// Learns from one batch; answers the logarithm of how likely it was.
    fn learn(&mut self, batch: &PeakObservation, carried: f64, noise: f64) -> f64 {
        let [level, both, slope] = self.covariance;
        let items = batch.items;
        let error = batch.peak - carried - self.level - self.slope * items;
        // A batch without a need above its start, or one that was killed, bounds the peak on one side: the
        // probability of that is what it says.
        let bound = if batch.upper_bound {
            Some(error)
        } else if batch.lower_bound {
            Some(-error)
        } else {
            None
        };
        let gain = [level + both * items, both + slope * items];
        let known = gain[0] + gain[1] * items;
        let spread = known + noise;
        let bounded = bound.map(|bound| log_probability_below(bound / spread.sqrt()));
        if let (Some(bound), Some(bounded)) = (bound, bounded)
            && bound > 0.0
        {
            return bounded;
        }
        let far = error * error / spread;
        // A t noise as a normal one whose variance grows with the surprise.
        let wide = known + noise * ((TAIL + far) / (TAIL + 1.0)).max(1.0);
        self.level += gain[0] / wide * error;
        self.slope = (self.slope + gain[1] / wide * error).max(0.0);
        self.covariance = [
            level - gain[0] * gain[0] / wide,
            both - gain[0] * gain[1] / wide,
            slope - gain[1] * gain[1] / wide,
        ];
        bounded.unwrap_or(-0.5 * spread.ln() - 0.5 * (TAIL + 1.0) * (far / TAIL).ln_1p())
    }

    /// The state with what the later batches say.
    fn smoothed(self, next: Self, per_work: [f64; 2], work: f64) -> Self {
        let [a, b, c] = self.covariance;
        let [pa, pb, pc] = self.drifted(per_work, work).covariance;
        let determinant = pa * pc - pb * pb;
        if determinant <= f64::MIN_POSITIVE {
            return Self { level: next.level, slope: next.slope, ..self };
        }
        // The gain: own covariance times the inverse of the predicted one.
        let gain = [
            [(a * pc - b * pb) / determinant, (b * pa - a * pb) / determinant],
            [(b * pc - c * pb) / determinant, (c * pa - b * pb) / determinant],
        ];
        let change = [next.level - self.level, next.slope - self.slope];
        let [na, nb, nc] = next.covariance;
        let (da, db, dc) = (na - pa, nb - pb, nc - pc);
        let row = |i: usize, j: usize| {
            gain[i][0] * (da * gain[j][0] + db * gain[j][1])
                + gain[i][1] * (db * gain[j][0] + dc * gain[j][1])
        };
        Self {
            level: self.level + gain[0][0] * change[0] + gain[0][1] * change[1],
            slope: (self.slope + gain[1][0] * change[0] + gain[1][1] * change[1]).max(0.0),
            covariance: [(a + row(0, 0)).max(0.0), b + row(0, 1), (c + row(1, 1)).max(0.0)],
        }
    }
}
