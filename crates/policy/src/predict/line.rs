//! A weighted line with forgetting, in six sums.

/// Recursive sums of `need = fixed + slope · items`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Line {
    weight: f64,
    items: f64,
    need: f64,
    items_items: f64,
    items_need: f64,
    /// The line through the observations so far: one batch asks for it a hundred times.
    fit: Fit,
}

/// A line whose two parts are not negative.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Fit {
    /// Memory that a batch needs whatever its size.
    pub(super) fixed: f64,
    /// Memory for each item.
    pub(super) slope: f64,
}

impl Fit {
    pub(super) fn at(self, items: f64) -> f64 {
        self.slope * items + self.fixed
    }
}

impl Line {
    /// Squared relative spread of sizes from which a slope can be told from a fixed part.
    const SPREAD: f64 = 0.01;

    /// Adds an observation after the older ones lost some weight.
    pub(super) fn add(&mut self, items: f64, need: f64, weight: f64, keep: f64) {
        self.weight = self.weight.mul_add(keep, weight);
        self.items = self.items.mul_add(keep, weight * items);
        self.need = self.need.mul_add(keep, weight * need);
        self.items_items = self.items_items.mul_add(keep, weight * items * items);
        self.items_need = self.items_need.mul_add(keep, weight * items * need);
        self.fit = self.fitted();
    }

    /// The fitted line.
    pub(super) const fn fit(&self) -> Fit {
        self.fit
    }

    /// The line of least squares; through the origin while only one size was seen, which predicts the most
    /// for a larger one.
    fn fitted(&self) -> Fit {
        if self.weight <= 0.0 || self.items_items <= 0.0 {
            return Fit::default();
        }
        let (mean_items, mean_need) = (self.items / self.weight, self.need / self.weight);
        let through_origin = Fit { fixed: 0.0, slope: (self.items_need / self.items_items).max(0.0) };
        let variance = mean_items.mul_add(-mean_items, self.items_items / self.weight);
        if variance <= Self::SPREAD * mean_items * mean_items {
            return through_origin;
        }
        let covariance = mean_items.mul_add(-mean_need, self.items_need / self.weight);
        let slope = covariance / variance;
        let fixed = slope.mul_add(-mean_items, mean_need);
        if slope < 0.0 {
            Fit { fixed: mean_need.max(0.0), slope: 0.0 }
        } else if fixed < 0.0 {
            through_origin
        } else {
            Fit { fixed, slope }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(points: &[(f64, f64)]) -> Fit {
        let mut line = Line::default();
        for &(items, need) in points {
            line.add(items, need, 1.0, 0.97);
        }
        line.fit()
    }

    #[test]
    fn a_line_is_found_again() {
        let fit = fitted(&[(100.0, 40.0), (200.0, 60.0), (400.0, 100.0)]);
        assert!((fit.fixed - 20.0).abs() < 1e-9 && (fit.slope - 0.2).abs() < 1e-9, "{fit:?}");
    }

    #[test]
    fn one_size_says_nothing_of_a_fixed_part() {
        assert_eq!(fitted(&[(100.0, 40.0), (100.0, 40.0)]), Fit { fixed: 0.0, slope: 0.4 });
    }

    #[test]
    fn neither_part_is_negative() {
        let falling = fitted(&[(100.0, 40.0), (200.0, 20.0)]);
        assert!(falling.slope == 0.0 && falling.fixed > 20.0, "{falling:?}");
        assert_eq!(fitted(&[(100.0, 0.0), (200.0, 40.0)]).fixed, 0.0);
    }
}
