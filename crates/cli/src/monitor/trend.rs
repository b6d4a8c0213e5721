//! How fast memory grows right now: a straight line through its lowest samples.
//!
//! A job that works in batches goes up and down far more than it grows. What grows is what
//! batches leave behind, so the line goes through the lowest sample of each few seconds.

/// Seconds that share one lowest sample.
const STEP_SECONDS: f64 = 5.0;
/// Fewer low points give no trend.
const LEAST_FLOORS: usize = 5;
/// Share of the lows' variance that a clear trend explains.
const CLEAR: f64 = 0.5;
/// Floors that differ by less than this lie on one level, in MiB.
const LEVEL: f64 = 1.0;

/// A straight line through the low points of memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Trend {
    /// MiB a minute.
    pub(crate) per_minute: f64,
    /// The share of the lows' variance that the line explains, 0 to 1.
    pub(crate) explained: f64,
    /// Seconds from the first to the last low point.
    pub(crate) seconds: f64,
}

impl Trend {
    /// The line through the lows of samples in order of time; `None` if they are too few.
    pub(crate) fn of(samples: impl Iterator<Item = (f64, f64)>) -> Option<Self> {
        let lows = lows(samples);
        if lows.len() < LEAST_FLOORS {
            return None;
        }
        let seconds = lows.last()?.0 - lows.first()?.0;
        let (least, most) = lows.iter().fold((f64::MAX, f64::MIN), |(a, b), f| (a.min(f.1), b.max(f.1)));
        if most - least < LEVEL {
            return Some(Self { per_minute: 0.0, explained: 1.0, seconds });
        }
        #[expect(clippy::cast_precision_loss, reason = "some dozens")]
        let count = lows.len() as f64;
        let mean = |value: fn(&(f64, f64)) -> f64| lows.iter().map(value).sum::<f64>() / count;
        let (at, size) = (mean(|s| s.0), mean(|s| s.1));
        let (mut time, mut both, mut sizes) = (0.0, 0.0, 0.0);
        for low in &lows {
            let (x, y) = (low.0 - at, low.1 - size);
            time += x * x;
            both += x * y;
            sizes += y * y;
        }
        Some(Self { per_minute: both / time * 60.0, explained: both * both / (time * sizes), seconds })
    }

    /// Whether the low points follow the line.
    pub(crate) fn is_clear(self) -> bool {
        self.explained >= CLEAR
    }
}

/// The lowest sample of each few seconds. The last few are left out: their low point may be still
/// to come.
fn lows(samples: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut lows: Vec<(f64, f64)> = Vec::new();
    let mut step = f64::NEG_INFINITY;
    for (at, size) in samples {
        let own = (at / STEP_SECONDS).floor();
        match lows.last_mut() {
            Some(last) if own <= step => {
                if size < last.1 {
                    *last = (at, size);
                }
            }
            _ => {
                step = own;
                lows.push((at, size));
            }
        }
    }
    lows.pop();
    lows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(slope: f64, sawtooth: f64) -> impl Iterator<Item = (f64, f64)> {
        (0..120).map(move |s| (f64::from(s), 100.0 + slope * f64::from(s) + sawtooth * f64::from(s % 4)))
    }

    #[test]
    fn a_rise_is_found_under_a_sawtooth() {
        let straight = Trend::of(line(0.5, 0.0)).expect("enough");
        assert!((straight.per_minute - 30.0).abs() < 1e-9 && straight.explained > 0.999, "{straight:?}");
        let rough = Trend::of(line(0.5, 80.0)).expect("enough");
        assert!((rough.per_minute - 30.0).abs() < 3.0 && rough.is_clear(), "{rough:?}");
    }

    #[test]
    fn a_sawtooth_alone_is_no_trend() {
        let level = Trend::of(line(0.0, 80.0)).expect("enough");
        assert_eq!((level.per_minute, level.is_clear()), (0.0, true));
        let jumps = (0..120).map(|s| (f64::from(s), if s / 20 % 2 == 0 { 100.0 } else { 300.0 }));
        let jumps = Trend::of(jumps).expect("enough");
        assert!(!jumps.is_clear(), "{jumps:?}");
    }

    #[test]
    fn a_few_seconds_say_nothing() {
        assert_eq!(Trend::of(line(1.0, 0.0).take(25)), None);
        assert_eq!(Trend::of(std::iter::empty()), None);
    }
}
