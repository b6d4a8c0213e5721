//! `memtool run`: commands that share one machine's memory.

use std::ffi::OsString;

use anyhow::Context;

use crate::args::RunUnits;
use crate::exit::Exit;
use crate::job::{Job, NotBegun};
use crate::output;
use crate::slots::{INSIDE, Limits, Registry, UnitPlan, default_folder, run_jobs, run_unit};

pub(crate) fn run(args: &RunUnits) -> anyhow::Result<Exit> {
    if std::env::var_os(INSIDE).is_some() && args.jobs.is_none() {
        return inside(&args.command);
    }
    let folder = args.registry.clone().unwrap_or_else(default_folder);
    let registry = Registry::open(&folder)?;
    let limits = Limits::find(args.memory_limit, args.slots.0)?;
    let code = match &args.jobs {
        Some(file) => run_jobs(&registry, file, &unit_command(args, &folder)?, args.quiet)?,
        None => {
            let plan = UnitPlan {
                record: args.record(),
                limits,
                risk: args.risk,
                retries: args.retries,
                expect_mb: args.expect,
            };
            run_unit(&registry, &plan)?
        }
    };
    Ok(Exit::Job(code))
}

/// A command of a unit that runs: it does not wait, or both would wait for ever.
fn inside(command: &[OsString]) -> anyhow::Result<Exit> {
    match Job::begin(command) {
        Ok(job) => Ok(Exit::Job(job.wait().context("cannot wait for the command")?.ending.exit_code())),
        Err(NotBegun { error, code }) => {
            output::message(&format!("cannot run the command: {error}"));
            Ok(Exit::Job(code))
        }
    }
}

/// This program, as it runs one command with the same options.
fn unit_command(args: &RunUnits, folder: &std::path::Path) -> anyhow::Result<Vec<OsString>> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut words: Vec<OsString> = vec![program.into(), "run".into(), "--registry".into(), folder.into()];
    let mut option = |name: &str, value: Option<OsString>| {
        words.extend(value.into_iter().flat_map(|value| [name.into(), value]));
    };
    option("--slots", args.slots.0.map(|count| count.to_string().into()));
    option("--memory-limit", args.memory_limit.map(|mb| format!("{mb}MiB").into()));
    option("--risk", Some(args.risk.to_string().into()));
    option("--expect", args.expect.map(|mb| format!("{mb}MiB").into()));
    option("--retries", Some(args.retries.to_string().into()));
    option("--job", args.job.as_ref().map(Into::into));
    option("--output", Some(args.output.clone().into()));
    option("--interval", Some(args.interval.to_string().into()));
    words.push("--".into());
    Ok(words)
}
