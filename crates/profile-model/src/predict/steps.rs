//! What the peak does from one batch to the next.
//!
//! `change of peak = slope · change of items + follows · change of start`. Where the allocator
//! keeps memory, the peak does not follow the start, and the slope is not hidden as it is in the
//! need above the start; where data are kept, it follows.

/// Recursive sums of the changes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Steps {
    items: f64,
    start: f64,
    both: f64,
    items_peak: f64,
    start_peak: f64,
}

impl Steps {
    const KEEP: f64 = 0.97;
    /// Holds `follows` near one half while nothing tells.
    const DOUBT: f64 = 1.0;

    pub(super) fn add(&mut self, items: f64, start: f64, peak: f64) {
        for (sum, product) in [
            (&mut self.items, items * items),
            (&mut self.start, start * start),
            (&mut self.both, items * start),
            (&mut self.items_peak, items * peak),
            (&mut self.start_peak, start * peak),
        ] {
            *sum = sum.mul_add(Self::KEEP, product);
        }
    }

    /// The slope, if the size changed at all, and how far the peak follows the start, 0 to 1.
    pub(super) fn solve(&self) -> (Option<f64>, f64) {
        let (start, start_peak) = (self.start + Self::DOUBT, Self::DOUBT.mul_add(0.5, self.start_peak));
        if self.items < 1.0 {
            return (None, (start_peak / start).clamp(0.0, 1.0));
        }
        let determinant = self.items.mul_add(start, -self.both * self.both);
        let follows = self.items.mul_add(start_peak, -self.both * self.items_peak) / determinant;
        let follows = if follows.is_finite() { follows.clamp(0.0, 1.0) } else { 0.5 };
        let slope = follows.mul_add(-self.both, self.items_peak) / self.items;
        (slope.is_finite().then_some(slope.max(0.0)), follows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slope_and_following_are_told_apart() {
        let mut steps = Steps::default();
        for (items, start) in [(100.0, 3.0), (200.0, -20.0), (-150.0, 30.0), (40.0, -80.0)] {
            steps.add(items, start, 0.3 * items + 0.8 * start);
        }
        let (slope, follows) = steps.solve();
        assert!((follows - 0.8).abs() < 0.01, "{follows}");
        assert!(slope.is_some_and(|slope| (slope - 0.3).abs() < 0.01), "{slope:?}");
    }

    #[test]
    fn without_changes_nothing_is_told() {
        assert_eq!(Steps::default().solve(), (None, 0.5));
    }
}
