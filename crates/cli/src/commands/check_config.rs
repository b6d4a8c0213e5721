//! `memtool check-config`: place, completeness, order and ranges of a job's YAML.

use memtool_analyzer::tune::Machine;
use memtool_job_config::{ConfigFile, ConfigNote, Placement, loader_violations};
use memtool_profile_model::Mib;
use serde::Serialize;

use super::wrapped;
use crate::args::{CheckConfig, Format, Target};
use crate::config_file;
use crate::escape;
use crate::exit::Exit;
use crate::output;

/// The shape of `check-config --format json`.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    path: String,
    /// Where the block is: `optimization`, `root`, `ignored` or `missing`.
    placement: &'static str,
    valid: bool,
    problems: Vec<String>,
    notes: Vec<String>,
    /// Settings that the file does not hold, so that the defaults apply.
    defaulted: Vec<String>,
}

pub(crate) fn run(args: &CheckConfig) -> anyhow::Result<Exit> {
    let file = config_file::read(&args.file)?;
    let report = report(args, &file);
    match args.format {
        Format::Json => output::print_json(&report)?,
        Format::Text => output::print(&page(&report))?,
    }
    Ok(if report.valid { Exit::Done } else { Exit::Findings })
}

fn report(args: &CheckConfig, file: &ConfigFile) -> Report {
    let usable = |gib| Mib::new(Machine::with_gib(gib).limit_mb);
    let limit = args.machine.map(usable).or(file.memory_limit());
    let mut problems: Vec<String> = Vec::new();
    let placement = match &file.placement {
        Placement::OptimizationBlock => "optimization",
        Placement::RootBlock => "root",
        Placement::Ignored { path } => {
            problems.push(format!(
                "the block is at {path}, which the job does not read: it runs with the defaults; move it to \
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
    if args.target == Target::Manager {
        problems.extend(file.notes.iter().filter(|note| is_root(note)).map(ToString::to_string));
        let violations = loader_violations(&file.config);
        problems.extend(violations.iter().map(|v| format!("{v}; the job's own loader refuses it")));
    }
    if args.strict {
        problems.extend(file.notes.iter().filter(|note| is_unknown(note)).map(ToString::to_string));
    }
    let is_problem = |note: &&ConfigNote| {
        is_root(note)
            || args.strict && is_unknown(note)
            || matches!(
                note,
                ConfigNote::IgnoredBlock { .. } | ConfigNote::NoBlock | ConfigNote::OutOfLoaderRange { .. }
            )
    };
    let notes: Vec<String> =
        file.notes.iter().filter(|note| !is_problem(note)).map(ToString::to_string).collect();
    Report {
        schema: "memtool.config-check/1",
        path: args.file.display().to_string(),
        placement,
        valid: problems.is_empty(),
        problems,
        notes,
        defaulted: file.defaulted(),
    }
}

const fn is_root(note: &ConfigNote) -> bool {
    matches!(note, ConfigNote::RootBlock { .. })
}

/// Whether a key is one that nothing reads.
const fn is_unknown(note: &ConfigNote) -> bool {
    matches!(note, ConfigNote::UnknownKey { .. } | ConfigNote::SecondBlock { .. })
}

fn page(report: &Report) -> String {
    let mut page = format!("{}: {}\n", report.path, if report.valid { "valid" } else { "NOT VALID" });
    let mut add = |word: &str, lines: &[String]| {
        for line in lines {
            page.push_str(&wrapped(&format!("  {word}: "), &escape::control(line)));
        }
    };
    add("problem", &report.problems);
    add("note", &report.notes);
    if !report.defaulted.is_empty() {
        add("defaults", &[report.defaulted.join(", ")]);
    }
    page
}
