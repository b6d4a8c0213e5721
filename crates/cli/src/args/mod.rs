//! The command-line arguments. Only this module uses clap.

mod analyze;
mod chart;
mod compare;
mod config;
mod convert;
mod doctor;
mod fit;
mod fleet;
mod formats;
mod gate;
mod input;
mod lake;
mod live;
mod manual;
mod report;
mod request;
mod risk;
mod run;
mod seconds;
mod simulate;
mod size;
mod tune;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use analyze::{Analyze, FailOn};
pub(crate) use chart::{Chart, ImageFormat};
pub(crate) use compare::Compare;
pub(crate) use config::{CheckConfig, Recommendations};
pub(crate) use convert::Convert;
pub(crate) use doctor::Doctor;
pub(crate) use fit::Fit;
pub(crate) use fleet::{Fleet, FleetBy, FleetFormat};
pub(crate) use formats::{Formats, Mapping};
pub(crate) use gate::{Baseline, BaselineAction, BaselineFile, BaselineRuns, Check};
pub(crate) use input::{Budget, Format, Input, Publish, ReportFormat};
pub(crate) use lake::{Lake, LakeAction, LakeDelete};
pub(crate) use live::{Identity, Monitor, Record};
pub(crate) use report::Report;
pub(crate) use request::{Request, RequestFormat, RetrySize};
pub(crate) use run::RunUnits;
pub(crate) use simulate::Simulate;
pub(crate) use size::mebibytes;
pub(crate) use tune::{Target, Tune};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "Exit codes:
  0  done
  1  findings at or above --fail-on, a regression, a budget that is exceeded, an invalid
     config, or a machine that cannot be recorded on
  2  usage error, or a config that cannot be read
  3  no readable input
  4  no answer: inconclusive data, or no config, size or request to give
record and run exit with the job's code.";

/// Record the memory use of batch jobs, find problems, and tune the settings of the next run.
#[derive(Debug, Parser)]
#[command(name = "memtool", version, styles = STYLES, after_help = EXIT_CODES, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Parses the command line. Ends the program after help and after a usage error.
pub(crate) fn parse() -> Command {
    Cli::parse().command
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Report memory use and problems of recorded runs
    #[command(after_help = "Examples:
  memtool analyze reports/memory/
  memtool analyze 'reports/**/memory_profile_*.json' --fail-on high
  memtool analyze run.json --format json | jq '.profiles[0].findings'")]
    Analyze(Analyze),
    /// Predict peak and speed under other thresholds or batch sizes
    #[command(after_help = "Examples:
  memtool simulate run.json --config tuned.yaml
  memtool simulate run.json --fixed-batch 250 --fixed-batch 500 --memory-limit 2GiB
  memtool simulate runs/ --same-job --config a.yaml --config b.yaml --chart charts/")]
    Simulate(Simulate),
    /// Choose the settings for each machine size, with the reason for every value
    #[command(after_help = "Examples:
  memtool tune reports/memory/ --output configs/
  memtool tune reports/memory/ --machine 8gb --risk 0.001 --pareto
  memtool tune run.json --machine 8gb --apply config.yaml --dry-run
  memtool tune runs/*.ndjson --memory-limit 1GiB --target recorder --format json")]
    Tune(Tune),
    /// Compute the memory to request for the next run, from finished runs
    #[command(after_help = "\
Runs are grouped by process, rule or job. Every rule for sizes is replayed over the
group's own history; the cheapest whose failures stay within the risk is taken.

Examples:
  memtool request trace.txt
  memtool request benchmarks/ --risk 0.005 --format snakemake
  memtool request sacct.txt --format sbatch
  memtool request cluster.json --format kubernetes-patch
  memtool request cluster.json --apply deployment.yaml --dry-run")]
    Request(Request),
    /// Find out whether memory killed a run, and compute what to give the next attempt
    #[command(after_help = "\
The verdict follows from the control group's count of kills, the scheduler's status, SIGKILL,
and how close the run came to its limit; the size from the rules of `request`. Exits with 4 if
no run is known to have been killed for memory.

Examples:
  memtool retry-size reports/memory/memory_stream_20261129T043010Z_4711.ndjson
  memtool retry-size sacct.txt trace.txt --format json | jq '.retries[].memory_mb'")]
    RetrySize(RetrySize),
    /// Compute how many jobs, workers or processes can run at once under a limit
    #[command(after_help = "\
From recorded peaks and their times: with start times that are independent of each
other, and all started together. Exits with 4 if not even one fits.

Examples:
  memtool fit reports/memory/ --machine 16gb
  memtool fit --unit worker=workers/ --unit web=web.ndjson --memory-limit 8GiB
  memtool fit trace.txt --memory-limit 64GiB --risk 0.001 --chart fit.png")]
    Fit(Fit),
    /// Run commands at once, each when its memory fits, and record each
    #[command(override_usage = run::RUN_USAGE, after_help = "\
A command waits until its expected memory fits beside that of the running commands;
parallel programs call it in place of the command. The exit code is the command's; with
--jobs the first that is not 0.

Examples:
  xargs -P 32 -n 1 memtool run --memory-limit 8GiB -- ./convert.sh < files.txt
  parallel -j 32 memtool run -- ./convert.sh {} ::: *.csv
  make -j 32 SHELL=memtool .SHELLFLAGS='run --slots auto -- sh -c'
  memtool run --jobs commands.txt --memory-limit 2GiB --retries 1")]
    Run(RunUnits),
    /// Compare memory use before and after a change
    #[command(after_help = "\
Peak, mean, time at high pressure, leak slope and throughput, of the whole run and of
each operation. Exits with 0 if nothing is worse, with 1 on a regression, and with 4
if the data is inconclusive.

Examples:
  memtool compare main/*.ndjson -- branch/*.ndjson
  memtool compare main/ -- branch/ --format markdown > review.md")]
    Compare(Compare),
    /// Compare runs with budgets and a stored baseline, and fail if they exceed one
    #[command(after_help = "\
Budgets are in memtool.toml: by job and operation, the peak, the mean, the headroom below
the limit, leaks, and the change that counts as worse than the baseline. Exits with 0 if
all is within budget and unchanged, with 1 if something exceeds its budget or is worse, and
with 4 if the runs are inconclusive.

Examples:
  memtool check runs/*.ndjson
  memtool check runs/ --config ci/memtool.toml --format junit > memory.xml
  memtool check runs/ --baseline memtool-baseline.json --format github")]
    Check(Check),
    /// Store the memory use of a job's runs in a small file, for check to compare with
    #[command(after_help = "Examples:
  memtool baseline save main/*.ndjson
  memtool baseline update main/*.ndjson --baseline ci/baseline.json
  memtool baseline show")]
    Baseline(Baseline),
    /// Draw runs, and an overview across them, as PNG or SVG
    #[command(after_help = "Examples:
  memtool chart reports/memory/ --output charts/
  memtool chart run.json --image-format svg --output .")]
    Chart(Chart),
    /// Write runs, findings and charts as one HTML file that can be passed on
    #[command(after_help = "\
The file fetches nothing and opens from disk: charts with zoom and values under the
cursor, the findings with their evidence, the tables behind the charts, and the data.

Examples:
  memtool report reports/memory/ --output report.html
  memtool report run.ndjson -o report.html --simulate tuned.yaml --tune 8gb")]
    Report(Report),
    /// Write runs as Parquet tables, which any engine reads
    #[command(after_help = "\
A table holds every sample: runs larger than --memory-budget are refused.

Examples:
  memtool convert reports/memory/ --output tables/
  memtool analyze tables/
  duckdb -c \"select job, max(rss_mb) from 'tables/snapshots/**/*.parquet' group by job\"
  memtool convert reports/memory/ --lake /mnt/lake")]
    Convert(Convert),
    /// Report problems among the runs of many jobs and machines, the worst first
    #[command(after_help = "\
Reads a lake, with one row per run, or files of runs, also saved answers of Prometheus. By job: runs,
kills, peaks, limit, reserved memory that was not used, leaks; when peaks grew, and with which version.

Examples:
  memtool fleet /mnt/lake
  memtool fleet cluster.json --by namespace
  memtool fleet /mnt/lake --since 2026-11-01 --by version --job etl
  memtool fleet /mnt/lake --format csv --chart fleet.png > fleet.csv")]
    Fleet(Fleet),
    /// Compact a lake, which convert --lake fills with runs of many jobs, or delete old runs
    #[command(after_help = "Examples:
  memtool lake compact /mnt/lake
  memtool lake delete /mnt/lake --older-than 90d --dry-run")]
    Lake(Lake),
    /// List the files of other tools that are read, how to make them, and what they can tell
    #[command(after_help = "Examples:
  memtool formats
  memtool formats mprof
  memtool formats --format json | jq '.formats[].record'")]
    Formats(Formats),
    /// List what to do next, the most urgent first
    #[command(after_help = "Examples:
  memtool recommendations reports/memory/
  memtool recommendations --config config.yaml reports/memory/")]
    Recommendations(Recommendations),
    /// Check a job's YAML: place, completeness, order and ranges
    #[command(after_help = "Examples:
  memtool check-config config/simulation.yaml
  memtool check-config config.yaml --machine 4gb
  memtool check-config config.yaml --target recorder")]
    CheckConfig(CheckConfig),
    /// Run a job, or attach to a running one, and record its memory use
    #[command(override_usage = live::RECORD_USAGE, after_help = "\
The exit code is the job's: 128 and the signal's number if a signal killed it,
127 if there is no such program, 126 if it cannot be run.

Examples:
  memtool record -- python run_simulation.py --years 5
  memtool record --output run.ndjson --memory-limit 4GiB -- ./etl.sh
  memtool record --pid 4711")]
    Record(Record),
    /// Show the memory use of a running job
    #[command(after_help = "Examples:
  memtool monitor
  memtool monitor reports/memory/memory_stream_20261123T043010Z_4711.ndjson
  memtool monitor --pid 4711 --config config.yaml
  memtool monitor --plain --interval 10 >> memory.log")]
    Monitor(Monitor),
    /// Check that this machine can be recorded on
    #[command(after_help = "\
Reports how memory is read, the limit, exact peaks, child processes, and the cost of a
sample. Exits with 1 if memory cannot be read or recordings cannot be written.

Examples:
  memtool doctor
  memtool doctor --reports /var/lib/job/reports --format json")]
    Doctor(Doctor),
    /// Print the completions for a shell
    #[command(after_help = "Example:
  memtool completions bash > ~/.local/share/bash-completion/completions/memtool")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example:
  memtool man > memtool.1")]
    Man,
}

/// Prints the completions of a shell.
pub(crate) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "memtool", &mut script);
    script
}

/// The manual page: the program's, then each command's.
pub(crate) fn manual() -> std::io::Result<Vec<u8>> {
    manual::render(Cli::command())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_tree_is_sound() {
        Cli::command().debug_assert();
    }

    fn parsed(line: &str) -> Command {
        let words = line.split_whitespace();
        Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}")).command
    }

    #[test]
    fn a_script_may_spell_limit_and_target_otherwise() {
        for (hidden, shown) in [
            ("memtool simulate a --limit-mb 600", "memtool simulate a --memory-limit 600"),
            (
                "memtool tune a --limit-mb 600 --limit-mb 700",
                "memtool tune a --memory-limit 600 --memory-limit 700",
            ),
        ] {
            assert_eq!(format!("{:?}", parsed(hidden)), format!("{:?}", parsed(shown)));
        }
        let Command::Tune(tune) = parsed("memtool tune a --own-recorder") else { panic!("tune") };
        assert_eq!(tune.target(), Target::Recorder);
    }

    #[test]
    fn the_config_is_for_the_manager_unless_asked() {
        for (line, target) in [
            ("memtool tune a", Target::Manager),
            ("memtool tune a --target recorder", Target::Recorder),
            ("memtool tune a --target manager", Target::Manager),
        ] {
            let Command::Tune(tune) = parsed(line) else { panic!("{line}") };
            assert_eq!(tune.target(), target, "{line}");
        }
        assert!(
            Cli::try_parse_from(["memtool", "tune", "a", "--own-recorder", "--target", "manager"]).is_err()
        );
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
}
