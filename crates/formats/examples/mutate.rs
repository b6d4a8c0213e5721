//! Reads a file of each format this many times, each time with other bytes changed, cut or doubled, and prints
//! what came of it and the most memory that the process took: `mutate TIMES [FOLDER [FORMAT]]`.
//!
//! A reader that panics or hangs ends or stops it; both are what it is for.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use memtool_formats::{Head, Limits, Reader, find, read};
use memtool_tracegen::Random;

/// What stands in numbers, times and separators: changes to these reach further than others.
const TELLING: &[u8] = b"0123456789-+.:,;|eEnN\"{}[]()\n\t /\0\xff";

fn mutated(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    for _ in 0..=random.below(8) {
        if changed.is_empty() {
            break;
        }
        let at = random.below(changed.len());
        let end = (at + random.below(40)).min(changed.len());
        match random.below(6) {
            0 => changed.truncate(at.max(1)),
            1 => drop(changed.drain(at..end)),
            2 => {
                let piece = changed[at..end].to_vec();
                let to = random.below(changed.len());
                changed.splice(to..to, piece);
            }
            _ => changed[at] = TELLING[random.below(TELLING.len())],
        }
    }
    changed
}

/// Files up to this many bytes are small.
const LARGEST: usize = 30_000;

/// The reader of a format, and files of it.
type Format = (&'static Reader, Vec<Vec<u8>>);

/// Small files of each format, or its smallest: what a reader does with a line it does with a hundred thousand.
fn files(folder: &Path) -> std::io::Result<BTreeMap<&'static str, Format>> {
    let mut found: BTreeMap<&'static str, Format> = BTreeMap::new();
    for entry in fs::read_dir(folder)?.flatten().filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(entry.path())?.flatten() {
            let bytes = fs::read(file.path())?;
            if let Some(reader) = find(&Head::new(&bytes)) {
                found.entry(reader.name).or_insert((reader, Vec::new())).1.push(bytes);
            }
        }
    }
    for (_, files) in found.values_mut() {
        let smallest = files.iter().map(Vec::len).min().unwrap_or(0);
        files.retain(|bytes| bytes.len() <= smallest.max(LARGEST));
    }
    Ok(found)
}

fn peak_mb() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<f64>().ok().map(|kib| kib / 1024.0)
}

#[expect(clippy::print_stdout, reason = "it is what it does")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let times: usize = args.next().ok_or("how many times?")?.parse()?;
    let folder = args
        .next()
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/foreign"), PathBuf::from);
    let only = args.next();
    println!("| format | mutated | read | refused | s | slowest, ms | largest RSS so far, MiB |");
    println!("|---|---|---|---|---|---|---|");
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    for (name, (reader, files)) in files(&folder)?.into_iter().filter(|(name, _)| wanted(name)) {
        let mut random = Random::new(2026);
        let (mut good, start, mut slowest) = (0_usize, Instant::now(), 0.0_f64);
        for time in 0..times {
            let bytes = mutated(&files[time % files.len()], &mut random);
            let begin = Instant::now();
            good += usize::from(read(reader, &mut &bytes[..], Limits::default()).is_ok());
            slowest = slowest.max(begin.elapsed().as_secs_f64() * 1e3);
        }
        let seconds = start.elapsed().as_secs_f64();
        let peak = peak_mb().unwrap_or_default();
        println!(
            "| {name} | {times} | {good} | {} | {seconds:.1} | {slowest:.1} | {peak:.0} |",
            times - good
        );
    }
    Ok(())
}
