//! The figures of `analyze` against a second computation, straight from the file's text.
//!
//! This one shares no code with the first: it parses into plain JSON values, and takes sums,
//! order statistics and spacings in another way.

use std::path::Path;

use memtool_analyzer::{ProfileReport, profile};
use memtool_profile_model::{AdaptiveConfig, Counters, read_run};
use serde_json::{Value, json};

use crate::fixtures::{Fixture, runs};

struct Rows {
    seconds: Vec<f64>,
    rss: Vec<f64>,
    levels: Vec<String>,
}

fn rows(file: &Fixture) -> Rows {
    let document: Value = serde_json::from_str(file.text()).expect("JSON");
    let mut rows: Vec<(i128, f64, String)> = document["history"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| {
            let text = row["timestamp"].as_str().expect("text").trim_end_matches("+00:00");
            let civil: jiff::civil::DateTime = text.parse().expect("a time");
            let at = civil.to_zoned(jiff::tz::TimeZone::UTC).expect("a time").timestamp().as_nanosecond();
            (
                at,
                row["rss_mb"].as_f64().expect("a number"),
                row["pressure_level"].as_str().expect("text").to_owned(),
            )
        })
        .filter(|row| row.1 > 0.0)
        .collect();
    rows.sort_by_key(|row| row.0);
    let first = rows[0].0;
    Rows {
        seconds: rows.iter().map(|row| (row.0 - first) as f64 / 1e9).collect(),
        rss: rows.iter().map(|row| row.1).collect(),
        levels: rows.into_iter().map(|row| row.2).collect(),
    }
}

fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).expect("finite"));
    let hundredths = percent * (sorted.len() - 1);
    let (place, rest) = (hundredths / 100, (hundredths % 100) as f64 / 100.0);
    if rest == 0.0 { sorted[place] } else { sorted[place] * (1.0 - rest) + sorted[place + 1] * rest }
}

/// Each snapshot stands for the time to the next one, at most three median spacings.
fn share(rows: &Rows, level: &str) -> f64 {
    let mut steps: Vec<f64> = rows.seconds.windows(2).map(|w| w[1] - w[0]).collect();
    let positive: Vec<f64> = steps.iter().copied().filter(|step| *step > 0.0).collect();
    if positive.is_empty() {
        return rows.levels.iter().filter(|l| *l == level).count() as f64 / rows.levels.len() as f64;
    }
    let longest = 3.0 * percentile(&positive, 50);
    steps.iter_mut().for_each(|step| *step = step.min(longest));
    let at_level: f64 =
        steps.iter().zip(&rows.levels).filter(|(_, l)| *l == level).map(|(step, _)| step).sum();
    at_level / steps.iter().sum::<f64>()
}

fn close(name: &str, what: &str, found: f64, expected: f64) {
    let tolerance = 1e-9 * expected.abs().max(1.0);
    assert!((found - expected).abs() <= tolerance, "{name}: {what} is {found}, expected {expected}");
}

#[test]
fn peak_mean_percentiles_and_time_shares_agree() {
    for file in runs().iter().filter(|file| file.is_profile()) {
        let run = read_run(&file.bytes).expect("a fixture");
        let report: ProfileReport = profile(Path::new(&file.name), &run);
        let rows = rows(file);
        let n = rows.rss.len();
        assert_eq!(report.samples, n, "{}", file.name);
        let checks = [
            ("duration", report.duration_s, rows.seconds[n - 1]),
            ("peak", report.peak_rss_mb, percentile(&rows.rss, 100)),
            ("mean", report.mean_rss_mb, rows.rss.iter().rev().sum::<f64>() / n as f64),
            ("p50", report.p50_rss_mb, percentile(&rows.rss, 50)),
            ("p95", report.p95_rss_mb, percentile(&rows.rss, 95)),
            ("p99", report.p99_rss_mb, percentile(&rows.rss, 99)),
            ("low", report.time_share.low, share(&rows, "low")),
            ("moderate", report.time_share.moderate, share(&rows, "moderate")),
            ("high", report.time_share.high, share(&rows, "high")),
            ("critical", report.time_share.critical, share(&rows, "critical")),
        ];
        for (what, found, expected) in checks {
            close(&file.name, what, found, expected);
        }
    }
}

/// What is known of the recorded programs, and of the manager's own exports.
#[test]
fn known_runs_get_their_findings() {
    let known: [(&str, &str, &[&str], &[&str]); 10] = [
        ("leak_fast__adaptive_1hz", "leak", &["memory_leak"], &["gc_churn"]),
        ("leak_fast__fixed_low_nolimit", "leak", &["memory_leak"], &["gc_churn", "batch_flapping"]),
        ("leak_sawtooth__adaptive_default", "leak", &["memory_leak", "batch_flapping"], &["gc_churn"]),
        ("cache_plateau__fixed_medium", "none", &[], &["memory_leak", "gc_churn", "batch_flapping"]),
        ("object_graph__adaptive_default", "none", &["busy_collector"], &["memory_leak", "gc_churn"]),
        ("merge_groupby__adaptive_default", "none", &["batch_flapping"], &["memory_leak", "gc_churn"]),
        (
            "noisy_neighbour__adaptive_default",
            "none",
            &["batch_flapping"],
            &["memory_leak", "sustained_high"],
        ),
        ("head_tight_thrash", "inconclusive", &["sustained_high"], &["memory_leak", "gc_churn"]),
        // A table was being loaded when the manager cried leak; its ring holds the end only.
        ("nav_default4g_h100", "inconclusive", &["history_cut"], &["memory_leak"]),
        ("head_leak", "leak", &["memory_leak"], &["sustained_high", "gc_churn"]),
    ];
    for (name, verdict, found, silent) in known {
        let file = runs().into_iter().find(|f| f.is_profile() && f.name.contains(name)).expect(name);
        let report = profile(Path::new(&file.name), &read_run(&file.bytes).expect("a fixture"));
        let kinds: Vec<&str> = report.findings.iter().map(|f| f.kind.as_str()).collect();
        let reason = &report.leak.reason;
        let said = serde_json::to_value(report.leak.verdict).expect("a word");
        assert_eq!(said, verdict, "{name}: {reason}");
        assert!(found.iter().all(|kind| kinds.contains(kind)), "{name}: {kinds:?}");
        assert!(silent.iter().all(|kind| !kinds.contains(kind)), "{name}: {kinds:?}");
    }
}

/// A short job below a shell: its largest process came and went between two samples.
#[test]
fn a_peak_that_counts_shared_pages_once_is_no_less_than_what_one_process_held() {
    let (config, counters) = (AdaptiveConfig::default(), Counters::default());
    let lines = [
        json!({"type": "header", "version": 1, "run_id": "1", "started": "2026-11-30T12:00:00Z", "config": config}),
        json!({"type": "snapshot", "t_ns": 0, "rss_mb": 6.0, "children_rss_mb": 3.0, "pss_mb": 4.0}),
        json!({"type": "snapshot", "t_ns": 100_000_000, "rss_mb": 13.0, "children_rss_mb": 9.0}),
        json!({"type": "footer", "t_ns": 200_000_000, "counters": counters,
            "peak_rss_mb": 45.0, "peak_source": "sampled", "peak_of_one_mb": 42.0}),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let report = profile(Path::new("short.ndjson"), &read_run(text.as_bytes()).expect("a stream"));
    assert_eq!((report.peak_rss_mb, &*report.peak_source), (42.0, "sampled"));
}
