//! The first questions about a run: when it reaches its limit, how close it came, what grew, whether it was killed.

use memtool_analyzer::{Finding, FindingKind, Growth, LeakVerdict, ProfileReport, unit_of};

use memtool_profile_model::{Fate, FateSource};

use crate::escape;
use crate::finding_text::run_of;
use crate::text::{counted, mib, percent, span, wrapped};

/// Share of a leak's growth from which it is one part's.
const MOST: f64 = 0.75;

/// The answers on one run, a line each.
pub(crate) fn summary(profile: &ProfileReport) -> String {
    let mut page = format!("{}\n", run_of(profile));
    for (name, answer) in answers(profile) {
        page.push_str(&wrapped(&format!("  {name:<8}"), &escape::control(&answer)));
    }
    page
}

/// What people ask, and the answers.
pub(crate) fn answers(profile: &ProfileReport) -> Vec<(&'static str, String)> {
    let answers = [("limit", limit(profile)), ("peak", peak(profile)), ("growth", growth(profile))];
    let ended = profile.fate.as_ref().map(|fate| ("ended", ended(fate)));
    answers.into_iter().chain(ended).collect()
}

/// When memory reaches the limit, counted from the end of the run.
fn limit(profile: &ProfileReport) -> String {
    let Some(limit) = profile.limit_mb else {
        return match profile.leak.hours_to_limit {
            Some(hours) => format!("reached {} after the run's end at this growth", hours_text(&hours)),
            None => "not recorded".to_owned(),
        };
    };
    match (&profile.leak.hours_to_limit, profile.leak.verdict) {
        (Some(hours), _) => {
            format!("{} MiB, reached {} after the run's end at this growth", mib(limit), hours_text(hours))
        }
        (None, LeakVerdict::None) => format!("{} MiB; memory does not grow towards it", mib(limit)),
        (None, _) => format!("{} MiB; when it is reached is not known", mib(limit)),
    }
}

fn hours_text(hours: &Growth) -> String {
    let [estimate, low, high] = [hours.estimate, hours.low, hours.high].map(|hours| span(hours * 3600.0));
    format!("{estimate} [{low} to {high}]")
}

/// How large, when, in which operation, and how close to the limit.
fn peak(profile: &ProfileReport) -> String {
    let mut text = format!("{} MiB after {}", mib(profile.peak_rss_mb), span(profile.peak_at_s));
    let operation =
        profile.operations.first().filter(|first| first.peak_rss_mb >= profile.peak_rss_mb * 0.99);
    if let Some(operation) = operation {
        text.push_str(&format!(" in {}", operation.operation));
    }
    if let Some(limit) = profile.limit_mb.filter(|limit| *limit > 0.0) {
        text.push_str(&format!(", {} of the limit", percent(profile.peak_rss_mb / limit)));
    }
    text
}

/// How fast, where, and why that is the verdict.
fn growth(profile: &ProfileReport) -> String {
    let reason = profile.leak.words();
    match (profile.leak.verdict, &profile.leak.slope_mb_per_min) {
        (LeakVerdict::Leak, Some(slope)) => format!("{}{}: {reason}", rate(slope.estimate), place(profile)),
        (LeakVerdict::Leak, None) => format!("yes: {reason}"),
        (LeakVerdict::Saturating, _) => format!("it slows down or ends: {reason}"),
        (LeakVerdict::None, _) => format!("none: {reason}"),
        (LeakVerdict::Inconclusive, _) => format!("not judged: {reason}"),
    }
}

/// The part of the job that grows, if the recording has its parts.
fn place(profile: &ProfileReport) -> &'static str {
    let leak: Option<&Finding> =
        profile.findings.iter().find(|finding| finding.kind == FindingKind::MemoryLeak);
    let share = leak.and_then(|finding| finding.evidence.details.get("in_children"));
    match share {
        Some(share) if share >= MOST => " in child processes",
        Some(share) if share <= 1.0 - MOST => " in the process itself",
        Some(_) => " in the process and its children",
        None => "",
    }
}

/// How the process ended, and how it is known that the kernel killed it.
fn ended(fate: &Fate) -> String {
    let known = match fate.known_by {
        Some(FateSource::CgroupEvents) => "the control group counted a kill",
        Some(FateSource::KernelLog) => "the kernel's log names it",
        Some(FateSource::ExitStatus) => "by its exit status alone",
        Some(FateSource::Other) | None => "how that is known is not recorded",
    };
    let itself = match (fate.killed_for_memory, fate.signal, fate.exit_code) {
        (Some(true), _, _) => format!("killed by the kernel for memory: {known}"),
        (Some(false), Some(signal), _) => format!("signal {signal}, not for memory"),
        (None, Some(signal), _) => format!("signal {signal}; whether for memory is not known"),
        (_, None, Some(code)) => format!("exit code {code}"),
        (_, None, None) => "not known".to_owned(),
    };
    match fate.others_killed() {
        0 => itself,
        others => format!(
            "{itself}; the kernel counted {} for memory in its control group: of its children, or of jobs beside it",
            counted(usize::try_from(others).unwrap_or(usize::MAX), "other kill")
        ),
    }
}

/// The end in a word, for a table.
pub(crate) fn ended_word(fate: Option<&Fate>) -> String {
    let Some(fate) = fate else { return "-".to_owned() };
    let itself = match (fate.killed_for_memory, fate.signal, fate.exit_code) {
        (Some(true), _, _) => "killed".to_owned(),
        (_, Some(signal), _) => format!("signal {signal}"),
        (_, None, Some(code)) => format!("exit {code}"),
        _ => "-".to_owned(),
    };
    match fate.others_killed() {
        0 => itself,
        others => format!("{itself}, {others} killed"),
    }
}

/// A rate in the unit in which it is no 0.
fn rate(mb_per_min: f64) -> String {
    let (minutes, unit) = unit_of(mb_per_min);
    let value = mb_per_min * minutes;
    let places = usize::from(value.abs() < 10.0);
    if places == 0 { format!("{} MiB per {unit}", mib(value)) } else { format!("{value:.1} MiB per {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_never_rounded_to_nothing() {
        assert_eq!(rate(896.2), "896 MiB per minute");
        assert_eq!(rate(1.25), "1.2 MiB per minute");
        assert_eq!(rate(0.4), "24 MiB per hour");
        assert_eq!(rate(0.004), "5.8 MiB per day");
        assert_eq!(rate(-2.0), "-2.0 MiB per minute");
    }

    #[test]
    fn an_end_says_how_it_is_known() {
        let killed = Fate {
            signal: Some(9),
            killed_for_memory: Some(true),
            known_by: Some(FateSource::CgroupEvents),
            ..Fate::default()
        };
        assert_eq!(ended(&killed), "killed by the kernel for memory: the control group counted a kill");
        assert_eq!(ended_word(Some(&killed)), "killed");
        let signalled = Fate { signal: Some(9), ..Fate::default() };
        assert_eq!(ended(&signalled), "signal 9; whether for memory is not known");
        let failed = Fate { exit_code: Some(3), ..Fate::default() };
        assert_eq!(
            (ended(&failed), ended_word(Some(&failed))),
            ("exit code 3".to_owned(), "exit 3".to_owned())
        );
        assert_eq!(ended_word(None), "-");
        let beside = Fate { group_kills: Some(2), ..failed.clone() };
        assert_eq!(ended_word(Some(&beside)), "exit 3, 2 killed");
        assert!(
            ended(&beside).starts_with("exit code 3; the kernel counted 2 other kills for memory in its")
        );
        let alone = Fate { group_kills: Some(1), ..killed };
        assert_eq!(ended_word(Some(&alone)), "killed");
    }
}
