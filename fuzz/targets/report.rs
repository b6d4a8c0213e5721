//! The report and the page of any run: finite numbers that are in order, in JSON.
#![no_main]

use std::path::Path;

use libfuzzer_sys::arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use memtool_analyzer::document::{PageBudget, RunPage};
use memtool_analyzer::{ProfileReport, profile};
use memtool_fuzz::{assert_finite, run};

/// What sums of shares may be off by.
const ROUNDING: f64 = 1e-6;

fn assert_in_order(report: &ProfileReport) {
    let figures = [report.p50_rss_mb, report.p95_rss_mb, report.p99_rss_mb, report.peak_rss_mb];
    assert!(figures.is_sorted(), "{figures:?}");
    assert!((0.0..=report.peak_rss_mb * (1.0 + ROUNDING)).contains(&report.mean_rss_mb), "{report:?}");
    let share = &report.time_share;
    let shares = [share.low, share.moderate, share.high, share.critical];
    let sum: f64 = shares.iter().sum();
    assert!(
        shares.iter().all(|share| (0.0..=1.0 + ROUNDING).contains(share)) && sum <= 1.0 + ROUNDING,
        "{shares:?}"
    );
    for finding in &report.findings {
        assert!((0.0..=1.0).contains(&finding.confidence), "{finding:?}");
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(run) = run(&mut Unstructured::new(bytes)) else { return };
    let path = Path::new("fuzzed.ndjson");
    let report = profile(path, &run);
    assert_in_order(&report);
    assert_finite(&report);
    assert_finite(&RunPage::new(path, &run, PageBudget::for_files(1)));
});
