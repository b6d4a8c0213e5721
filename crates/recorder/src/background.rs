//! The one thread of a recorder: it takes a look at each interval and writes all lines.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::clock::{ClockJump, ClockWatch};
use crate::errands::Errands;
use crate::events;
use crate::inner::{FLUSH_INTERVAL, Inner};
use crate::look::Look;
use crate::metrics;
use crate::outbox::Call;
use crate::textfile;

/// How often it is asked whether there is something to recommend.
const ADVICE_INTERVAL: Duration = Duration::from_mins(1);
/// How often the metrics file is written at most.
const METRICS_INTERVAL: Duration = Duration::from_secs(5);

/// Starts the thread, where none runs; it ends when the outbox is stopped. Answers whether one
/// runs.
pub(crate) fn start(inner: &Arc<Inner>, metrics_file: Option<PathBuf>) -> bool {
    if !inner.begin_thread() {
        return inner.is_threaded();
    }
    let own = Arc::clone(inner);
    let thread = thread::Builder::new().name("memtool-recorder".to_owned()).stack_size(256 << 10);
    match thread.spawn(move || run(&own, metrics_file.map(MetricsFile::new))) {
        Ok(_) => true,
        Err(error) => {
            inner.end_thread();
            events::no_thread(&error);
            false
        }
    }
}

fn run(inner: &Arc<Inner>, mut metrics_file: Option<MetricsFile>) {
    let mut watch = ClockWatch::start(&*inner.clock);
    let mut errands = Errands::new(Arc::clone(inner));
    let mut flushed = Instant::now();
    let mut advised = flushed;
    let mut next = flushed + inner.interval();
    while !inner.has_ended() {
        let call = inner.outbox.wait(next.saturating_duration_since(Instant::now()));
        if call == Call::Stop {
            break;
        }
        if call == Call::Write {
            inner.flush();
            flushed = Instant::now();
        }
        // A shorter interval that was set meanwhile holds from now on.
        let now = Instant::now();
        next = next.min(now + inner.interval());
        if now < next {
            continue;
        }
        errands.run(inner.look_only(Look::Regular));
        // After a pause the missed looks are not made up for, and a look that takes longer than
        // the interval is not followed by the next one at once.
        let (due, now) = (next + inner.interval(), Instant::now());
        next = if due > now { due } else { now + inner.interval() };
        if next.duration_since(flushed) <= FLUSH_INTERVAL {
            continue;
        }
        if let Some(jump) = watch.check(&*inner.clock) {
            inner.note(&told(&jump));
        }
        inner.flush();
        flushed = now;
        if now.duration_since(advised) >= ADVICE_INTERVAL {
            inner.recommendations();
            advised = now;
        }
        if let Some(file) = &mut metrics_file {
            file.refresh(inner);
        }
    }
    errands.finish();
    inner.close();
    if let Some(file) = &mut metrics_file {
        file.write(inner);
    }
    inner.end_thread();
}

fn told(jump: &ClockJump) -> String {
    let moved = format!("the wall clock moved by {:.0} s against the run's own", jump.seconds);
    match jump.slept_seconds {
        Some(slept) if slept >= 1.0 => format!("{moved}: the machine slept for {slept:.0} s"),
        Some(_) => format!("{moved}: it was set"),
        None => format!("{moved}: the machine slept, or it was set"),
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

    fn refresh(&mut self, inner: &Inner) {
        if self.written.is_none_or(|written| written.elapsed() >= METRICS_INTERVAL) {
            self.write(inner);
        }
    }

    fn write(&mut self, inner: &Inner) {
        self.written = Some(Instant::now());
        if let Err(error) = textfile::replace(&self.path, &metrics::text(inner)) {
            self.problems += 1;
            events::not_written(self.problems, &error);
        }
    }
}
