//! Least squares by linfa-linear. Only this module uses linfa.
//!
//! linfa answers `Ok` with a slope of 1 for one row and NaN for NaN, and fails on a constant
//! column; all of that is `None` here. It gives no standard error: [`Line::slope_error`] is
//! computed from the residuals.

use linfa::Dataset;
use linfa::traits::Fit as _;
use linfa_linear::LinearRegression;
use ndarray::{Array1, Array2};

/// A fitted linear model.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// One coefficient a column.
    pub coefficients: Vec<f64>,
    /// The constant.
    pub intercept: f64,
    /// What the model leaves.
    pub residuals: Vec<f64>,
}

impl Fit {
    /// Sum of squared residuals.
    #[must_use]
    pub fn residual_squares(&self) -> f64 {
        self.residuals.iter().map(|r| r * r).sum()
    }
}

/// Fits `y` by a constant and columns; `None` where the data do not determine it.
#[must_use]
pub fn fit(columns: &[&[f64]], y: &[f64]) -> Option<Fit> {
    let (rows, width) = (y.len(), columns.len());
    let usable = |values: &[f64]| values.len() == rows && values.iter().all(|v| v.is_finite());
    let varies = |values: &&[f64]| values.iter().any(|v| *v != values[0]);
    if rows <= width + 1 || !usable(y) || !columns.iter().all(|c| usable(c) && varies(c)) {
        return None;
    }
    let records = Array2::from_shape_fn((rows, width), |(row, column)| columns[column][row]);
    let dataset = Dataset::new(records, Array1::from_vec(y.to_vec()));
    let model = LinearRegression::default().fit(&dataset).ok()?;
    let coefficients = model.params().to_vec();
    let intercept = model.intercept();
    if !intercept.is_finite() || coefficients.iter().any(|c| !c.is_finite()) {
        return None;
    }
    let predicted =
        |row: usize| intercept + columns.iter().zip(&coefficients).map(|(c, b)| c[row] * b).sum::<f64>();
    let residuals = (0..rows).map(|row| y[row] - predicted(row)).collect();
    Some(Fit { coefficients, intercept, residuals })
}

/// A straight line with the uncertainty of its slope.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Change of `y` a unit of `x`.
    pub slope: f64,
    /// `y` where `x` is 0.
    pub intercept: f64,
    /// Standard error of the slope for independent residuals.
    pub slope_error: f64,
    /// What the line leaves.
    pub residuals: Vec<f64>,
}

/// Fits a line through points; `None` with fewer than three or a constant `x`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 points")]
pub fn line(x: &[f64], y: &[f64]) -> Option<Line> {
    let fit = fit(&[x], y)?;
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let spread: f64 = x.iter().map(|v| (v - mean).powi(2)).sum();
    let slope_error = (fit.residual_squares() / (n - 2.0) / spread).sqrt();
    Some(Line { slope: fit.coefficients[0], intercept: fit.intercept, slope_error, residuals: fit.residuals })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_line_and_its_error_come_back() {
        // Worked by hand: slope 0.9, intercept 1.1, residual squares 0.7, Sxx 10.
        let fitted = line(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 3.0, 3.5, 5.0, 5.5]).expect("a line");
        assert!((fitted.slope - 0.9).abs() < 1e-9 && (fitted.intercept - 1.1).abs() < 1e-9);
        let left: f64 = fitted.residuals.iter().map(|r| r * r).sum();
        assert!((fitted.slope_error - (left / 3.0 / 10.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_fitted_is_none() {
        assert_eq!(line(&[], &[]), None);
        assert_eq!(line(&[1.0], &[1.0]), None);
        assert_eq!(line(&[1.0, 2.0], &[1.0, 2.0]), None);
        assert_eq!(line(&[3.0; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]), None);
        assert_eq!(line(&[1.0, 2.0, 3.0, 4.0], &[1.0, f64::NAN, 3.0, 4.0]), None);
    }
}
