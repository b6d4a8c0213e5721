#![doc = include_str!("../README.md")]

mod batch_run;
mod fleet;
mod random;

pub use batch_run::SyntheticRun;
pub use fleet::{Fleet, Planted};
pub use random::Random;

/// What stays in memory over the run. Times are shares of the run, sizes MiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Course {
    /// Nothing is added.
    Flat,
    /// A leak: so much by the end, in a line.
    Leak(f64),
    /// Loading: so much by a share of the run, then level.
    Loading(f64, f64),
    /// A cache that fills: so much, with a time constant.
    Plateau(f64, f64),
    /// One step of so much, at a share of the run.
    Step(f64, f64),
    /// So much for a while in the middle.
    Spike(f64),
    /// So much by the end, and all of it given back when the work is done.
    Released(f64),
    /// A batch size twice as large from the middle on, which takes so much more.
    LargerBatches(f64),
}

impl Course {
    /// Whether it leaks.
    #[must_use]
    pub const fn leaks(self) -> bool {
        matches!(self, Self::Leak(_))
    }

    fn at(self, share: f64) -> f64 {
        match self {
            Self::Flat => 0.0,
            Self::Leak(total) | Self::Released(total) => total * share,
            Self::Loading(total, until) => total * (share / until).min(1.0),
            Self::Plateau(total, constant) => total * (1.0 - (-share / constant).exp()),
            Self::Step(size, from) => {
                if share >= from {
                    size
                } else {
                    0.0
                }
            }
            Self::LargerBatches(size) => {
                if share >= 0.5 {
                    size
                } else {
                    0.0
                }
            }
            Self::Spike(size) => {
                if (0.45..0.5).contains(&share) {
                    size
                } else {
                    0.0
                }
            }
        }
    }
}

/// How a trace is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// What stays.
    pub course: Course,
    /// Samples.
    pub samples: usize,
    /// Seconds between them.
    pub spacing_s: f64,
    /// Memory without any work.
    pub base_mb: f64,
    /// What a batch takes at most.
    pub saw_mb: f64,
    /// Samples a batch lasts.
    pub batch_samples: f64,
    /// Deviation of the noise.
    pub noise_mb: f64,
    /// Share of the noise that stays from one sample to the next.
    pub memory: f64,
    /// The seed.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            course: Course::Flat,
            samples: 600,
            spacing_s: 1.0,
            base_mb: 300.0,
            saw_mb: 200.0,
            batch_samples: 9.7,
            noise_mb: 3.0,
            memory: 0.0,
            seed: 1,
        }
    }
}

/// A trace at even times.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// RSS of each sample.
    pub rss_mb: Vec<f64>,
    /// Batch size in force at each sample.
    pub batch_size: Vec<u32>,
    /// The first sample after the work, where there is one.
    pub closing: Option<usize>,
    /// What is true: MiB leaked a minute.
    pub leak_mb_per_min: f64,
}

/// Makes a trace.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "samples far below 2^53")]
pub fn trace(settings: &Settings) -> Trace {
    let mut random = Random::new(settings.seed);
    let n = settings.samples;
    let fresh = (1.0 - settings.memory * settings.memory).sqrt();
    let mut noise = 0.0;
    let closing = matches!(settings.course, Course::Released(_)).then(|| n - n / 50 - 1);
    let mut rss_mb = Vec::with_capacity(n);
    let mut batch_size = Vec::with_capacity(n);
    let (mut batch, mut height) = (0, 1.0);
    for i in 0..n {
        let share = i as f64 / n as f64;
        let position = i as f64 / settings.batch_samples;
        let now = position.floor();
        if now > f64::from(batch) {
            batch += 1;
            height = 0.7 + 0.3 * random.uniform();
        }
        noise = settings.memory * noise + fresh * settings.noise_mb * random.normal();
        let saw = settings.saw_mb * height * (position - now);
        let work = settings.course.at(share) + saw;
        let over = closing.is_some_and(|end| i >= end);
        rss_mb.push((settings.base_mb + if over { 0.0 } else { work } + noise).max(1.0));
        let large = matches!(settings.course, Course::LargerBatches(_)) && share >= 0.5;
        batch_size.push(if large { 1000 } else { 500 });
    }
    let minutes = n as f64 * settings.spacing_s / 60.0;
    let leak_mb_per_min = if let Course::Leak(total) = settings.course { total / minutes } else { 0.0 };
    Trace { rss_mb, batch_size, closing, leak_mb_per_min }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_trace() {
        let settings = Settings { course: Course::Leak(100.0), ..Settings::default() };
        assert_eq!(trace(&settings), trace(&settings));
        assert_ne!(trace(&settings), trace(&Settings { seed: 2, ..settings }));
    }

    #[test]
    fn a_leak_of_100_mib_over_ten_minutes_is_ten_a_minute() {
        let settings =
            Settings { course: Course::Leak(100.0), saw_mb: 0.0, noise_mb: 0.0, ..Settings::default() };
        let made = trace(&settings);
        assert!((made.leak_mb_per_min - 10.0).abs() < 1e-9);
        assert!((made.rss_mb[300] - 350.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_released_is_gone_at_the_end() {
        let made = trace(&Settings { course: Course::Released(500.0), ..Settings::default() });
        let closing = made.closing.expect("an end");
        assert!(made.rss_mb[closing..].iter().all(|rss| *rss < 330.0));
        assert!(made.rss_mb[closing - 1] > 700.0);
    }
}
