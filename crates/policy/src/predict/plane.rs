//! The peak itself on the items and on the memory at the start: a weighted plane with forgetting.
//!
//! `peak = level + slope · items + follows · start`. Where the allocator keeps memory, the peak
//! does not follow the start, and the slope is not hidden as it is in the need above the start;
//! where data are kept, it follows.

/// Recursive means and centred second moments.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Plane {
    weight: f64,
    items: f64,
    start: f64,
    peak: f64,
    items_items: f64,
    start_start: f64,
    items_start: f64,
    items_peak: f64,
    start_peak: f64,
    /// The plane through the observations so far: one batch asks for it a hundred times.
    tilt: Tilt,
}

/// The fitted plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tilt {
    /// Memory for each item; nothing while only one size was seen.
    pub(super) slope: Option<f64>,
    /// How far the peak follows the start, 0 to 1.
    pub(super) follows: f64,
}

impl Default for Tilt {
    fn default() -> Self {
        Self { slope: None, follows: 0.5 }
    }
}

impl Plane {
    const KEEP: f64 = 0.95;
    /// Sum of squared relative deviations of sizes from which a slope is told.
    const SPREAD: f64 = 0.01;
    /// Holds `follows` near one half without evidence, in MiB².
    const DOUBT: f64 = 4.0;

    pub(super) fn add(&mut self, items: f64, start: f64, peak: f64) {
        self.weight = self.weight.mul_add(Self::KEEP, 1.0);
        let (di, ds, dp) = (items - self.items, start - self.start, peak - self.peak);
        let gain = 1.0 / self.weight;
        // A new point adds its product of deviations, less what it moves the means.
        let left = 1.0 - gain;
        for (sum, product) in [
            (&mut self.items_items, di * di),
            (&mut self.start_start, ds * ds),
            (&mut self.items_start, di * ds),
            (&mut self.items_peak, di * dp),
            (&mut self.start_peak, ds * dp),
        ] {
            *sum = sum.mul_add(Self::KEEP, left * product);
        }
        self.items += gain * di;
        self.start += gain * ds;
        self.peak += gain * dp;
        self.tilt = self.fitted();
    }

    /// The slope, if the size changed notably, and how far the peak follows the start.
    pub(super) const fn tilt(&self) -> Tilt {
        self.tilt
    }

    fn fitted(&self) -> Tilt {
        let start = self.start_start + Self::DOUBT;
        let start_peak = Self::DOUBT.mul_add(0.5, self.start_peak);
        if self.items_items <= Self::SPREAD * self.items * self.items {
            return Tilt { slope: None, follows: (start_peak / start).clamp(0.0, 1.0) };
        }
        let determinant = self.items_items.mul_add(start, -self.items_start * self.items_start);
        let follows = self.items_items.mul_add(start_peak, -self.items_start * self.items_peak) / determinant;
        let follows = if follows.is_finite() { follows.clamp(0.0, 1.0) } else { 0.5 };
        let slope = follows.mul_add(-self.items_start, self.items_peak) / self.items_items;
        Tilt { slope: slope.is_finite().then_some(slope.max(0.0)), follows }
    }

    /// The plane's height, with at least this slope.
    pub(super) fn at(&self, items: f64, start: f64, least: f64) -> f64 {
        let Tilt { slope, follows } = self.tilt;
        let slope = slope.unwrap_or(0.0).max(least);
        slope * (items - self.items) + follows * (start - self.start) + self.peak
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slope_and_following_are_told_apart() {
        let mut plane = Plane::default();
        for (items, start) in [(100.0, 30.0), (200.0, 20.0), (150.0, 30.0), (400.0, 80.0), (300.0, 10.0)] {
            plane.add(items, start, 50.0 + 0.3 * items + 0.8 * start);
        }
        let tilt = plane.tilt();
        assert!((tilt.follows - 0.8).abs() < 0.01, "{tilt:?}");
        assert!(tilt.slope.is_some_and(|slope| (slope - 0.3).abs() < 0.01), "{tilt:?}");
        assert!((plane.at(500.0, 100.0, 0.0) - 280.0).abs() < 2.0);
    }

    #[test]
    fn without_changes_nothing_is_told() {
        assert_eq!(Plane::default().tilt(), Tilt { slope: None, follows: 0.5 });
    }
}
