//! One task in two files: a workflow's benchmark and the scheduler's accounting, each with a figure of its own.

use super::report_warning::ReportWarning;
use super::reports::{Reports, ReportsError};
use super::run_report::ProfileReport;

/// Runtimes of one task differ by what starting and ending it takes: by this many seconds, or this share.
const APART_S: f64 = 5.0;
const APART: f64 = 0.1;

/// Among more figures than this no twins are sought: the search compares each with each.
const MOST_FIGURES: usize = 4096;

/// Tells each figure of a task of the other one, where two files have one.
pub(super) fn name_same_tasks(reports: &mut Reports) -> Result<(), ReportsError> {
    let places: Vec<usize> =
        reports.figures().enumerate().filter(|(_, run)| run.is_task_figure).map(|(at, _)| at).collect();
    if places.len() > MOST_FIGURES {
        return Ok(());
    }
    let figures = places.iter().map(|at| Ok(reports.get(*at)?.into_owned()));
    let figures: Vec<ProfileReport> = figures.collect::<Result<_, ReportsError>>()?;
    for (at, twin) in twins(&figures) {
        let (own, other) = (&figures[at], &figures[twin]);
        let warning = ReportWarning::SameTask {
            other: other.run.clone(),
            other_mb: other.peak_rss_mb,
            own_mb: own.peak_rss_mb,
        };
        let mut told = own.clone();
        told.warning_codes.push(warning.code().to_owned());
        told.warnings.push(warning);
        reports.replace(places[at], told)?;
    }
    Ok(())
}

/// The figures that have one twin each, and it.
fn twins(figures: &[ProfileReport]) -> Vec<(usize, usize)> {
    if figures.iter().all(|figure| figure.format == figures[0].format) {
        return Vec::new();
    }
    (0..figures.len())
        .filter_map(|at| Some((at, only_twin(figures, at)?)))
        .filter(|(at, twin)| only_twin(figures, *twin) == Some(*at))
        .collect()
}

/// The only figure in another tool's file that is of the same task.
fn only_twin(figures: &[ProfileReport], at: usize) -> Option<usize> {
    let mut twins = (0..figures.len()).filter(|other| are_twins(&figures[at], &figures[*other]));
    let first = twins.next()?;
    twins.next().is_none().then_some(first)
}

fn are_twins(a: &ProfileReport, b: &ProfileReport) -> bool {
    let Some((one, two)) = a.task.as_ref().zip(b.task.as_ref()) else { return false };
    let names = one.group.as_ref().zip(two.group.as_ref());
    let same_name =
        names.is_some_and(|(a, b)| !a.is_empty() && !b.is_empty() && (a.contains(b) || b.contains(a)));
    let runtimes = one.runtime_s.zip(two.runtime_s);
    let same_time = runtimes.is_some_and(|(a, b)| (a - b).abs() <= APART_S.max(APART * a.max(b)));
    a.format != b.format && same_name && same_time
}
