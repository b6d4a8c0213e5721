//! The policy's decisions that a report shows, in words.

use memtool_profile_model::{Action, Cause, Decision, Mib, Run};
use serde::Serialize;

use super::line::rounded;

/// What the policy did, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DecisionMark {
    /// When, in seconds from the run's first sample.
    pub at_s: f64,
    /// What it did.
    pub action: String,
    /// The observation that caused it.
    pub cause: String,
}

/// The first decisions of a run, and how many there were.
pub(super) fn decisions(run: &Run, start_s: f64, most: usize) -> (Vec<DecisionMark>, usize) {
    let mark = |decision: &Decision| DecisionMark {
        at_s: rounded(decision.at.seconds() - start_s, 1000.0),
        action: action(run, &decision.action),
        cause: cause(decision),
    };
    (run.decisions.iter().take(most).map(mark).collect(), run.decisions.len())
}

fn action(run: &Run, action: &Action) -> String {
    match action {
        Action::Collect => "collect garbage".to_owned(),
        Action::ChangeLevel { change, old_size, new_size } => format!(
            "batch size {old_size} → {new_size} (optimization level {} → {})",
            change.from.as_str(),
            change.to.as_str()
        ),
        Action::Predict { operation, old_size, new_size, predicted_peak, ceiling, .. } => {
            let of = operation.map(|id| format!(" of {}", run.operations.name(id))).unwrap_or_default();
            let figure =
                |mb: &Option<Mib>| mb.map_or("not known".to_owned(), |mb| format!("{:.0} MiB", mb.get()));
            format!(
                "batch size{of} {old_size} → {new_size} (expected peak {}, ceiling {})",
                figure(predicted_peak),
                figure(ceiling)
            )
        }
    }
}

fn cause(decision: &Decision) -> String {
    let seen = match (decision.cause, decision.available) {
        (Cause::Available, Some(available)) => format!("available {:.0} MiB", available.get()),
        _ => format!("memory {:.0} MiB", decision.rss.get()),
    };
    format!("{seen}: pressure {}", decision.pressure.as_str())
}
