//! From the lines of a log to its runs.

use memtool_profile_model::{Measure, Mib, Origin, Precision, ReadError, Run, Task, TimeBase};

use super::cautions::{
    BEGINNING_MISSING, FLOATING_GARBAGE, HIGHER_INSIDE, MARK_START, NO_TIME, OUTSIDE_HEAP, ZGC_MAPPINGS,
};
use super::event::{Entry, Event, entry};
use super::line::LogLine;
use crate::collected::Collected;
use crate::cursor::find;
use crate::faults::Faults;
use crate::limits::Limits;
use crate::lines::Line;
use crate::reader::Reader;
use crate::trace::Trace;
use crate::traces::Traces;

/// A clock that falls by so much, in nanoseconds, is another virtual machine's.
const RESTART: i64 = 1_000_000_000;
/// A place in the file of a log without a clock.
const PLACE: i64 = 1_000_000_000;

/// A log that is being read.
pub(super) struct Log {
    reader: &'static Reader,
    traces: Traces<usize>,
    runs: usize,
    open: OpenRun,
}

/// What times count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clock {
    /// Uptime, and the wall clock where it was 0.
    Both(i64),
    Uptime,
    Wall,
    /// No clock: events are counted.
    Places,
}

impl Clock {
    fn of(line: &LogLine<'_>) -> Option<Self> {
        match (line.uptime, line.wall.and_then(|wall| wall.nanos())) {
            (Some(uptime), Some(wall)) => Some(Self::Both(wall.saturating_sub(uptime))),
            (Some(_), None) => Some(Self::Uptime),
            (None, Some(_)) => Some(Self::Wall),
            (None, None) => None,
        }
    }

    const fn time_base(self) -> TimeBase {
        match self {
            Self::Both(_) | Self::Wall => TimeBase::Absolute,
            Self::Uptime => TimeBase::Relative,
            Self::Places => TimeBase::None,
        }
    }

    /// The time of a line; `None` where it has not this clock.
    fn at(self, line: &LogLine<'_>) -> Option<i64> {
        match self {
            Self::Both(zero) => line.wall.and(line.uptime).map(|uptime| zero.saturating_add(uptime)),
            Self::Uptime => line.uptime,
            Self::Wall => line.wall.and_then(|wall| wall.nanos()),
            Self::Places => None,
        }
    }
}

/// The run that lines belong to.
#[derive(Debug, Default)]
struct OpenRun {
    clock: Option<Clock>,
    /// Whether its lines have tags.
    tagged: bool,
    span: Option<(i64, i64)>,
    /// The latest uptime of a line that is certainly the virtual machine's.
    uptime: Option<i64>,
    started: bool,
    events: i64,
    first_number: u64,
    highest_number: u64,
    /// Whether the old part has been looked at since the last collection.
    marked: bool,
    /// Pauses of the collection that goes on, in seconds.
    pauses_s: Option<f64>,
    peak: Mib,
    /// The largest heap that was seen inside a collection.
    high: Mib,
    /// A collection that may have more parts.
    parts: Option<(u64, Collected)>,
}

impl Log {
    pub(super) fn new(reader: &'static Reader, limits: Limits) -> Self {
        Self { reader, traces: Traces::new(limits), runs: 0, open: OpenRun::default() }
    }

    /// Takes the next line.
    pub(super) fn take(&mut self, line: &Line<'_>, faults: &mut Faults) {
        let parsed = LogLine::of(after_output(line.text));
        let entry = match entry(parsed.text) {
            Entry::Event(_) | Entry::Damaged if !parsed.may_be_event() => Entry::Other,
            entry => entry,
        };
        self.take_entry(&(parsed, entry), line.number, faults);
    }

    /// Takes what the next line says.
    pub(super) fn take_entry(
        &mut self,
        (parsed, entry): &(LogLine<'_>, Entry<'_>),
        number: usize,
        faults: &mut Faults,
    ) {
        if self.open.is_restart(parsed, entry) {
            self.close();
        }
        self.open.passes(parsed, entry);
        match *entry {
            Entry::Event(event) => self.event(parsed, &event, number, faults),
            Entry::Using(_) => self.open.started = true,
            Entry::Pause(seconds) => *self.open.pauses_s.get_or_insert(0.0) += seconds,
            Entry::High(high) => self.open.high = largest(self.open.high, high),
            Entry::Damaged => faults.expected(number, "a collection with its sizes", parsed.text),
            Entry::Marked => self.open.marked = true,
            Entry::Other => {}
        }
    }

    fn event(&mut self, line: &LogLine<'_>, event: &Event<'_>, number: usize, faults: &mut Faults) {
        let clock = *self.open.clock.get_or_insert(Clock::Places);
        let at = if clock == Clock::Places { Some(self.open.events * PLACE) } else { clock.at(line) };
        let Some(at) = at else {
            return faults.expected(number, "the time that earlier lines have", line.text);
        };
        let collected = self.open.collected(at, event);
        let span = self.open.span;
        let origin = || self.reader.origin(Measure::HeapUsed, Precision::Sampled, clock.time_base());
        let Some(trace) = self.traces.of(self.runs, origin) else { return };
        if let Some((first, _)) = span.filter(|_| clock.time_base() == TimeBase::Absolute) {
            trace.starts(first);
        }
        if !collected.sample(trace) {
            return faults.expected(number, "a time that can be", line.text);
        }
        warn_of_collector(trace, event.name);
        self.open.events += 1;
        if event.is_step() {
            self.open.marked |= event.name.contains("Remark") || event.name.contains("Final");
            return;
        }
        if let Some(done) = self.open.join(event, collected) {
            done.record(trace);
        }
    }

    /// Ends the run that is open.
    fn close(&mut self) {
        let open = std::mem::take(&mut self.open);
        if open.events == 0 {
            return;
        }
        if let Some(trace) = self.traces.of(self.runs, Origin::default) {
            open.finish(trace);
        }
        self.runs += 1;
    }

    /// The runs of the file.
    pub(super) fn finish(mut self, faults: &Faults) -> Result<Vec<Run>, ReadError> {
        self.close();
        self.traces.finish(faults, "GC log")
    }
}

impl OpenRun {
    /// Whether a line is the first of another virtual machine.
    fn is_restart(&self, line: &LogLine<'_>, entry: &Entry<'_>) -> bool {
        if self.events == 0 {
            return false;
        }
        if let (Some(before), Some(now), true) = (self.uptime, line.uptime, is_machine(line, entry)) {
            return now < before - RESTART || matches!(entry, Entry::Using(_));
        }
        match entry {
            Entry::Using(_) => true,
            Entry::Event(event) => event.number == 0 && self.highest_number > 1 && !event.is_step(),
            _ => false,
        }
    }

    /// Keeps the time of a line.
    fn passes(&mut self, line: &LogLine<'_>, entry: &Entry<'_>) {
        let certain = is_machine(line, entry);
        if self.clock.is_none() && (certain || line.uptime.is_some()) {
            (self.clock, self.tagged) = (Clock::of(line), line.tags.is_some());
        }
        if certain {
            self.uptime = line.uptime.or(self.uptime);
        }
        let same_form = line.tags.is_some() == self.tagged;
        let Some(at) = self.clock.and_then(|clock| clock.at(line)).filter(|_| certain || same_form) else {
            return;
        };
        let (first, last) = self.span.unwrap_or((at, at));
        self.span = Some((first.min(at), last.max(at)));
    }

    fn collected(&mut self, at: i64, event: &Event<'_>) -> Collected {
        if self.events == 0 {
            self.first_number = event.number;
        }
        self.highest_number = self.highest_number.max(event.number);
        self.peak = largest(self.peak, event.before);
        let stops = self.pauses_s.take();
        let pause_s = if event.is_pause() { event.seconds } else { stops };
        // What the young one leaves that follows a look at the old part is what is in use.
        let young = event.is_young() && (!self.marked || event.is_step());
        self.marked &= event.is_step();
        let forced =
            ["(System.gc())", "(Diagnostic Command)"].iter().any(|cause| event.name.ends_with(cause));
        Collected {
            at,
            before: event.before,
            after: event.after,
            committed: event.committed,
            pause_s,
            forced,
            young,
        }
    }

    /// Puts parts of one collection together; gives one that is whole.
    fn join(&mut self, event: &Event<'_>, collected: Collected) -> Option<Collected> {
        if !event.is_part() {
            return Some(collected);
        }
        match &mut self.parts {
            Some((number, parts)) if *number == event.number => {
                parts.extend(&collected);
                None
            }
            parts => parts.replace((event.number, collected)).map(|(_, done)| done),
        }
    }

    fn finish(self, trace: &mut Trace) {
        if let Some((_, done)) = self.parts {
            done.record(trace);
        }
        if let Some((first, last)) = self.span {
            #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a run")]
            let runtime_s = Some((last - first) as f64 / 1e9);
            trace.run.task = Some(Task { runtime_s, ..Task::default() });
        }
        trace.warn(OUTSIDE_HEAP.warning());
        if self.clock == Some(Clock::Places) {
            trace.warn(NO_TIME.warning());
        }
        if self.first_number > 0 && !self.started {
            trace.warn(BEGINNING_MISSING.warning());
        }
        if self.high > self.peak {
            let text = format!(
                "inside a collection the heap reached {:.0} MiB (column High), {:.0} MiB before any",
                self.high.get(),
                self.peak.get()
            );
            trace.warn(HIGHER_INSIDE.saying(text));
        }
    }
}

/// A line without the program's own output, where that had no line break before a decorated line.
fn after_output(line: &str) -> &str {
    if line.starts_with('[') {
        return line;
    }
    let decorated = find(line, "] GC(").and_then(|end| find(&line[..end], "["));
    decorated.map_or(line, |start| &line[start..])
}

/// Whether a line is certainly the virtual machine's, and not the program's own.
fn is_machine(line: &LogLine<'_>, entry: &Entry<'_>) -> bool {
    !matches!(entry, Entry::Other) || line.tags.is_some_and(|tags| tags == "gc" || tags.starts_with("gc,"))
}

fn largest(a: Mib, b: Mib) -> Mib {
    if b > a { b } else { a }
}

/// What is to be known of some collectors' figures.
fn warn_of_collector(trace: &mut Trace, name: &str) {
    if name.starts_with("Pause") {
        return;
    }
    if name.starts_with("Garbage Collection") {
        trace.warn(ZGC_MAPPINGS.warning());
    }
    if name.starts_with("Garbage Collection") || name.starts_with("Major") || name.starts_with("Minor") {
        trace.warn(MARK_START.warning());
    }
    if name.starts_with("Concurrent cleanup") {
        trace.warn(FLOATING_GARBAGE.warning());
    }
}
