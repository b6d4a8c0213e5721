//! What is wrong in a fleet: the runs of a lake by job, machine, operation or version, the worst first.

mod change;
mod fact;
mod facts;
mod group;
mod place;
mod report;
mod split;
mod steady;
#[cfg(test)]
mod tests;

pub use crate::frame::{FleetBy, FleetFilter};
pub use fact::{Fact, FactKind};
pub use group::{Change, FleetGroup, Growth, Peaks};
pub use report::{FleetError, FleetOptions, FleetReport, FleetTotals, fleet, fleet_of_runs};
