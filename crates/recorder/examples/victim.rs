//! A job that is there to be killed: `victim FOLDER INTERVAL THREADS`.
//!
//! It runs batches without end and tells its output, a line at a time, what it has begun (`b`) and ended (`e`): the number of the batch
//! and the monotonic clock in nanoseconds. `tests/soak` holds the stream against that.

use std::env;
use std::error::Error;
use std::io::Write;
use std::thread;
use std::time::Duration;

use memtool_recorder::Recorder;
use memtool_recorder::model::AdaptiveConfig;
use rustix::time::{ClockId, clock_gettime};

fn tell(what: char, batch: u64) -> std::io::Result<()> {
    let now = clock_gettime(ClockId::Monotonic);
    // Standard output is flushed at each line end.
    writeln!(std::io::stdout(), "{what} {batch} {}{:09}", now.tv_sec, now.tv_nsec)
}

/// Keeps the recorder's locks busy.
fn check(recorder: &Recorder) {
    loop {
        recorder.check(Some("busy"));
        thread::sleep(Duration::from_micros(200));
    }
}

fn work(recorder: &Recorder) -> std::io::Result<()> {
    for number in 1.. {
        let batch = recorder.batch("load", number);
        tell('b', number)?;
        let held = vec![1_u8; 200_000];
        batch.finish();
        drop(held);
        tell('e', number)?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let mut next = || args.next().ok_or("usage: victim FOLDER INTERVAL THREADS");
    let (folder, interval, threads) = (next()?, next()?.parse()?, next()?.parse::<usize>()?);
    let config = AdaptiveConfig { monitoring_interval_seconds: interval, ..AdaptiveConfig::default() };
    let recorder = Recorder::builder().config(config).reports_dir(folder).start()?;
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| check(&recorder));
        }
        work(&recorder)
    })?;
    Ok(())
}
