//! The memory to request, as a text table.

use memtool_analyzer::request::{Alternative, GroupRequest, Outcome, RequestReport, ScheduledGroup, Step};

use crate::escape;
use crate::table::{Field, number, render, text};
use crate::text::{count, hundredths, mib, took, wrapped};

/// Letters of a group's name in the table.
const LONGEST_NAME: usize = 36;

/// The answer for each group, and under it why some have none.
pub(crate) fn page(report: &RequestReport) -> String {
    let columns = [
        text("group"),
        number("runs"),
        number("killed"),
        number("largest"),
        number("ask for"),
        number("failed"),
        number("unused"),
        text("rule"),
    ];
    let mut page = render(&columns, report.groups.iter().map(row).collect());
    page.push_str(&legend(report));
    for group in report.groups.iter().filter(|group| group.memory_mb.is_none()) {
        page.push('\n');
        page.push_str(&wrapped(&format!("{}: ", escape::control(&group.group)), &group.reason));
    }
    for group in report.schedules.iter().flatten() {
        page.push_str(&scheduled(group));
    }
    for line in report.groups.iter().flat_map(passed) {
        page.push('\n');
        page.push_str(&wrapped("", &escape::control(&line)));
    }
    page
}

/// The rules of others that some of the runs would have failed under.
pub(crate) fn passed(group: &GroupRequest) -> Vec<String> {
    let short = group.alternatives.iter().filter(|other| other.would_fail > 0);
    let line = |other: &Alternative| {
        let runs = group.runs + group.killed + group.unfinished;
        let needed = format!("{} of {runs} runs needed more", other.would_fail);
        format!("{}: {} would give {} MiB: {needed}", group.group, other.rule, mib(other.memory_mb))
    };
    short.map(line).collect()
}

/// The steps of a group, and what they would have wasted.
fn scheduled(group: &ScheduledGroup) -> String {
    let name = escape::control(&group.group);
    let words = match &group.schedule {
        Some(schedule) => {
            let step = |step: &Step| format!("{} MiB from {}", mib(step.memory_mb.ceil()), took(step.from_s));
            schedule.steps.iter().map(step).collect::<Vec<String>>().join(", ")
        }
        None => format!("no schedule: {}", group.reason),
    };
    let test = group.backtest.filter(|_| group.schedule.is_some()).map_or_else(String::new, |test| {
        format!(
            "; on {} runs {} GB·h unused and {} passed it, where the largest peak + 15 % leaves {} and each run's own peak {}",
            test.runs,
            hundredths(test.waste_gb_h),
            test.failed,
            hundredths(test.krr_waste_gb_h),
            hundredths(test.exact_constant_gb_h)
        )
    });
    format!("\n{}", wrapped(&format!("{name}: "), &format!("{words}{test}")))
}

fn row(group: &GroupRequest) -> Vec<Field> {
    let test = group.backtest;
    let failed = test.map_or_else(|| "-".to_owned(), |test| format!("{}/{}", test.own.failed, test.runs));
    let unused = test.map_or_else(|| "-".to_owned(), |test| against(test.own, test.krr));
    vec![
        escape::shortened(&group.group, LONGEST_NAME).into(),
        count(group.runs).into(),
        count(group.killed).into(),
        mib(group.largest_mb).into(),
        group.memory_mb.map_or_else(|| "-".to_owned(), mib).into(),
        failed.into(),
        unused.into(),
        group.rule.unwrap_or("-").into(),
    ]
}

/// Waste as a share of another's.
pub(crate) fn against(own: Outcome, other: Outcome) -> String {
    if other.waste_gb_h > 0.0 { format!("{:.2}", own.waste_gb_h / other.waste_gb_h) } else { "-".to_owned() }
}

fn legend(report: &RequestReport) -> String {
    let words = format!(
        "MiB; at most {} % of runs may fail for memory. failed and unused: what this way of asking would have done \
         on the later 70 % of the runs, each sized from those before it; unused memory times hours (a failed attempt \
         is lost whole) relative to the largest peak + 15 % (KRR).",
        report.risk * 100.0
    );
    format!("\n{}", wrapped("", &words))
}
