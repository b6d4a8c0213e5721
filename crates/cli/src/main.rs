#![doc = include_str!("../README.md")]

mod analysis_checks;
mod analysis_markdown;
mod analysis_text;
mod args;
mod baseline_text;
mod budget_file;
mod ci;
mod commands;
mod comparison_checks;
mod comparison_markdown;
mod comparison_text;
mod config_file;
mod edited_file;
mod escape;
mod exit;
mod external_recorder;
mod finding_ranks;
mod finding_text;
mod fit_text;
mod fleet_markdown;
mod fleet_text;
mod gate_checks;
mod gate_markdown;
mod gate_text;
mod job;
mod machine;
mod manifest_file;
mod monitor;
mod output;
mod predictions_chart;
mod progress;
mod publish;
mod replace;
mod report_page;
mod request_checks;
mod request_compose;
mod request_directives;
mod request_kubernetes;
mod request_markdown;
mod request_patch;
mod request_text;
mod retry_text;
mod run_label;
mod run_notes;
mod run_summary;
mod runs_table;
mod sbatch_script;
mod signals;
mod slots;
mod table;
mod temporary;
mod text;
mod tune_report;
mod unique_name;

use std::io;
use std::process::ExitCode;

use crate::args::Command;
use crate::exit::Exit;

fn main() -> ExitCode {
    // Where the handler cannot be set the limit ends this program, as it would any other.
    let _ = signals::survive_file_size_limit();
    match run(args::parse()) {
        // A job's code may be larger than what `ExitCode` carries.
        Ok(Exit::Job(code)) => std::process::exit(code),
        Ok(exit) => exit.into(),
        Err(error) if is_broken_pipe(&error) => Exit::Done.into(),
        Err(error) => {
            output::line(escape::lines(&format!("memtool: {}", with_causes(&error))).trim_end());
            Exit::Usage.into()
        }
    }
}

fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Analyze(args) => commands::analyze::run(&args),
        Command::Simulate(args) => commands::simulate::run(&args),
        Command::Tune(args) => commands::tune::run(&args),
        Command::Fit(args) => commands::fit::run(&args),
        Command::Run(args) => commands::run::run(&args),
        Command::Compare(args) => commands::compare::run(&args),
        Command::Convert(args) => commands::convert::run(&args),
        Command::Fleet(args) => commands::fleet::run(&args),
        Command::Lake(args) => commands::lake::run(&args),
        Command::Check(args) => commands::check::run(&args),
        Command::Baseline(args) => commands::baseline::run(&args),
        Command::Chart(args) => commands::chart::run(&args),
        Command::Report(args) => commands::html_report::run(&args),
        Command::Request(args) => commands::request::run(&args),
        Command::RetrySize(args) => commands::retry_size::run(&args),
        Command::Formats(args) => commands::formats::run(&args),
        Command::Recommendations(args) => commands::recommendations::run(&args),
        Command::CheckConfig(args) => commands::check_config::run(&args),
        Command::Record(args) => commands::record::run(&args),
        Command::Monitor(args) => commands::monitor::run(&args),
        Command::Doctor(args) => commands::doctor::run(&args),
        Command::Completions { shell } => print_bytes(&args::completions(shell)),
        Command::Man => print_bytes(&args::manual()?),
    }
}

fn print_bytes(bytes: &[u8]) -> anyhow::Result<Exit> {
    output::print(&String::from_utf8_lossy(bytes))?;
    Ok(Exit::Done)
}

/// An error and its causes, each said once: some name their cause themselves.
fn with_causes(error: &anyhow::Error) -> String {
    error.chain().skip(1).map(ToString::to_string).fold(error.to_string(), |said, cause| {
        if said.ends_with(&cause) { said } else { format!("{said}: {cause}") }
    })
}

/// Whether the reader of a pipe has closed it, which is no failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
