//! The name of a run in output: its job and its start.

use memtool_analyzer::ProfileReport;

/// How a run's start is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// `11-23 04:30`
    DayAndTime,
    /// `04:30`, beside runs of the same day.
    Time,
}

impl Start {
    /// The shortest form that distinguishes runs with these starts.
    pub(crate) fn among<'a>(started: impl Iterator<Item = &'a str>) -> Self {
        let mut days = started.map(|started| started.split('T').next());
        let first = days.next();
        if days.all(|day| Some(day) == first) { Self::Time } else { Self::DayAndTime }
    }

    /// The start, of an RFC 3339 time in UTC.
    fn of(self, started: &str) -> Option<String> {
        let (date, time) = started.split_once('T')?;
        let time = time.get(..5)?;
        match self {
            Self::Time => Some(time.to_owned()),
            Self::DayAndTime => Some(format!("{} {time}", date.get(5..10)?)),
        }
    }
}

/// The part of a path that distinguishes a run: the file's name without its ending.
pub(crate) fn file_stem(path: &str) -> &str {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let packed = file.strip_suffix(".gz").or_else(|| file.strip_suffix(".zst")).unwrap_or(file);
    let stem = [".json", ".ndjson", ".parquet"].into_iter().find_map(|ending| packed.strip_suffix(ending));
    let stem = stem.unwrap_or(packed);
    let stem = stem.strip_suffix(".profile").unwrap_or(stem);
    stem.strip_prefix("memory_profile_").unwrap_or(stem)
}

/// The job that a run is one of; of another tool's file its name, with the part of it where it holds several.
fn called(profile: &ProfileReport) -> Option<&str> {
    if profile.origin.is_some() { Some(&profile.run) } else { profile.job.as_deref() }
}

/// The name in a run's label: of a file that names no job its own.
pub(crate) fn name(profile: &ProfileReport) -> &str {
    name_of(called(profile), &profile.path)
}

fn name_of<'a>(job: Option<&'a str>, path: &'a str) -> &'a str {
    job.unwrap_or_else(|| undated(file_stem(path)))
}

/// `job · start`.
///
/// The name is cut at its end where the label would be longer than `longest` characters: the start
/// still distinguishes runs.
pub(crate) fn label(name: &str, started: &str, start: Start, longest: usize) -> String {
    match start.of(started) {
        None => cut(name, longest),
        Some(start) if name.is_empty() => start,
        Some(start) => format!("{} · {start}", cut(name, longest.saturating_sub(start.len() + 3))),
    }
}

/// A name without what repeats the label's start: `20260101_000000`, or a stream's
/// `memory_stream_20260101T000000Z_`.
fn undated(stem: &str) -> &str {
    if let Some(rest) = stem.strip_prefix("memory_stream_") {
        let after_time = rest.split_once('_').filter(|(time, _)| is_time(time));
        return after_time.map_or(stem, |(_, name)| name);
    }
    if is_time(stem) { "" } else { stem }
}

/// Whether a text has the form of a time in a file's name.
fn is_time(text: &str) -> bool {
    text.len() >= 13 && text.chars().all(|c| c.is_ascii_digit() || "_TZ".contains(c))
}

fn cut(name: &str, longest: usize) -> String {
    if name.chars().count() <= longest {
        return name.to_owned();
    }
    let kept: String = name.chars().take(longest.saturating_sub(1)).collect();
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    const START_TIME: &str = "2026-11-23T04:30:10.71Z";

    #[test]
    fn a_run_is_named_by_its_file() {
        assert_eq!(file_stem("a/memory_profile_20260101_000000.json.gz"), "20260101_000000");
        assert_eq!(file_stem("phases__fixed__r1.profile.json"), "phases__fixed__r1");
    }

    #[test]
    fn a_label_is_job_and_start() {
        let label = |job, path| label(name_of(job, path), START_TIME, Start::DayAndTime, 30);
        assert_eq!(label(Some("etl"), "a/b.ndjson"), "etl · 11-23 04:30");
        assert_eq!(label(None, "a/memory_profile_head_leak.json"), "head_leak · 11-23 04:30");
        assert_eq!(label(None, "a/memory_profile_20261123_043010.json"), "11-23 04:30");
        assert_eq!(label(None, "memory_stream_20261123T043010Z_4711.ndjson"), "4711 · 11-23 04:30");
    }

    #[test]
    fn a_long_name_is_cut_at_its_end() {
        let label = label("a_job_with_quite_a_long_name", START_TIME, Start::DayAndTime, 30);
        assert_eq!(label, "a_job_with_quit… · 11-23 04:30");
        assert_eq!(label.chars().count(), 30);
        assert_eq!(super::label("run", "unknown", Start::Time, 30), "run");
    }

    #[test]
    fn runs_of_one_day_are_told_apart_by_the_time() {
        let one = [START_TIME, "2026-11-23T09:00:00Z"];
        assert_eq!(Start::among(one.into_iter()), Start::Time);
        assert_eq!(Start::among([START_TIME, "2026-11-24T04:30:00Z"].into_iter()), Start::DayAndTime);
        assert_eq!(label("etl", START_TIME, Start::Time, 30), "etl · 04:30");
    }
}
