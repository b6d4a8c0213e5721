//! How many of a unit can run at once, from recorded peaks and their times.
//!
//! Peaks rarely meet. So runs are drawn from the recorded ones and added up over time, once with start times that are
//! independent of each other and once all started together: the share of draws whose sum passes the limit is the
//! probability at that count. What no recorded run reached is covered by a spread around each (a smoothed bootstrap).

mod mix;
mod passing;
mod pool;
mod report;
mod unit;

#[cfg(test)]
mod tests;

pub use mix::{Mix, MixPoint};
pub use report::{Count, FitOptions, FitPoint, FitReport, RiskCount, UnitFit, fit};
pub use unit::{FitUnit, UnitRun};
