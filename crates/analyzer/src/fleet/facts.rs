//! Finds the facts about a group of runs.

use super::fact::{Fact, FactKind};
use super::group::{Change, FleetGroup};

/// Headroom below which one run more in twenty is killed by a little more memory: the share of `near_limit`.
const NEAR_LIMIT: f64 = 0.1;
/// Share of runs that leak from which a group does.
const LEAKING: f64 = 0.2;
/// Runs that leak, at least: a verdict on one run may be wrong.
const FEWEST_LEAKS: u64 = 3;
/// A limit is too large where the largest peak ever is less than this share of it.
const WASTEFUL: f64 = 0.5;
/// Runs without which the largest peak says little.
const FEWEST_RUNS: u64 = 10;

fn day(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}

/// What is to be said of a group, the worst first.
pub(super) fn facts(group: &FleetGroup) -> Vec<Fact> {
    let all = [killed(group), near_limit(group), leaks(group), grew(group), waste(group)];
    all.into_iter().flatten().collect()
}

fn killed(group: &FleetGroup) -> Option<Fact> {
    let last =
        group.last_killed.as_deref().map(|at| format!(", the last on {}", day(at))).unwrap_or_default();
    let text = format!("{} of {} runs killed for want of memory{last}", group.killed, group.runs);
    (group.killed > 0).then_some(Fact { kind: FactKind::Killed, text })
}

fn near_limit(group: &FleetGroup) -> Option<Fact> {
    let headroom = group.headroom_share.filter(|headroom| *headroom < NEAR_LIMIT)?;
    let limit = group.limit_mb?;
    let text = format!(
        "one peak in twenty comes within {:.0} % of the limit of {limit:.0} MiB",
        (headroom * 100.0).max(0.0)
    );
    Some(Fact { kind: FactKind::NearLimit, text })
}

fn leaks(group: &FleetGroup) -> Option<Fact> {
    let left = group.hours_to_limit.map(|hours| match hours {
        1.0.. => format!(", the fastest reaches its limit in {hours:.1} h"),
        _ => format!(", the fastest reaches its limit in {:.0} min", hours * 60.0),
    });
    let text = format!("{:.0} % of the runs leak{}", group.leak_share * 100.0, left.unwrap_or_default());
    let is_one = group.leak_share >= LEAKING && group.leaks >= FEWEST_LEAKS;
    is_one.then_some(Fact { kind: FactKind::Leaks, text })
}

fn grew(group: &FleetGroup) -> Option<Fact> {
    let text = match group.changes.iter().rev().find(|change| change.share > 0.0) {
        Some(change) => step(change, group.changes.last().is_some_and(|last| last.share < 0.0)),
        None => {
            let growth =
                group.growth_per_30_days.filter(|growth| group.grows_steadily && growth.estimate > 0.0)?;
            format!(
                "peaks grow {:.1} % in 30 days, {:.1} to {:.1}",
                growth.estimate * 100.0,
                growth.low * 100.0,
                growth.high * 100.0
            )
        }
    };
    Some(Fact { kind: FactKind::Grew, text })
}

fn step(change: &Change, fell_since: bool) -> String {
    let version = change.version.as_deref().map(|version| format!(", first in version {version}"));
    let after = if fell_since { ", and fell since" } else { "" };
    format!(
        "peak grew {:.0} % since {}{}{after}",
        change.share * 100.0,
        day(&change.since),
        version.unwrap_or_default()
    )
}

fn waste(group: &FleetGroup) -> Option<Fact> {
    let (limit, waste) = (group.limit_mb?, group.waste_gb_h?);
    let is_wasteful = group.peak_mb.max < WASTEFUL * limit && group.runs >= FEWEST_RUNS;
    let text = format!(
        "no run needed more than {:.0} of {limit:.0} MiB: {waste:.1} GB·h held and not used",
        group.peak_mb.max
    );
    is_wasteful.then_some(Fact { kind: FactKind::Waste, text })
}
