//! A fleet as a table for a ticket or a review, and as rows for a spreadsheet.

use memtool_analyzer::fleet::{FleetGroup, FleetReport};

use crate::escape;
use crate::fleet_text::{by_word, group_name};
use crate::request_directives::csv_text;
use crate::text::{count, counted, mib, percent};

/// The worst groups, the first `top` of them.
pub(crate) fn page(report: &FleetReport, top: usize) -> String {
    let totals = report.totals;
    let mut page = format!(
        "### Memory of {} runs: {} killed, {:.0} GB·h held and not used\n\n\
         | {} | runs | killed | p50 MiB | p95 MiB | max MiB | limit MiB | left | GB·h | leaks | what to look at |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|\n",
        totals.runs,
        totals.killed,
        totals.waste_gb_h,
        by_word(report.by)
    );
    let shown = &report.groups[..report.groups.len().min(top)];
    shown.iter().for_each(|group| page.push_str(&row(group)));
    if shown.len() < report.groups.len() {
        page.push_str(&format!(
            "\n{} not shown\n",
            counted(report.groups.len() - shown.len(), "further group")
        ));
    }
    page
}

fn row(group: &FleetGroup) -> String {
    let facts: Vec<&str> = group.facts.iter().map(|fact| fact.text.as_str()).collect();
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
        escape::markdown(group_name(group)),
        count(group.runs),
        count(group.killed),
        mib(group.peak_mb.p50),
        mib(group.peak_mb.p95),
        mib(group.peak_mb.max),
        or_dash(group.limit_mb.map(mib)),
        or_dash(group.headroom_share.map(percent)),
        or_dash(group.waste_gb_h.map(|waste| format!("{waste:.1}"))),
        percent(group.leak_share),
        escape::markdown(&facts.join("; "))
    )
}

/// A row per group, all of them; sizes in MiB, shares from 0 to 1.
pub(crate) fn csv(report: &FleetReport) -> String {
    let mut text = String::from(
        "group,runs,killed,restarts,peak_p50_mb,peak_p95_mb,peak_max_mb,limit_mb,headroom_share,waste_gb_h,leak_share,\
         hours_to_limit,growth_per_30_days,last_change,last_change_share,last_change_version,facts\n",
    );
    for group in &report.groups {
        let figure = |value: Option<f64>| value.map(|value| format!("{value:.4}")).unwrap_or_default();
        let last = group.changes.last();
        let facts: Vec<&str> = group.facts.iter().map(|fact| fact.text.as_str()).collect();
        let cells = [
            csv_text(group.group.as_deref().unwrap_or_default()),
            group.runs.to_string(),
            group.killed.to_string(),
            group.restarts.map(|restarts| restarts.to_string()).unwrap_or_default(),
            format!("{:.1}", group.peak_mb.p50),
            format!("{:.1}", group.peak_mb.p95),
            format!("{:.1}", group.peak_mb.max),
            figure(group.limit_mb),
            figure(group.headroom_share),
            figure(group.waste_gb_h),
            format!("{:.4}", group.leak_share),
            figure(group.hours_to_limit),
            figure(group.growth_per_30_days.map(|growth| growth.estimate)),
            last.map(|change| change.since.clone()).unwrap_or_default(),
            figure(last.map(|change| change.share)),
            csv_text(last.and_then(|change| change.version.as_deref()).unwrap_or_default()),
            csv_text(&facts.join("; ")),
        ];
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}
