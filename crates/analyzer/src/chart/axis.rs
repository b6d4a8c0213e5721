//! Values to pixels, round ticks, and the unit of time that fits.

/// A straight map from values to pixels; `high` may be drawn above (a smaller pixel) or to the right of `low`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The value at its start.
    pub low: f64,
    /// The value at its end.
    pub high: f64,
    /// The pixel of `low`.
    pub from: i32,
    /// The pixel of `high`.
    pub to: i32,
}

impl Scale {
    /// The pixel of a value, kept within the axis.
    pub(super) fn at(&self, value: f64) -> i32 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.from + nearest(f64::from(self.to - self.from) * share)
    }

    pub(super) fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Ticks about `apart` pixels from each other.
    #[must_use]
    pub fn ticks(&self, apart: i32) -> Ticks {
        let count = ((self.to - self.from).abs() / apart).max(1);
        Ticks::new(self.low, self.high, count)
    }
}

/// Round values along an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticks {
    /// From one to the next.
    pub step: f64,
    /// The values, ascending.
    pub values: Vec<f64>,
}

impl Ticks {
    /// At most about `count` multiples of 1, 2 or 5 times a power of ten within a range.
    #[must_use]
    pub fn new(low: f64, high: f64, count: i32) -> Self {
        let step = round_step((high - low) / f64::from(count));
        let first = (low / step - 1e-9).ceil();
        let last = (high / step + 1e-9).floor();
        let total = (last - first).clamp(0.0, 200.0) as i32;
        Self { step, values: (0..=total).map(|index| (first + f64::from(index)) * step).collect() }
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `rough`.
pub(super) fn round_step(rough: f64) -> f64 {
    if !(rough.is_finite() && rough > 0.0) {
        return 1.0;
    }
    let power = 10_f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= rough * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

/// The unit a time axis is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
}

impl TimeUnit {
    /// The unit in which a span reads best.
    #[must_use]
    pub fn for_span(seconds: f64) -> Self {
        match seconds {
            span if span <= 180.0 => Self::Seconds,
            span if span <= 10_800.0 => Self::Minutes,
            _ => Self::Hours,
        }
    }

    /// Seconds in one.
    #[must_use]
    pub fn seconds(self) -> f64 {
        match self {
            Self::Seconds => 1.0,
            Self::Minutes => 60.0,
            Self::Hours => 3600.0,
        }
    }

    /// Its symbol.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Minutes => "min",
            Self::Hours => "h",
        }
    }
}

/// Ticks of a time axis in seconds, as values in `unit`.
#[must_use]
pub fn time_ticks(x: &Scale, unit: TimeUnit) -> Ticks {
    let in_unit = Scale { low: x.low / unit.seconds(), high: x.high / unit.seconds(), ..*x };
    in_unit.ticks(120)
}

/// The nearest whole number, away from zero where two are as near: [`f64::round`] without a call of a library.
fn nearest(value: f64) -> i32 {
    let whole = value.abs() as i32;
    let nearest = whole + i32::from(value.abs() - f64::from(whole) >= 0.5);
    if value < 0.0 { -nearest } else { nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        assert_eq!(Ticks::new(0.0, 3_900.0, 5).values, [0.0, 1_000.0, 2_000.0, 3_000.0]);
        assert_eq!(Ticks::new(95.0, 121.0, 6).values, [95.0, 100.0, 105.0, 110.0, 115.0, 120.0]);
        assert_eq!(Ticks::new(0.0, 1.0, 5).values, [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
    }

    #[test]
    fn a_range_of_nothing_still_has_ticks() {
        assert_eq!(Ticks::new(5.0, 5.0, 4).values, [5.0]);
    }

    #[test]
    fn pixels_stay_within_the_axis() {
        let scale = Scale { low: 0.0, high: 10.0, from: 400, to: 100 };
        assert_eq!([-5.0, 0.0, 5.0, 10.0, 99.0].map(|value| scale.at(value)), [400, 400, 250, 100, 100]);
    }

    #[test]
    fn units_follow_the_span() {
        assert_eq!([60.0, 600.0, 36_000.0].map(|span| TimeUnit::for_span(span).symbol()), ["s", "min", "h"]);
    }
}
