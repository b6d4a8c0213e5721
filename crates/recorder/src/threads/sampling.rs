//! The one thread of a recorder: it samples at each interval and writes all lines.

#[cfg(target_os = "linux")]
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use memtool_profile_model::Mib;
use memtool_profile_model::metrics::MetricsForm;

use super::callback::CallbackThread;
use crate::clock::{ClockJump, ClockWatch};
use crate::engine::delivery::FLUSH_INTERVAL;
use crate::engine::events;
use crate::engine::sample::SampleTrigger;
use crate::engine::shared::Shared;
use crate::limits::SAMPLING_THREAD;
use crate::output::{advice, atomic_file, metrics};
use crate::stream::WakeReason;

/// How often advice is computed.
const ADVICE_INTERVAL: Duration = Duration::from_mins(1);
/// How long libraries that were loaded late may stay unnamed.
const LONGEST_SCAN_PAUSE: Duration = Duration::from_mins(4);
/// How often the metrics file is written at most.
const METRICS_INTERVAL: Duration = Duration::from_secs(5);

/// Starts the thread if none runs; it ends when the queue is stopped. Returns whether one runs.
pub(crate) fn start(shared: &Arc<Shared>, metrics_file: Option<PathBuf>) -> bool {
    if !shared.begin_thread() {
        return shared.is_threaded();
    }
    let own = Arc::clone(shared);
    // Other recorders of the control group know this one by the name.
    let name = if shared.is_outside() { "memtool-watcher" } else { SAMPLING_THREAD };
    let thread = thread::Builder::new().name(name.to_owned()).stack_size(256 << 10);
    match thread.spawn(move || run(&own, metrics_file.map(MetricsFile::new))) {
        Ok(_) => true,
        Err(error) => {
            shared.end_thread();
            events::no_thread(&error);
            false
        }
    }
}

fn run(shared: &Arc<Shared>, mut metrics_file: Option<MetricsFile>) {
    coalesce_wake_ups(shared.interval());
    let mut watch = ClockWatch::start(&*shared.clock);
    let mut callbacks = CallbackThread::new(Arc::clone(shared));
    let mut flushed = Instant::now();
    let mut advised = flushed;
    let mut next = flushed + shared.interval();
    let mut libraries = LibraryScan::new();
    while !shared.is_over() {
        let call = shared.queue.wait(next.saturating_duration_since(Instant::now()));
        if call == WakeReason::Stop {
            break;
        }
        if call == WakeReason::Write {
            shared.flush();
            flushed = Instant::now();
        }
        // A shorter interval that was set meanwhile holds from now on.
        let now = Instant::now();
        next = next.min(now + shared.interval());
        if now < next {
            continue;
        }
        if !shared.has_ended() {
            callbacks.run(shared.sample_only(SampleTrigger::Interval));
        }
        // After a pause the missed samples are not made up for, and a sample that took longer than
        // the interval is not followed by the next one at once.
        let (due, now) = (next + shared.interval(), Instant::now());
        next = if due > now { due } else { now + shared.interval() };
        if next.duration_since(flushed) <= FLUSH_INTERVAL {
            continue;
        }
        if let Some(jump) = watch.check(&*shared.clock) {
            shared.note(&describe(&jump));
        }
        libraries.run(shared);
        shared.flush();
        flushed = now;
        if now.duration_since(advised) >= ADVICE_INTERVAL {
            advice::given(shared);
            advised = now;
        }
        if let Some(file) = &mut metrics_file {
            file.refresh(shared);
        }
    }
    callbacks.finish();
    shared.close();
    if let Some(file) = &mut metrics_file {
        file.write(shared);
    }
    shared.end_thread();
}

/// Lets the kernel wake this thread together with others, up to this share of the interval later: an idle processor
/// then sleeps longer. Samples keep their mean pace.
#[cfg(target_os = "linux")]
fn coalesce_wake_ups(interval: Duration) {
    const SHARE: u32 = 20;
    let slack = u64::try_from((interval / SHARE).as_nanos()).ok().and_then(NonZeroU64::new);
    // A kernel that refuses wakes the thread on time.
    let _ = rustix::thread::set_current_timer_slack(slack);
}

#[cfg(not(target_os = "linux"))]
const fn coalesce_wake_ups(_: Duration) {}

fn describe(jump: &ClockJump) -> String {
    let moved = format!("the wall clock moved by {:.0} s against the run's own", jump.seconds);
    match jump.slept_seconds {
        Some(slept) if slept >= 1.0 => format!("{moved}: the machine slept for {slept:.0} s"),
        Some(_) => format!("{moved}: it was set"),
        None => format!("{moved}: the machine slept, or it was set"),
    }
}

/// Searches for libraries soon after the start, and ever more rarely: they are loaded early. What is loaded is mapped, so
/// the list of mappings, the longest text of all, is read only where their size moved.
struct LibraryScan {
    due: Instant,
    pause: Duration,
    /// The size of all mappings at the last search.
    mapped: Option<Mib>,
}

impl LibraryScan {
    fn new() -> Self {
        Self { due: Instant::now(), pause: Duration::from_secs(2), mapped: None }
    }

    fn run(&mut self, shared: &Shared) {
        let now = Instant::now();
        if now >= self.due {
            let mapped = shared.mapped();
            if mapped.is_none() || mapped != self.mapped {
                shared.note_libraries();
                self.mapped = mapped;
            }
            self.due = now + self.pause;
            self.pause = (self.pause * 2).min(LONGEST_SCAN_PAUSE);
        }
    }
}

/// A file of live figures that is kept fresh.
struct MetricsFile {
    path: PathBuf,
    written: Option<Instant>,
    problems: u64,
}

impl MetricsFile {
    fn new(path: PathBuf) -> Self {
        Self { path, written: None, problems: 0 }
    }

    fn refresh(&mut self, shared: &Shared) {
        if self.written.is_none_or(|written| written.elapsed() >= METRICS_INTERVAL) {
            self.write(shared);
        }
    }

    fn write(&mut self, shared: &Shared) {
        self.written = Some(Instant::now());
        if let Err(error) = atomic_file::replace(&self.path, &metrics::text(shared, MetricsForm::Prometheus))
        {
            self.problems += 1;
            events::not_written(self.problems, &error);
        }
    }
}
