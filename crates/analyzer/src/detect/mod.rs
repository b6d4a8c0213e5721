//! What is wrong with a run: from plain columns to findings, one file per kind in `rules/`.

mod case;
mod context;
mod detection;
#[cfg(test)]
pub(crate) mod examples;
mod finding;
mod gc;
mod kind;
mod leak;
mod observed;
mod pressure;
mod registry;
mod remedies;
mod rules;
mod sample_time;
#[cfg(test)]
mod tests;

pub use context::Context;
pub use detection::{Detection, detect};
pub use finding::{Details, Estimate, Evidence, Finding, Severity};
pub use kind::FindingKind;
pub use leak::{Growth, LeakReport, LeakTier, LeakVerdict, OperationGrowth, ReasonCode};
pub use observed::{ObservedBatch, ObservedCollection, ObservedLive};
