//! `memtool check-config`: whether a job's YAML is found, complete, ordered and accepted.

use std::path::Path;

use anyhow::Context;
use memtool_job_config::{ConfigFile, ConfigNote, Placement, loader_violations, read_config};
use memtool_profile_model::Mib;
use serde::Serialize;

use super::wrapped;
use crate::args::{CheckConfig, Format};
use crate::exit::Exit;
use crate::output;

/// The shape of `check-config --format json`.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    path: String,
    /// Where the block stands: `optimization`, `root`, `ignored` or `missing`.
    placement: &'static str,
    valid: bool,
    problems: Vec<String>,
    notes: Vec<String>,
    /// Settings that the file does not hold, so that the defaults apply.
    defaulted: Vec<String>,
}

pub(crate) fn run(args: &CheckConfig) -> anyhow::Result<Exit> {
    let file = read(&args.file)?;
    let report = report(&args.file, &file, args.machine);
    match args.format {
        Format::Json => output::print_json(&report)?,
        Format::Text => output::print(&page(&report))?,
    }
    Ok(if report.valid { Exit::Done } else { Exit::Findings })
}

/// Reads a job's YAML; the error names the file.
pub(crate) fn read(path: &Path) -> anyhow::Result<ConfigFile> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    read_config(&text).with_context(|| path.display().to_string())
}

/// The same, and says what a reader of the file should know.
pub(crate) fn read_and_say(path: &Path) -> anyhow::Result<ConfigFile> {
    let file = read(path)?;
    for note in &file.notes {
        output::say(&output::harmless(&format!("memtool: {}: {note}", path.display())));
    }
    Ok(file)
}

fn report(path: &Path, file: &ConfigFile, machine: Option<f64>) -> Report {
    let limit = machine.map(Mib::from_gib).or(file.memory_limit());
    let mut problems: Vec<String> = Vec::new();
    let placement = match &file.placement {
        Placement::OptimizationBlock => "optimization",
        Placement::RootBlock => "root",
        Placement::Ignored { path } => {
            problems.push(format!(
                "the block stands at {path}, where the job does not look: it runs with the defaults; move it to \
                 optimization.adaptive_memory"
            ));
            "ignored"
        }
        Placement::Missing => {
            problems.push(ConfigNote::NoBlock.to_string());
            "missing"
        }
    };
    problems.extend(file.config.validate(limit).iter().map(ToString::to_string));
    problems.extend(
        loader_violations(&file.config).iter().map(|v| format!("{v}; the job's own loader refuses it")),
    );
    let told = |note: &&ConfigNote| {
        matches!(
            note,
            ConfigNote::IgnoredBlock { .. } | ConfigNote::NoBlock | ConfigNote::OutOfLoaderRange { .. }
        )
    };
    let notes: Vec<String> = file.notes.iter().filter(|note| !told(note)).map(ToString::to_string).collect();
    Report {
        schema: "memtool.config-check/1",
        path: path.display().to_string(),
        placement,
        valid: problems.is_empty(),
        problems,
        notes,
        defaulted: file.defaulted(),
    }
}

fn page(report: &Report) -> String {
    let mut page = format!("{}: {}\n", report.path, if report.valid { "valid" } else { "NOT VALID" });
    let mut add = |word: &str, lines: &[String]| {
        for line in lines {
            page.push_str(&wrapped(&format!("  {word}: "), &output::harmless(line)));
        }
    };
    add("problem", &report.problems);
    add("note", &report.notes);
    if !report.defaulted.is_empty() {
        add("defaults", &[report.defaulted.join(", ")]);
    }
    page
}
