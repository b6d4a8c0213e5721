//! The memory to request, as checks of CI systems: a suite per group.

use memtool_analyzer::request::{GroupRequest, RequestReport};

use crate::ci::{Check, CheckReport, Level, Outcome, Suite};
use crate::text::{counted, mib};

/// The rule that a group for which no figure can be said breaks.
const SIZED: &str = "sized";
/// The rule that a group with runs that were killed for memory breaks.
const KILLED: &str = "killed_for_memory";

/// The checks of all groups, whose runs were read from a path.
pub(crate) fn checks<'a>(report: &RequestReport, path: &str) -> CheckReport<'a> {
    let rules = [
        (SIZED, "The memory of the next run can be computed."),
        (KILLED, "No run of the group was killed for memory."),
    ];
    let rules = rules.map(|(name, description)| (name.to_owned(), description.to_owned()));
    CheckReport::of("request", rules.to_vec(), report.groups.iter().map(|group| suite(group, path)).collect())
}

fn suite(group: &GroupRequest, path: &str) -> Suite {
    let check = |rule: &str, outcome| Check { rule: rule.to_owned(), subject: String::new(), outcome };
    let sized = group.memory_mb.map_or_else(|| Outcome::Undecided(group.reason.clone()), |_| Outcome::Passed);
    Suite {
        name: group.group.clone(),
        path: path.to_owned(),
        started: String::new(),
        seconds: 0.0,
        checks: vec![check(SIZED, sized), check(KILLED, killed(group))],
    }
}

/// The runs that were killed, and the memory that they should have requested.
fn killed(group: &GroupRequest) -> Outcome {
    if group.killed == 0 {
        return Outcome::Passed;
    }
    let of = counted(group.runs + group.killed, "run");
    let advice = group.memory_mb.map_or_else(String::new, |memory| format!("; ask for {} MiB", mib(memory)));
    let message = format!("{} of {of} killed for memory{advice}", group.killed);
    Outcome::Found { level: Level::Warning, fails: true, message }
}
