//! What can be typed. The only place that knows clap.

mod compare;
mod doctor;
mod formats;
mod live;
mod tune;

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::memory;

pub(crate) use compare::{Compare, ReviewFormat};
pub(crate) use doctor::{Doctor, Plant};
pub(crate) use formats::{Formats, Mapping};
pub(crate) use live::{Monitor, Record};
pub(crate) use tune::Tune;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "Exit codes:
  0  done
  1  findings at or above --fail-on, a regression, an invalid config, or a wrong
     verdict of doctor
  2  bad use, or a config that cannot be read
  3  no readable input
  4  inconclusive where a verdict was demanded
record exits as the job did.";

/// Records batch jobs, says what they do with memory, and what to set next.
#[derive(Debug, Parser)]
#[command(name = "memtool", version, styles = STYLES, after_help = EXIT_CODES, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What was typed. Ends the program where that is help, or makes no sense.
pub(crate) fn typed() -> Command {
    Cli::parse().command
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What runs did with memory, and what is wrong
    #[command(after_help = "Examples:
  memtool analyze reports/memory/
  memtool analyze 'reports/**/memory_profile_*.json' --fail-on high
  memtool analyze run.json --format json | jq '.profiles[0].findings'")]
    Analyze(Analyze),
    /// What would have happened with other thresholds or batch sizes
    #[command(after_help = "Examples:
  memtool simulate run.json --config tuned.yaml
  memtool simulate run.json --fixed-batch 250 --fixed-batch 500 --limit-mb 2048
  memtool simulate runs/ --same-job --config a.yaml --config b.yaml --chart charts/")]
    Simulate(Simulate),
    /// A config for each machine size from runs of one job, with the reason for every number
    #[command(after_help = "Examples:
  memtool tune reports/memory/ --output configs/
  memtool tune reports/memory/ --machine 8gb --risk 0.001 --pareto
  memtool tune run.json --machine 8gb --apply config.yaml --dry-run
  memtool tune runs/*.ndjson --limit-mb 1024 --own-recorder --format json")]
    Tune(Tune),
    /// Did a change make memory worse: runs before it against runs after it
    #[command(after_help = "\
Peak, mean, time at high pressure, leak slope and throughput, of the whole run and of
each operation. Exits with 0 if nothing is worse, with 1 on a regression, and with 4
if the data cannot tell.

Examples:
  memtool compare main/*.ndjson -- branch/*.ndjson
  memtool compare main/ -- branch/ --format markdown > review.md")]
    Compare(Compare),
    /// PNG or SVG charts of runs, and an overview across them
    #[command(after_help = "Examples:
  memtool chart reports/memory/ --output charts/
  memtool chart run.json --image-format svg --output .")]
    Chart(Chart),
    /// Parquet tables of runs: read back many times faster, and by any engine
    #[command(after_help = "Examples:
  memtool convert reports/memory/ --output tables/
  memtool analyze tables/
  duckdb -c \"select job, max(rss_mb) from 'tables/snapshots/**/*.parquet' group by job\"")]
    Convert(Convert),
    /// Which files of other tools are read, how to make them, and what they can tell
    #[command(after_help = "Examples:
  memtool formats
  memtool formats mprof
  memtool formats --format json | jq '.formats[].record'")]
    Formats(Formats),
    /// What to do next, the most pressing first, with the evidence
    #[command(after_help = "Examples:
  memtool recommendations reports/memory/
  memtool recommendations --config config.yaml reports/memory/")]
    Recommendations(Recommendations),
    /// Whether a job's YAML is found, complete, ordered and accepted
    #[command(after_help = "Examples:
  memtool check-config config/simulation.yaml
  memtool check-config config.yaml --machine 4gb")]
    CheckConfig(CheckConfig),
    /// Runs a job, or watches a running one, and writes down what it does with memory
    #[command(override_usage = live::RECORD_USAGE, after_help = "\
The exit code is the job's: 128 and the signal's number if a signal killed it,
127 if there is no such program, 126 if it cannot be run.

Examples:
  memtool record -- python run_simulation.py --years 5
  memtool record --output run.ndjson --memory-limit 4096 -- ./etl.sh
  memtool record --pid 4711")]
    Record(Record),
    /// What a job does with memory right now
    #[command(after_help = "Examples:
  memtool monitor
  memtool monitor reports/memory/memory_stream_20261123T043010Z_4711.ndjson
  memtool monitor --pid 4711 --config config.yaml
  memtool monitor --plain --interval 10 >> memory.log")]
    Monitor(Monitor),
    /// How often findings are right, on runs whose truth is known
    #[command(after_help = "Examples:
  memtool accuracy corpus/profiles
  memtool accuracy corpus/profiles --only leak_fast --format json")]
    Accuracy(Accuracy),
    /// Whether recording and verdicts work on this machine
    #[command(after_help = "\
Plants a leak, a plateau, a sawtooth and a spike, records them, and looks whether
each is told for what it is. Takes about 11 seconds and 570 MiB of memory.
Exits with 1 if one is not, and with 4 if one cannot be told here.

Examples:
  memtool doctor
  memtool doctor --keep recordings/ --format json")]
    Doctor(Doctor),
    /// Completions for a shell
    #[command(after_help = "Example:
  memtool completions bash > ~/.local/share/bash-completion/completions/memtool")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// The manual page
    #[command(after_help = "Example:
  memtool man > memtool.1")]
    Man,
}

/// Text for people or JSON for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs: the names are stable
    Json,
}

/// The files to read.
#[derive(Debug, Args)]
pub(crate) struct Input {
    /// Files, folders (searched for memory profiles and streams) or patterns; .gz and .zst too
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// How much of the machine runs may take.
#[derive(Debug, Args)]
pub(crate) struct Memory {
    /// Memory that runs may take, in MiB: of a longer run some snapshots are kept, and all are
    /// counted [default: half of what this process may use]
    #[arg(long, value_name = "MIB", value_parser = mebibytes)]
    max_memory: Option<f64>,
}

impl Memory {
    /// The same in bytes.
    pub(crate) fn bytes(&self) -> Option<u64> {
        Some(memory::given(self.max_memory))
    }
}

/// The least severity that fails the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Any finding
    Low,
    /// Findings of medium or high severity
    Medium,
    /// Findings of high severity
    High,
}

#[derive(Debug, Args)]
pub(crate) struct Analyze {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Exit with 1 if there is a finding of this severity or worse
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) fail_on: Option<FailOn>,
    /// Print every finding, not only the clearest of each kind
    #[arg(long)]
    pub(crate) all: bool,
    /// Print every finding with every figure it rests on
    #[arg(long)]
    pub(crate) explain: bool,
    /// Judge the runs of tables again, instead of taking the reports that convert stored there
    #[arg(long)]
    pub(crate) recompute: bool,
    #[command(flatten)]
    pub(crate) memory: Memory,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
    /// Exit with 4 if the leak verdict of any run is inconclusive
    #[arg(long)]
    pub(crate) require_verdict: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    #[command(flatten)]
    pub(crate) input: Input,
    /// A YAML config to replay; may be repeated
    #[arg(long = "config", value_name = "FILE")]
    pub(crate) configs: Vec<PathBuf>,
    /// A fixed batch size, with the controller off; may be repeated
    #[arg(long = "fixed-batch", value_name = "ITEMS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) fixed_batches: Vec<u32>,
    /// Where a kernel would kill the job, in MiB
    #[arg(long, value_name = "MIB", value_parser = mebibytes)]
    pub(crate) limit_mb: Option<f64>,
    /// The runs are of one job: fit one memory response to all of them
    #[arg(long)]
    pub(crate) same_job: bool,
    /// Draw a before/after chart of each run and config into this folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) chart: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) memory: Memory,
}

/// The kind of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ImageFormat {
    /// Pixels
    #[default]
    Png,
    /// Vectors
    Svg,
}

#[derive(Debug, Args)]
pub(crate) struct Chart {
    /// Files, folders (searched for memory profiles and streams) or patterns; .gz and .zst too
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The folder that gets the pictures
    #[arg(long, short, value_name = "FOLDER", default_value = "charts")]
    pub(crate) output: PathBuf,
    /// The kind of picture
    #[arg(long, value_enum, default_value_t)]
    pub(crate) image_format: ImageFormat,
    #[command(flatten)]
    pub(crate) memory: Memory,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}

#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// Files, folders (searched for memory profiles and streams) or patterns; .gz and .zst too
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The folder that gets the tables snapshots, batches and findings, by day and job
    #[arg(long, short, value_name = "FOLDER")]
    pub(crate) output: PathBuf,
    /// Memory that runs may take, in MiB: a longer run is refused, since a table holds all of its
    /// snapshots [default: half of what this process may use]
    #[arg(long, value_name = "MIB", value_parser = mebibytes)]
    pub(crate) max_memory: Option<f64>,
    /// What the runs become
    #[arg(long, value_enum, default_value_t)]
    pub(crate) to: Target,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}

/// What a run is converted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Target {
    /// Tables of snapshots, batches and findings, by day and job
    #[default]
    Parquet,
    /// memtool's own stream, a file a run
    Stream,
    /// A row a sample, a file a run
    Csv,
    /// OpenMetrics text with times, for promtool's backfilling, a file a run
    Prometheus,
}

#[derive(Debug, Args)]
pub(crate) struct Recommendations {
    /// Files, folders (searched for memory profiles and streams) or patterns; .gz and .zst too
    #[arg(value_name = "PATH", required_unless_present = "config")]
    pub(crate) paths: Vec<PathBuf>,
    /// A job's YAML, to be checked against what the runs show
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct CheckConfig {
    /// The job's YAML
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Check that it fits a machine of this size, such as 8gb
    #[arg(long, value_name = "SIZE", value_parser = machine_gb)]
    pub(crate) machine: Option<f64>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Seconds between two looks.
fn seconds(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if (0.01..=3600.0).contains(&value) => Ok(value),
        _ => Err("expected seconds from 0.01 to 3600".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct Accuracy {
    /// A folder of NAME.profile.json with NAME.outcome.json (its labels) beside them
    #[arg(value_name = "CORPUS")]
    pub(crate) corpus: PathBuf,
    /// Only runs of this workload; may be repeated
    #[arg(long, value_name = "WORKLOAD")]
    pub(crate) only: Vec<String>,
    /// No runs of this workload; may be repeated
    #[arg(long, value_name = "WORKLOAD")]
    pub(crate) except: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

fn mebibytes(text: &str) -> Result<f64, String> {
    positive(text, "MiB")
}

fn gigabytes(text: &str) -> Result<f64, String> {
    positive(text, "GB")
}

/// `8gb`, `8GiB`, `8g` or `8`: memory is sold and meant in units of 1,024 MiB, whatever the spelling.
fn machine_gb(text: &str) -> Result<f64, String> {
    let lower = text.to_ascii_lowercase();
    let digits = ["gib", "gb", "g"].iter().find_map(|unit| lower.strip_suffix(unit)).unwrap_or(&lower);
    positive(digits, "GB, such as 8gb")
}

fn positive(text: &str, unit: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 1e9 => Ok(value),
        _ => Err(format!("expected a number of {unit}, above 0")),
    }
}

/// Prints the completions of a shell.
pub(crate) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "memtool", &mut script);
    script
}

/// The manual page: the program's, then each command's.
pub(crate) fn manual() -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let sub = sub.clone().display_name(format!("memtool {}", sub.get_name()));
        let man = clap_mangen::Man::new(sub);
        man.render_name_section(&mut page)?;
        man.render_synopsis_section(&mut page)?;
        man.render_options_section(&mut page)?;
        man.render_extra_section(&mut page)?;
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_tree_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_job_keeps_its_own_options() {
        let parsed = |words: &[&str]| match Cli::try_parse_from([&["memtool", "record"], words].concat()) {
            Ok(Cli { command: Command::Record(record) }) => Ok((record.quiet, record.command)),
            Ok(_) => unreachable!("record was asked for"),
            Err(error) => Err(error.kind()),
        };
        let job = |words: &[&str]| words.iter().map(Into::into).collect::<Vec<std::ffi::OsString>>();
        assert_eq!(
            parsed(&["--", "a", "--quiet", "--", "b"]),
            Ok((false, job(&["a", "--quiet", "--", "b"])))
        );
        assert_eq!(parsed(&["--quiet", "a", "-x"]), Ok((true, job(&["a", "-x"]))));
        assert_eq!(parsed(&[]), Err(clap::error::ErrorKind::MissingRequiredArgument));
        assert_eq!(parsed(&["--pid", "1", "--", "a"]), Err(clap::error::ErrorKind::ArgumentConflict));
        assert_eq!(parsed(&["--quite", "a"]), Err(clap::error::ErrorKind::UnknownArgument));
    }

    #[test]
    fn machine_sizes_are_read_in_every_spelling() {
        assert_eq!(machine_gb("8gb"), Ok(8.0));
        assert_eq!(machine_gb("16GB"), Ok(16.0));
        assert_eq!(machine_gb("1.5 GiB"), Ok(1.5));
        assert_eq!(machine_gb("4"), Ok(4.0));
        assert!(machine_gb("-4gb").is_err());
        assert!(machine_gb("nan").is_err());
        assert!(machine_gb("big").is_err());
    }
}
