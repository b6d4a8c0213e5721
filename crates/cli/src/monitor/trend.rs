//! How fast memory grows right now: a straight line through the last samples.

/// Fewer samples say nothing.
const LEAST_SAMPLES: usize = 5;
/// A shorter time says nothing.
const LEAST_SECONDS: f64 = 10.0;

/// A straight line through samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Trend {
    /// MiB a minute.
    pub(crate) per_minute: f64,
    /// The share of the variance that the line explains, 0 to 1.
    pub(crate) explained: f64,
    /// Seconds from the first to the last sample.
    pub(crate) seconds: f64,
}

impl Trend {
    /// The line through samples in order of time; `None` if they are too few or too close.
    pub(crate) fn of(samples: impl Iterator<Item = (f64, f64)>) -> Option<Self> {
        let samples: Vec<(f64, f64)> = samples.collect();
        let seconds = samples.last()?.0 - samples.first()?.0;
        if samples.len() < LEAST_SAMPLES || seconds < LEAST_SECONDS {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "some thousand")]
        let count = samples.len() as f64;
        let mean = |value: fn(&(f64, f64)) -> f64| samples.iter().map(value).sum::<f64>() / count;
        let (at, size) = (mean(|s| s.0), mean(|s| s.1));
        let (mut time, mut both, mut sizes) = (0.0, 0.0, 0.0);
        for sample in &samples {
            let (x, y) = (sample.0 - at, sample.1 - size);
            time += x * x;
            both += x * y;
            sizes += y * y;
        }
        let explained = if sizes > 0.0 { both * both / (time * sizes) } else { 0.0 };
        Some(Self { per_minute: both / time * 60.0, explained, seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(slope: f64, jump: f64) -> impl Iterator<Item = (f64, f64)> {
        (0..60)
            .map(move |s| (f64::from(s), 100.0 + slope * f64::from(s) + if s % 2 == 0 { jump } else { 0.0 }))
    }

    #[test]
    fn a_straight_rise_is_found_and_explained() {
        let trend = Trend::of(line(0.5, 0.0)).expect("enough");
        assert!((trend.per_minute - 30.0).abs() < 1e-9 && trend.explained > 0.999, "{trend:?}");
        let noisy = Trend::of(line(0.01, 50.0)).expect("enough");
        assert!(noisy.explained < 0.1, "{noisy:?}");
        assert_eq!(Trend::of(line(0.0, 0.0)).expect("enough").per_minute, 0.0);
    }

    #[test]
    fn a_few_seconds_say_nothing() {
        assert_eq!(Trend::of(line(1.0, 0.0).take(9)), None);
        assert_eq!(Trend::of(std::iter::empty()), None);
        assert_eq!(Trend::of([(0.0, 1.0), (100.0, 2.0)].into_iter()), None);
    }
}
