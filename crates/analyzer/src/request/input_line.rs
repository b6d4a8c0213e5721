//! A straight line through input sizes, learnt run by run in constant memory.

/// A value as a straight line of input size, and how far values lay above it.
#[derive(Debug, Clone, Default)]
pub(super) struct InputLine {
    count: f64,
    mean: (f64, f64),
    squares: f64,
    products: f64,
    /// The largest of what values lay above the line drawn before them.
    pub(super) above: f64,
    residuals: f64,
    largest_input: f64,
}

/// Runs before a line is drawn.
const FEWEST_INPUTS: f64 = 5.0;
/// A line is drawn so far beyond the largest input seen.
const BEYOND: f64 = 1.5;

impl InputLine {
    pub(super) fn learn(&mut self, input: f64, value: f64) {
        if let Some(line) = self.value_at(input) {
            let away = value - line;
            self.above = self.above.max(away);
            self.residuals += away * away;
        }
        self.count += 1.0;
        let away = (input - self.mean.0, value - self.mean.1);
        self.mean = (self.mean.0 + away.0 / self.count, self.mean.1 + away.1 / self.count);
        self.squares += away.0 * (input - self.mean.0);
        self.products += away.0 * (value - self.mean.1);
        self.largest_input = self.largest_input.max(input);
    }

    /// The line at an input size; `None` where too little is known.
    pub(super) fn value_at(&self, input: f64) -> Option<f64> {
        let known = self.count >= FEWEST_INPUTS && self.squares > 0.0 && input <= BEYOND * self.largest_input;
        known.then(|| self.mean.1 + self.products / self.squares * (input - self.mean.0))
    }

    /// Standard deviation of the values around the line.
    pub(super) fn deviation(&self) -> f64 {
        (self.residuals / (self.count - FEWEST_INPUTS).max(1.0)).sqrt()
    }

    pub(super) const fn count(&self) -> f64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_input_sizes() {
        let mut inputs = InputLine::default();
        for input in 1..=10 {
            inputs.learn(f64::from(input), 50.0 + 10.0 * f64::from(input));
        }
        assert!((inputs.value_at(12.0).expect("a line") - 170.0).abs() < 1e-9);
        assert!(inputs.value_at(20.0).is_none() && inputs.above < 1e-9);
    }
}
