//! One task in two files: a workflow's benchmark and the scheduler's accounting, each with a figure of its own.

use memtool_profile_model::Precision;

use super::analysis::ProfileReport;
use super::report_warning::ReportWarning;

/// Runtimes of one task differ by what starting and ending it takes: by so many seconds, or this share.
const APART_S: f64 = 5.0;
const APART: f64 = 0.1;

/// Among more figures than this no twins are sought: the search compares each with each.
const MOST_FIGURES: usize = 4096;

/// Tells each figure of a task of the other one, where two files have one.
pub(super) fn name_same_tasks(profiles: &mut [ProfileReport]) {
    let figures: Vec<usize> = (0..profiles.len()).filter(|at| is_figure(&profiles[*at])).collect();
    let one_format = figures.iter().all(|at| profiles[*at].format == profiles[figures[0]].format);
    if one_format || figures.len() > MOST_FIGURES {
        return;
    }
    let pairs: Vec<(usize, usize)> = figures
        .iter()
        .filter_map(|at| Some((*at, only_twin(profiles, &figures, *at)?)))
        .filter(|(at, twin)| only_twin(profiles, &figures, *twin) == Some(*at))
        .collect();
    for (at, twin) in pairs {
        let (other, other_mb) = (profiles[twin].run.clone(), profiles[twin].peak_rss_mb);
        let warning = ReportWarning::SameTask { other, other_mb, own_mb: profiles[at].peak_rss_mb };
        profiles[at].warning_codes.push(warning.code().to_owned());
        profiles[at].warnings.push(warning);
    }
}

/// Whether a profile is one figure of a task.
fn is_figure(profile: &ProfileReport) -> bool {
    let precision = profile.origin.as_ref().map(|origin| origin.precision);
    profile.samples == 1
        && profile.task.is_some()
        && matches!(precision, Some(Precision::SingleFigure | Precision::LowerBound))
}

/// The only figure in another tool's file that is of the same task.
fn only_twin(profiles: &[ProfileReport], figures: &[usize], at: usize) -> Option<usize> {
    let mut twins = figures.iter().copied().filter(|other| are_twins(&profiles[at], &profiles[*other]));
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
