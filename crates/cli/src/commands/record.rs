//! `memtool record`: runs a job, or watches a process, and records its memory use.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::args::Record;
use crate::escape;
use crate::exit::Exit;
use crate::external_recorder::{RecorderOptions, RecorderPlan, check_pid};
use crate::job::recording::{self, Closed, Place};
use crate::job::{Job, KernelLog, NotBegun, OomKills};
use crate::output;
use crate::signals::EndWish;

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
    match args.pid {
        Some(pid) => watch_process(args, plan, Place::of(&args.output)?, pid),
        None => run_job(args, plan),
    }
}

fn run_job(args: &Record, plan: RecorderPlan) -> anyhow::Result<Exit> {
    let place = match Place::of(&args.output) {
        Ok(place) => place,
        Err(error) if args.require_recording => return Err(error),
        // Said before the job begins, which may run for hours: it runs without its recording.
        Err(error) => {
            output::message(&format!("warning: nothing is recorded: {error:#}"));
            Place::Nowhere
        }
    };
    let (kills, mut log) = (OomKills::now(), KernelLog::from_now_on());
    let began = Instant::now();
    let job = match Job::begin(&args.command) {
        Ok(job) => job,
        Err(NotBegun { error, code }) => {
            let name = args.command.first().map(|program| program.to_string_lossy()).unwrap_or_default();
            output::message(&format!("cannot run {}: {error}", escape::control(&name)));
            return Ok(Exit::Job(code));
        }
    };
    let recorder = recording::start(args, plan, &place, job.pid());
    if let Some(problem) = recording::problem(&recorder) {
        output::message(&format!("warning: nothing is recorded: {problem}"));
    } else if recorder.as_ref().is_ok_and(|recorder| !recorder.is_sampling()) {
        output::message(
            "warning: no thread can be started: memory is seen at the start and the end of the job only",
        );
    }
    let pid = job.pid();
    let ended = job.wait().context("cannot wait for the job")?;
    let seconds = began.elapsed().as_secs_f64();
    let verdict = kills.verdict(OomKills::now(), (ended.ending, pid), log.killed().as_deref());
    let closed = recorder.ok().map(|recorder| Closed::of(recorder, Some(ended.process_end(verdict))));
    if !args.quiet {
        recording::print_summary(closed.as_ref(), seconds, &ended.ending.words());
        if let Some(evidence) = verdict.evidence {
            output::message(evidence);
        }
    }
    Ok(Exit::Job(ended.ending.exit_code()))
}

fn watch_process(args: &Record, plan: RecorderPlan, place: Place<'_>, pid: u32) -> anyhow::Result<Exit> {
    let wish = EndWish::listen().context("cannot listen for signals")?;
    let began = Instant::now();
    let recorder =
        recording::start(args, plan, &place, pid).with_context(|| format!("cannot watch process {pid}"))?;
    if let Some(problem) = recorder.stream_problem() {
        anyhow::bail!("cannot create the recording: {problem}");
    }
    while !recorder.has_ended() && !wish.is_there() {
        thread::sleep(POLL);
    }
    let ending = if recorder.has_ended() { "the process ended" } else { "the process goes on" };
    let closed = Closed::of(recorder, None);
    if !args.quiet {
        recording::print_summary(Some(&closed), began.elapsed().as_secs_f64(), ending);
    }
    Ok(Exit::Done)
}
