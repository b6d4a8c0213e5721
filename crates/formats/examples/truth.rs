//! Prints what is read of each file, in the form of the truth beside a fixture: to be checked by
//! hand against the tool's own figures before it is kept.

use std::env;
use std::error::Error;
use std::fs;

use memtool_formats::{Head, Limits, find, read};
use memtool_profile_model::Mib;

#[expect(clippy::print_stdout, reason = "it is what it does")]
fn main() -> Result<(), Box<dyn Error>> {
    for path in env::args().skip(1) {
        let bytes = fs::read(&path)?;
        let Some(reader) = find(&Head::new(&bytes)) else {
            println!("{path}: unknown");
            continue;
        };
        match read(reader, &mut &bytes[..], Limits::default()) {
            Err(error) => println!("{path}: {} {error}", reader.name),
            Ok(runs) => {
                for run in &runs {
                    let peak = run
                        .snapshots
                        .iter()
                        .filter_map(|s| s.rss)
                        .chain(run.stated_peak.map(|peak| peak.rss));
                    let peak = peak.map(Mib::get).fold(0.0, f64::max);
                    let ends = run.snapshots.first().zip(run.snapshots.last());
                    let seconds = ends.map_or(0.0, |(first, last)| last.at.seconds_since(first.at));
                    println!(
                        "{path}: {} samples, peak {peak:.2}, {seconds:.2} s, {}, {:?} {:?} {:?}",
                        run.snapshots.len(),
                        run.started,
                        run.origin,
                        run.warnings,
                        run.task
                    );
                }
            }
        }
    }
    Ok(())
}
