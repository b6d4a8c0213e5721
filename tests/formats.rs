//! The tables of other tools' formats in docs/formats.md are made from the registry of readers.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use memtool_formats::READERS;

use crate::fixtures::root;
use crate::made_docs::{hold, with_lines};

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn formats_table() -> String {
    let rows = READERS.iter().map(|reader| {
        format!(
            "| `{}` | {} ({}) | `{}` | {} | {} |\n",
            reader.name,
            reader.tool,
            reader.versions,
            cell(reader.record),
            cell(reader.tells),
            cell(reader.cannot_tell)
        )
    });
    let head =
        "| format | tool | how to make one | what it tells | what it cannot tell |\n|---|---|---|---|---|\n";
    head.to_owned() + &rows.collect::<String>()
}

fn warnings_table() -> String {
    let mut rows: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for reader in READERS {
        for caution in reader.cautions {
            rows.entry((caution.code, caution.text)).or_default().push(reader.name);
        }
    }
    let seen = |code: &str, text: &str| {
        let all = READERS.iter().flat_map(|reader| reader.cautions);
        all.filter(|caution| caution.code == code && caution.text == text)
            .map(|caution| caution.seen)
            .collect::<Vec<_>>()
    };
    let rows = rows.iter().map(|((code, text), names)| {
        format!("| `{code}` | {} | {} | {} |\n", names.join(", "), cell(text), cell(seen(code, text)[0]))
    });
    "| code | formats | what it says | seen with |\n|---|---|---|---|\n".to_owned()
        + &rows.collect::<String>()
}

/// Holds a table of docs/formats.md.
fn hold_table(name: &str, table: &str) {
    let page = "docs/formats.md";
    let mark = format!("{name}: made from the readers");
    hold(page, &with_lines(page, &mark, &[table.trim_end().to_owned()]), "formats");
}

#[test]
fn the_docs_hold_every_format_and_warning() {
    hold_table("foreign formats", &formats_table());
    hold_table("foreign warnings", &warnings_table());
}

fn memtool(args: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_memtool")).args(args).current_dir(root()).output();
    let output = output.expect("memtool starts");
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn several_runs_of_a_file_and_what_was_measured_are_in_the_report() {
    let (json, _) = memtool(&["analyze", "fixtures/foreign/sacct/steps.txt", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let profiles = report["profiles"].as_array().expect("profiles");
    assert_eq!(profiles.len(), 3);
    let killed = &profiles[2];
    assert_eq!(
        (&killed["origin"]["measure"], &killed["origin"]["part"]),
        (&"tree_rss".into(), &"step 72.batch".into())
    );
    assert_eq!((&killed["task"]["signal"], &killed["task"]["requested_mb"]), (&9.into(), &500.0.into()));
    assert_eq!(killed["leak"]["verdict"], "inconclusive");
    assert!(profiles.iter().all(|profile| profile["findings"].as_array().is_some_and(Vec::is_empty)));
    assert_eq!(profiles[0]["warning_codes"][0], "largest_task");
}

#[test]
fn a_table_without_a_mapping_is_told_its_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("own.csv");
    fs::write(&path, "ts,mem_kb,stage\n1,20480,a\n2,40960,b\n").expect("written");
    let path = path.to_str().expect("text");
    let (_, told) = memtool(&["analyze", path]);
    assert!(told.contains("a table with the columns ts, mem_kb, stage"), "{told}");
    let mapping = "time=ts,rss=mem_kb:KiB,operation=stage";
    let (json, _) = memtool(&["analyze", path, "--columns", mapping, "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(report["profiles"][0]["peak_rss_mb"], 40.0);
    assert_eq!(report["profiles"][0]["operations"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_parquet_table_of_another_program_is_told_apart_from_a_damaged_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("samples.parquet");
    // Metadata of 12 bytes, its length, and the letters that a table ends with.
    fs::write(&path, b"PAR1 rows metadata 123\x0c\0\0\0PAR1").expect("written");
    let (_, errors) = memtool(&["analyze", path.to_str().expect("a path")]);
    assert!(errors.contains("another program wrote it, or its end is damaged"), "{errors}");
}

#[test]
fn a_json_array_is_read_with_a_mapping_and_one_is_suggested() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("samples.json");
    fs::write(&path, r#"[{"Time (ms)": 0, "rss MB": 100}, {"Time (ms)": 1500, "rss MB": 200}]"#)
        .expect("written");
    let path = path.to_str().expect("a path");
    let (_, errors) = memtool(&["analyze", path]);
    let suggested = "--columns 'time=Time (ms):ms,rss=rss MB:MiB'";
    assert!(errors.contains(suggested), "{errors}");
    let mapping = "time=Time (ms):ms,rss=rss MB:MiB";
    let (json, _) = memtool(&["analyze", path, "--columns", mapping, "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let profile = &report["profiles"][0];
    assert_eq!((profile["peak_rss_mb"].as_f64(), profile["duration_s"].as_f64()), (Some(200.0), Some(1.5)));
}

#[test]
fn what_a_file_is_converted_to_reads_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().to_str().expect("text");
    let file = "fixtures/foreign/mprof/tree.dat";
    let peak = |args: &[&str]| {
        let (json, told) = memtool(&[&["analyze"], args, &["--format", "json"]].concat());
        let report: serde_json::Value =
            serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {told}"));
        report["profiles"][0]["peak_rss_mb"].as_f64().expect("a peak")
    };
    let own = peak(&[file]);
    for target in ["stream", "csv", "prometheus", "parquet"] {
        let (_, told) =
            memtool(&["convert", "--to", target, file, "--output", &format!("{output}/{target}")]);
        assert!(told.is_empty(), "{told}");
    }
    let at = |target: &str| format!("{output}/{target}");
    let near = |found: f64| assert!((found - own).abs() < 1e-6, "{found} for {own}");
    near(peak(&[&at("stream")]));
    near(peak(&[&at("parquet")]));
    near(peak(&[&at("prometheus")]));
    near(peak(&[&at("csv/tree.dat.csv"), "--columns", "time=seconds,rss=rss_mib:MiB"]));
}

#[test]
fn the_heap_and_the_process_of_one_run_are_put_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let time = |second: u32| format!("2026-11-29T18:17:{second:02}.000+0000");
    let collection = |second: u32| {
        format!(
            "[{}][gc] GC({second}) Pause Young (Normal) (G1 Evacuation Pause) 90M->40M(100M) 1.000ms\n",
            time(second)
        )
    };
    let sample = |second: u32| format!("MEM {}.000000 {}.0000\n", 400 + second, 1_795_976_220 + second);
    fs::write(at("gc.log"), (1..59).map(collection).collect::<String>()).expect("written");
    fs::write(at("job.dat"), format!("CMDLINE java Job\n{}", (0..60).map(sample).collect::<String>()))
        .expect("written");
    let (json, told) = memtool(&["analyze", &at("gc.log"), &at("job.dat"), "--format", "json"]);
    let report: serde_json::Value =
        serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {told}"));
    let findings = report["profiles"][1]["findings"].as_array().expect("findings");
    let found =
        findings.iter().find(|finding| finding["kind"] == "outside_the_heap").expect("what lies outside");
    let middle = found["evidence"]["value"].as_f64().expect("a size");
    assert!((middle - 329.0).abs() < 3.0, "{middle}");
}

/// The profiles that `analyze` reports.
fn profiles(paths: &[&str]) -> Vec<serde_json::Value> {
    let (json, told) = memtool(&[&["analyze"], paths, &["--format", "json"]].concat());
    let report: serde_json::Value =
        serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {told}"));
    report["profiles"].as_array().expect("profiles").clone()
}

#[test]
fn a_table_of_peaks_is_never_a_trend() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bench.tsv");
    let header = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n";
    let row = |peak: u32| format!("12.0\t0:00:12\t{peak}.00\t900.00\t90.00\t95.00\t0.00\t0.00\t0.00\t9.00\n");
    fs::write(&path, header.to_owned() + &(1..40).map(|run| row(100 * run)).collect::<String>())
        .expect("written");
    let profiles = profiles(&[path.to_str().expect("text")]);
    assert_eq!(profiles.len(), 39);
    for profile in &profiles {
        assert_eq!(profile["leak"]["verdict"], "inconclusive", "{profile}");
        assert!(profile["leak"]["slope_mb_per_min"].is_null() && profile["leak"]["hours_to_limit"].is_null());
        assert!(profile["findings"].as_array().is_some_and(Vec::is_empty), "{profile}");
    }
}

#[test]
fn a_file_without_a_clock_has_no_rate_no_duration_and_no_date() {
    let file = "fixtures/foreign/jvm/g1-17-out-of-memory-undecorated.log";
    let profile = &profiles(&[file])[0];
    assert_eq!((&profile["origin"]["time_base"], &profile["duration_s"]), (&"none".into(), &0.0.into()));
    assert_eq!(profile["started"], "");
    assert!(profile["leak"]["slope_mb_per_min"].is_null() && profile["leak"]["hours_to_limit"].is_null());
    let relative = &profiles(&["fixtures/foreign/psrecord/tree.csv"])[0];
    assert_eq!((&relative["origin"]["time_base"], &relative["started"]), (&"relative".into(), &"".into()));
    assert!(relative["duration_s"].as_f64().is_some_and(|seconds| seconds > 1.0));
}

const BESIDE: [&str; 2] = ["fixtures/foreign/beside/gc.log", "fixtures/foreign/beside/mprof.dat"];

#[test]
fn buffers_that_grow_outside_a_steady_heap_are_seen_across_two_files() {
    let profiles = profiles(&BESIDE);
    let findings = profiles[1]["findings"].as_array().expect("findings");
    let outside = findings.iter().find(|finding| finding["kind"] == "outside_the_heap").expect("the finding");
    let growth = outside["evidence"]["details"]["growth_mb_per_min"].as_f64().expect("a rate");
    // The job asks for 8 MiB a second.
    assert!((growth / 60.0 - 8.0).abs() < 0.8, "{growth} MiB per minute");
    assert_eq!((&outside["severity"], &profiles[0]["leak"]["verdict"]), (&"medium".into(), &"none".into()));
}

#[test]
fn the_heap_is_drawn_on_the_chart_of_its_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let drawn = |name: &str, files: &[&str]| {
        let output = folder.path().join(name);
        let to = ["--image-format", "svg", "--output", output.to_str().expect("text")];
        memtool(&[&["chart"], files, &to].concat());
        fs::read_to_string(output.join("mprof.dat.svg"))
            .or_else(|_| fs::read_to_string(output.join("mprof.svg")))
    };
    let (alone, beside) = (drawn("alone", &BESIDE[1..]), drawn("beside", &BESIDE));
    let (alone, beside) = (alone.expect("a chart"), beside.expect("a chart"));
    // The ink of the heap, which nothing else of this chart is drawn in.
    let heap = "#B04A00";
    assert!(beside.contains(heap) && !alone.contains(heap));
}

#[test]
fn one_task_in_two_files_is_named_in_both() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let jobs = "JobID|JobName|State|Elapsed|MaxRSS|ReqMem\n7|smk-align-12|COMPLETED|00:01:03||1G\n\
                7.batch|batch|COMPLETED|00:01:03|307200K|\n";
    let bench = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\tjobid\trule_name\n\
                 61.0\t0:01:01\t420.00\t900.00\t90.00\t95.00\t0.00\t0.00\t0.00\t9.00\t1\talign\n";
    fs::write(at("jobs.txt"), jobs).expect("written");
    fs::write(at("bench.tsv"), bench).expect("written");
    for profile in profiles(&[&at("jobs.txt"), &at("bench.tsv")]) {
        let warnings = profile["warnings"].to_string();
        assert!(profile["warning_codes"].to_string().contains("same_task"), "{profile}");
        assert!(warnings.contains("its peak is at least 420 MiB"), "{warnings}");
    }
}

#[test]
fn a_mapping_serves_compare_and_simulate_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = |name: &str, base: u32| {
        let path = folder.path().join(name).display().to_string();
        let row = |second: u32| format!("{second},{}\n", base + 50 * (second % 4));
        fs::write(&path, format!("ts,mem\n{}", (0..60).map(row).collect::<String>())).expect("written");
        path
    };
    let (old, new) = (table("old.csv", 100), table("new.csv", 400));
    let mapping = ["--columns", "time=ts,rss=mem:MiB"];
    let (json, told) =
        memtool(&[&["compare", "--format", "json"], &mapping[..], &[&old, "--", &new]].concat());
    assert!(json.contains("\"verdict\"") && told.is_empty(), "{told}");
    let options = ["simulate", "--memory-limit", "300MiB", "--format", "json"];
    let (json, told) = memtool(&[&options, &mapping[..], &[&new]].concat());
    assert!(json.contains("\"predictions\"") && !told.contains("skipped"), "{told}");
}

#[test]
fn a_heap_is_not_held_against_a_limit_without_a_word() {
    let file = "fixtures/foreign/jvm/g1-17-leak.log";
    let (json, _) = memtool(&["simulate", "--memory-limit", "200MiB", "--format", "json", file]);
    assert!(json.contains("a memory limit counts the whole process"), "{json}");
}

#[test]
#[ignore = "runs each tool that is installed, for about a minute"]
fn quick_starts_of_installed_tools_are_read_and_drawn() {
    let script = root().join("tests/quick_starts.sh");
    let output = Command::new(script).arg(env!("CARGO_BIN_EXE_memtool")).output().expect("the script starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
}
