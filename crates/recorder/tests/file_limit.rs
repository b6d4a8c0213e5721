//! Under a limit on file sizes (`ulimit -f`) the job runs to its end, and the loss is counted.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use memtool_recorder::model::Warning;
use memtool_recorder::model::stream::read_stream;

/// The example is built beside the tests.
fn simulation() -> PathBuf {
    let deps = std::env::current_exe().expect("a test");
    let built = deps.parent().and_then(Path::parent).expect("target/PROFILE/deps");
    built.join("examples/simulation")
}

#[test]
fn a_stream_that_reaches_the_limit_does_not_end_the_job() {
    let folder = tempfile::tempdir().expect("a folder");
    let script =
        r#"ulimit -f 8; exec "$0" --sizes 10 --employees 2000 --years 1 --record-kb 1 --reports "$1""#;
    let output = Command::new("sh").args(["-c", script]).arg(simulation()).arg(folder.path()).output();
    let output = output.expect("sh starts");
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    let stream = fs::read_dir(folder.path()).expect("there").next().expect("a stream").expect("readable");
    let text = fs::read_to_string(stream.path()).expect("text");
    assert!(text.len() <= 8 << 10 && text.ends_with('\n'), "{} bytes", text.len());
    let run = read_stream(&text).expect("a run");
    assert!(
        run.warnings.contains(&Warning::EndedWithoutClosing),
        "the footer did not fit: {:?}",
        run.warnings
    );
}
