//! A day of a run on a clock that a test moves: the stream covers it from start to end, and stays below its cap.

use std::sync::Arc;
use std::time::Duration;

use memtool_recorder::fake::FakeProbe;
use memtool_recorder::model::stream::read_stream;
use memtool_recorder::model::{Mib, Offset, Warning};
use memtool_recorder::{FakeClock, Reading, Recorder};

const HOURS: u32 = 24;
const MINUTE: u32 = 60;
/// A fifth of what a sample a second would fill.
const CAP: u64 = 2 << 20;

/// Memory at a second of the day: it follows the hours, and has its peak at 17:00.
fn memory(second: u32) -> f64 {
    let hour = f64::from(second) / 3600.0;
    if second == 17 * 3600 { 3000.0 } else { 400.0 + 10.0 * hour + f64::from(second % MINUTE) }
}

#[test]
fn a_day_of_a_sample_a_second_is_covered_below_the_cap() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = FakeClock::default();
    let (probe, faked) = FakeProbe::with_rss(Mib::new(400.0));
    let builder = Recorder::builder().background(false).probe(Box::new(probe)).clock(Arc::new(clock.clone()));
    let recorder = builder.reports_dir(folder.path()).size_cap(CAP).start().expect("starts");
    let path = recorder.stream_path().expect("written").to_owned();
    for minute in 0..HOURS * 60 {
        let batch = recorder.batch("minute", u64::from(minute) + 1);
        for second in minute * MINUTE..(minute + 1) * MINUTE {
            clock.advance(Duration::from_secs(1));
            faked.set(Reading { rss: Some(Mib::new(memory(second))), ..Reading::default() });
            recorder.check(None);
        }
        batch.finish();
    }
    let seen = recorder.statistics().expect("live").recording;
    assert!(seen.samples >= u64::from(HOURS) * 3600 && seen.batches == u64::from(HOURS) * 60, "{seen:?}");
    assert!(recorder.stop());

    let text = std::fs::read_to_string(&path).expect("there");
    assert!(text.len() as u64 <= CAP, "{} bytes", text.len());
    let run = read_stream(&text).expect("reads back");
    let times: Vec<Offset> = run.snapshots.iter().map(|snapshot| snapshot.at).collect();
    let widest = times.windows(2).map(|pair| pair[1].seconds_since(pair[0])).fold(0.0, f64::max);
    let last = times.last().expect("samples").seconds();
    assert!(last > 23.0 * 3600.0 && widest < 3600.0, "the last at {last} s, a hole of {widest} s");
    assert!(run.snapshots.iter().any(|snapshot| snapshot.rss == Some(Mib::new(3000.0))), "the peak is kept");
    assert!(
        !run.warnings.iter().any(|warning| matches!(warning, Warning::LostRecords(_))),
        "{:?}",
        run.warnings
    );
}
