//! The few statistics that no crate has in the form needed here.

mod quantile;
mod regression;
mod trend;

pub use quantile::{median, median_of, quantiles, robust_deviation};
pub use regression::{Line, fit, line};
pub use trend::{Trend, autocorrelation, trend};
