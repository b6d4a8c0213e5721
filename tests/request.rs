//! `request`: from tasks that have ended to the memory to ask for.

use std::fmt::Write;
use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

/// A trace of a steady process, and of one whose last task was killed at the largest memory.
fn trace() -> String {
    let mut text =
        String::from("task_id\tprocess\tstatus\texit\tattempt\tmemory\tsubmit\trealtime\tpeak_rss\n");
    for task in 0..60_u64 {
        let submit = 1_795_000_000_000 + task * 60_000;
        let steady = (1_000 + task * 37 % 10) << 20;
        let wide = (500 + task * 53 % 300) << 20;
        let (exit, status) = if task == 59 { (137, "FAILED") } else { (0, "COMPLETED") };
        let killed = if task == 59 { 2_000 << 20 } else { wide };
        let asked = 4_u64 << 30;
        for (process, status, exit, peak) in
            [("A:ALIGN", "COMPLETED", 0, steady), ("A:SORT", status, exit, killed)]
        {
            writeln!(text, "{task}\t{process}\t{status}\t{exit}\t1\t{asked}\t{submit}\t600000\t{peak}")
                .expect("memory");
        }
    }
    text
}

fn request(args: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trace.txt");
    fs::write(&path, trace()).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    command.arg("request").arg(&path).args(args).output().expect("memtool starts")
}

fn stdout(args: &[&str]) -> String {
    String::from_utf8(request(args).stdout).expect("text")
}

#[test]
fn a_steady_process_gets_little_more_than_it_needs() {
    let report: Value = serde_json::from_str(&stdout(&["--format", "json"])).expect("JSON");
    let align = &report["groups"][0];
    assert_eq!((align["group"].as_str(), align["runs"].as_u64()), (Some("A:ALIGN"), Some(60)));
    let memory = align["memory_mb"].as_f64().expect("a size");
    assert!((1009.0..1060.0).contains(&memory), "{align}");
    let test = &align["backtest"];
    assert_eq!(test["own"]["failed"], 0);
    let waste = |way: &str| test[way]["waste_gb_h"].as_f64().expect("a figure");
    assert!(waste("own") < 0.5 * waste("krr") && waste("krr") < waste("requested"), "{test}");
}

#[test]
fn a_killed_task_needs_more_than_it_had() {
    let report: Value = serde_json::from_str(&stdout(&["--format", "json"])).expect("JSON");
    let sort = &report["groups"][1];
    assert_eq!((sort["killed"].as_u64(), sort["memory_mb"].as_f64()), (Some(1), Some(2400.0)), "{sort}");
}

#[test]
fn every_scheduler_gets_its_own_form() {
    for (form, line) in [
        ("nextflow", "    withName: 'A:SORT' { memory = '2400 MB' }"),
        ("snakemake", "    mem_mb: 2400"),
        ("sbatch", "#SBATCH --mem=2400M"),
        ("kubernetes", "    memory: 2400Mi"),
    ] {
        let text = stdout(&["--format", form]);
        assert!(text.lines().any(|found| found == line), "{form}: {text}");
    }
    assert_eq!(stdout(&["--format", "csv"]).lines().count(), 3);
    assert!(stdout(&[]).contains("A:SORT"));
}

#[test]
fn a_risk_that_cannot_be_is_refused() {
    assert_eq!(request(&["--risk", "2"]).status.code(), Some(2));
}
