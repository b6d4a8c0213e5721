//! `fit`: from recorded runs to how many run at once.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// A table of a few runs: 100 MiB, and 400 for a tenth of the time.
fn runs() -> String {
    let mut text = String::from("run,time,mb\n");
    for run in 0..12 {
        for second in 0..100 {
            let mb = if (30..40).contains(&second) { 400 + run } else { 100 };
            writeln!(text, "r{run},{second},{mb}").expect("memory");
        }
    }
    text
}

fn fit(folder: &Path, args: &[&str]) -> Output {
    fs::write(folder.join("runs.csv"), runs()).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    command.arg("fit").args(args).args(["--columns", "run=run,time=time,rss=mb:MiB"]);
    command.current_dir(folder).output().expect("memtool starts")
}

#[test]
fn more_fit_where_peaks_do_not_meet_and_a_chart_shows_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["--unit", "a=runs.csv", "--memory-limit", "2GiB", "--format", "json", "--chart", "fit.svg"];
    let output = fit(folder.path(), &args);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let unit = &report["units"][0];
    let count = |starts: &str| unit["count"][starts].as_u64().expect("a count");
    assert_eq!((unit["runs"].as_u64(), unit["by_largest"].as_u64()), (Some(12), Some(4)), "{unit}");
    assert!(count("together") <= 4 && count("independent") >= 6, "{unit}");
    let picture = fs::read_to_string(folder.path().join("fit.svg")).expect("drawn");
    assert!(picture.contains("<svg") && picture.contains("started together"));
}

#[test]
fn a_mix_of_two_units_has_its_own_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let output =
        fit(folder.path(), &["--unit", "a=runs.csv", "--unit", "b=runs.csv", "--memory-limit", "2GiB"]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains("one of each (a, b) at once:"), "{text}");
}

#[test]
fn what_cannot_be_answered_is_said_by_the_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let code = |args: &[&str]| fit(folder.path(), args).status.code();
    assert_eq!(code(&["runs.csv", "--memory-limit", "50MiB"]), Some(4));
    assert_eq!(code(&["runs.csv"]), Some(2));
    assert_eq!(code(&["nothing.csv", "--machine", "8gb"]), Some(3));
    assert_eq!(code(&["runs.csv", "--machine", "8gb", "--chart", "fit.gif"]), Some(2));
}
