#![doc = include_str!("../README.md")]

mod arguments;
mod corpus;
mod detectors;
mod quantile;
mod simulation;
mod tuning;

use std::io::Write as _;
use std::process::ExitCode;

use arguments::Arguments;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A closed standard error has no reader.
            let _ = writeln!(std::io::stderr(), "memtool-eval: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> anyhow::Result<()> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    let cases = corpus::read(&arguments)?;
    let mut out = std::io::stdout().lock();
    write!(out, "{}", detectors::tables(&cases)?)?;
    write!(out, "{}", simulation::tables(&cases, arguments.worst))?;
    write!(out, "{}", tuning::table(&cases)?)?;
    Ok(writeln!(out, "{} runs of {} programs", cases.len(), corpus::programs(&cases).len())?)
}
