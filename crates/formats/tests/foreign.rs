//! Files that the tools themselves wrote, read against the truth beside them.

use std::fs;
use std::path::{Path, PathBuf};

use memtool_formats::{Head, Limits, find, read};
use memtool_profile_model::{Mib, ReadError, Run};
use serde::Deserialize;

/// What is known of a file: every figure that is given must be found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Truth {
    format: String,
    #[serde(default)]
    runs: Option<usize>,
    /// Samples of all runs.
    #[serde(default)]
    samples: Option<usize>,
    #[serde(default)]
    peak_mb: Option<f64>,
    #[serde(default)]
    duration_s: Option<f64>,
    #[serde(default)]
    measure: Option<String>,
    #[serde(default)]
    precision: Option<String>,
    #[serde(default)]
    time_base: Option<String>,
    /// Codes of the warnings, in order.
    #[serde(default)]
    warns: Vec<String>,
    /// A part of the reason where the file is refused.
    #[serde(default)]
    refused: Option<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/foreign")
}

fn open(path: &Path) -> (Option<&'static str>, Result<Vec<Run>, ReadError>) {
    let bytes = fs::read(path).expect("a readable file");
    let Some(reader) = find(&Head::new(&bytes)) else {
        return (None, Err(ReadError::UnknownFormat(String::new())));
    };
    (Some(reader.name), read(reader, &mut &bytes[..], Limits::default()))
}

fn peak(run: &Run) -> f64 {
    let samples = run.snapshots.iter().filter_map(|s| s.rss);
    samples.chain(run.stated_peak.map(|peak| peak.rss)).map(Mib::get).fold(0.0, f64::max)
}

fn duration(run: &Run) -> f64 {
    if let Some(runtime) = run.task.as_ref().and_then(|task| task.runtime_s) {
        return runtime;
    }
    match (run.snapshots.first(), run.snapshots.last()) {
        (Some(first), Some(last)) => last.at.seconds_since(first.at),
        _ => 0.0,
    }
}

fn codes(run: &Run) -> impl Iterator<Item = String> {
    run.warnings.iter().map(|warning| match serde_json::to_value(warning).expect("JSON") {
        serde_json::Value::Object(kinds) => match kinds.iter().next() {
            Some((kind, about)) if kind == "tool" => about["code"].as_str().unwrap_or_default().to_owned(),
            Some((kind, _)) => kind.clone(),
            None => String::new(),
        },
        kind => kind.as_str().unwrap_or_default().to_owned(),
    })
}

fn check(path: &Path, truth: &Truth) {
    let name = path.display();
    let (format, runs) = open(path);
    assert_eq!(format, Some(truth.format.as_str()), "{name}");
    if let Some(reason) = &truth.refused {
        let error = runs.expect_err("refused").to_string();
        assert!(error.contains(reason), "{name}: {error}");
        return;
    }
    let runs = runs.unwrap_or_else(|error| panic!("{name}: {error}"));
    let equal = |what: &str, expected: &Option<String>, found: String| {
        assert!(expected.as_ref().is_none_or(|expected| *expected == found), "{name}: {what} {found}");
    };
    let near = |what: &str, expected: Option<f64>, found: f64| {
        let is_near = expected.is_none_or(|expected| (found - expected).abs() <= 0.001 * expected + 0.01);
        assert!(is_near, "{name}: {what} {found}, expected {expected:?}");
    };
    let samples: usize = runs.iter().map(|run| run.snapshots.len()).sum();
    assert!(truth.samples.is_none_or(|n| n == samples), "{name}: {samples} samples");
    assert!(truth.runs.is_none_or(|n| n == runs.len()), "{name}: {} runs", runs.len());
    near("peak", truth.peak_mb, runs.iter().map(peak).fold(0.0, f64::max));
    near("duration", truth.duration_s, runs.iter().map(duration).fold(0.0, f64::max));
    let origin = runs[0].origin.as_ref().expect("an origin");
    equal("measure", &truth.measure, origin.measure.as_str().to_owned());
    equal("precision", &truth.precision, origin.precision.as_str().to_owned());
    equal("time base", &truth.time_base, origin.time_base.as_str().to_owned());
    assert_eq!(runs.iter().flat_map(codes).collect::<Vec<_>>(), truth.warns, "{name}");
}

/// Every file has a truth beside it, and every reader a file.
#[test]
fn every_file_is_what_its_truth_says() {
    let mut formats = Vec::new();
    for tool in fs::read_dir(folder()).expect("fixtures").flatten().filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(tool.path()).expect("a folder").flatten().map(|entry| entry.path()) {
            if file.to_string_lossy().ends_with(".truth.json") {
                continue;
            }
            let truth = PathBuf::from(format!("{}.truth.json", file.display()));
            let text =
                fs::read_to_string(&truth).unwrap_or_else(|_| panic!("{} is missing", truth.display()));
            let truth: Truth = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            check(&file, &truth);
            formats.push(truth.format);
        }
    }
    assert!(formats.len() > 1, "no fixtures");
}
