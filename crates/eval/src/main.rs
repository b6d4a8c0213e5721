#![doc = include_str!("../README.md")]

mod arguments;
mod corpus;
mod detectors;
mod drawn;
mod figures;
mod markdown;
mod simulation;
mod tuning;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use arguments::Arguments;
use drawn::Part;

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
    let mut out = std::io::stdout().lock();
    let cases = corpus::read(&arguments)?;
    if !cases.is_empty() {
        writeln!(out, "{} runs of {} programs\n", cases.len(), corpus::programs(&cases).len())?;
        write!(out, "{}", detectors::tables(&cases, arguments.worst > 0)?)?;
        write!(out, "{}", simulation::tables(&cases, arguments.worst))?;
        write!(out, "{}", tuning::table(&cases)?)?;
    }
    if !arguments.drawn.is_empty() {
        let parts = arguments.drawn.iter().map(|folder| drawn_parts(folder, &arguments));
        let parts: Vec<Part> = parts.collect::<anyhow::Result<Vec<_>>>()?.into_iter().flatten().collect();
        write!(out, "{}", drawn::page(&parts, arguments.worst > 0))?;
    }
    Ok(())
}

fn drawn_parts(folder: &Path, arguments: &Arguments) -> anyhow::Result<Vec<Part>> {
    let set = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
    let part = |name: &&str| {
        Ok(Part {
            name: format!("{set}, {name}"),
            cases: corpus::read_folder(&folder.join(name), arguments)?,
        })
    };
    arguments.drawn_parts().iter().map(part).collect()
}
