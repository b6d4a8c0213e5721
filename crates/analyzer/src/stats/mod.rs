//! The few statistics that no crate has in the form needed here.

mod count;
mod crossings;
mod largest;
mod order;
mod quantile;
mod random;
mod regression;
mod sum;
mod trend;

pub(crate) use count::count;
pub use crossings::{Crossings, WholeCrossings, valleys};
pub use largest::largest;
pub use quantile::{median, median_of, median_of_largest, quantiles, robust_deviation};
pub(crate) use random::Random;
pub use regression::{Line, fit, line};
pub use sum::{sum, sum_of};
pub use trend::{Trend, autocorrelation, trend};
