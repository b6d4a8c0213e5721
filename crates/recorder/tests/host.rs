//! Whatever goes wrong inside the recorder or the host's callbacks, the job goes on.

use std::io;
use std::panic;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use memtool_recorder::fake::{FakeMemory, FakeProbe};
use memtool_recorder::model::metrics::MetricsForm;
use memtool_recorder::model::stream::read_stream;
use memtool_recorder::model::{
    Action, AdaptiveConfig, Mib, OptimizationLevel, Predictive, PressureLevel, Run, SnapshotKind, Warning,
    read_run,
};
use memtool_recorder::{Builder, FakeClock, Reading, Recorder, Sink, Written, memory_pressure};

/// A sink whose lines a test reads back, and which can be made to fail.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<(Vec<u8>, bool)>>);

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("whole").0.clone()).expect("text")
    }

    fn run(&self) -> Run {
        read_stream(&self.text()).expect("reads back")
    }

    fn break_down(&self, broken: bool) {
        self.0.lock().expect("whole").1 = broken;
    }
}

impl Sink for Page {
    fn write(&mut self, lines: &[u8]) -> Written {
        let mut page = self.0.lock().expect("whole");
        if page.1 {
            let lost = lines.iter().filter(|byte| **byte == b'\n').count() as u64;
            return Written { lost, problem: Some(io::ErrorKind::StorageFull.into()), ..Written::default() };
        }
        page.0.extend_from_slice(lines);
        Written::default()
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A recorder under full control: memory and time move only when the test moves them.
struct Bench {
    memory: FakeMemory,
    clock: FakeClock,
    page: Page,
    recorder: Recorder,
}

impl Bench {
    fn with(config: AdaptiveConfig) -> Self {
        Self::built(|builder| builder.config(config))
    }

    fn built(set: impl FnOnce(Builder) -> Builder) -> Self {
        let (probe, memory) = FakeProbe::new(sized(100.0));
        let (clock, page) = (FakeClock::default(), Page::default());
        let builder = Recorder::builder().background(false).probe(Box::new(probe));
        let builder = builder.clock(Arc::new(clock.clone())).sink(Box::new(page.clone()));
        let recorder = set(builder).start().expect("starts");
        Self { memory, clock, page, recorder }
    }

    fn see(&self, rss: f64) -> Option<PressureLevel> {
        self.clock.advance(Duration::from_secs(1));
        self.memory.set(sized(rss));
        self.recorder.check(None).map(|snapshot| snapshot.pressure_level)
    }
}

fn sized(rss: f64) -> Reading {
    let available = Some(Mib::new(16_000.0));
    Reading { rss: Some(Mib::new(rss)), available, ..Reading::default() }
}

/// Runs with the message of an expected panic kept from the terminal.
fn without_panic_output<T>(work: impl FnOnce() -> T) -> T {
    static HOOK: Mutex<()> = Mutex::new(());
    let _one_at_a_time = HOOK.lock();
    let before = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = work();
    panic::set_hook(before);
    result
}

#[test]
fn without_a_thread_lines_that_show_nothing_new_wait_for_a_call_a_second_later() {
    let bench = Bench::with(AdaptiveConfig::default());
    let lines = || bench.page.text().lines().count();
    bench.see(100.0);
    let before = lines();
    for _ in 0..3 {
        bench.recorder.check(None);
    }
    assert_eq!(lines(), before, "no time passes and nothing moves");
    bench.see(100.0);
    assert_eq!(lines(), before + 4);
    bench.memory.set(sized(150.0));
    bench.recorder.check(None);
    assert_eq!(lines(), before + 5, "a new peak does not wait");
    bench.recorder.check(None);
    bench.recorder.stop();
    assert_eq!(
        bench.page.run().snapshots.len(),
        8,
        "the end takes the last one along, beside the first at the start"
    );
}

#[test]
fn the_compatible_mode_goes_by_the_thresholds() {
    let bench = Bench::with(AdaptiveConfig::default());
    assert_eq!(bench.recorder.batch_size(), 1_000, "the initial sample found memory low");
    let steps = [(2_100.0, 500), (3_100.0, 250), (3_600.0, 100), (3_100.0, 250), (100.0, 1_000)];
    for (rss, size) in steps {
        bench.see(rss);
        assert_eq!(bench.recorder.batch_size(), size, "at {rss} MiB");
    }
    assert!(bench.recorder.stop());
    let run = bench.page.run();
    assert_eq!(run.warnings, []);
    let changes = run.decisions.iter().filter(|d| matches!(d.action, Action::ChangeLevel { .. }));
    assert_eq!(changes.count(), 6);
    assert_eq!(run.snapshots[1].batch_size, Some(1_000), "the size before the snapshot's own change");
    assert_eq!(run.snapshots[1].level, Some(PressureLevel::Moderate), "worked out again by the reader");
}

#[test]
fn a_collection_runs_above_the_trigger_and_is_seen() {
    let bench = Bench::with(AdaptiveConfig::default());
    bench.see(2_600.0);
    assert_eq!(
        bench.recorder.statistics().expect("live").stats.total_gc_collections,
        0,
        "there is no collector"
    );
    let memory = bench.memory.clone();
    bench.recorder.on_gc(move || {
        memory.set(sized(900.0));
        Some(42)
    });
    bench.see(2_700.0);
    assert_eq!(bench.recorder.batch_size(), 500, "the sample before the collection decides");
    bench.recorder.stop();
    let run = bench.page.run();
    let collection = run.collections[0];
    assert_eq!(
        (collection.rss_before, collection.rss_after),
        (Some(Mib::new(2_700.0)), Some(Mib::new(900.0)))
    );
    assert_eq!((collection.forced, collection.objects), (true, Some(42)));
    assert_eq!(run.snapshots.last().map(|s| s.kind), Some(SnapshotKind::PostGc));
    assert!(run.decisions.iter().any(|decision| decision.action == Action::Collect));
}

#[test]
fn no_collection_waits_behind_one_that_runs() {
    let bench = Bench::with(AdaptiveConfig::default());
    let (begun, begins) = mpsc::channel();
    let (end, ends) = mpsc::channel::<()>();
    let ends = Mutex::new(ends);
    bench.recorder.on_gc(move || {
        begun.send(()).expect("the test waits");
        ends.lock().expect("whole").recv().expect("the test ends it");
        None
    });
    let asked = || bench.recorder.statistics().expect("live").stats.total_gc_collections;
    bench.memory.set(sized(2_700.0));
    thread::scope(|scope| {
        let collecting = scope.spawn(|| bench.recorder.check(None));
        begins.recv().expect("a collection begins");
        for _ in 0..5 {
            bench.see(2_700.0);
        }
        assert_eq!(asked(), 1);
        end.send(()).expect("the collector waits");
        collecting.join().expect("ends");
    });
    end.send(()).expect("the collector lives");
    bench.see(2_700.0);
    assert_eq!(asked(), 2, "memory is still above the trigger");
    bench.recorder.stop();
    assert_eq!(bench.page.run().collections.len(), 2);
}

#[test]
fn a_probe_that_fails_is_counted_and_never_zero() {
    let bench = Bench::with(AdaptiveConfig::default());
    bench.see(3_100.0);
    bench.memory.fail(Some(io::ErrorKind::PermissionDenied));
    assert_eq!(bench.recorder.check(None), None);
    bench.memory.fail(None);
    bench.memory.set(Reading { rss: Some(Mib::ZERO), ..Reading::default() });
    assert_eq!(bench.recorder.check(None), None);
    assert_eq!(bench.recorder.batch_size(), 250, "what is not seen changes nothing");
    let recording = bench.recorder.statistics().expect("live").recording;
    assert_eq!((recording.probe_failures, recording.samples), (2, 2));
    bench.recorder.stop();
    let run = bench.page.run();
    assert_eq!(run.snapshots.iter().filter(|snapshot| snapshot.rss.is_none()).count(), 2);
}

#[test]
fn callbacks_that_panic_are_counted() {
    let bench = Bench::with(AdaptiveConfig { profiling_enabled: true, ..Default::default() });
    let called = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&called);
    bench.recorder.add_hook(|_| panic!("on purpose"));
    bench.recorder.add_hook(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    bench.recorder.on_critical(|_| panic!("on purpose"));
    bench.recorder.on_gc(|| panic!("on purpose"));
    without_panic_output(|| assert_eq!(bench.see(3_600.0), Some(PressureLevel::Critical)));
    assert_eq!(called.load(Ordering::Relaxed), 1, "the hook after the one that panicked was called");
    let recording = bench.recorder.statistics().expect("live").recording;
    assert_eq!(recording.hook_failures, 3);
    assert_eq!(bench.recorder.batch_size(), 100);
}

#[test]
fn a_hook_may_ask_the_recorder_anything() {
    let bench = Bench::with(AdaptiveConfig { profiling_enabled: true, ..Default::default() });
    let recorder = Arc::new(bench.recorder);
    let (inside, calls) = (Arc::downgrade(&recorder), Arc::new(AtomicU32::new(0)));
    let count = Arc::clone(&calls);
    recorder.add_hook(move |_| {
        let recorder = inside.upgrade().expect("alive");
        count.fetch_add(1, Ordering::Relaxed);
        recorder.check(Some("from the hook"));
        recorder.batch("from the hook", recorder.batch_size().into()).finish();
        assert!(recorder.recommendations().is_empty());
        assert!(recorder.metrics(MetricsForm::Prometheus).contains("memtool_rss_bytes"));
    });
    recorder.check(None);
    assert_eq!(calls.load(Ordering::Relaxed), 1, "a sample from a hook calls no hooks");
}

#[test]
fn an_alert_comes_once_for_each_time_memory_becomes_critical() {
    let bench = Bench::with(AdaptiveConfig::default());
    let alerts = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&alerts);
    bench.recorder.on_critical(move |snapshot| {
        assert!(snapshot.rss >= Mib::new(3_500.0));
        count.fetch_add(1, Ordering::Relaxed);
    });
    for rss in [3_600.0, 3_700.0, 100.0, 3_600.0] {
        bench.see(rss);
    }
    assert_eq!(alerts.load(Ordering::Relaxed), 2);
    assert_eq!(bench.recorder.statistics().expect("live").recording.hook_failures, 0);
}

#[test]
fn a_disk_that_fills_loses_lines_and_nothing_else() {
    let bench = Bench::with(AdaptiveConfig::default());
    bench.page.break_down(true);
    bench.see(2_100.0);
    bench.see(3_100.0);
    bench.page.break_down(false);
    bench.see(2_100.0);
    let lost = bench.recorder.statistics().expect("live").recording.lost_records;
    assert_eq!(lost, 4, "two snapshots and two decisions");
    bench.recorder.stop();
    let run = bench.page.run();
    assert_eq!(
        run.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["the recorder lost 4 records"]
    );
    assert_eq!(run.snapshots.len(), 2);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_does_not_stop_the_job() {
    // Not even root makes a folder below a file.
    let recorder = Recorder::builder().reports_dir("/dev/null/reports").start().expect("starts");
    assert_eq!(recorder.stream_path(), None);
    assert!(recorder.check(None).is_some());
    recorder.batch("load", 5).finish();
    assert_eq!(recorder.statistics().expect("live").recording.batches, 1);
    assert!(recorder.stop());
}

#[test]
fn settings_that_cannot_stand_are_refused_with_their_names() {
    let mut config = AdaptiveConfig::default();
    config.thresholds.high_mb = Mib::new(1_000.0);
    let refusal = Recorder::builder().config(config.clone()).start().err().expect("refused").to_string();
    assert!(refusal.contains("thresholds.high_mb: expected more than gc_trigger_mb"), "{refusal}");
    let taken = Recorder::builder().config(config.clone()).any_order().no_stream().start();
    assert!(taken.is_ok(), "as the existing manager takes it");
    config.monitoring_interval_seconds = f64::NAN;
    assert!(Recorder::builder().config(config).any_order().no_stream().start().is_err());
}

#[test]
fn a_recorder_that_does_nothing_answers_all_the_same() {
    let idle = Recorder::builder().config(AdaptiveConfig { enabled: false, ..Default::default() });
    for recorder in [Recorder::noop(), idle.start().expect("starts")] {
        assert_eq!(recorder.batch_size(), 500);
        assert_eq!(recorder.optimization_level(), OptimizationLevel::Medium);
        assert_eq!(recorder.next_batch("load", 1_200).items(), 500);
        assert_eq!(recorder.check(None), None);
        assert!(recorder.statistics().is_none() && recorder.recommendations().is_empty());
        assert!(recorder.export_profile(Path::new("/nowhere/at/all.json")).is_err());
        assert!(recorder.stop());
    }
}

#[test]
fn batches_side_by_side_are_marked_and_teach_nothing() {
    let predictive = Predictive { enabled: true, ..Predictive::default() };
    let worked = |side_by_side: bool| {
        let bench = Bench::with(AdaptiveConfig { predictive, ..Default::default() });
        for _ in 0..10 {
            let outer = side_by_side.then(|| bench.recorder.batch("load", 100));
            let shared = bench.recorder.batch("load", 100);
            // Fewer than three samples would teach nothing either.
            for rss in [100.0, 900.0, 900.0, 100.0] {
                bench.see(rss);
            }
            shared.finish();
            drop(outer);
        }
        bench
    };
    assert_ne!(worked(false).recorder.batch_size_for("load"), 100, "one after the other they teach");
    let bench = worked(true);
    assert_eq!(bench.recorder.batch_size_for("load"), 100, "still as unknown as at the start");
    bench.recorder.stop();
    let run = bench.page.run();
    assert!(run.batches.iter().all(|batch| batch.overlapping && batch.rss_peak == Some(Mib::new(900.0))));
}

#[test]
fn prediction_stops_growing_below_the_limit_and_says_why() {
    let predictive = Predictive { enabled: true, largest: 100_000, ..Predictive::default() };
    let config = AdaptiveConfig { predictive, ..Default::default() };
    let limit = 1_000.0;
    let bench = Bench::built(|builder| builder.config(config).memory_limit(Mib::new(limit)));
    let room = |rss: f64| Reading { available: Some(Mib::new(limit - rss)), ..sized(rss) };
    bench.memory.set(room(100.0));
    for _ in 0..40 {
        let batch = bench.recorder.next_batch("load", 1_000_000);
        // A quarter of a mebibyte an item, and a time in proportion.
        let items = batch.items();
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let peak = 100.0 + items as f64 * 0.25;
        assert!(peak < limit, "{items} items need {peak} MiB");
        bench.memory.set(room(peak));
        bench.clock.advance(Duration::from_millis(100 + items));
        (0..3).for_each(|_| drop(bench.recorder.check(None)));
        bench.memory.set(room(100.0));
        batch.finish();
    }
    bench.recorder.stop();
    let run = bench.page.run();
    let largest = run.batches.iter().map(|batch| batch.items).max();
    assert!(largest > Some(1_000), "{largest:?} is far below what fits");
    let predicted = run.decisions.iter().filter_map(|decision| match decision.action {
        Action::Predict { predicted_peak, ceiling, operation, .. } => {
            assert_eq!(operation.map(|id| run.operations.name(id)), Some("load"));
            predicted_peak.zip(ceiling)
        }
        _ => None,
    });
    assert!(predicted.clone().count() > 1);
    assert!(predicted.clone().all(|(peak, ceiling)| peak <= ceiling && ceiling <= Mib::new(900.01)));
}

#[test]
fn a_peak_that_was_not_seen_teaches_nothing() {
    let predictive = Predictive { enabled: true, ..Predictive::default() };
    let config = AdaptiveConfig { predictive, ..Default::default() };
    let bench = Bench::built(|builder| builder.config(config).memory_limit(Mib::new(1_000.0)));
    for _ in 0..40 {
        // Whatever it needs is gone before anybody samples.
        let batch = bench.recorder.next_batch("load", 1_000_000);
        assert_eq!(batch.items(), 100);
        bench.clock.advance(Duration::from_millis(100));
        batch.finish();
    }
}

#[test]
fn an_export_reads_back_in_both_forms() {
    let bench = Bench::with(AdaptiveConfig::default());
    let folder = tempfile::tempdir().expect("a folder");
    for rss in [500.0, 2_500.0, 700.0] {
        bench.see(rss);
    }
    bench.recorder.check(Some("year_2025"));
    for name in ["profile.json", "stream.ndjson"] {
        let path = folder.path().join(name);
        bench.recorder.export_profile(&path).expect("written");
        let run = read_run(&std::fs::read(&path).expect("there")).expect("reads back");
        let rss: Vec<f64> = run.snapshots.iter().filter_map(|s| s.rss).map(Mib::get).collect();
        assert_eq!(rss, [100.0, 500.0, 2_500.0, 700.0, 700.0], "{name}");
        assert_eq!(run.operations.names(), ["year_2025"], "{name}");
        assert_eq!(run.snapshots[2].level, Some(PressureLevel::Moderate), "{name}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 2, "nothing else is left");
}

#[test]
fn the_history_is_a_ring_and_the_stream_is_not() {
    let bench = Bench::with(AdaptiveConfig { history_size: 3, ..Default::default() });
    for rss in 1..=9 {
        bench.see(f64::from(rss) * 100.0);
    }
    let statistics = bench.recorder.statistics().expect("live");
    assert_eq!(
        statistics.trends.map(|trends| (trends.samples_count, trends.avg_memory_mb)),
        Some((3, 800.0))
    );
    bench.recorder.stop();
    assert_eq!(bench.page.run().snapshots.len(), 10);
}

#[test]
fn a_size_cap_holds_whatever_the_length_of_the_run() {
    let cap = 60_000;
    let bench = Bench::built(|builder| builder.size_cap(cap));
    for number in 0..20_000 {
        bench.clock.advance(Duration::from_secs(1));
        bench.memory.set(sized(f64::from(number % 97) + 100.0));
        bench.recorder.batch("load", 1).finish();
        bench.recorder.check(None);
    }
    assert!(bench.recorder.stop());
    let length = bench.page.text().len() as u64;
    assert!(length <= cap + 2_000, "{length} bytes, header and footer among them");
    let run = bench.page.run();
    let last = run.snapshots.last().map_or(0.0, |snapshot| snapshot.at.seconds());
    assert!(last > 15_000.0, "the run is covered to its end, not to {last} s");
    assert!(run.warnings.iter().any(|warning| matches!(warning, Warning::Thinned(_))), "{:?}", run.warnings);
}

#[test]
fn live_figures_are_in_the_text_form_of_prometheus() {
    let bench = Bench::with(AdaptiveConfig::default());
    bench.see(2_560.0);
    bench.recorder.batch("load", 7).finish();
    let text = bench.recorder.metrics(MetricsForm::Prometheus);
    let has = |name: &str, value: &str| {
        let series = |line: &&str| line.starts_with(&format!("{name}{{")) && line.ends_with(value);
        assert_eq!(text.lines().filter(series).count(), 1, "{name} is not {value} in\n{text}");
    };
    has("memtool_rss_bytes", "} 2684354560");
    has("memtool_pressure_level", "level=\"moderate\"} 1");
    has("memtool_batch_size", "} 500");
    has("memtool_batch_items_total", "} 7");
    has("memtool_recording", "} 1");
    assert!(text.contains("# TYPE memtool_samples_total counter"), "{text}");
    assert_eq!(
        memory_pressure().is_some(),
        text.contains("memtool_memory_stalled_ratio{"),
        "where the system reports it"
    );
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        assert!(name.starts_with("memtool_") && value.parse::<f64>().is_ok(), "{line}");
        let labels = ["job=\"", "run=\"", "machine=\"\""];
        assert!(labels.iter().all(|label| name.contains(label)), "{line}");
    }
    assert!(bench.recorder.metrics(MetricsForm::OpenMetrics).ends_with("# EOF\n"));
}

#[test]
fn a_run_pinned_in_critical_is_told_what_to_do() {
    let bench = Bench::with(AdaptiveConfig { fallback_enabled: false, ..Default::default() });
    bench.recorder.on_gc(|| None);
    for _ in 0..30 {
        bench.see(3_600.0);
    }
    let mut kinds: Vec<String> = bench.recorder.recommendations().into_iter().map(|r| r.kind).collect();
    kinds.sort();
    assert_eq!(kinds, ["enable_fallback", "frequent_gc", "high_memory_pattern"]);
}

#[test]
fn a_rising_floor_is_a_leak_and_a_warm_up_is_none() {
    let config = || AdaptiveConfig { leak_threshold_mb: Mib::new(50.0), ..Default::default() };
    let kinds = |rss_at: fn(u32) -> f64| {
        let bench = Bench::with(config());
        for second in 0..1_200 {
            bench.see(rss_at(second));
        }
        bench.recorder.recommendations().into_iter().map(|r| r.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(|s| 100.0 + f64::from(s) * 0.2 + f64::from(s % 30) * 20.0), ["memory_leak"]);
    assert_eq!(kinds(|s| 400.0 + f64::from(s % 30) * 20.0), [""; 0], "a sawtooth on a level baseline");
    assert_eq!(kinds(|s| 100.0 + f64::from(s.min(250)) * 2.0), [""; 0], "warm-up, then level");
    assert_eq!(kinds(|s| if s < 900 { 100.0 } else { 800.0 }), [""; 0], "one step");
}

#[test]
fn new_settings_act_at_once() {
    let bench = Bench::with(AdaptiveConfig::default());
    let mut config = bench.recorder.config();
    config.batch_sizes.high = 2_000;
    config.history_size = 1;
    bench.recorder.reconfigure(config);
    assert_eq!(bench.recorder.batch_size(), 2_000);
    bench.see(100.0);
    assert_eq!(bench.recorder.statistics().and_then(|s| s.trends).map(|t| t.samples_count), Some(1));
}

#[test]
fn deferred_samples_are_visible_to_every_caller() {
    let (probe, memory) = FakeProbe::new(sized(100.0));
    let page = Page::default();
    let config = AdaptiveConfig { monitoring_interval_seconds: 0.002, ..Default::default() };
    let builder = Recorder::builder().config(config).probe(Box::new(probe)).sink(Box::new(page.clone()));
    let recorder = builder.start().expect("starts");
    let wait_for = |count: u64| {
        let until = std::time::Instant::now() + Duration::from_secs(20);
        while memory.reads() < count {
            assert!(std::time::Instant::now() < until, "no samples come");
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    // Memory stays as it is: nothing new, and yet each sample counts.
    wait_for(30);
    let statistics = recorder.statistics().expect("live");
    let kept = statistics.trends.expect("a history").samples_count;
    assert!(kept >= 29 && kept == statistics.recording.samples, "{kept} of {:?}", statistics.recording);
    let batch = recorder.batch("load", 1);
    memory.set_rss(Mib::new(100.5));
    wait_for(memory.reads() + 5);
    batch.finish();
    memory.set_rss(Mib::new(3_100.0));
    wait_for(memory.reads() + 3);
    assert_eq!(recorder.batch_size(), 250, "the policy acts on each sample at once");
    assert!(recorder.stop());
    let run = page.run();
    let times: Vec<_> = run.snapshots.iter().map(|snapshot| snapshot.at).collect();
    assert!(times.is_sorted(), "lines are in the order of the samples");
    assert!(run.warnings.is_empty() && run.snapshots.len() as u64 + 2 >= memory.reads());
    assert_eq!(
        run.batches[0].rss_peak,
        Some(Mib::new(100.5)),
        "a deferred sample inside the batch is its peak"
    );
    let change = run.decisions.iter().find(|d| matches!(d.action, Action::ChangeLevel { new_size: 250, .. }));
    let change = change.expect("a decision");
    let shown = run.snapshots.iter().find(|snapshot| snapshot.at == change.at).expect("its sample");
    assert_eq!((shown.rss, shown.batch_size), (Some(Mib::new(3_100.0)), Some(1_000)));
}

#[test]
fn a_slow_callback_holds_up_no_look() {
    let (probe, memory) = FakeProbe::new(sized(100.0));
    let config =
        AdaptiveConfig { monitoring_interval_seconds: 0.002, profiling_enabled: true, ..Default::default() };
    let builder = Recorder::builder().config(config).probe(Box::new(probe)).no_stream();
    let recorder = builder.background(false).start().expect("starts");
    let (release, hold) = std::sync::mpsc::channel::<()>();
    let hold = Mutex::new(hold);
    recorder.add_hook(move |_| hold.lock().expect("whole").recv().unwrap_or_default());
    assert!(recorder.resume());
    let until = std::time::Instant::now() + Duration::from_secs(20);
    while memory.reads() < 200 && std::time::Instant::now() < until {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(memory.reads() >= 200, "the hook has not returned once, and sampling goes on");
    assert!(recorder.statistics().expect("live").recording.hook_failures > 0, "what was skipped is counted");
    drop(release);
    assert!(recorder.pause());
}

#[test]
fn a_recorder_that_paused_goes_on_in_the_same_stream() {
    let bench = Bench::with(AdaptiveConfig::default());
    assert!(bench.recorder.resume() && bench.recorder.resume(), "twice is once");
    assert!(bench.recorder.is_sampling());
    assert!(bench.recorder.pause() && bench.recorder.pause());
    assert!(!bench.recorder.is_sampling());
    bench.see(2_100.0);
    assert!(bench.recorder.resume());
    assert!(bench.recorder.stop());
    let text = bench.page.text();
    assert_eq!(text.matches(r#""type":"footer""#).count(), 2, "{text}");
    assert_eq!(bench.page.run().warnings, []);
}

#[test]
fn the_job_does_nothing_in_particular_again() {
    let bench = Bench::with(AdaptiveConfig::default());
    bench.recorder.operation("hiring");
    bench.see(110.0);
    bench.recorder.set_operation(None);
    bench.see(120.0);
    bench.recorder.stop();
    let run = bench.page.run();
    let labels: Vec<_> =
        run.snapshots.iter().map(|s| s.operation.map(|id| run.operations.name(id))).collect();
    assert_eq!(labels, [None, Some("hiring"), None]);
}

#[test]
fn predictions_keep_to_a_planned_limit_that_the_system_does_not_know() {
    let predictive = Predictive { enabled: true, ..Predictive::default() };
    let config = AdaptiveConfig { predictive, ..Default::default() };
    let bench = Bench::built(|builder| {
        builder
            .config(config)
            .planning_limit(Mib::new(300.0))
            .start_level(OptimizationLevel::Low)
            .initial_sample(false)
    });
    assert_eq!(bench.recorder.optimization_level(), OptimizationLevel::Low);
    let mut largest = 0.0_f64;
    for _ in 0..40 {
        let batch = bench.recorder.next_batch("load", 100_000);
        // Half a mebibyte an item, on a hundred.
        let peak = 0.5_f64.mul_add(batch.items() as f64, 100.0);
        largest = largest.max(peak);
        for rss in [100.0, peak, peak, 100.0] {
            bench.memory.set(sized(rss));
            bench.clock.advance(Duration::from_secs(1));
            bench.recorder.check(None);
        }
        batch.finish();
    }
    assert!(largest > 200.0 && largest < 300.0, "{largest}");
}
