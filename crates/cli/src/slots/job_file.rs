//! A file of commands, one per line, each run as a unit.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::registry::Registry;
use crate::job::{Job, NotBegun};
use crate::output;
use crate::signals::EndWish;
use crate::text::{counted, took};

/// Units of the file that wait at once: a small one of them may go before a large one. Each takes some MiB while it waits.
const WAITING: usize = 8;
const POLL: Duration = Duration::from_millis(20);
/// The largest file that is read.
const MOST_BYTES: u64 = 64 << 20;

/// A unit of the file while it runs, and how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Begun { pid: u32 },
    Ended { code: i32 },
}

/// Runs the commands of a file, in its order as far as memory allows; `unit` is the command that runs one of them as a
/// unit. The exit code is the first of the file that is not 0.
pub(crate) fn run_jobs(
    registry: &Registry,
    file: &Path,
    unit: &[OsString],
    quiet: bool,
) -> anyhow::Result<i32> {
    let jobs = read(file)?;
    let wish = EndWish::listen().context("cannot listen for signals")?;
    let began = Instant::now();
    let states: Vec<Mutex<Option<State>>> = jobs.iter().map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        for (job, state) in jobs.iter().zip(&states) {
            while waiting(registry, &states) >= WAITING && !wish.is_there() {
                thread::sleep(POLL);
            }
            if wish.is_there() {
                break;
            }
            let words = [unit, &["sh".into(), "-c".into(), job.into()]].concat();
            set(
                state,
                begin(&words)
                    .map(|job| {
                        let pid = job.pid();
                        scope.spawn(move || {
                            let code = job.wait().map_or(1, |ended| ended.ending.exit_code());
                            set(state, State::Ended { code });
                        });
                        State::Begun { pid }
                    })
                    .unwrap_or_else(|code| State::Ended { code }),
            );
        }
    });
    let codes: Vec<i32> = states
        .iter()
        .filter_map(|state| match *state.lock().ok()? {
            Some(State::Ended { code }) => Some(code),
            _ => None,
        })
        .collect();
    let failed = codes.iter().filter(|code| **code != 0).count();
    if !quiet {
        let left = jobs.len() - codes.len();
        let left = if left > 0 { format!(", {left} not begun") } else { String::new() };
        let jobs = counted(codes.len(), "job");
        output::message(&format!(
            "{jobs} ended in {}, {failed} failed{left}",
            took(began.elapsed().as_secs_f64())
        ));
    }
    Ok(codes.into_iter().find(|code| *code != 0).unwrap_or(if wish.is_there() { 130 } else { 0 }))
}

fn set(state: &Mutex<Option<State>>, new: State) {
    if let Ok(mut state) = state.lock() {
        // A job may end before its beginning is written down.
        if !matches!(*state, Some(State::Ended { .. })) {
            *state = Some(new);
        }
    }
}

fn begin(words: &[OsString]) -> Result<Job, i32> {
    Job::begin(words).map_err(|NotBegun { error, code }| {
        output::message(&format!("cannot run a unit: {error}"));
        code
    })
}

/// Units of the file that were begun and do not run yet.
fn waiting(registry: &Registry, states: &[Mutex<Option<State>>]) -> usize {
    let running: Vec<u32> = registry.running().unwrap_or_default();
    let waits = |state: &&Mutex<Option<State>>| {
        let state = state.lock().ok().and_then(|state| *state);
        matches!(state, Some(State::Begun { pid }) if !running.contains(&pid))
    };
    states.iter().filter(waits).count()
}

/// The commands of a file: a line each, without empty ones and comments.
fn read(file: &Path) -> anyhow::Result<Vec<String>> {
    let name = file.display();
    let text = if file == Path::new("-") {
        std::io::read_to_string(std::io::stdin()).context("cannot read the commands from standard input")?
    } else {
        let bytes = std::fs::metadata(file).with_context(|| format!("cannot read {name}"))?.len();
        anyhow::ensure!(
            bytes <= MOST_BYTES,
            "{name}: expected at most {MOST_BYTES} bytes of commands, found {bytes}"
        );
        std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let jobs: Vec<String> = lines.map(str::to_owned).collect();
    anyhow::ensure!(!jobs.is_empty(), "{name}: expected a command a line, found none");
    Ok(jobs)
}
