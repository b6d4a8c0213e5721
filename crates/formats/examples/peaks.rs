//! Reads files of other tools and prints the runs in each, with the processor time that it took.
//!
//! `cargo run --release -p memtool-formats --example peaks -- gc.log answer.json`

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};

use memtool_formats::{Head, Limits, find, read};
use memtool_profile_model::{Mib, ReadError, Run};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for path in std::env::args().skip(1) {
        match runs(&path) {
            Ok(runs) => {
                for run in &runs {
                    writeln!(out, "{path}: {}", describe(run))?;
                }
            }
            Err(error) => writeln!(out, "{path}: {error}")?,
        }
    }
    Ok(())
}

fn runs(path: &str) -> Result<Vec<Run>, ReadError> {
    let mut file = File::open(path)?;
    let mut start = Vec::new();
    (&mut file).take(Head::BYTES as u64).read_to_end(&mut start)?;
    let unknown = || ReadError::UnknownFormat("no reader knows its content".to_owned());
    let reader = find(&Head::new(&start)).ok_or_else(unknown)?;
    file.rewind()?;
    let mut text: Box<dyn BufRead> = Box::new(BufReader::with_capacity(256 << 10, file));
    read(reader, &mut *text, Limits::default())
}

fn describe(run: &Run) -> String {
    let samples = run.totals.as_ref().map_or(run.snapshots.len(), |totals| totals.samples);
    let largest = run.snapshots.iter().filter_map(|sample| sample.rss).map(Mib::get).fold(0.0, f64::max);
    format!("{}, {}, {samples} samples, peak {largest:.1} MiB", run.format_name(), run.measure())
}
