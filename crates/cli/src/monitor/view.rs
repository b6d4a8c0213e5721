//! The data of a live view, built from a stream's records, independent of a terminal.

use std::collections::VecDeque;

use jiff::{Timestamp, tz::TimeZone};
use memtool_policy::{Baseline, Observed, PressureTime, futile};
use memtool_profile_model::stream::current::{
    BatchStart, DecisionRecord, Footer, GcRecord, Header, Record, SnapshotRecord,
};
use memtool_profile_model::{
    Action, AdaptiveConfig, Cause, Mib, Observation, Offset, Pressure, PressureLevel, SharedPages, pressure,
};

use super::points::Points;
use super::trend::Trend;
use crate::text::count;

/// Decisions of the policy that are shown.
const MOST_EVENTS: usize = 50;
/// Batches that may be open at once before the oldest is taken for forgotten.
const MOST_OPEN: usize = 100;
/// Seconds that the trend covers.
pub(crate) const TREND_SECONDS: f64 = 120.0;
/// Samples that pressure over time is worked out from, at most.
const MOST_RECENT: usize = 8_192;
/// Collections in a row that the view remembers.
const MOST_FREED: usize = 10;

/// The last sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Latest {
    pub(crate) at: Offset,
    pub(crate) rss: Mib,
    pub(crate) children: Option<Mib>,
    pub(crate) available: Option<Mib>,
    pub(crate) pressure: Pressure,
    pub(crate) batch_size: Option<u32>,
}

/// A batch that has not ended yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Running {
    pub(crate) number: u64,
    pub(crate) operation: Option<String>,
    pub(crate) items: u64,
    pub(crate) since: Offset,
}

/// Something that happened, and when.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) at: Offset,
    pub(crate) text: String,
    /// The pressure that caused it.
    pub(crate) level: PressureLevel,
}

/// What a live view shows.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) header: Option<Header>,
    started: Option<Timestamp>,
    /// A smaller limit than the stream's own.
    limit: Option<Mib>,
    pub(crate) points: Points,
    pub(crate) latest: Option<Latest>,
    pub(crate) peak: Option<Mib>,
    /// What the sizes of several processes count more than once.
    shared: SharedPages,
    pub(crate) samples: u64,
    pub(crate) failed_samples: u64,
    pub(crate) operation: Option<String>,
    pub(crate) running: Vec<Running>,
    pub(crate) batches: u64,
    pub(crate) events: VecDeque<Event>,
    /// Collections that the policy requested.
    pub(crate) forced_collections: u64,
    /// Collections that the host counts itself.
    pub(crate) host_collections: Option<u64>,
    /// What the last forced collections freed, as shares of memory.
    freed: VecDeque<f64>,
    /// Samples within the window of recommendations.
    recent: VecDeque<(f64, Mib, PressureLevel)>,
    critical_samples: u64,
    baseline: Baseline,
    pub(crate) note: Option<String>,
    pub(crate) footer: Option<Footer>,
    /// Lines that could not be read.
    pub(crate) damaged: u64,
}

impl View {
    /// An empty view, with a limit that may be smaller than the stream's.
    pub(crate) fn new(limit: Option<Mib>) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Takes the next record of the stream.
    pub(crate) fn take(&mut self, record: Record) {
        match record {
            Record::Header(header) => self.begin(header),
            Record::Snapshot(record) => self.snapshot(&record),
            Record::BatchStart(record) => self.batch_start(record),
            Record::BatchEnd(record) => {
                self.running.retain(|batch| batch.number != record.batch);
                self.batches += 1;
                self.peaked(record.peak_rss_mb.map(|peak| self.shared.of(peak)));
            }
            Record::Gc(record) => self.collected(&record),
            Record::Decision(record) => self.decided(&record),
            Record::Operation(record) => self.operation = Some(record.name),
            Record::Note(record) => self.note = Some(record.text),
            // A live view shows memory, not what the job says about its libraries.
            Record::Cache(_) | Record::Libraries(_) => {}
            Record::Footer(footer) => {
                // It states the peak of the sum, at an unknown time.
                if !self.shared.has_counted_once() {
                    self.peaked(footer.peak_rss_mb);
                }
                self.footer = Some(footer);
            }
        }
    }

    /// A restarted stream restarts the view.
    fn begin(&mut self, header: Header) {
        *self = Self::new(self.limit);
        self.started = header.started.parse().ok();
        self.header = Some(header);
    }

    fn snapshot(&mut self, record: &SnapshotRecord) {
        let Some(rss) = record.rss_mb.filter(|rss| rss.get() > 0.0) else {
            self.failed_samples += 1;
            return;
        };
        self.samples += 1;
        let rss = self.counted_once(record, rss);
        self.peaked(Some(rss).filter(|_| self.shared.is_settled() || !self.shared.has_counted_once()));
        self.host_collections = record.gc_collections.or(self.host_collections);
        let pressure = self.pressure(record, rss);
        let at = record.t_ns.seconds();
        self.points.push(at, rss.get());
        self.baseline.add(record.t_ns, rss);
        self.critical_samples += u64::from(pressure.level == PressureLevel::Critical);
        self.recent.push_back((at, rss, pressure.level));
        let window = self.config().recommendation_window_minutes * 60.0;
        while self.recent.len() > MOST_RECENT
            || self.recent.front().is_some_and(|(then, ..)| at - then > window)
        {
            self.recent.pop_front();
        }
        self.latest = Some(Latest {
            at: record.t_ns,
            rss,
            children: record.children_rss_mb.map(|mb| self.shared.of(mb)),
            available: record.available_mb,
            pressure,
            batch_size: record.batch_size,
        });
    }

    /// The memory of a sample with pages that processes share counted once, where that is known.
    fn counted_once(&mut self, record: &SnapshotRecord, rss: Mib) -> Mib {
        if let Some(children) = record.children_rss_mb {
            self.shared.update(rss, children, record.pss_mb);
        }
        if self.shared.has_counted_once() { self.shared.of(rss) } else { rss }
    }

    /// The level in the stream, or by its settings.
    fn pressure(&self, record: &SnapshotRecord, rss: Mib) -> Pressure {
        let seen = Observation { at: record.t_ns, rss, available: record.available_mb };
        let by_rule = pressure(self.config(), seen);
        let level = record.pressure_level.unwrap_or(by_rule.level);
        Pressure { level, cause: by_rule.cause }
    }

    fn batch_start(&mut self, record: BatchStart) {
        let operation = record.operation.or_else(|| self.operation.clone());
        if self.running.len() >= MOST_OPEN {
            self.running.remove(0);
        }
        self.running.push(Running {
            number: record.batch,
            operation,
            items: record.items,
            since: record.t_ns,
        });
        if let Some(latest) = &mut self.latest {
            latest.batch_size = Some(record.batch_size);
        }
    }

    fn collected(&mut self, record: &GcRecord) {
        if !record.forced {
            return;
        }
        self.forced_collections += 1;
        let freed = record.rss_before_mb.zip(record.rss_after_mb);
        let Some((before, after)) = freed.filter(|(before, _)| before.get() > 0.0) else { return };
        self.freed.push_back(1.0 - after.get() / before.get());
        if self.freed.len() > MOST_FREED {
            self.freed.pop_front();
        }
        let freed = (before.get() - after.get()).max(0.0);
        let text = format!("collection freed {freed:.0} MiB");
        let level = self.latest.map_or(PressureLevel::Low, |latest| latest.pressure.level);
        // The decision to collect came right before.
        if self.events.back().is_some_and(|event| event.text == COLLECT) {
            self.events.pop_back();
        }
        self.event(record.t_ns, text, level);
    }

    fn decided(&mut self, record: &DecisionRecord) {
        let level = record.pressure_level;
        let why = match record.cause {
            Cause::Rss => format!("memory {}", level.as_str()),
            Cause::Available => format!("little left: {}", level.as_str()),
        };
        let (size, text) = match record.action() {
            Action::Collect => (None, COLLECT.to_owned()),
            Action::ChangeLevel { old_size, new_size, .. } => {
                (Some(new_size), format!("{}, {why}", resized(old_size, new_size)))
            }
            Action::Predict { old_size, new_size, predicted_peak, .. } => {
                let peak = predicted_peak.map_or_else(
                    || "nothing known yet".to_owned(),
                    |peak| format!("predicted peak {:.0} MiB", peak.get()),
                );
                (Some(new_size), format!("{}, {peak}", resized(old_size, new_size)))
            }
        };
        if let (Some(size), Some(latest)) = (size, &mut self.latest) {
            latest.batch_size = Some(size);
        }
        self.event(record.t_ns, text, level);
    }

    fn event(&mut self, at: Offset, text: String, level: PressureLevel) {
        self.events.push_back(Event { at, text, level });
        if self.events.len() > MOST_EVENTS {
            self.events.pop_front();
        }
    }

    fn peaked(&mut self, size: Option<Mib>) {
        if let Some(size) = size
            && self.peak.is_none_or(|peak| size > peak)
        {
            self.peak = Some(size);
        }
    }

    /// The settings of the stream.
    pub(crate) fn config(&self) -> &AdaptiveConfig {
        static DEFAULT: std::sync::LazyLock<AdaptiveConfig> =
            std::sync::LazyLock::new(AdaptiveConfig::default);
        self.header.as_ref().map_or(&DEFAULT, |header| &header.config)
    }

    /// The smallest limit that is known.
    pub(crate) fn limit(&self) -> Option<Mib> {
        let stream = self.header.as_ref().and_then(|header| header.host.limit_mb);
        match (stream, self.limit) {
            (Some(a), Some(b)) => Some(if b < a { b } else { a }),
            (a, b) => a.or(b),
        }
    }

    /// How fast memory grows right now.
    pub(crate) fn trend(&self) -> Option<Trend> {
        Trend::of(self.points.samples(TREND_SECONDS))
    }

    /// What advice is given by.
    pub(crate) fn observed(&self) -> Observed<'_> {
        Observed {
            config: self.config(),
            pressure: PressureTime::of(self.recent.iter().copied()),
            futile_collections: futile(self.freed.iter().rev().copied()),
            // Of a process that is measured from outside no policy steers the batches.
            critical_samples: if self.is_outside() { 0 } else { self.critical_samples },
            baseline: &self.baseline,
        }
    }

    /// Whether this is a process that is measured from outside: it has no batch sizes.
    pub(crate) fn is_outside(&self) -> bool {
        self.latest.is_some_and(|latest| latest.batch_size.is_none()) && self.batches == 0
    }

    /// A moment on the local clock.
    pub(crate) fn clock(&self, at: Offset) -> String {
        let since = jiff::SignedDuration::from_nanos(at.nanos());
        let moment = self.started.and_then(|started| started.checked_add(since).ok());
        let Some(moment) = moment else { return "--:--:--".to_owned() };
        moment.to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string()
    }

    /// The job's name, or the program's, or what there is.
    pub(crate) fn name(&self) -> String {
        let process = self.header.as_ref().map(|header| &header.process);
        let name = process.and_then(|process| process.job.as_ref().or(process.command.as_ref()));
        name.cloned().unwrap_or_else(|| "job".to_owned())
    }
}

fn resized(from: u32, to: u32) -> String {
    format!("batch {} → {}", count(from), count(to))
}

/// The entry of the list until the collection itself is recorded.
const COLLECT: &str = "collect garbage";

#[cfg(test)]
pub(crate) mod tests {
    use memtool_profile_model::stream::parse_line;

    use super::*;

    const PHASES: &str =
        include_str!("../../../../fixtures/runs/memory_stream_20261123T043010Z_phases.ndjson");

    /// The view of a real run after this many lines.
    pub(crate) fn phases(lines: usize) -> View {
        let mut view = View::new(None);
        PHASES.lines().take(lines).for_each(|line| view.take(parse_line(line).expect("a record")));
        view
    }

    pub(crate) fn view_of(lines: &[&str]) -> View {
        let header =
            r#"{"type":"header","version":1,"run_id":"r","started":"2026-01-01T00:00:00Z","config":{}}"#;
        let mut view = View::new(None);
        for line in [header].iter().chain(lines) {
            view.take(parse_line(line).expect("a record"));
        }
        view
    }

    #[test]
    fn pages_that_processes_share_count_once_to_the_end() {
        let view = view_of(&[
            r#"{"type":"snapshot","t_ns":1,"rss_mb":412,"children_rss_mb":0}"#,
            r#"{"type":"snapshot","t_ns":2,"rss_mb":2970,"children_rss_mb":2540,"pss_mb":461}"#,
            r#"{"type":"snapshot","t_ns":3,"rss_mb":3023,"children_rss_mb":2593}"#,
            r#"{"type":"snapshot","t_ns":4,"rss_mb":428,"children_rss_mb":0}"#,
            r#"{"type":"footer","t_ns":5,"counters":{},"peak_rss_mb":3023,"peak_source":"sampled"}"#,
        ]);
        assert_eq!(view.peak, Some(Mib::new(514.0)));
    }

    #[test]
    fn a_whole_run_is_summed_up() {
        let view = phases(usize::MAX);
        let (snapshots, ends) = (
            PHASES.matches("\"type\":\"snapshot\"").count() as u64,
            PHASES.matches("\"type\":\"batch_end\"").count() as u64,
        );
        assert_eq!((view.samples, view.batches), (snapshots, ends));
        assert_eq!(view.forced_collections, 7);
        assert_eq!(view.host_collections, Some(179));
        assert!(view.footer.is_some() && view.running.is_empty() && !view.is_outside());
        assert_eq!(view.peak.map(|peak| peak.get().round()), Some(659.0));
        assert_eq!(view.limit(), Some(Mib::new(660.0)));
        assert!(view.events.iter().any(|event| event.text == "batch 1,000 → 100, memory critical"));
        assert!(view.events.iter().all(|event| event.text != COLLECT));
    }

    #[test]
    fn an_open_batch_runs_until_it_ends() {
        let start =
            r#"{"type":"batch_start","t_ns":1,"batch":7,"operation":"hire","batch_size":500,"items":20}"#;
        let view = view_of(&[start]);
        assert_eq!(view.running.len(), 1);
        assert_eq!((view.running[0].operation.as_deref(), view.running[0].items), (Some("hire"), 20));
        let view = view_of(&[start, r#"{"type":"batch_end","t_ns":5,"batch":7,"peak_rss_mb":900}"#]);
        assert!(view.running.is_empty());
        assert_eq!(view.peak, Some(Mib::new(900.0)));
    }

    #[test]
    fn a_process_without_batch_sizes_is_watched_from_outside() {
        assert!(view_of(&[r#"{"type":"snapshot","t_ns":1,"rss_mb":5}"#]).is_outside());
        assert!(!view_of(&[r#"{"type":"snapshot","t_ns":1,"rss_mb":5,"batch_size":9}"#]).is_outside());
    }

    #[test]
    fn the_level_follows_from_the_streams_own_settings() {
        let view = view_of(&[r#"{"type":"snapshot","t_ns":1,"rss_mb":3100}"#]);
        assert_eq!(view.latest.map(|latest| latest.pressure.level), Some(PressureLevel::High));
    }

    #[test]
    fn a_failed_look_is_counted_and_a_new_header_begins_anew() {
        let failed = r#"{"type":"snapshot","t_ns":1}"#;
        let mut view = view_of(&[failed]);
        assert_eq!((view.failed_samples, view.latest), (1, None));
        view.take(Record::Header(view.header.clone().expect("one")));
        assert_eq!(view.failed_samples, 0);
    }

    #[test]
    fn a_moment_beyond_the_calendar_is_no_panic() {
        let view = view_of(&[]);
        assert_eq!(view.clock(Offset::from_nanos(i64::MAX)).len(), 8);
        assert_eq!(View::new(None).clock(Offset::START), "--:--:--");
    }
}
