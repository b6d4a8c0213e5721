//! More files than `analyze` keeps reports of in memory.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// A thousand reports stay in memory.
const FILES: usize = 1012;

const STREAM: &str = r#"{"type":"header","version":1,"run_id":"r","started":"2026-01-01T00:00:00Z","process":{"pid":1,"job":"etl"},"config":{"monitoring_interval_seconds":1.0}}
{"type":"snapshot","t_ns":0,"rss_mb":100.0}
{"type":"snapshot","t_ns":1000000000,"rss_mb":104.5}
"#;

fn streams(files: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in 0..files {
        fs::write(folder.path().join(format!("memory_stream_{file:04}.ndjson")), STREAM).expect("written");
    }
    folder
}

/// What `analyze` says, with its temporary files in a folder.
fn analyze(runs: &Path, temporary: &Path, format: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    command.args(["analyze", "--format", format]).arg(runs).env("TMPDIR", temporary);
    command.output().expect("memtool starts")
}

#[test]
fn reports_beyond_those_in_memory_are_told_in_order_and_leave_no_file() {
    let (runs, temporary) = (streams(FILES), tempfile::tempdir().expect("a folder"));
    let said = |format| {
        let output = analyze(runs.path(), temporary.path(), format);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let report: Value = serde_json::from_str(&said("json")).expect("JSON");
    let mut profiles = report["profiles"].as_array().expect("a list").clone();
    assert_eq!(profiles.len(), FILES);
    for (file, profile) in profiles.iter_mut().enumerate() {
        let path = profile["path"].take();
        assert!(path.as_str().expect("a path").ends_with(&format!("_{file:04}.ndjson")), "{path} at {file}");
    }
    assert!(profiles.iter().all(|profile| *profile == profiles[0]), "runs of one content differ");
    assert_eq!(report["summary"]["runs"]["samples"], 2 * FILES);
    let text = said("text");
    assert_eq!(
        text.lines().take_while(|line| !line.is_empty()).count(),
        1 + FILES,
        "a header and a row a run"
    );
    assert_eq!(said("junit").matches("<testsuite ").count(), FILES);
    assert_eq!(fs::read_dir(temporary.path()).expect("a folder").count(), 0);
}

#[test]
fn without_a_temporary_folder_many_files_are_refused_and_few_are_not() {
    let nowhere = Path::new("/no/such/folder");
    let few = streams(3);
    assert!(analyze(few.path(), nowhere, "text").status.success());
    let many = streams(FILES);
    let refused = analyze(many.path(), nowhere, "text");
    let words = String::from_utf8_lossy(&refused.stderr);
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(2), 0), "{words}");
    assert!(words.contains("/no/such/folder") && words.contains("TMPDIR"), "{words}");
}
