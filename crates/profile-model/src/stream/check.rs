//! Whether the figures of a stream's records can be.

use super::v1::{Header, Record};
use crate::decision::ActionRecord;
use crate::error::ReadError;
use crate::ranges;
use crate::units::{Mib, Offset};

/// Checks the settings and the machine.
pub(super) fn header(header: &Header) -> Result<(), ReadError> {
    let config = &header.config;
    let place = |name: &str| format!("line 1, {name}");
    ranges::interval(config.monitoring_interval_seconds, || place("config.monitoring_interval_seconds"))?;
    let (levels, floors) = (&config.thresholds, &config.available_limits);
    let sizes = [
        ("config.thresholds.moderate_mb", Some(levels.moderate_mb)),
        ("config.thresholds.high_mb", Some(levels.high_mb)),
        ("config.thresholds.critical_mb", Some(levels.critical_mb)),
        ("config.thresholds.gc_trigger_mb", Some(levels.gc_trigger_mb)),
        ("config.thresholds.fallback_trigger_mb", Some(levels.fallback_trigger_mb)),
        ("config.leak_threshold_mb", Some(config.leak_threshold_mb)),
        ("config.available_limits.critical_mb", Some(floors.critical_mb)),
        ("config.available_limits.high_mb", Some(floors.high_mb)),
        ("config.available_limits.moderate_mb", Some(floors.moderate_mb)),
        ("config.hysteresis.margin_mb", Some(config.hysteresis.margin_mb)),
        ("host.total_mb", header.host.total_mb),
        ("host.limit_mb", header.host.limit_mb),
    ];
    check_sizes(&sizes, place)?;
    let spans = [
        ("config.recommendation_window_minutes", config.recommendation_window_minutes),
        ("config.leak_window_minutes", config.leak_window_minutes),
        ("config.hysteresis.dwell_seconds", config.hysteresis.dwell_seconds),
    ];
    spans.iter().try_for_each(|(name, span)| ranges::span(*span, || place(name)).map(drop))
}

/// Checks the time and the sizes of a record on a line.
pub(super) fn record(record: &Record, line: usize) -> Result<(), ReadError> {
    let place = |name: &str| format!("line {line}, {name}");
    let (at, sizes) = figures(record);
    ranges::moment(at, || place("t_ns"))?;
    check_sizes(&sizes, place)?;
    for (name, value) in meters(record) {
        ranges::size(value.get(), || place(&format!("meters.{name}")))?;
    }
    check_counts(record, place)?;
    check_others(record, place)
}

/// Checks the counts of a record.
fn check_counts(record: &Record, place: impl Fn(&str) -> String) -> Result<(), ReadError> {
    let counts: &[(&str, Option<u64>)] = match record {
        Record::Snapshot(r) => &[("gc_collections", r.gc_collections), ("py_blocks", r.live.py_blocks)],
        Record::BatchStart(r) => &[("items", Some(r.items)), ("py_blocks", r.live.py_blocks)],
        Record::BatchEnd(r) => &[("py_blocks", r.live.py_blocks)],
        Record::Gc(r) => &[("objects", r.objects)],
        Record::Note(r) => &[("lost_records", r.lost_records)],
        Record::Footer(r) => &[
            ("lost_records", Some(r.lost_records)),
            ("thinned_records", Some(r.thinned_records)),
            ("samples", Some(r.samples)),
            ("probe_failures", Some(r.probe_failures)),
            ("hook_failures", Some(r.hook_failures)),
            ("counters.total_gc_collections", Some(r.counters.total_gc_collections)),
            ("counters.automatic_fallbacks", Some(r.counters.automatic_fallbacks)),
            ("counters.batch_size_adjustments", Some(r.counters.batch_size_adjustments)),
            ("counters.memory_warnings", Some(r.counters.memory_warnings)),
            ("counters.critical_events", Some(r.counters.critical_events)),
        ],
        _ => &[],
    };
    for (name, count) in counts {
        count.map(|count| ranges::count(count, || place(name))).transpose()?;
    }
    Ok(())
}

/// Checks spans of time and shares of a record.
fn check_others(record: &Record, place: impl Fn(&str) -> String) -> Result<(), ReadError> {
    match record {
        Record::Snapshot(r) => r.percent.map(|share| ranges::percent(share, || place("percent"))).transpose(),
        Record::BatchEnd(r) => r.seconds_cpu.map(|span| ranges::span(span, || place("cpu_s"))).transpose(),
        Record::Gc(r) => r.seconds.map(|span| ranges::span(span, || place("seconds"))).transpose(),
        _ => Ok(None),
    }
    .map(drop)
}

fn meters(record: &Record) -> impl Iterator<Item = (&String, &Mib)> {
    let live = match record {
        Record::Snapshot(r) => Some(&r.live),
        Record::BatchStart(r) => Some(&r.live),
        Record::BatchEnd(r) => Some(&r.live),
        _ => None,
    };
    live.into_iter().flat_map(|live| &live.meters)
}

type Size = (&'static str, Option<Mib>);

fn check_sizes(sizes: &[Size], place: impl Fn(&str) -> String) -> Result<(), ReadError> {
    for (name, size) in sizes {
        size.map(|size| ranges::size(size.get(), || place(name))).transpose()?;
    }
    Ok(())
}

/// As many as a record has at most.
const MOST_SIZES: usize = 10;

fn sizes<const N: usize>(given: [Size; N]) -> [Size; MOST_SIZES] {
    let mut all = [("", None); MOST_SIZES];
    all[..N].copy_from_slice(&given);
    all
}

fn figures(record: &Record) -> (Offset, [Size; MOST_SIZES]) {
    match record {
        Record::Header(_) => (Offset::START, sizes([])),
        Record::Snapshot(r) => {
            // A negative RSS is a failed probe, as in profiles.
            let rss = r.rss_mb.filter(|rss| rss.get() > 0.0);
            let all = [
                ("rss_mb", rss),
                ("children_rss_mb", r.children_rss_mb),
                ("shared_mb", r.shared_mb),
                ("pss_mb", r.pss_mb),
                ("vms_mb", r.vms_mb),
                ("available_mb", r.available_mb),
                ("peak_rss_mb", r.peak_rss_mb),
                ("group_mb", r.group_mb),
                ("heap_used_mb", r.live.heap_used_mb),
                ("heap_free_mb", r.live.heap_free_mb),
            ];
            (r.t_ns, all)
        }
        Record::BatchStart(r) => (
            r.t_ns,
            sizes([
                ("rss_mb", r.rss_mb),
                ("heap_used_mb", r.live.heap_used_mb),
                ("heap_free_mb", r.live.heap_free_mb),
            ]),
        ),
        Record::BatchEnd(r) => (
            r.t_ns,
            sizes([
                ("peak_rss_mb", r.peak_rss_mb),
                ("rss_mb", r.rss_mb),
                ("retained_mb", r.retained_mb),
                ("heap_used_mb", r.live.heap_used_mb),
                ("heap_free_mb", r.live.heap_free_mb),
            ]),
        ),
        Record::Gc(r) => {
            (r.t_ns, sizes([("rss_before_mb", r.rss_before_mb), ("rss_after_mb", r.rss_after_mb)]))
        }
        Record::Decision(r) => {
            let (peak, ceiling) = match r.action {
                ActionRecord::Predict { predicted_peak_mb, ceiling_mb, .. } => {
                    (predicted_peak_mb, ceiling_mb.filter(|ceiling| ceiling.get() >= 0.0))
                }
                ActionRecord::Collect | ActionRecord::ChangeLevel { .. } => (None, None),
            };
            let all = [
                ("rss_mb", Some(r.rss_mb)),
                ("available_mb", r.available_mb),
                ("predicted_peak_mb", peak),
                ("ceiling_mb", ceiling),
            ];
            (r.t_ns, sizes(all))
        }
        Record::Operation(r) => (r.t_ns, sizes([])),
        Record::Cache(r) => (r.t_ns, sizes([("limit_mb", r.limit_mb)])),
        Record::Libraries(r) => (r.t_ns, sizes([])),
        Record::Note(r) => (r.t_ns, sizes([])),
        Record::Footer(r) => {
            (r.t_ns, sizes([("peak_rss_mb", r.peak_rss_mb), ("peak_of_one_mb", r.peak_of_one_mb)]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_stream;

    fn message(config: &str, record: &str) -> String {
        let header = format!(
            r#"{{"type":"header","version":1,"run_id":"r","started":"2026-01-01T00:00:00Z","config":{config}}}"#
        );
        read_stream(&format!("{header}\n{record}\n")).expect_err("a fault").to_string()
    }

    #[test]
    fn figures_that_cannot_be_are_told_with_their_line() {
        let record = |record: &str| message("{}", record);
        assert_eq!(
            record(r#"{"type":"snapshot","t_ns":1,"rss_mb":1e308}"#),
            "line 2, rss_mb: expected mebibytes from 0 to 1e9, found 1e308"
        );
        assert_eq!(
            record(r#"{"type":"batch_end","t_ns":1,"batch":1,"peak_rss_mb":-9}"#),
            "line 2, peak_rss_mb: expected mebibytes from 0 to 1e9, found -9"
        );
        assert_eq!(
            record(r#"{"type":"note","t_ns":-1,"text":""}"#),
            "line 2, t_ns: expected nanoseconds since the run's start, from 0, found -1"
        );
    }

    #[test]
    fn counts_spans_and_shares_that_cannot_be_are_told() {
        let record = |record: &str| message("{}", record);
        assert_eq!(
            record(r#"{"type":"gc","t_ns":1,"forced":true,"seconds":-1e300}"#),
            "line 2, seconds: expected a span of time from 0 to 3.2e9, found -1e300"
        );
        assert_eq!(
            record(
                r#"{"type":"batch_start","t_ns":1,"batch":1,"batch_size":1,"items":18446744073709551615}"#
            ),
            "line 2, items: expected a count up to 2^53, found 18446744073709551615"
        );
        assert_eq!(
            record(r#"{"type":"snapshot","t_ns":1,"rss_mb":1,"percent":101}"#),
            "line 2, percent: expected percent from 0 to 100, found 101"
        );
        let found = message(r#"{"leak_window_minutes":1e308}"#, "");
        assert!(found.starts_with("line 1, config.leak_window_minutes: expected a span"), "{found}");
    }

    #[test]
    fn settings_that_cannot_be_are_told() {
        let found = message(r#"{"monitoring_interval_seconds":0}"#, "");
        assert!(found.starts_with("line 1, config.monitoring_interval_seconds: expected seconds"), "{found}");
        let found = message(r#"{"thresholds":{"high_mb":1e308}}"#, "");
        assert!(found.starts_with("line 1, config.thresholds.high_mb: expected mebibytes"), "{found}");
    }
}
