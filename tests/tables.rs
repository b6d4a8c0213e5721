//! Parquet tables: what goes into them comes out, and damage to them does no harm.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use memtool_analyzer::table::{batches_table, read_table, snapshots_table};
use memtool_profile_model::{Run, read_run};
use serde_json::Value;

use crate::fixtures::{root, runs};

fn memtool(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_memtool"))
        .args(args)
        .current_dir(root())
        .output()
        .expect("memtool starts")
}

/// A run's two files in a folder of tables, and the path of the first.
fn written(folder: &Path, run: &Run) -> PathBuf {
    let place = |table: &str| folder.join(table).join("day=2026-01-01/job=a/run.parquet");
    let write = |table: &str, bytes: Vec<u8>| {
        fs::create_dir_all(place(table).parent().expect("a folder")).expect("made");
        fs::write(place(table), bytes).expect("written");
    };
    write("snapshots", snapshots_table("run", run, "", String::new()).expect("a table"));
    write("batches", batches_table("run", run).expect("a table"));
    place("snapshots")
}

/// A run without what stays in its table: no analysis uses it.
fn as_analysed(mut run: Run) -> Run {
    for snapshot in &mut run.snapshots {
        (snapshot.vms, snapshot.pss, snapshot.system_percent) = (None, None, None);
    }
    run
}

#[test]
fn a_run_comes_back_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut with_batches = 0;
    for file in runs() {
        let run = read_run(&file.bytes).expect("a fixture");
        with_batches += usize::from(!run.batches.is_empty());
        let again = read_table(&written(folder.path(), &run), usize::MAX).expect("a table");
        assert!(again == as_analysed(run), "{}", file.name);
    }
    assert!(with_batches > 0, "no fixture has batches");
}

/// The reports of `analyze`, by what tells runs apart whatever file they came from.
fn reports(args: &[&str]) -> Vec<Value> {
    let output = memtool(&[&["analyze", "--format", "json"], args].concat());
    let mut analysis: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let profiles = analysis["profiles"].as_array_mut().expect("a list");
    for profile in profiles.iter_mut() {
        profile["path"] = Value::Null;
    }
    profiles.sort_by_key(ToString::to_string);
    profiles.clone()
}

#[test]
fn an_analysis_of_tables_is_that_of_the_files_they_were_made_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let tables = folder.path().to_str().expect("text");
    let output = memtool(&["convert", "fixtures/runs", "--output", tables]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let of_files = reports(&["fixtures/runs"]);
    assert!(of_files.len() > 20);
    assert!(reports(&[tables]) == of_files, "the reports that stand in the tables");
    assert!(reports(&[tables, "--recompute"]) == of_files, "the runs judged again");
}

#[test]
fn tables_are_not_put_where_their_runs_are_and_not_made_of_tables() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(
        root().join("fixtures/runs/memory_profile_head_leak.json"),
        folder.path().join("memory_profile_a.json"),
    )
    .expect("copied");
    let inside = folder.path().join("tables");
    let [runs, inside] = [folder.path(), &inside].map(|path| path.to_str().expect("text"));
    let output = memtool(&["convert", runs, "--output", inside]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("lies inside"));

    let elsewhere = tempfile::tempdir().expect("a folder");
    let elsewhere = elsewhere.path().to_str().expect("text");
    assert!(memtool(&["convert", runs, "--output", elsewhere]).status.success());
    let again = memtool(&["convert", elsewhere, "--output", inside]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is a table already"));
}

#[test]
fn a_damaged_table_is_refused_or_reads_as_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = runs().into_iter().find(|file| file.name.ends_with("_phases.ndjson")).expect("a stream");
    let path = written(folder.path(), &read_run(&file.bytes).expect("a fixture"));
    let whole = read_table(&path, usize::MAX).expect("a table");
    let batches = folder.path().join("batches/day=2026-01-01/job=a/run.parquet");
    let mut state = 11_u64;
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % bound
    };
    for file in [&path, &batches] {
        let good = fs::read(file).expect("there");
        let mut refused = 0;
        for case in 0..1_000 {
            let mut bytes = good.clone();
            match below(4) {
                0 => bytes.truncate(below(good.len())),
                1 => bytes[below(good.len())..].fill(0xff),
                _ => (0..=below(3)).for_each(|_| bytes[below(good.len())] ^= 1 << below(8)),
            }
            fs::write(file, &bytes).expect("written");
            match read_table(&path, usize::MAX) {
                // Not all of a table is read: a column that no analysis uses may be damaged.
                Ok(run) => assert!(run == whole, "case {case} reads as another run"),
                Err(error) => {
                    let told = error.to_string();
                    let clear = ["is damaged", "not all of one", "another sum", "end of file"];
                    assert!(clear.iter().any(|words| told.contains(words)), "case {case}: {told}");
                    refused += 1;
                }
            }
        }
        assert!(refused > 500, "only {refused} refused");
        fs::write(file, good).expect("written");
    }
}

#[test]
fn a_run_that_does_not_fit_keeps_its_peak_and_says_so() {
    let of = |args: &[&str]| {
        reports(&[&["fixtures/runs/memory_profile_head_sawtooth_flap.json"], args].concat()).remove(0)
    };
    let (whole, some) = (of(&[]), of(&["--memory-budget", "0.4"]));
    for figure in ["samples", "peak_rss_mb", "peak_at_s", "duration_s"] {
        assert_eq!(whole[figure], some[figure], "{figure}");
    }
    let number = |report: &Value, figure: &str| report[figure].as_f64().expect("a number");
    for figure in ["mean_rss_mb", "time_weighted_mean_rss_mb", "p50_rss_mb", "p95_rss_mb", "p99_rss_mb"] {
        let ratio = number(&some, figure) / number(&whole, figure);
        assert!((ratio - 1.0).abs() < 1.0 / 64.0, "{figure}: {ratio}");
    }
    assert_eq!(whole["leak"]["verdict"], some["leak"]["verdict"]);
    assert!(
        some["warnings"].to_string().contains("more than the memory given holds"),
        "{}",
        some["warnings"]
    );
}

#[test]
fn every_command_that_reads_runs_keeps_to_the_budget() {
    let run = "fixtures/runs/memory_profile_head_sawtooth_flap.json";
    let folder = tempfile::tempdir().expect("a folder");
    let [charts, tables] = ["charts", "tables"].map(|name| folder.path().join(name));
    let [charts, tables] = [&charts, &tables].map(|path| path.to_str().expect("text"));
    let outcome = |args: &[&str]| {
        let output = memtool(args);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let small = ["--memory-budget", "0.05"];
    let with = |args: &[&str]| outcome(&[args, &small].concat());
    assert_eq!(with(&["chart", run, "--output", charts]).0, Some(0));
    let replayed = memtool(&[&["simulate", run, "--fixed-batch", "500"], &small[..]].concat()).stdout;
    let replayed = String::from_utf8_lossy(&replayed).replace("\n      ", " ");
    assert!(replayed.contains("snapshots are more than the memory given holds"), "{replayed}");

    let (code, refused) = with(&["convert", run, "--output", tables]);
    assert!(code == Some(2) && refused.contains("raise --memory-budget"), "{refused}");
    assert_eq!(outcome(&["convert", run, "--output", tables]).0, Some(0));
    let (code, refused) = with(&["analyze", tables, "--recompute"]);
    assert!(code == Some(3) && refused.contains("take more memory than was given"), "{refused}");
    assert_eq!(with(&["analyze", tables]).0, Some(0), "the report that stands there needs none");
}
