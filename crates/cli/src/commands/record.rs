//! `memtool record`: runs a job, or watches a process, and records its memory use.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use memtool_profile_model::Mib;
use memtool_recorder::{Builder, Recorder, StartError};

use super::{counted, mib};
use crate::args::Record;
use crate::escape;
use crate::exit::Exit;
use crate::external_recorder::{RecorderOptions, RecorderPlan, check_pid};
use crate::job::{Ending, Job, NotBegun, OomKills};
use crate::output;
use crate::signals::EndWish;
use crate::text::took;

/// How often the end of a watched process is checked for.
const POLL: Duration = Duration::from_millis(50);

pub(crate) fn run(args: &Record) -> anyhow::Result<Exit> {
    let options = RecorderOptions {
        config: args.config.as_deref(),
        memory_limit: args.memory_limit,
        interval: args.interval,
    };
    if let Some(pid) = args.pid {
        check_pid(pid)?;
    }
    let plan = options.plan()?;
    let place = Place::of(&args.output)?;
    match args.pid {
        Some(pid) => watch_process(args, plan, place, pid),
        None => run_job(args, plan, place),
    }
}

/// Where the stream goes.
enum Place<'a> {
    File(&'a Path),
    Folder(&'a Path),
}

impl<'a> Place<'a> {
    /// A name that ends in `.ndjson` is a file; anything else a folder. A place that cannot be
    /// written is an error now: once the job runs, nothing may stop it.
    fn of(output: &'a Path) -> anyhow::Result<Self> {
        let is_file = output.extension().is_some_and(|ending| ending == "ndjson") && !output.is_dir();
        anyhow::ensure!(!is_file || !output.exists(), "{} exists already", output.display());
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
        }
    }
}

fn recorder(args: &Record, plan: RecorderPlan, place: &Place, pid: u32) -> Result<Recorder, StartError> {
    let builder = plan.builder(pid).include_children(!args.no_children);
    let builder = match (&args.job, args.command.first()) {
        (Some(name), _) => builder.job(name),
        (None, Some(program)) => builder.job(program_name(Path::new(program))),
        (None, None) => builder,
    };
    let builder = match &args.metrics_file {
        Some(file) => builder.metrics_file(file),
        None => builder,
    };
    place.builder(builder).start()
}

fn program_name(program: &Path) -> String {
    program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}

fn run_job(args: &Record, plan: RecorderPlan, place: Place) -> anyhow::Result<Exit> {
    let kills = OomKills::now();
    let began = Instant::now();
    let job = match Job::begin(&args.command) {
        Ok(job) => job,
        Err(NotBegun { error, code }) => {
            let name = args.command.first().map(|program| program.to_string_lossy()).unwrap_or_default();
            output::message(&format!("cannot run {}: {error}", escape::control(&name)));
            return Ok(Exit::Job(code));
        }
    };
    let recorder = recorder(args, plan, &place, job.pid());
    // Reported at once: the job may run for hours. It runs with or without its recording.
    if let Some(problem) = problem(&recorder) {
        output::message(&format!("nothing is recorded: {problem}"));
    }
    let ending = job.wait().context("cannot wait for the job")?;
    let seconds = began.elapsed().as_secs_f64();
    let closed = recorder.ok().map(Closed::of);
    if !args.quiet {
        print_summary(closed.as_ref(), seconds, &ending.words());
        if let Some(evidence) = ending.is_kill().then(|| kills.evidence(OomKills::now())).flatten() {
            output::message(evidence);
        }
    }
    Ok(Exit::Job(Ending::exit_code(ending)))
}

/// Why nothing is recorded, if so.
fn problem(recorder: &Result<Recorder, StartError>) -> Option<String> {
    match recorder {
        // It ended before it could be sampled, which is no fault.
        Err(StartError::Probe(error)) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => Some(error.to_string()),
        Ok(recorder) => recorder.stream_problem().map(str::to_owned),
    }
}

fn watch_process(args: &Record, plan: RecorderPlan, place: Place, pid: u32) -> anyhow::Result<Exit> {
    let wish = EndWish::listen().context("cannot listen for signals")?;
    let began = Instant::now();
    let recorder =
        recorder(args, plan, &place, pid).with_context(|| format!("cannot watch process {pid}"))?;
    if let Some(problem) = recorder.stream_problem() {
        anyhow::bail!("cannot create the recording in {}: {problem}", args.output.display());
    }
    while !recorder.has_ended() && !wish.is_there() {
        thread::sleep(POLL);
    }
    let ending = if recorder.has_ended() { "the process ended" } else { "the process goes on" };
    let closed = Closed::of(recorder);
    if !args.quiet {
        print_summary(Some(&closed), began.elapsed().as_secs_f64(), ending);
    }
    Ok(Exit::Done)
}

/// A recording that was closed.
struct Closed {
    path: Option<String>,
    samples: u64,
    peak: Option<Mib>,
    complete: bool,
}

impl Closed {
    fn of(recorder: Recorder) -> Self {
        let path = recorder.stream_path().map(|path| path.display().to_string());
        let samples = recorder.statistics().map_or(0, |statistics| statistics.recording.samples);
        let peak = recorder.peak();
        Self { path, samples, peak, complete: recorder.stop() }
    }
}

/// What was recorded and how it ended, on standard error: the job's own output stays as it is.
fn print_summary(closed: Option<&Closed>, seconds: f64, ending: &str) {
    let ending = format!("{}, {ending}", took(seconds));
    let Some((closed, peak)) = closed.and_then(|closed| Some((closed, closed.peak?))) else {
        output::message(&format!("no samples recorded, {ending}"));
        return;
    };
    let samples = counted(usize::try_from(closed.samples).unwrap_or(usize::MAX), "sample");
    output::message(&format!("peak {} MiB, {samples}, {ending}", mib(peak.get())));
    if !closed.complete {
        output::message("the end of the stream could not be written in time");
    }
    if let Some(path) = &closed.path {
        output::message(&format!("to analyze it: memtool analyze {}", quoted(&escape::control(path))));
    }
}

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
