//! A fleet as a table for people.

use memtool_analyzer::fleet::{FactKind, FleetBy, FleetGroup, FleetReport};

use crate::escape;
use crate::table::{Field, Tone, number, render, text};
use crate::text::{count, counted, mib, percent, wrapped};

/// Letters of a group's name in the table.
const LONGEST_NAME: usize = 36;
/// The column of restarts, where anything counts them.
const RESTARTS_AT: usize = 3;
/// Groups whose facts are printed in words.
const MOST_TOLD: usize = 10;

/// What a group is called that has no name.
pub(crate) fn group_name(group: &FleetGroup) -> &str {
    group.group.as_deref().unwrap_or("(not known)")
}

/// The word for what runs are summed up by.
pub(crate) const fn by_word(by: FleetBy) -> &'static str {
    match by {
        FleetBy::Job => "job",
        FleetBy::Machine => "machine",
        FleetBy::Operation => "operation",
        FleetBy::Version => "version",
        FleetBy::Namespace => "namespace",
        FleetBy::Workload => "workload",
        FleetBy::Container => "container",
    }
}

/// The worst groups, the first `top` of them, and what is to be said of them.
pub(crate) fn page(report: &FleetReport, top: usize) -> String {
    let totals = report.totals;
    let mut page = format!(
        "{} of {}: {} killed for want of memory, {:.0} GB·h held and not used\n\n",
        counted(usize::try_from(totals.runs).unwrap_or(usize::MAX), "run"),
        counted(totals.groups, by_word(report.by)),
        totals.killed,
        totals.waste_gb_h
    );
    let restarts = report.groups.iter().any(|group| group.restarts.is_some());
    let mut columns = vec![
        text(by_word(report.by)),
        number("runs"),
        number("killed"),
        number("p50"),
        number("p95"),
        number("max"),
        number("limit"),
        number("left"),
        number("GB·h"),
        number("leaks"),
    ];
    if restarts {
        columns.insert(RESTARTS_AT, number("restarts"));
    }
    let shown = &report.groups[..report.groups.len().min(top)];
    page.push_str(&render(&columns, shown.iter().map(|group| row(group, restarts)).collect()));
    if shown.len() < report.groups.len() {
        let left = report.groups.len() - shown.len();
        page.push_str(&format!("\n{left} more: --top 0 shows all\n"));
    }
    page.push_str(
        "\nPeaks and limits in MiB. left: share of the limit above the peak in all but one in twenty runs.\n",
    );
    let told: Vec<&FleetGroup> =
        shown.iter().filter(|group| !group.facts.is_empty()).take(MOST_TOLD).collect();
    for group in told {
        page.push('\n');
        let facts: Vec<&str> = group.facts.iter().map(|fact| fact.text.as_str()).collect();
        let lead = format!("{}: ", escape::shortened(group_name(group), LONGEST_NAME));
        page.push_str(&wrapped(&lead, &escape::control(&facts.join("; "))));
    }
    page
}

fn row(group: &FleetGroup, restarts: bool) -> Vec<Field> {
    let tone = |kind: FactKind, tone: Tone| {
        if group.facts.iter().any(|fact| fact.kind == kind) { tone } else { Tone::Plain }
    };
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let mut row = vec![
        escape::shortened(group_name(group), LONGEST_NAME).into(),
        count(group.runs).into(),
        Field(count(group.killed), tone(FactKind::Killed, Tone::Bad)),
        mib(group.peak_mb.p50).into(),
        Field(mib(group.peak_mb.p95), tone(FactKind::Grew, Tone::Warn)),
        mib(group.peak_mb.max).into(),
        or_dash(group.limit_mb.map(mib)).into(),
        Field(or_dash(group.headroom_share.map(percent)), tone(FactKind::NearLimit, Tone::Bad)),
        Field(
            or_dash(group.waste_gb_h.map(|waste| format!("{waste:.1}"))),
            tone(FactKind::Waste, Tone::Warn),
        ),
        Field(percent(group.leak_share), tone(FactKind::Leaks, Tone::Bad)),
    ];
    if restarts {
        row.insert(RESTARTS_AT, or_dash(group.restarts.map(count)).into());
    }
    row
}
