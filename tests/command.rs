//! The command as a user types it: exit codes, streams, files.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use crate::fixtures::{broken, root};

fn memtool(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    command.args(args).current_dir(root());
    command.output().expect("memtool starts")
}

fn code(args: &[&str]) -> Option<i32> {
    memtool(args).status.code()
}

fn stdout(args: &[&str]) -> String {
    String::from_utf8(memtool(args).stdout).expect("text")
}

fn stderr(args: &[&str]) -> String {
    String::from_utf8(memtool(args).stderr).expect("text")
}

const LEAK: &str = "fixtures/runs/memory_profile_head_leak.json";
/// Its worst finding is of medium severity.
const FLAPPING: &str = "fixtures/runs/memory_profile_merge_groupby__adaptive_default__r2.json";
const QUIET: &str = "fixtures/runs/memory_profile_nav_cli_monitor_15s.json";

#[test]
fn exit_codes_are_as_promised() {
    assert_eq!(code(&["analyze", LEAK]), Some(0));
    assert_eq!(code(&["analyze", LEAK, "--fail-on", "medium"]), Some(1));
    assert_eq!(code(&["analyze", LEAK, "--fail-on", "high"]), Some(1));
    assert_eq!(code(&["analyze", FLAPPING, "--fail-on", "medium"]), Some(1));
    assert_eq!(code(&["analyze", FLAPPING, "--fail-on", "high"]), Some(0));
    assert_eq!(code(&["analyze", QUIET, "--fail-on", "low"]), Some(0));
    assert_eq!(code(&["analyze"]), Some(2));
    assert_eq!(code(&["analyze", LEAK, "--format", "xml"]), Some(2));
    assert_eq!(code(&["analyze", "no/such/file.json"]), Some(3));
    assert_eq!(code(&["analyze", "docs"]), Some(3));
    assert_eq!(
        code(&["analyze", "fixtures/runs/memory_profile_head_h1_tiny.json", "--fail-on-inconclusive"]),
        Some(4)
    );
    assert_eq!(code(&["simulate", LEAK]), Some(2));
    assert_eq!(code(&["check-config", "no-such.yaml"]), Some(2));
}

#[test]
fn broken_files_are_named_and_the_good_ones_beside_them_analysed() {
    let args = ["analyze", "fixtures/broken", LEAK, "--format", "json"];
    let report: serde_json::Value = serde_json::from_str(&stdout(&args)).expect("JSON");
    let said = stderr(&args);
    let skipped = report["skipped"].as_array().expect("a list");
    let read = report["profiles"].as_array().expect("a list");
    assert_eq!(code(&args), Some(0));
    assert_eq!(skipped.len() + read.len(), broken().len() + 1);
    assert!(read.iter().any(|profile| profile["path"] == LEAK));
    for file in skipped {
        let (path, error) = (file["path"].as_str().expect("text"), file["error"].as_str().expect("text"));
        assert!(!error.is_empty() && said.contains(path), "{path} is not named in {said}");
    }
    let nan = skipped.iter().find(|file| file["path"].as_str().is_some_and(|p| p.contains("nan")));
    let error = nan.expect("the NaN file")["error"].as_str().expect("text");
    assert!(error.starts_with("line ") && error.contains("NaN is not a number"), "{error}");
}

#[test]
fn a_long_line_and_compressed_files_read_and_an_endless_one_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read_to_string(root().join(LEAK)).expect("a fixture");
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    for (name, megabytes) in [("line", 3), ("endless", 100)] {
        let mut line = document.to_string();
        line.insert_str(line.len() - 1, &format!(",\"padding\":\"{}\"", "x".repeat(megabytes << 20)));
        fs::write(folder.path().join(format!("memory_profile_{name}.json")), line).expect("written");
    }
    let zstd = zstd::encode_all(text.as_bytes(), 3).expect("memory");
    fs::write(folder.path().join("memory_profile_a.json.zst"), zstd).expect("written");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).expect("memory");
    fs::write(folder.path().join("memory_profile_b.json.gz"), gzip.finish().expect("memory"))
        .expect("written");
    fs::write(folder.path().join("notes.json"), "{\"unrelated\": true}").expect("written");
    let path = folder.path().to_str().expect("a plain path");
    let report: serde_json::Value =
        serde_json::from_str(&stdout(&["analyze", path, "--format", "json"])).expect("JSON");
    let peaks: Vec<_> =
        report["profiles"].as_array().expect("a list").iter().map(|p| &p["peak_rss_mb"]).collect();
    assert_eq!(peaks.len(), 3, "{}", report["skipped"]);
    assert!(peaks.iter().all(|peak| *peak == peaks[0]));
    assert_eq!(report["summary"]["ignored"], 1);
    let error = report["skipped"][0]["error"].as_str().expect("text");
    assert!(error.contains("longer than 8 MiB"), "{error}");
}

#[cfg(unix)]
#[test]
fn links_to_files_are_read_and_links_to_folders_are_not() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::copy(root().join(LEAK), at("run.json")).expect("copied");
    symlink("run.json", at("link.json")).expect("made");
    symlink("nowhere", at("gone.json")).expect("made");
    symlink("nowhere", at("gone.txt")).expect("made");
    symlink(".", at("circle")).expect("made");
    let path = folder.path().to_str().expect("a plain path");
    let report: serde_json::Value =
        serde_json::from_str(&stdout(&["analyze", path, "--format", "json"])).expect("JSON");
    let names = |list: &str| {
        let files = report[list].as_array().expect("a list").iter();
        files.map(|file| file["path"].as_str().expect("text").replace(path, "")).collect::<Vec<_>>()
    };
    assert_eq!(names("profiles"), ["/link.json", "/run.json"]);
    assert_eq!(names("skipped"), ["/gone.json"], "what cannot be looked at may be one");
    assert_eq!(report["summary"]["ignored"], 1);
}

#[test]
fn text_fits_eighty_columns_and_holds_no_escape_codes() {
    for args in [
        &["analyze", "fixtures/runs"][..],
        &["recommendations", "fixtures/runs"],
        &["tune", "fixtures/runs/workforce"],
        &["simulate", "fixtures/runs/workforce", "--fixed-batch", "500", "--memory-limit", "2000"],
        &["check-config", "fixtures/configs/simulation.yaml"],
        &["compare", "fixtures/runs/workforce", "--all", "--", "fixtures/runs/workforce"],
    ] {
        let page = stdout(args);
        assert!(!page.is_empty() && !page.contains('\u{1b}'), "{args:?}");
        let wide: Vec<&str> = page.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "{args:?}: {wide:#?}");
    }
}

#[test]
fn charts_are_pictures_and_an_overview() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a plain path");
    assert_eq!(code(&["chart", LEAK, QUIET, "--output", path]), Some(0));
    let png = fs::read(folder.path().join("head_leak.png")).expect("a chart");
    assert!(png.starts_with(b"\x89PNG"));
    assert_eq!(code(&["chart", LEAK, "--image-format", "svg", "--output", path]), Some(0));
    assert!(fs::read_to_string(folder.path().join("overview.svg")).expect("a chart").starts_with("<svg"));
}

#[test]
fn a_report_does_not_replace_a_file_that_it_is_made_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = folder.path().join("run.json");
    fs::copy(root().join(QUIET), &run).expect("copied");
    let [run, page, folder] = [&run, &folder.path().join("report.html"), &folder.path().to_owned()]
        .map(|path| path.to_str().expect("a plain path").to_owned());
    for paths in [&run, &folder] {
        let said = stderr(&["report", paths, "--output", &run]);
        assert!(said.contains("the report is made from this file"), "{said}");
        assert_eq!(code(&["report", paths, "--output", &run]), Some(2));
    }
    // One that was written before is no run, and is renewed.
    assert_eq!([0; 2].map(|_| code(&["report", &folder, "--output", &page])), [Some(0); 2]);
    assert_eq!(code(&["analyze", &run]), Some(0));
}

#[test]
fn a_cause_is_said_once() {
    let said = stderr(&["convert", QUIET, "--lake", QUIET]);
    assert_eq!(said.matches("Not a directory").count(), 1, "{said}");
}

/// Copies a config into a folder of its own.
fn copied(folder: &Path, name: &str) -> String {
    let path = folder.join("config.yaml");
    fs::copy(root().join("fixtures/configs").join(name), &path).expect("copied");
    path.to_str().expect("a plain path").to_owned()
}

#[test]
fn tuned_configs_load_and_are_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a plain path");
    assert_eq!(code(&["tune", "fixtures/runs/workforce", "--output", path]), Some(0));
    for machine in ["4gb", "8gb", "16gb"] {
        let file = folder.path().join(format!("memtool_{machine}.yaml"));
        let file = file.to_str().expect("a plain path");
        assert_eq!(
            code(&["check-config", file, "--machine", machine]),
            Some(0),
            "{}",
            stdout(&["check-config", file])
        );
    }
}

#[test]
fn what_cannot_fit_is_refused() {
    let args = [
        "tune",
        "fixtures/runs/memory_profile_nav_4gb_defaults_all_levels.json",
        "--machine",
        "1",
        "--format",
        "json",
    ];
    let report: serde_json::Value = serde_json::from_str(&stdout(&args)).expect("JSON");
    assert_eq!(code(&args), Some(4));
    assert_eq!(report["machines"][0]["feasible"], false);
    assert!(report["machines"][0]["refused"].as_str().is_some_and(|reason| !reason.is_empty()));
}

#[test]
fn apply_edits_in_place_and_dry_run_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = copied(folder.path(), "simulation.yaml");
    let before = fs::read_to_string(&path).expect("there");
    let args = ["tune", "fixtures/runs/workforce", "--machine", "8gb", "--apply", &path];
    let dry = memtool(&[&args[..], &["--dry-run"]].concat());
    assert_eq!(dry.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&dry.stdout).contains("+++ "));
    assert_eq!(fs::read_to_string(&path).expect("there"), before);

    let link = folder.path().join("link.yaml");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&path, &link).expect("made");
    let through = if cfg!(unix) { link.to_str().expect("a plain path") } else { &path };
    assert_eq!(code(&[&args[..5], &[through]].concat()), Some(0));
    assert_eq!(link.is_symlink(), cfg!(unix), "a link stays one");
    let after = fs::read_to_string(&path).expect("there");
    assert_ne!(after, before);
    assert_eq!(fs::read_to_string(format!("{path}.bak")).expect("a backup"), before);
    assert_eq!(after.lines().count(), before.lines().count());
    let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).count();
    assert_eq!(comments(&after), comments(&before));
}

#[test]
fn what_is_wrong_with_a_config_is_told_before_the_work() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().join("empty.yaml");
    fs::write(&empty, "").expect("written");
    let empty = empty.to_str().expect("a plain path");
    let tune = |config: &str| memtool(&["tune", LEAK, "--machine", "8gb", "--apply", config]);
    let gone = tune("nowhere.yaml");
    assert_eq!((gone.status.code(), gone.stdout.len()), (Some(2), 0));
    let blank = tune(empty);
    let said = String::from_utf8_lossy(&blank.stderr).into_owned();
    assert_eq!(blank.status.code(), Some(2), "{said}");
    assert!(said.contains("found none; add:\noptimization:\n  adaptive_memory:\n"), "{said}");
    let replayed = stderr(&["simulate", LEAK, "--config", empty]);
    assert!(replayed.contains("no adaptive_memory block: the job runs with the defaults"), "{replayed}");
}

#[test]
fn completions_and_manual_come_from_the_same_tree() {
    assert!(stdout(&["completions", "bash"]).contains("check-config"));
    let manual = stdout(&["man"]);
    assert!(manual.contains(".TH memtool") && manual.contains("fixed\\-batch"), "{manual}");
}

#[test]
fn a_comparison_answers_by_its_exit_code_and_fails_closed() {
    let run = |name: &str| format!("fixtures/runs/workforce/memory_profile_workforce_duckdb__{name}.json");
    let (low, medium) = (run("fixed_low__r3"), run("fixed_medium__r2"));
    assert_eq!(code(&["compare", &low, "--", &medium]), Some(1), "the peak rises by 37 %");
    assert_eq!(code(&["compare", &medium, "--", &low]), Some(0));
    assert_eq!(code(&["compare", &low, "--", &low, "fixtures/broken/memory_profile_nan.json"]), Some(4));
    assert_eq!(code(&["compare", &low, "--", "docs"]), Some(3));
    assert_eq!(code(&["compare", &low]), Some(2));
    assert_eq!(code(&["compare", &low, "--", &medium, "--all"]), Some(2), "an option behind the dashes");
    let killed = "fixtures/runs/memory_stream_20261123T043010Z_phases_killed.ndjson";
    let whole = "fixtures/runs/memory_stream_20261123T043010Z_phases.ndjson";
    let page = stdout(&["compare", whole, "--", killed]);
    assert!(page.contains("without closing") && page.contains("inconclusive: 1 new run"), "{page}");
    assert_eq!(code(&["compare", whole, "--", killed]), Some(4));
    let markdown = stdout(&["compare", "--format", "markdown", &low, "--", &medium]);
    assert!(
        markdown.starts_with("**Memory: regression: ")
            && markdown.contains("| peak |  | 319 | 438 | +37.5 % |")
    );
}

#[test]
fn ci_formats_carry_the_findings() {
    let junit = stdout(&["analyze", LEAK, "--format", "junit", "--fail-on", "medium"]);
    assert!(junit.contains("<failure type=\"memory_leak\"") && junit.contains("failures=\"1\""), "{junit}");
    let sarif: serde_json::Value =
        serde_json::from_str(&stdout(&["analyze", LEAK, "--format", "sarif"])).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "memory_leak");
    let github = stdout(&["analyze", FLAPPING, "--format", "github"]);
    assert!(github.starts_with(&format!("::warning file={FLAPPING},title=")), "{github}");
    let github = stdout(&["analyze", LEAK, "--format", "github"]);
    assert!(github.starts_with(&format!("::error file={LEAK},title=")), "{github}");
    let markdown = stdout(&["analyze", LEAK, "--format", "markdown"]);
    assert!(markdown.starts_with("### Memory: 1 finding in 1 run\n"), "{markdown}");
    assert_eq!(code(&["analyze", LEAK, "--format", "junit", "--fail-on", "medium"]), Some(1));

    let run = |name: &str| format!("fixtures/runs/workforce/memory_profile_workforce_duckdb__{name}.json");
    let (low, medium) = (run("fixed_low__r3"), run("fixed_medium__r2"));
    let compared = |format: &str| stdout(&["compare", "--format", format, &low, "--", &medium]);
    assert!(compared("github").starts_with("::error file="), "{}", compared("github"));
    assert!(compared("junit").contains("<failure type=\"peak\""), "{}", compared("junit"));
    let sarif: serde_json::Value = serde_json::from_str(&compared("sarif")).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(3));
}

#[test]
fn long_legal_names_are_converted_and_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = format!("{}.json", "日本".repeat(40));
    let run = folder.path().join(&name);
    fs::copy(root().join(LEAK), &run).expect("copied");
    let [run, tables, charts] = [&run, &folder.path().join("tables"), &folder.path().join("charts")]
        .map(|path| path.to_str().expect("text").to_owned());
    assert_eq!(
        code(&["convert", &run, "--output", &tables]),
        Some(0),
        "{}",
        stderr(&["convert", &run, "-o", &tables])
    );
    assert_eq!(code(&["analyze", &tables]), Some(0));
    assert_eq!(code(&["chart", &run, "--output", &charts]), Some(0));
}

/// A limit on the size of files, as `ulimit -f` sets it.
#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_whole_is_not_there_and_no_signal_ends_the_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = format!("ulimit -f 1; exec {} chart {LEAK} --output \"$1\"", env!("CARGO_BIN_EXE_memtool"));
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh"]).arg(folder.path()).current_dir(root());
    let output = command.output().expect("sh");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("cannot write") && message.contains("too large"), "{message}");
    assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 0);
}
