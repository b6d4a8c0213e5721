//! `doctor` as a user runs it.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn doctor(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    command.arg("doctor").args(args).current_dir(folder).output().expect("memtool starts")
}

fn check_up(folder: &Path, args: &[&str]) -> (Value, Option<i32>) {
    let output = doctor(folder, &[args, &["--format", "json"]].concat());
    let stderr = String::from_utf8_lossy(&output.stderr);
    let check_up = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    (check_up, output.status.code())
}

#[test]
fn this_machine_can_be_recorded_on_and_nothing_is_written() {
    let place = tempfile::tempdir().expect("a folder");
    let (found, code) = check_up(place.path(), &[]);
    assert_eq!((&found["can_record"], code), (&Value::Bool(true), Some(0)));
    assert_eq!(std::fs::read_dir(place.path()).expect("there").count(), 0);
    let text = String::from_utf8(doctor(place.path(), &[]).stdout).expect("text");
    assert!(text.contains("one sample") && text.ends_with("Jobs can be recorded here.\n"), "{text}");
}

#[test]
fn a_folder_that_cannot_be_written_is_a_fault() {
    let place = tempfile::tempdir().expect("a folder");
    std::fs::write(place.path().join("file"), "").expect("written");
    let (found, code) = check_up(place.path(), &["--reports", "file/below"]);
    assert!(found["can_record"] == false && found["machine"]["reports_fault"].is_string(), "{found}");
    assert_eq!(code, Some(1));
}
