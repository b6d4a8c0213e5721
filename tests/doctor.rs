//! `doctor` as a user runs it, and its JSON, repeated here with unknown fields denied.

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
struct CheckUp {
    schema: String,
    can_record: bool,
    machine: Machine,
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
    reports_fault: Option<String>,
    sample_us: Value,
    late_ms: f64,
}

fn check_up(folder: &Path, args: &[&str]) -> (CheckUp, Option<i32>) {
    let output = doctor(folder, &[args, &["--format", "json"]].concat());
    let stderr = String::from_utf8_lossy(&output.stderr);
    let check_up = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    (check_up, output.status.code())
}

#[test]
fn this_machine_can_be_recorded_on_and_nothing_is_written() {
    let place = tempfile::tempdir().expect("a folder");
    let (found, code) = check_up(place.path(), &[]);
    assert_eq!((found.schema.as_str(), found.can_record, code), ("memtool.doctor/1", true, Some(0)));
    assert_eq!(std::fs::read_dir(place.path()).expect("there").count(), 0);
    let text = String::from_utf8(doctor(place.path(), &[]).stdout).expect("text");
    assert!(text.contains("one sample") && text.ends_with("Jobs can be recorded here.\n"), "{text}");
}

#[test]
fn a_folder_that_cannot_be_written_is_a_fault() {
    let place = tempfile::tempdir().expect("a folder");
    std::fs::write(place.path().join("file"), "").expect("written");
    let (found, code) = check_up(place.path(), &["--reports", "file/below"]);
    assert!(!found.can_record && found.machine.reports_fault.is_some());
    assert_eq!(code, Some(1));
}
