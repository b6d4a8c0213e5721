//! `kill -9` at any moment: the stream reads back, and next to nothing is missing.
//!
//! A soak prints how old what is missing was: `MEMTOOL_KILLS=2000 cargo test -p memtool-recorder --test kill -- --nocapture`.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "figures and skips are shown with --nocapture")]

use std::env;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use memtool_recorder::Recorder;
use memtool_recorder::model::stream::read_stream;
use memtool_recorder::model::{AdaptiveConfig, Warning};

/// Kills, and where another number is given.
const KILLS: u32 = 200;
const KILLS_ASKED: &str = "MEMTOOL_KILLS";
const FOLDER: &str = "MEMTOOL_KILL_TEST_FOLDER";
const INTERVAL: Duration = Duration::from_millis(100);
/// Older than this must be in the file: what was not is printed, and is usually milliseconds old.
const BOUND: Duration = Duration::from_secs(1);

/// The victim writes one line to its output when a batch has ended: its number and the time.
fn victim(folder: &Path) {
    let config = AdaptiveConfig { monitoring_interval_seconds: INTERVAL.as_secs_f64(), ..Default::default() };
    let recorder = Recorder::builder().config(config).reports_dir(folder).start().expect("starts");
    let began = Instant::now();
    thread::scope(|scope| {
        // A second thread keeps the locks busy.
        scope.spawn(|| {
            loop {
                recorder.check(Some("busy"));
                thread::sleep(Duration::from_micros(200));
            }
        });
        let mut out = std::io::stdout();
        for number in 1_u64.. {
            let held = vec![1_u8; 200_000];
            recorder.batch("load", number).finish();
            drop(held);
            writeln!(out, "{number} {}", began.elapsed().as_nanos()).expect("the pipe is open");
        }
    });
}

struct Acknowledged {
    batch: u64,
    at: Duration,
}

fn run_and_kill(folder: &Path, life: Duration) -> Vec<Acknowledged> {
    let mut command = Command::new(env::current_exe().expect("a test"));
    command.args(["--exact", "a_stream_survives_kill_9_at_any_moment", "--nocapture", "--test-threads=1"]);
    let mut child = command.env(FOLDER, folder).stdout(Stdio::piped()).spawn().expect("starts");
    thread::sleep(life);
    child.kill().expect("killed");
    let mut text = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut text).expect("text");
    child.wait().expect("ended");
    let whole = &text[..text.rfind('\n').unwrap_or(0)];
    let acknowledged = |line: &str| {
        let (batch, nanos) = line.split_once(' ')?;
        Some(Acknowledged { batch: batch.parse().ok()?, at: Duration::from_nanos(nanos.parse().ok()?) })
    };
    whole.lines().filter_map(acknowledged).collect()
}

fn stream_in(folder: &Path) -> Option<PathBuf> {
    std::fs::read_dir(folder).ok()?.map(|entry| entry.expect("readable").path()).next()
}

#[test]
fn a_stream_survives_kill_9_at_any_moment() {
    if let Some(folder) = env::var_os(FOLDER) {
        return victim(Path::new(&folder));
    }
    let kills = env::var(KILLS_ASKED).ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let (mut streams, mut batches, mut ages) = (0, 0, Vec::new());
    for kill in 0..kills {
        let folder = tempfile::tempdir().expect("a folder");
        // From before the first line to the middle of the load, all over.
        let life = Duration::from_micros(u64::from(kill % KILLS * 7919 % KILLS) * 500 + 1_000);
        let acknowledged = run_and_kill(folder.path(), life);
        let Some(path) = stream_in(folder.path()) else {
            assert!(acknowledged.is_empty(), "kill {kill}: batches but no stream");
            continue;
        };
        let text = std::fs::read_to_string(&path).expect("readable");
        if acknowledged.is_empty() && text.lines().count() < 2 {
            continue;
        }
        let run = read_stream(&text).unwrap_or_else(|error| panic!("kill {kill}: {error}\n{text}"));
        // On a busy machine the queue may have been full: such a loss is reported, and no damage.
        let lost = |w: &Warning| if let Warning::LostRecords(lost) = w { *lost } else { 0 };
        let reported: u64 = run.warnings.iter().map(lost).sum();
        let damaged = |w: &Warning| {
            !matches!(w, Warning::EndedWithoutClosing | Warning::TornLastLine(_) | Warning::LostRecords(_))
        };
        assert!(!run.warnings.iter().any(damaged), "kill {kill}: {:?}", run.warnings);
        let ended = run.batches.iter().filter(|batch| batch.end.is_some()).count() as u64;
        streams += 1;
        batches += ended;
        let Some(last) = acknowledged.last() else { continue };
        let missing = acknowledged.iter().find(|done| done.batch > ended + reported);
        let late = missing.map_or(Duration::ZERO, |missing| last.at - missing.at);
        assert!(late <= BOUND, "kill {kill}: a batch that ended {late:?} before the last one is missing");
        ages.push(late);
    }
    assert!(streams > kills / 2, "only {streams} victims lived long enough");
    ages.sort();
    let age =
        |share: usize| ages.get(share * ages.len().saturating_sub(1) / 1000).copied().unwrap_or_default();
    println!(
        "{kills} kills: {streams} streams read back, {batches} batches; what was missing had ended before by {:?} at the \
         median, {:?} at the 99th percentile, {:?} at most",
        age(500),
        age(990),
        age(1000)
    );
}
