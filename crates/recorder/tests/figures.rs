//! What a stream holds beside samples: caches, meters, fates, and figures that are always readable.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use memtool_profile_model::stream::read_stream;
use memtool_profile_model::{
    Action, AdaptiveConfig, Fate, FateSource, Mib, PeakSource, Predictive, Run, Warning,
};
use memtool_recorder::fake::{FakeMemory, FakeProbe};
use memtool_recorder::{
    Builder, Closing, FakeClock, ProcessEnd, Reading, Recorder, Sink, WatchedPeak, Written,
};
use proptest::prelude::*;

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("whole").clone()).expect("text")
    }

    fn run(&self) -> Run {
        read_stream(&self.text()).expect("reads back")
    }
}

impl Sink for Page {
    fn write(&mut self, lines: &[u8]) -> Written {
        self.0.lock().expect("whole").extend_from_slice(lines);
        Written::default()
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Bench {
    memory: FakeMemory,
    clock: FakeClock,
    page: Page,
    recorder: Recorder,
}

impl Bench {
    fn new(reading: Reading, set: impl FnOnce(Builder) -> Builder) -> Self {
        let (probe, memory) = FakeProbe::new(reading);
        let (clock, page) = (FakeClock::default(), Page::default());
        let builder = Recorder::builder().background(false).probe(Box::new(probe));
        let builder = builder.clock(Arc::new(clock.clone())).sink(Box::new(page.clone()));
        Self { memory, clock, page, recorder: set(builder).start().expect("starts") }
    }

    /// A second passes, and memory is sampled.
    fn see(&self, reading: Reading) {
        self.clock.advance(Duration::from_secs(1));
        self.memory.set(reading);
        self.recorder.check(None);
    }
}

fn sized(rss: f64, available: f64) -> Reading {
    Reading { rss: Some(Mib::new(rss)), available: Some(Mib::new(available)), ..Reading::default() }
}

fn predictive() -> AdaptiveConfig {
    AdaptiveConfig {
        predictive: Predictive { enabled: true, ..Predictive::default() },
        ..AdaptiveConfig::default()
    }
}

#[test]
fn caches_and_meters_are_in_the_stream() {
    let bench = Bench::new(sized(100.0, 16_000.0), |builder| builder);
    bench.recorder.add_cache("duckdb", Some(Mib::new(2_000.0)));
    bench.recorder.add_cache("pool", None);
    bench.recorder.count_blocks(|| Some(1_234));
    assert!(bench.recorder.add_meter("arrow", || Some(5 << 20)));
    assert!(bench.recorder.add_meter("silent", || None));
    bench.clock.advance(Duration::from_secs(1));
    for _ in 0..3 {
        bench.recorder.batch("load", 10).finish();
    }
    bench.recorder.stop();
    let run = bench.page.run();
    let caches: Vec<_> = run.caches.iter().map(|cache| (cache.name.as_str(), cache.limit)).collect();
    assert_eq!(caches, [("duckdb", Some(Mib::new(2_000.0))), ("pool", None)]);
    let live = run.live;
    assert_eq!(live.samples.iter().filter(|sample| sample.batch_end).count(), 1, "once per second");
    let before = live.samples.iter().filter(|sample| !sample.batch_end && sample.py_blocks.is_some()).count();
    assert_eq!((before, live.samples[0].py_blocks), (1, Some(1_234)), "before the first batch, and at ends");
    let meters: Vec<_> = live.meters.iter().map(|meter| (meter.name.as_str(), meter.values[0].1)).collect();
    assert_eq!(meters, [("arrow", Mib::new(5.0))]);
}

#[test]
fn a_run_has_64_meters_at_most_and_one_that_panics_is_counted() {
    let bench = Bench::new(sized(100.0, 16_000.0), |builder| builder);
    let added = (0..100).filter(|number| bench.recorder.add_meter(&format!("meter {number}"), || Some(1)));
    assert_eq!(added.count(), 64);
    assert!(bench.recorder.add_meter("meter 3", || panic!("a meter")), "a known name is replaced");
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    bench.recorder.batch("load", 1).finish();
    std::panic::set_hook(before);
    assert_eq!(bench.recorder.statistics().expect("live").recording.hook_failures, 2);
}

#[test]
fn how_a_watched_process_ended_is_in_the_footer() {
    let peak = |rss: f64| Some(WatchedPeak { rss: Mib::new(rss), exact: true, of_one: Mib::new(rss) });
    let seen = Reading { peak: peak(119.0), ..sized(101.0, 1_000.0) };
    let bench = Bench::new(seen, |builder| builder.watch(std::process::id()).await_end().command("job"));
    bench.see(Reading { peak: peak(121.0), ..seen });
    let fate = Fate {
        signal: Some(9),
        killed_for_memory: Some(true),
        known_by: Some(FateSource::CgroupEvents),
        ..Fate::default()
    };
    let end = ProcessEnd { fate: fate.clone(), max_rss: Some(Mib::new(128.5)), at_most: None };
    assert_eq!(bench.recorder.finish(Some(end)), Closing { in_time: true, ..Closing::default() });
    let run = bench.page.run();
    assert_eq!((run.process.command.as_deref(), run.fate), (Some("job"), Some(fate)));
    let stated = run.stated_peak.expect("a peak");
    assert_eq!((stated.rss, stated.source), (Mib::new(128.5), Some(PeakSource::HighWaterMark)));
}

#[test]
fn without_the_systems_account_the_peak_of_an_ended_process_is_a_lower_bound() {
    let seen = Reading {
        peak: Some(WatchedPeak { rss: Mib::new(119.0), exact: true, of_one: Mib::new(119.0) }),
        ..sized(101.0, 1_000.0)
    };
    let bench = Bench::new(seen, |builder| builder.watch(std::process::id()).await_end());
    let fate = Fate { exit_code: Some(0), ..Fate::default() };
    bench.recorder.finish(Some(ProcessEnd { fate, max_rss: None, at_most: None }));
    let footer = bench.page.text().lines().last().expect("a footer").to_owned();
    assert!(footer.contains(r#""peak_source":"sampled""#), "{footer}");
}

#[test]
fn a_process_that_ended_before_its_first_sample_has_the_systems_account() {
    let ended = |max_rss, at_most| {
        let bench = Bench::new(sized(0.0, 1_000.0), |builder| builder.watch(std::process::id()).await_end());
        let fate = Fate { exit_code: Some(3), ..Fate::default() };
        bench.recorder.finish(Some(ProcessEnd { fate, max_rss, at_most }));
        bench.page.run()
    };
    let run = ended(Some(Mib::new(63.5)), Some(Mib::new(63.5)));
    let sizes: Vec<Option<Mib>> = run.snapshots.iter().map(|snapshot| snapshot.rss).collect();
    assert_eq!(sizes, [Some(Mib::new(63.5))]);
    assert_eq!(run.stated_peak.map(|peak| peak.source), Some(Some(PeakSource::Sampled)), "of one process");
    assert_eq!(run.warnings, [Warning::Unsampled]);
    let small = ended(None, Some(Mib::new(9.0)));
    assert_eq!((small.snapshots[0].rss, small.stated_peak), (Some(Mib::new(9.0)), None));
}

/// The size for the next batch after ten batches that need 2 MiB an item above 100 MiB.
fn next_size(set: impl FnOnce(&Recorder)) -> u64 {
    let bench = Bench::new(sized(100.0, 900.0), |builder| {
        builder.config(predictive()).memory_limit(Mib::new(1_000.0))
    });
    set(&bench.recorder);
    for _ in 0..12 {
        let batch = bench.recorder.next_batch("load", 1_000_000);
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let need = batch.items() as f64 * 2.0;
        bench.memory.set(sized(100.0 + need, 900.0 - need));
        (0..3).for_each(|_| drop(bench.recorder.check(None)));
        bench.clock.advance(Duration::from_millis(100 + batch.items()));
        bench.memory.set(sized(100.0, 900.0));
        batch.finish();
    }
    bench.recorder.next_batch("load", 1_000_000).items()
}

#[test]
fn predicted_sizes_leave_room_for_what_the_job_reserves() {
    let (whole, reserved) = (next_size(|_| ()), next_size(|recorder| recorder.reserve(Mib::new(500.0))));
    assert!(reserved * 2 < whole && reserved > 0, "{whole} {reserved}");
}

#[test]
fn shared_pages_do_not_make_a_pool_critical() {
    let pool = |pss: Option<f64>| Reading {
        children_rss: Some(Mib::new(2_500.0)),
        pss: pss.map(Mib::new),
        ..sized(600.0, 16_000.0)
    };
    let bench = Bench::new(sized(100.0, 16_000.0), |builder| builder.include_children(true));
    bench.see(pool(Some(700.0)));
    bench.see(pool(None));
    let statistics = bench.recorder.statistics().expect("live");
    assert_eq!(statistics.current.expect("seen").batch_size, 1_000, "700 MiB are used, not 3,100");
    assert_eq!(bench.recorder.run_peak().and_then(|peak| peak.counted_once), Some(Mib::new(700.0)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever memory does, below the reserve and above the limit too, what is written is read.
    #[test]
    fn what_is_written_is_read(
        memory in prop::collection::vec((0.0..5_000.0_f64, 0.0..3_000.0_f64, 0_u8..4), 1..40),
        limit in 1.0..4_000.0_f64,
        planned in prop::option::of(1.0..4_000.0_f64),
    ) {
        let bench = Bench::new(sized(100.0, 500.0), |builder| {
            let builder = builder.config(predictive()).memory_limit(Mib::new(limit));
            match planned {
                Some(planned) => builder.planning_limit(Mib::new(planned)),
                None => builder,
            }
        });
        for (rss, available, what) in memory {
            bench.see(Reading {
                file_backed: (what == 1).then(|| Mib::new(rss * 2.0)),
                pss: (what == 2).then(|| Mib::new(rss / 3.0)),
                children_rss: (what == 2).then(|| Mib::new(rss)),
                ..sized(rss, available)
            });
            if what != 3 {
                bench.recorder.next_batch("load", 10_000).finish();
            }
        }
        bench.recorder.stop();
        let run = bench.page.run();
        prop_assert!(run.warnings.is_empty(), "{:?}", run.warnings);
        for decision in &run.decisions {
            if let Action::Predict { ceiling: Some(ceiling), .. } = decision.action {
                prop_assert!(ceiling >= Mib::ZERO);
            }
        }
    }
}
