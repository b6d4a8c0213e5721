//! `memtool tune`: a config for each machine size, with the reason for every number.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use memtool_analyzer::tune::{Machine, MachineTuning, TuneOptions, Tuning, tune};
use memtool_analyzer::{MachineRow, TuningReport};
use memtool_profile_model::{AdaptiveConfig, ConfigChange, Run, edit_config, write_config};
use similar::TextDiff;

use super::{exit_for, load_runs, mib, percent, wrapped};
use crate::args::{Format, Tune};
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;
use crate::table::{self, Field, Tone, number, text};

pub(crate) fn run(args: &Tune) -> anyhow::Result<Exit> {
    let machines = machines(args);
    anyhow::ensure!(
        args.apply.is_none() || machines.len() == 1,
        "--apply edits one config: name one machine with --machine or --memory-gb"
    );
    let runs = load_runs(&args.input.paths);
    if runs.is_empty() {
        return Ok(exit_for(0));
    }
    say_if_mixed(&runs);
    let bar = Progress::of("replaying the runs with other batch sizes");
    let tuning =
        tune(&runs.iter().map(|(_, run)| run).collect::<Vec<_>>(), &machines, &TuneOptions::default());
    drop(bar);
    let mut report = TuningReport::from(&tuning);
    if let Some(folder) = &args.output {
        write_configs(folder, &runs, &tuning, &mut report.machines)?;
    }
    match args.input.format {
        Format::Json => output::print_json(&report)?,
        Format::Text => output::print(&page(&report, tuning.response.warnings.as_slice()))?,
    }
    if let Some(path) = &args.apply {
        apply(path, &tuning.machines[0], args.dry_run)?;
    }
    Ok(if tuning.machines.iter().any(MachineTuning::feasible) { Exit::Done } else { Exit::Inconclusive })
}

fn machines(args: &Tune) -> Vec<Machine> {
    let asked: Vec<Machine> =
        args.machines.iter().chain(&args.memory_gb).map(|gb| Machine::with_gib(*gb)).collect();
    if asked.is_empty() { Machine::usual() } else { asked }
}

/// The runs are taken to be of one job; where they share no label, that is doubtful.
fn say_if_mixed(runs: &[(PathBuf, Run)]) {
    let labels =
        |run: &Run| run.operations.names().iter().cloned().collect::<std::collections::BTreeSet<_>>();
    let first = labels(&runs[0].1);
    let apart = |run: &Run| !run.operations.names().is_empty() && labels(run).is_disjoint(&first);
    if let Some((path, _)) = runs.iter().find(|(_, run)| !first.is_empty() && apart(run)) {
        output::say(&format!(
            "memtool: {} and {} share no operation: tune takes all runs to be of one job",
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
            "Adaptive memory settings for a machine with {}: the job may use {} MiB there.",
            machine.machine.name,
            mib(machine.machine.limit_mb)
        ),
        format!("Chosen by memtool {} from {} runs of the job.", env!("CARGO_PKG_VERSION"), runs.len()),
    ];
    let mut comments: BTreeMap<String, String> = machine.reasons.clone();
    // The existing system knows no floors: their reason has no key to stand at.
    header.extend(
        comments.remove("available_limits").map(|reason| format!("Floors on available memory: {reason}")),
    );
    write_config(config, &comments, &header).context("the chosen settings cannot be written")
}

fn page(report: &TuningReport, warnings: &[String]) -> String {
    let columns = [
        text("machine"),
        number("limit"),
        number("batch"),
        number("moderate"),
        number("high"),
        number("critical"),
        number("peak MiB"),
        number("backtest"),
    ];
    let mut page = table::render(&columns, report.machines.iter().map(fields).collect());
    page.push_str("\nbatch: the largest size allowed; peak: predicted worst, median (upper bound);\n");
    page.push_str("backtest: runs left out whose peak stayed within the promise\n");
    for row in &report.machines {
        page.push('\n');
        page.push_str(&reasons(row));
    }
    for warning in warnings {
        page.push_str(&wrapped("note: ", &output::harmless(warning)));
    }
    page
}

fn fields(row: &MachineRow) -> Vec<Field> {
    let mut fields: Vec<Field> = vec![row.machine.clone().into(), mib(row.limit_mb).into()];
    let Some(config) = &row.chosen else {
        fields.push(Field("refused".into(), Tone::Bad));
        fields.extend((0..5).map(|_| Field::from("-")));
        return fields;
    };
    let thresholds = &config.thresholds;
    let peak = row.predicted.as_ref().and_then(|p| p.peak_rss_mb);
    let backtest = &row.backtest;
    fields.push(config.batch_sizes.high.to_string().into());
    fields.push(mib(thresholds.moderate_mb.get()).into());
    fields.push(mib(thresholds.high_mb.get()).into());
    fields.push(mib(thresholds.critical_mb.get()).into());
    fields.push(peak.map_or("-".to_owned(), |p| format!("{} ({})", mib(p.median), mib(p.high))).into());
    fields.push(format!("{} of {}", backtest.runs - backtest.violations, backtest.runs).into());
    fields
}

fn reasons(row: &MachineRow) -> String {
    let mut page = format!("{}\n", row.machine);
    if let Some(refused) = &row.refused {
        page.push_str(&wrapped("  refused: ", &output::harmless(refused)));
        return page;
    }
    for setting in
        ["batch_sizes.high", "thresholds.moderate_mb", "thresholds.gc_trigger_mb", "available_limits"]
    {
        if let Some(reason) = row.reasons.get(setting) {
            page.push_str(&wrapped(&format!("  {setting}: "), &output::harmless(reason)));
        }
    }
    if let Some(p) = row.predicted.as_ref().and_then(|p| p.oom_probability) {
        page.push_str(&format!("  chance that a run passes the limit: {}\n", percent(p)));
    }
    if let Some(path) = &row.config_path {
        page.push_str(&format!("  written to {path}, with the reason for every number\n"));
    }
    page
}

/// Edits a job's YAML in place: shows the difference, keeps a backup.
fn apply(path: &Path, machine: &MachineTuning, dry_run: bool) -> anyhow::Result<()> {
    let Some(chosen) = &machine.chosen else {
        anyhow::bail!("{} is left as it is: there is no config for {}", path.display(), machine.machine.name);
    };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file = memtool_profile_model::read_config(&text).with_context(|| path.display().to_string())?;
    let tuned = AdaptiveConfig {
        thresholds: chosen.thresholds,
        batch_sizes: chosen.batch_sizes,
        ..file.config.clone()
    };
    let changes = ConfigChange::between(&file.config, &tuned);
    let edited = edit_config(&text, &changes).with_context(|| path.display().to_string())?;
    let name = path.display().to_string();
    let diff = TextDiff::from_lines(text.as_str(), edited.text.as_str());
    output::print(&output::harmless_lines(&diff.unified_diff().header(&name, &name).to_string()))?;
    for note in &edited.notes {
        output::say(&format!("memtool: {}: {}", name, output::harmless(&note.to_string())));
    }
    if dry_run || changes.is_empty() {
        output::say(&format!("memtool: {name} is unchanged"));
        return Ok(());
    }
    let backup = backup_path(path);
    output::write_file(&backup, text.as_bytes())?;
    output::write_file(path, edited.text.as_bytes())?;
    output::say(&format!(
        "memtool: {} settings changed in {name}, the old file is {}",
        changes.len(),
        backup.display()
    ));
    Ok(())
}

/// The first free name beside the file: an older backup is never overwritten.
fn backup_path(path: &Path) -> PathBuf {
    let with = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let mut backup = with(".bak");
    let mut number = 2;
    while backup.exists() {
        backup = with(&format!(".bak{number}"));
        number += 1;
    }
    backup
}
