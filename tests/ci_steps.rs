//! The steps of CI systems in docs/ci, run as the shell that a runner starts, on runs that pass and on a leak.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::fixtures::root;

/// The commands of a step: one line, or the lines of a list.
fn commands(file: &str, key: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("docs/ci").join(file)).expect("the file");
    let lines: Vec<&str> = text.lines().collect();
    let mut commands: Vec<String> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(rest) = line.trim_start().strip_prefix(key) else { continue };
        if !rest.trim().is_empty() {
            commands.push(rest.trim().to_owned());
            continue;
        }
        let list = lines[at + 1..].iter().map_while(|line| line.trim_start().strip_prefix("- "));
        commands.extend(list.map(str::to_owned));
    }
    assert!(commands.len() >= 2, "{file} has no {key}");
    commands
}

/// Runs a step as a runner does: bash that stops at the first failure.
fn step(folder: &Path, script: &str, environment: &[(&str, &str)]) -> Output {
    let memtool = Path::new(env!("CARGO_BIN_EXE_memtool")).parent().expect("a folder");
    let path = format!("{}:{}", memtool.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]).current_dir(folder);
    command.env("PATH", path).envs(environment.iter().copied()).output().expect("bash starts")
}

/// A folder with a job, its budgets, and a recording of it.
fn project(run: &str, budget: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let reports = folder.path().join("reports/memory");
    fs::create_dir_all(&reports).expect("made");
    fs::copy(root().join("fixtures/runs").join(run), reports.join(run)).expect("copied");
    fs::write(folder.path().join("memtool.toml"), budget).expect("written");
    folder
}

const STEADY: &str = "memory_profile_steady_low__adaptive_1hz__r1.json";
const LEAK: &str = "memory_profile_head_leak.json";

#[test]
fn the_action_of_github_annotates_a_leak_and_passes_what_is_within() {
    let [report, check] = commands("action.yml", "run:").try_into().expect("two steps");
    for (run, budget, code) in
        [(STEADY, "[budget]\npeak = \"<= 4GiB\"", 0), (LEAK, "[budget]\nleak = \"none\"", 1)]
    {
        let folder = project(run, budget);
        let summary = folder.path().join("summary.md").to_string_lossy().into_owned();
        let environment = [
            ("RUNS", "reports/memory"),
            ("CONFIG", "memtool.toml"),
            ("REPORT", "memory.html"),
            ("GITHUB_STEP_SUMMARY", summary.as_str()),
        ];
        assert!(step(folder.path(), &report, &environment).status.success());
        assert!(folder.path().join("memory.html").exists());
        let done = step(folder.path(), &check, &environment);
        let annotations = String::from_utf8(done.stdout).expect("text");
        assert_eq!(done.status.code(), Some(code), "{annotations}");
        assert_eq!(annotations.starts_with("::error file=reports/memory/"), code == 1, "{annotations}");
        let summary = fs::read_to_string(&summary).expect("the summary");
        assert!(summary.starts_with("### Memory: "), "{summary}");
    }
}

#[test]
fn the_job_of_gitlab_records_and_leaves_a_test_report() {
    let script = commands("gitlab.yml", "script:").join("\n");
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("memtool.toml"), "[budget]\npeak = \"<= 100KiB\"").expect("written");
    let job = folder.path().join("job");
    fs::write(&job, "#!/usr/bin/env bash\nsleep 0.3\n").expect("written");
    assert!(Command::new("chmod").arg("+x").arg(&job).status().expect("chmod starts").success());
    let done = step(folder.path(), &script, &[]);
    assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stderr));
    let junit = fs::read_to_string(folder.path().join("memory.xml")).expect("the test report");
    assert!(junit.contains("<failure type=\"peak_budget\""), "{junit}");
    assert!(folder.path().join("memory.html").exists());
}

#[test]
fn a_summary_without_a_step_is_a_usage_error() {
    let folder = project(STEADY, "[budget]\npeak = \"<= 4GiB\"");
    let done = step(folder.path(), "env -u GITHUB_STEP_SUMMARY memtool check reports --step-summary", &[]);
    assert_eq!(done.status.code(), Some(2));
    let error = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(error.contains("GITHUB_STEP_SUMMARY is not set"), "{error}");
}
