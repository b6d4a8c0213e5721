//! `memtool tune`: a config for each machine size, with the reason for every number.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use memtool_analyzer::tune::{Evidence, Machine, MachineTuning, Reader, TuneOptions, Tuning, tune};
use memtool_analyzer::{LeakReport, MachineRow, TuningReport, report};
use memtool_job_config::{ConfigChange, edit_config, read_config, write_config};
use memtool_profile_model::{AdaptiveConfig, Run};

use super::{LoadedRuns, counted, exit_for, load_runs, mib};
use crate::args::{Format, Target, Tune};
use crate::edited_file::EditedFile;
use crate::escape;
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;
use crate::tune_report;

pub(crate) fn run(args: &Tune) -> anyhow::Result<Exit> {
    let machines = machines(args);
    anyhow::ensure!(
        args.apply.is_none() || machines.len() == 1,
        "--apply edits one config: give one --machine or one --memory-limit"
    );
    let target = args.apply.as_deref().map(AppliedFile::read).transpose()?;
    let LoadedRuns { runs, notes, skipped } = load_runs(&args.input.paths, Some(args.budget.bytes()).into());
    if runs.is_empty() {
        return Ok(exit_for(0));
    }
    warn_if_mixed(&runs);
    let tuning = tuned(&runs, &machines, args)?;
    let mut report = TuningReport::new(&tuning, skipped);
    report.notes.extend(notes);
    if let Some(folder) = &args.output {
        write_configs(folder, &runs, &tuning, &mut report.machines)?;
    }
    match args.input.format {
        Format::Json => output::print_json(&report)?,
        Format::Text => {
            output::print(&tune_report::page(&report, &tuning.memory_model.warnings, args.pareto))?;
        }
    }
    if let Some(target) = &target {
        apply(target, &tuning.machines[0], args.dry_run)?;
    }
    Ok(if tuning.machines.iter().all(|machine| answered(&tuning, machine)) {
        Exit::Done
    } else {
        Exit::Inconclusive
    })
}

/// Whether there is a config for a machine, or a job without batches fits it.
fn answered(tuning: &Tuning, machine: &MachineTuning) -> bool {
    machine.feasible() || tuning.needed.as_ref().is_some_and(|needed| needed.limit_mb <= machine.usable_mb)
}

fn machines(args: &Tune) -> Vec<Machine> {
    let sizes = args.machines.iter().map(|gb| Machine::with_gib(*gb));
    let asked: Vec<Machine> =
        sizes.chain(args.memory_limits.iter().map(|mb| Machine::with_limit(*mb))).collect();
    if asked.is_empty() { Machine::usual() } else { asked }
}

/// Tunes with a bar for each machine, and ends work whose time is over.
fn tuned(runs: &[(PathBuf, Run)], machines: &[Machine], args: &Tune) -> anyhow::Result<Tuning> {
    let (mut began, mut first) = (Instant::now(), true);
    let leaks: Vec<LeakReport> = runs.iter().map(|(path, run)| report(path, run).leak).collect();
    let evidence: Vec<Evidence> =
        runs.iter().zip(&leaks).map(|((_, run), leak)| Evidence { run, leak: Some(leak) }).collect();
    let options = TuneOptions {
        risk: args.risk,
        reader: match args.target() {
            Target::Recorder => Reader::Recorder,
            Target::Manager => Reader::Existing,
        },
        ..TuneOptions::default()
    };
    let bar = Progress::counted("steps");
    let left = |_: &Machine, done: usize, of: usize| {
        // What all machines share was done in the time of the first.
        if done == 0 && !std::mem::take(&mut first) {
            began = Instant::now();
        }
        bar.at(done, of);
        args.time_budget.map_or(1.0, |budget| 1.0 - began.elapsed().as_secs_f64() / budget)
    };
    Ok(tune(&evidence, machines, &options, left))
}

/// Warns where two runs share no operation: they may not be runs of one job.
fn warn_if_mixed(runs: &[(PathBuf, Run)]) {
    let labels = |run: &Run| run.operations.names().iter().cloned().collect::<BTreeSet<_>>();
    let first = labels(&runs[0].1);
    let apart = |run: &Run| !run.operations.names().is_empty() && labels(run).is_disjoint(&first);
    if let Some((path, _)) = runs.iter().find(|(_, run)| !first.is_empty() && apart(run)) {
        output::message(&format!(
            "{} and {} share no operation, but tune treats all runs as runs of one job",
            runs[0].0.display(),
            path.display()
        ));
    }
}

fn write_configs(
    folder: &Path,
    runs: &[(PathBuf, Run)],
    tuning: &Tuning,
    rows: &mut [MachineRow],
) -> anyhow::Result<()> {
    for (machine, row) in tuning.machines.iter().zip(rows) {
        let Some(config) = &machine.chosen else { continue };
        let path = folder.join(format!("memtool_{}.yaml", machine.machine.name));
        let text = yaml(config, machine, runs)?;
        output::write_file(&path, text.as_bytes())?;
        row.config_path = Some(path.display().to_string());
    }
    Ok(())
}

fn yaml(config: &AdaptiveConfig, machine: &MachineTuning, runs: &[(PathBuf, Run)]) -> anyhow::Result<String> {
    let mut header = vec![
        format!(
            "Adaptive memory settings for {}: the job may use {} MiB there.",
            machine.machine.name,
            mib(machine.usable_mb)
        ),
        format!(
            "Chosen by memtool {} from {} of the job.",
            env!("CARGO_PKG_VERSION"),
            counted(runs.len(), "run")
        ),
    ];
    header.extend(machine.expected.map(|expected| {
        format!(
            "Expected peak {} MiB; above {} MiB with a chance of {} %.",
            mib(expected.median_mb),
            mib(expected.peak_upper_mb),
            100.0 * expected.risk
        )
    }));
    let mut comments: BTreeMap<String, String> = machine.reasons.clone();
    // The existing manager has no key for available-memory limits.
    header.extend(
        comments.remove("available_limits").map(|reason| format!("Limits on available memory: {reason}")),
    );
    write_config(config, &comments, &header).context("the chosen settings cannot be written")
}

/// The config that is to be edited, read before the long work, so that errors in it are reported at once.
struct AppliedFile {
    file: EditedFile,
    config: AdaptiveConfig,
}

impl AppliedFile {
    fn read(name: &Path) -> anyhow::Result<Self> {
        let file = EditedFile::read(name)?;
        let config = read_config(&file.text).with_context(|| name.display().to_string())?.config;
        Ok(Self { file, config })
    }
}

/// Edits a job's YAML in place: shows the difference, keeps a backup.
fn apply(target: &AppliedFile, machine: &MachineTuning, dry_run: bool) -> anyhow::Result<()> {
    let AppliedFile { file, config } = target;
    let Some(chosen) = &machine.chosen else {
        anyhow::bail!("{} is left as it is: there is no config for {}", file.name, machine.machine.name);
    };
    let tuned =
        AdaptiveConfig { thresholds: chosen.thresholds, batch_sizes: chosen.batch_sizes, ..config.clone() };
    let changes = ConfigChange::between(config, &tuned);
    let edited = edit_config(&file.text, &changes).with_context(|| file.name.clone())?;
    file.show(&edited.text, edited.notes.iter().map(|note| escape::control(&note.to_string())))?;
    file.put(&edited.text, changes.len(), dry_run)
}
