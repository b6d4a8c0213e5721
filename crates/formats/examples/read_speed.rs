//! Reads each file this many times and prints the processor time that one reading takes: `read_speed TIMES FILE…`.

use std::env;
use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Read};

use memtool_formats::{Head, Limits, find, read};

/// Processor seconds of this process so far, from the kernel's count in ticks of 10 ms.
fn processor_s() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_ascii_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

#[expect(clippy::print_stdout, reason = "it is what it does")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let times: u32 = args.next().ok_or("how many times?")?.parse()?;
    for path in args {
        let mut start = Vec::new();
        File::open(&path)?.take(Head::BYTES as u64).read_to_end(&mut start)?;
        let reader = find(&Head::new(&start)).ok_or("no reader knows it")?;
        let before = processor_s().unwrap_or_default();
        let mut samples = 0;
        for _ in 0..times {
            let mut text = BufReader::with_capacity(Head::BYTES, File::open(&path)?);
            let runs = read(reader, &mut text, Limits::default())?;
            samples = runs.iter().map(|run| run.snapshots.len()).sum();
        }
        let each = (processor_s().unwrap_or_default() - before) / f64::from(times);
        println!("{path}: {}, {samples} samples kept, {:.2} ms", reader.name, each * 1e3);
    }
    Ok(())
}
