//! The check-up as a user runs it, and its JSON, repeated here with unknown fields denied.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde::Deserialize;
use serde_json::Value;

fn doctor(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    command.arg("doctor").args(args).current_dir(folder).output().expect("memtool starts")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "a field is read by being there")]
struct CheckUp {
    schema: String,
    outcome: String,
    seconds: f64,
    machine: Machine,
    plants: Vec<Plant>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "a field is read by being there")]
struct Machine {
    cores: Value,
    total_mb: Value,
    rss_source: String,
    rss_fault: Value,
    available_mb: Value,
    limit_mb: Value,
    limit_source: Value,
    cgroup: String,
    cgroup_limit_mb: Value,
    exact_peaks: bool,
    exact_peaks_fault: Value,
    memory_pressure_percent: Value,
    children: bool,
    reports: String,
    reports_fault: Value,
    look_us: Value,
    late_ms: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "a field is read by being there")]
struct Plant {
    plant: String,
    planted: String,
    outcome: String,
    found: Option<Found>,
    note: Option<String>,
    stream: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "a field is read by being there")]
struct Found {
    verdict: String,
    tier: Value,
    reason: String,
    slope_mb_per_min: Option<f64>,
    samples: u64,
    batches: u64,
    peak_rss_mb: f64,
    exact_peak_mb: Option<f64>,
    exact_rise_mb: Option<f64>,
}

#[test]
fn the_planted_leak_is_found_on_this_machine_and_nothing_else_taken_for_one() {
    let place = tempfile::tempdir().expect("a folder");
    let output = doctor(place.path(), &["--format", "json", "--keep", "kept"]);
    let said = String::from_utf8_lossy(&output.stderr);
    let check_up: CheckUp =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert!(matches!(output.status.code(), Some(0 | 4)), "{check_up:#?}");
    assert_eq!(output.status.code() == Some(0), check_up.outcome == "right");
    assert_eq!(check_up.schema, "memtool.doctor/1");
    let names: Vec<&str> = check_up.plants.iter().map(|plant| plant.plant.as_str()).collect();
    assert_eq!(names, ["leak", "plateau", "sawtooth", "spike"]);
    for plant in &check_up.plants {
        let found = plant.found.as_ref().expect("recorded");
        assert_eq!(found.verdict == "leak", plant.plant == "leak", "{plant:?}");
        assert_eq!(found.batches, 40, "{plant:?}");
        assert_eq!(found.exact_peak_mb.is_some(), check_up.machine.exact_peaks, "{plant:?}");
        assert!(place.path().join(plant.stream.as_ref().expect("kept")).is_file());
    }
    // What was kept is not written over, and only that was written.
    let again = doctor(place.path(), &["--keep", "kept"]);
    assert_eq!((again.status.code(), again.stdout.as_slice()), (Some(2), &[][..]));
    assert_eq!(fs::read_dir(place.path()).expect("there").count(), 1);
}

#[test]
fn a_plant_that_cannot_be_recorded_fails() {
    let place = tempfile::tempdir().expect("a folder");
    fs::write(place.path().join("there.ndjson"), "precious").expect("written");
    let output = doctor(place.path(), &["--plant", "leak", "--stream", "there.ndjson"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read(place.path().join("there.ndjson")).expect("there"), b"precious");
    assert_eq!(doctor(place.path(), &["--plant", "leak"]).status.code(), Some(2));
}
