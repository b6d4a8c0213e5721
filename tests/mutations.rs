//! No damage to a file makes reading it panic or hang.
//!
//! Each case is one real file with a few random changes; case and seed alone make it again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use memtool_analyzer::profile;
use memtool_policy::{PolicyState, step};
use memtool_profile_model::profile::{Closing, write_profile};
use memtool_profile_model::{Observation, read_run};
use memtool_tracegen::Random;

use crate::fixtures::{Fixture, runs};

const CASES: u64 = 10_000;

/// Any number does: the same cases in every run.
const SEED: u64 = 0x6d65_6d74;

/// A single file takes milliseconds; this is for a machine that does other work beside.
const LONGEST_CASE: Duration = Duration::from_secs(60);

/// Words that stand where a number, a text or a list should.
const TOKENS: [&str; 20] = [
    "NaN",
    "-Infinity",
    "-1",
    "-0.0",
    "0",
    "1e400",
    "1e308",
    "-1e308",
    "1e-320",
    "18446744073709551616",
    "9223372036854775807",
    "-9223372036854775808",
    "\"\"",
    "\"9999-12-31T23:59:59\"",
    "\"\\u0000\\ud800\"",
    "[]",
    "{}",
    "null",
    "true",
    "\"statistics\"",
];

/// What must hold for any bytes: it returns. To be called with everything that reads a file.
pub(crate) fn survives(bytes: &[u8]) -> bool {
    let run = match read_run(bytes) {
        Ok(run) => run,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return false;
        }
    };
    let mut state = PolicyState::default();
    for snapshot in &run.snapshots {
        if let Some(rss) = snapshot.rss {
            state =
                step(&run.config, state, Observation { at: snapshot.at, rss, available: snapshot.available })
                    .0;
        }
    }
    assert!(run.snapshots.windows(2).all(|pair| pair[0].at <= pair[1].at), "snapshots out of order");
    assert!(run.warnings.iter().all(|warning| !warning.to_string().is_empty()));
    let report = profile(Path::new("mutant.json"), &run);
    let json = serde_json::to_string(&report).expect("finite figures only");
    assert!(!json.contains("\"mean_rss_mb\":null") && report.mean_rss_mb.is_finite(), "{json}");
    // A time may lie outside the calendar: an error then, never a panic.
    let _ = write_profile(&run, &Closing::after(state.level, &run.config.batch_sizes));
    true
}

/// A file with one to four changes.
fn mutated(random: &mut Random, source: &[u8]) -> Vec<u8> {
    let mut bytes = source.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(9) {
            0 => flip(random, &mut bytes, at),
            1 => drop(bytes.drain(at..(at + 1 + random.below(40)).min(bytes.len()))),
            2 => insert(&mut bytes, at, random.pick(&TOKENS).as_bytes()),
            3..=5 => replace_value(random, &mut bytes, at),
            6 => repeat_line(&mut bytes, at),
            7 => swap_lines(random, &mut bytes, at),
            _ => bytes.truncate(at),
        }
    }
    bytes
}

fn flip(random: &mut Random, bytes: &mut [u8], at: usize) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << random.below(8);
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, what: &[u8]) {
    bytes.splice(at..at, what.iter().copied());
}

/// Puts a token in the place of the next value after a place.
fn replace_value(random: &mut Random, bytes: &mut Vec<u8>, at: usize) {
    let Some(colon) = bytes[at..].iter().position(|b| *b == b':') else { return };
    let start = at + colon + 1;
    let length = bytes[start..].iter().position(|b| b",}]\n".contains(b)).unwrap_or(0);
    bytes.splice(start..start + length, random.pick(&TOKENS).bytes());
}

/// The line around a place, with its line feed.
fn line(bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let start = bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |feed| feed + 1);
    let end = bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |feed| at + feed + 1);
    start..end
}

fn repeat_line(bytes: &mut Vec<u8>, at: usize) {
    let range = line(bytes, at);
    let copy = bytes[range.clone()].to_vec();
    insert(bytes, range.end, &copy);
}

fn swap_lines(random: &mut Random, bytes: &mut Vec<u8>, at: usize) {
    let first = line(bytes, at);
    let second = line(bytes, random.below(bytes.len()));
    let (first, second) = if first.start < second.start { (first, second) } else { (second, first) };
    if first.end > second.start {
        return;
    }
    let swapped = [&bytes[second.clone()], &bytes[first.end..second.start], &bytes[first.clone()]].concat();
    bytes.splice(first.start..second.end, swapped);
}

/// One case: which file, and its bytes.
fn case(sources: &[Fixture], number: u64) -> (&str, Vec<u8>) {
    let mut random = Random::new(SEED ^ (number << 20));
    let source = random.pick(sources);
    (&source.name, mutated(&mut random, &source.bytes))
}

/// The real files, the largest left out: they only take longer.
fn sources() -> Vec<Fixture> {
    let mut sources = runs();
    sources.retain(|file| file.bytes.len() < 60_000);
    sources
}

/// Runs the cases, and says how many still read.
fn run_cases(started: &mpsc::Sender<u64>) -> u64 {
    let sources = sources();
    let mut read = 0;
    for number in 0..CASES {
        // The receiver is gone once the test has failed.
        let _ = started.send(number);
        let (name, bytes) = case(&sources, number);
        match catch_unwind(AssertUnwindSafe(|| survives(&bytes))) {
            Ok(reads) => read += u64::from(reads),
            Err(_) => panic!("case {number} of {name} panics"),
        }
    }
    read
}

#[test]
fn ten_thousand_damaged_files_neither_panic_nor_hang() {
    let (started, cases) = mpsc::channel();
    let worker = std::thread::spawn(move || run_cases(&started));
    let mut last = 0;
    loop {
        match cases.recv_timeout(LONGEST_CASE) {
            Ok(number) => last = number,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("case {last} hangs"),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    let read = worker.join().expect("no case panics");
    // Both sides are exercised: damage that is refused, and damage that reads on.
    assert!((CASES / 20..CASES * 19 / 20).contains(&read), "{read} of {CASES} cases read");
}

#[test]
fn a_case_is_the_same_each_time() {
    let sources = sources();
    let distinct: std::collections::BTreeSet<Vec<u8>> = (0..50).map(|n| case(&sources, n).1).collect();
    assert!(distinct.len() > 45, "only {} different cases", distinct.len());
    assert!((0..50).all(|number| case(&sources, number) == case(&sources, number)));
}
