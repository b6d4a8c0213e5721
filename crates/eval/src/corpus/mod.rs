//! Folders of recorded runs with their outcomes: each run with batch records and as samples only.

mod outcome;
mod records;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use memtool_profile_model::{Run, read_run};

use crate::arguments::Arguments;
pub(crate) use outcome::Labels;
use outcome::RunOutcome;

/// One recorded run.
pub(crate) struct RecordedCase {
    pub(crate) name: String,
    pub(crate) profile: PathBuf,
    pub(crate) program: String,
    /// The settings' name, the same for repeats and without a limit.
    pub(crate) settings: String,
    /// What chose the sizes of a drawn program: fixed, thresholds, predictive or plain.
    pub(crate) policy: String,
    /// The number of the repeat, from 1.
    pub(crate) repeat: u32,
    /// The size, where it was fixed.
    pub(crate) fixed: Option<u32>,
    /// The largest size that the settings allow.
    pub(crate) largest_size: u32,
    pub(crate) completed: bool,
    pub(crate) killed: bool,
    pub(crate) enforced: bool,
    pub(crate) limit_mb: f64,
    pub(crate) peak_mb: f64,
    /// Memory charged to the limit at its peak; that of the process where it was not read.
    pub(crate) charged_mb: f64,
    pub(crate) items_per_cpu_s: f64,
    pub(crate) items_per_s: f64,
    /// What is known of its memory; runs without labels are not judged by the detectors' tables.
    pub(crate) labels: Option<Labels>,
    /// With batch records.
    pub(crate) records: Run,
    /// The profile alone.
    pub(crate) samples: Run,
}

/// All selected runs of the folders, in order of folder and name.
///
/// # Errors
/// A folder or a file that cannot be read, by name; no run at all.
pub(crate) fn read(arguments: &Arguments) -> anyhow::Result<Vec<RecordedCase>> {
    let mut cases = Vec::new();
    for folder in &arguments.folders {
        cases.extend(read_folder(folder, arguments)?);
    }
    cases.retain(|case| arguments.in_part(&case.program));
    ensure!(
        !cases.is_empty() || arguments.folders.is_empty(),
        "no run with an outcome.json in the given folders"
    );
    Ok(cases)
}

/// All selected runs in a folder and its subfolders, in order of name.
///
/// # Errors
/// The folder or a file that cannot be read, by name.
pub(crate) fn read_folder(folder: &Path, arguments: &Arguments) -> anyhow::Result<Vec<RecordedCase>> {
    let mut cases = Vec::new();
    for stem in stems(folder)? {
        cases.extend(case(&stem, arguments).with_context(|| stem.display().to_string())?);
    }
    Ok(cases)
}

/// The programs of some runs.
pub(crate) fn programs(cases: &[RecordedCase]) -> BTreeSet<&str> {
    cases.iter().map(|case| case.program.as_str()).collect()
}

/// The runs in a folder and below it, without the ending of their files.
fn stems(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = || format!("cannot read {}", folder.display());
    let mut stems = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.is_dir() {
            stems.extend(self::stems(&path)?);
        }
        stems.extend(path.to_string_lossy().strip_suffix(".outcome.json").map(PathBuf::from));
    }
    stems.sort();
    Ok(stems)
}

fn file(stem: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", stem.display()))
}

/// A run, if its program is selected.
fn case(stem: &Path, arguments: &Arguments) -> anyhow::Result<Option<RecordedCase>> {
    let outcome = RunOutcome::read(&file(stem, "outcome.json"))?;
    if !arguments.wants(&outcome.workload, &outcome.config) {
        return Ok(None);
    }
    let profile = file(stem, "profile.json");
    let samples = read_run(&fs::read(&profile).context("cannot read the profile")?)?;
    let stream = file(stem, "stream.ndjson");
    let records = if stream.is_file() {
        read_run(&fs::read(&stream)?)?
    } else {
        records::of(&samples, &outcome, &file(stem, "events.ndjson"), &file(stem, "samples.ndjson"))?
    };
    Ok(Some(RecordedCase {
        name: stem.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        profile,
        policy: outcome.settings.name.clone(),
        repeat: outcome.rep,
        fixed: outcome.settings.fixed_size(),
        largest_size: outcome.settings.largest_size(),
        completed: outcome.completed,
        killed: outcome.oom_killed,
        enforced: outcome.limit_enforced,
        limit_mb: outcome.limit_mb,
        peak_mb: outcome.peak_rss_mb,
        charged_mb: outcome.peak_cgroup_mb.unwrap_or(outcome.peak_rss_mb),
        items_per_s: outcome.items_per_s.unwrap_or(0.0),
        items_per_cpu_s: outcome.items_per_cpu_s.unwrap_or(0.0),
        labels: outcome.labels,
        program: outcome.workload,
        settings: outcome.config,
        records,
        samples,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOME: &str = r#"{"workload":"graph","config":"fixed_low","limit_mb":400,"oom_killed":false,
        "peak_rss_mb":300,"items_per_cpu_s":10,
        "settings":{"mode":"fixed","fixed_level":"low","monitoring_interval_seconds":1,"thresholds_mb":
        {"moderate":200,"high":300,"critical":360},"gc_trigger_mb":240,"fallback_trigger_mb":320,
        "batch_sizes":{"fallback":100,"low":250,"medium":500,"high":1000},"auto_gc_enabled":true,
        "fallback_enabled":true,"available_floors_mb":{"critical":40,"high":80,"moderate":120}}}"#;
    const EVENTS: &str = r#"{"t":0.1,"ev":"batch_start","batch":1,"operation":"load","batch_size":250,"items":200}
{"t":0.9,"ev":"batch_end","batch":1,"rss_mb":120,"peak_rss_mb":290,"cpu_s":0.5}
{"t":1.0,"ev":"batch_st"#;

    #[test]
    fn a_run_is_read_with_batches_and_as_samples() {
        let folder = std::env::temp_dir().join(format!("memtool-eval-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let file = |ending: &str| folder.join(format!("a.{ending}"));
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/runs");
        fs::copy(fixtures.join("memory_profile_head_leak.json"), file("profile.json")).expect("copied");
        for (ending, text) in [("outcome.json", OUTCOME), ("events.ndjson", EVENTS), ("samples.ndjson", "")] {
            fs::write(file(ending), text).expect("written");
        }
        let arguments = |line: &str| {
            let words = std::iter::once(folder.display().to_string());
            Arguments::parse(words.chain(line.split_whitespace().map(str::to_owned))).expect("sound")
        };
        let cases = read(&arguments("")).expect("a run");
        let case = &cases[0];
        assert_eq!((case.program.as_str(), case.fixed, case.labels.is_none()), ("graph", Some(250), true));
        assert_eq!((case.samples.batches.len(), case.records.batches.len()), (0, 1));
        assert_eq!(case.records.batches[0].rss_peak.map(|peak| peak.get()), Some(290.0));
        assert!(read(&arguments("--program other")).is_err());
        assert!(
            read(&arguments("--setting adaptive")).is_err() && read(&arguments("--setting fixed_")).is_ok()
        );
        fs::remove_dir_all(&folder).expect("removed");
    }
}
