//! The recording of a job from outside: where it goes, and what it shows at the end.

use std::path::Path;

use anyhow::Context;
use memtool_profile_model::Mib;
use memtool_recorder::{Builder, Closing, ProcessEnd, Recorder, RunPeak, StartError, program_name};

use crate::args::{Identity, Record};
use crate::escape;
use crate::external_recorder::RecorderPlan;
use crate::output;
use crate::text::{counted, mib, took};

/// Where the stream goes.
pub(crate) enum Place<'a> {
    File(&'a Path),
    Folder(&'a Path),
    /// It cannot be written: the job runs without.
    Nowhere,
}

impl<'a> Place<'a> {
    /// A name that ends in `.ndjson` is a file; anything else a folder.
    ///
    /// # Errors
    /// If the file exists already, or nothing can be written there.
    pub(crate) fn of(output: &'a Path) -> anyhow::Result<Self> {
        let is_file = output.extension().is_some_and(|ending| ending == "ndjson") && !output.is_dir();
        anyhow::ensure!(!is_file || !output.exists(), "{} exists already", output.display());
        anyhow::ensure!(
            is_file || !output.is_file(),
            "{} is a file: give a folder, or a new file whose name ends in .ndjson",
            output.display()
        );
        let folder = if is_file { output.parent().unwrap_or(Path::new("")) } else { output };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        std::fs::create_dir_all(folder)
            .and_then(|()| tempfile::tempfile_in(folder))
            .with_context(|| format!("cannot write to {}", folder.display()))?;
        Ok(if is_file { Self::File(output) } else { Self::Folder(output) })
    }

    fn builder(&self, builder: Builder) -> Builder {
        match self {
            Self::File(path) => builder.stream_file(path),
            Self::Folder(path) => builder.reports_dir(path),
            Self::Nowhere => builder.no_stream(),
        }
    }
}

/// Starts the recording of a process; with `await_end` it stays open until the process's end is given.
pub(crate) fn start(
    args: &Record,
    plan: RecorderPlan,
    place: &Place<'_>,
    pid: u32,
) -> Result<Recorder, StartError> {
    let mut builder = plan.builder(pid).include_children(!args.no_children);
    if let Some(name) = program_name(&args.command) {
        builder = builder.command(name.clone()).job(name).await_end();
    }
    if let Some(name) = &args.job {
        builder = builder.job(name);
    }
    builder = identified(builder, &args.identity);
    if let Some(file) = &args.metrics_file {
        builder = builder.metrics_file(file);
    }
    place.builder(builder).start()
}

/// A recording with what its run is called beside its job.
fn identified(mut builder: Builder, identity: &Identity) -> Builder {
    if let Some(label) = &identity.version_label {
        builder = builder.version_label(label);
    }
    if let Some(label) = &identity.machine {
        builder = builder.machine(label);
    }
    if let Some(name) = &identity.image {
        builder = builder.image(name);
    }
    identity.parameters.iter().fold(builder, |builder, (name, value)| builder.parameter(name, value))
}

/// Why nothing is recorded, if so.
pub(crate) fn problem(recorder: &Result<Recorder, StartError>) -> Option<String> {
    match recorder {
        // It ended before it could be sampled, which is no fault.
        Err(StartError::Probe(error)) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => Some(error.to_string()),
        Ok(recorder) => recorder.stream_problem().map(str::to_owned),
    }
}

/// A recording that was closed.
pub(crate) struct Closed {
    path: Option<String>,
    samples: u64,
    peak: Option<RunPeak>,
    /// What a job that ended before its first sample held at most.
    at_most: Option<Mib>,
    closing: Closing,
}

impl Closed {
    /// Closes the recording, with the end of its process where that is known.
    pub(crate) fn of(recorder: Recorder, end: Option<ProcessEnd>) -> Self {
        let path = recorder.stream_path().map(|path| path.display().to_string());
        let samples = recorder.statistics().map_or(0, |statistics| statistics.recording.samples);
        let max_rss = end.as_ref().and_then(|end| end.max_rss);
        let sampled = recorder.run_peak().map(|peak| peak.ended(end.is_some(), max_rss));
        // Others may have run beside the largest process.
        let account = |rss| RunPeak { rss, exact: false, counted_once: None, of_one: None };
        let peak = sampled.or_else(|| max_rss.map(account));
        let at_most = end.as_ref().and_then(|end| end.at_most);
        let closing = recorder.finish(end);
        Self { path, samples, peak, at_most, closing }
    }

    /// The peak in MiB, shared pages counted once where that was read.
    pub(crate) fn peak_mb(&self) -> Option<f64> {
        self.peak.map(|peak| peak.counted_once.filter(|_| !peak.exact).unwrap_or(peak.rss).get())
    }
}

/// The summary on standard error: the job's own output stays as it is.
pub(crate) fn print_summary(closed: Option<&Closed>, seconds: f64, ending: &str) {
    let ending = format!("{}, {ending}", took(seconds));
    let Some(closed) = closed else {
        output::message(&format!("no samples recorded, {ending}"));
        return;
    };
    let samples = match closed.samples {
        0 => "ended before its first sample".to_owned(),
        samples => counted(usize::try_from(samples).unwrap_or(usize::MAX), "sample"),
    };
    let peak = match (closed.peak, closed.at_most) {
        (Some(peak), _) => describe(&peak),
        (None, Some(most)) => format!("peak at most {} MiB", size(most)),
        (None, None) => "peak not known".to_owned(),
    };
    output::message(&format!("{peak}, {samples}, {ending}"));
    if !closed.closing.in_time {
        output::message("the end of the stream could not be written in time");
    }
    if let Some(lost) = lost(&closed.closing) {
        output::message(&lost);
    }
    // Where the disk hangs, so would a look at whether the file is still there.
    if let Some(path) =
        closed.path.as_ref().filter(|path| !closed.closing.in_time || Path::new(path).exists())
    {
        output::message(&format!("to analyze it: memtool analyze {}", quoted(&escape::control(path))));
    }
}

/// What of a stream could not be written, in words.
fn lost(closing: &Closing) -> Option<String> {
    let lost = usize::try_from(closing.lost_records).unwrap_or(usize::MAX);
    let why = closing.problem.as_deref().map(|problem| format!(": {problem}")).unwrap_or_default();
    (lost > 0)
        .then(|| format!("warning: {} of the stream could not be written{why}", counted(lost, "record")))
}

/// The peak in words: *at least* where only samples are known, shared pages once where they were counted.
fn describe(peak: &RunPeak) -> String {
    let shares = |once: &Mib| !peak.exact && once.get() < SHARING * peak.rss.get();
    match peak.counted_once.filter(shares) {
        Some(once) => format!(
            "peak about {} MiB with shared pages counted once (resident sizes of all processes together: {} MiB)",
            size(once),
            size(peak.rss)
        ),
        None => format!("peak {}{} MiB", if peak.exact { "" } else { "at least " }, size(peak.rss)),
    }
}

/// Below this share of the resident sizes, processes share pages: the sum is more than what they held, and no
/// lower bound. One process alone shares its libraries, 2 % at most of a job worth a look.
const SHARING: f64 = 0.98;

/// Whole mebibytes; a small process has a digit more.
fn size(size: Mib) -> String {
    if size.get() < SMALL_MB { format!("{:.1}", size.get()) } else { mib(size.get()) }
}

/// Of smaller sizes the first decimal is printed.
const SMALL_MB: f64 = 9.95;

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sampled_peak_is_a_lower_bound_and_shared_pages_count_once() {
        let peak = |exact, once: Option<f64>| {
            describe(&RunPeak {
                rss: Mib::new(3110.0),
                exact,
                counted_once: once.map(Mib::new),
                of_one: None,
            })
        };
        assert_eq!(peak(true, Some(647.0)), "peak 3,110 MiB");
        assert_eq!(peak(false, Some(3100.0)), "peak at least 3,110 MiB");
        let shared = "peak about 647 MiB with shared pages counted once \
            (resident sizes of all processes together: 3,110 MiB)";
        assert_eq!(peak(false, Some(647.0)), shared);
        assert!(
            peak(false, Some(2700.0)).starts_with("peak about 2,700 MiB"),
            "no bound above what was held"
        );
        assert_eq!(size(Mib::new(0.66)), "0.7");
    }

    #[test]
    fn what_was_lost_is_told_with_its_reason() {
        let told = |lost_records, problem: Option<&str>| {
            lost(&Closing { in_time: true, lost_records, problem: problem.map(str::to_owned) })
        };
        assert_eq!(told(0, None), None);
        assert_eq!(told(1, None).as_deref(), Some("warning: 1 record of the stream could not be written"));
        assert_eq!(
            told(7, Some("the disk is full")).as_deref(),
            Some("warning: 7 records of the stream could not be written: the disk is full")
        );
    }

    #[test]
    fn a_path_can_be_pasted() {
        assert_eq!(quoted("reports/memory/a.ndjson"), "reports/memory/a.ndjson");
        assert_eq!(quoted("it's here"), r"'it'\''s here'");
    }

    #[test]
    fn a_name_tells_file_from_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("new/run.ndjson");
        assert!(matches!(Place::of(&file), Ok(Place::File(_))));
        assert!(file.parent().is_some_and(Path::is_dir) && !file.exists());
        assert!(matches!(Place::of(&folder.path().join("more")), Ok(Place::Folder(_))));
        std::fs::write(&file, "precious").expect("written");
        assert!(Place::of(&file).is_err());
        assert!(Place::of(&file.join("below")).is_err());
    }
}
