//! `request`: from tasks that have ended to the memory to ask for.

use std::fmt::Write;
use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

use crate::fixtures::root;

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
    command("request", args)
}

fn command(name: &str, args: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trace.txt");
    fs::write(&path, trace()).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    command.arg(name).arg(&path).args(args).output().expect("memtool starts")
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
        ("vpa", "            \"memory\": \"2400Mi\""),
        ("compose", "          memory: 2400M"),
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

#[test]
fn markdown_is_a_table() {
    let text = stdout(&["--format", "markdown"]);
    assert!(text.lines().any(|line| line.starts_with("| A:SORT | 59 | 1 |")), "{text}");
}

#[test]
fn runs_are_grouped_by_what_is_asked_for() {
    let report: Value = serde_json::from_str(&stdout(&["--by", "file", "--format", "json"])).expect("JSON");
    assert_eq!(
        (report["groups"][0]["group"].as_str(), report["groups"][0]["runs"].as_u64()),
        (Some("trace"), Some(119))
    );
    let none = request(&["--by", "container"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&none.stderr).contains("--by"));
}

/// Applies the memory to a file of this name and text; what it holds then, and the backups beside it.
fn applied(name: &str, text: &str, options: &[&str]) -> (Output, String, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    fs::write(&path, text).expect("written");
    let path_text = path.to_str().expect("text");
    let output = request(&[&["--apply", path_text], options].concat());
    let files = fs::read_dir(folder.path()).expect("a folder").count();
    let beside = folder.path().join("memory.config");
    let found = if beside.exists() { beside } else { path };
    (output, fs::read_to_string(found).expect("there"), files)
}

#[test]
fn a_manifest_is_edited_in_place_with_a_backup() {
    let old = "services:\n  \"A:SORT\":\n    mem_limit: 1g # once\n  other:\n    image: x\n";
    let (output, text, files) = applied("compose.yaml", old, &[]);
    assert_eq!(text, old.replace("1g", "2400M"), "{output:?}");
    assert_eq!((output.status.code(), files), (Some(0), 2));
    assert!(String::from_utf8_lossy(&output.stdout).contains("+    mem_limit: 2400M # once"));
    let (_, unchanged, files) = applied("compose.yaml", old, &["--dry-run"]);
    assert_eq!((unchanged.as_str(), files), (old, 1));
}

#[test]
fn a_batch_script_is_edited_and_a_program_gets_a_file_beside_it() {
    let script = "#!/bin/sh\n#SBATCH -J A:SORT\n#SBATCH --mem=1G\nsort\n";
    assert_eq!(applied("job.sh", script, &[]).1, script.replace("1G", "2400M"));
    let (output, text, files) = applied("nextflow.config", "process.memory = '1 GB'\n", &[]);
    assert!(text.contains("withName: 'A:SORT' { memory = '2400 MB' }"), "{output:?}");
    assert_eq!(files, 2);
    assert_eq!(applied("notes.txt", "hello\n", &[]).0.status.code(), Some(2));
}

#[test]
fn a_killed_task_gets_what_the_next_attempt_needs() {
    let output = command("retry-size", &["--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let [retry] = report["retries"].as_array().expect("a list").as_slice() else { panic!("{report}") };
    assert_eq!(
        (retry["kill"].as_str(), retry["memory_mb"].as_f64()),
        (Some("possible"), Some(4000.0)),
        "{retry}"
    );
    assert_eq!(output.status.code(), Some(4), "a bare 137 far below the request is no proof");
}

/// Runs of Slurm's accounting, one of which its limit ended.
#[test]
fn the_schedulers_word_is_enough() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sacct.txt");
    let mut text = String::from("JobID|JobName|State|ExitCode|Start|Elapsed|MaxRSS|ReqMem\n");
    for (job, state, code, peak) in [(1, "COMPLETED", "0:0", 700), (2, "OUT_OF_MEMORY", "0:125", 480)] {
        let start = format!("2026-11-20T0{job}:00:00");
        writeln!(text, "{job}|etl|{state}|{code}|{start}|00:10:00||500M").expect("memory");
        writeln!(text, "{job}.batch|batch|{state}|{code}|{start}|00:10:00|{peak}M|").expect("memory");
    }
    fs::write(&path, text).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    let output =
        command.args(["retry-size", "--format", "json"]).arg(&path).output().expect("memtool starts");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let retry = &report["retries"][0];
    assert_eq!((retry["kill"].as_str(), output.status.code()), (Some("known"), Some(0)), "{report}");
    assert!(retry["memory_mb"].as_f64().is_some_and(|mb| mb >= 1000.0), "{retry}");
}

/// A file with some lines of the answers about a cluster, and what memtool makes of it.
fn cluster(lines: impl Fn(&str) -> bool, args: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cluster.json");
    let all = fs::read_to_string(root().join("fixtures/kubernetes/range.json")).expect("read");
    let some: Vec<&str> = all.lines().filter(|line| lines(line)).collect();
    fs::write(&path, some.join("\n")).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    command.arg("request").arg(&path).args(args).output().expect("memtool starts")
}

#[test]
fn a_workload_of_kubernetes_is_patched() {
    let output = cluster(|_| true, &["--format", "kubernetes-patch"]);
    let text = String::from_utf8(output.stdout).expect("text");
    let documents: Vec<&str> = text.split("---\n").collect();
    assert_eq!(documents.len(), 4, "{text}");
    let orders = documents.iter().find(|document| document.contains("name: \"orders\"")).expect("there");
    assert!(
        orders.starts_with("# shop/orders: kubectl patch deployment orders --namespace shop"),
        "{orders}"
    );
    let memory = orders.lines().find_map(|line| line.trim().strip_prefix("memory: ")?.strip_suffix("Mi"));
    // Two lives were killed at 256 MiB.
    assert!(memory.expect("a size").parse::<f64>().expect("a number") > 256.0 * 1.2, "{orders}");
    let night = documents.iter().find(|document| document.contains("CronJob")).expect("there");
    assert!(night.contains(
        "\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers:\n"
    ));
    let web = documents.iter().find(|document| document.contains("name: \"web\"")).expect("there");
    assert!(web.contains("- name: \"app\"") && web.contains("- name: \"proxy\""), "{web}");
}

#[test]
fn without_owners_the_pods_names_tell_and_without_memory_nothing_does() {
    let is_owner = |line: &str| line.contains("kube_pod_owner");
    let output = cluster(|line| !is_owner(line), &["--format", "kubernetes-patch"]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains("kind: Deployment\nmetadata:\n  namespace: \"shop\"\n  name: \"web\"\n"), "{text}");
    assert!(text.contains("# shop/db: no patch: its kind is unknown"), "{text}");
    let output = cluster(|line| !line.contains("working_set"), &[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("without their memory") && said.contains("container_memory_working_set_bytes"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn an_error_among_the_answers_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cluster.json");
    let all = fs::read_to_string(root().join("fixtures/kubernetes/range.json")).expect("read");
    let error = r#"{"status":"error","errorType":"bad_data","error":"exceeded maximum resolution"}"#;
    fs::write(&path, format!("{error}\n{all}")).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    let output =
        command.arg("analyze").arg(&path).args(["--format", "json"]).output().expect("memtool starts");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let warnings = report["profiles"].to_string();
    assert!(warnings.contains("the server said: exceeded maximum resolution"), "{warnings}");
    fs::write(&path, &all[..all.len() / 2]).expect("written");
    let output =
        Command::new(env!("CARGO_BIN_EXE_memtool")).arg("fleet").arg(&path).output().expect("starts");
    assert!(output.status.success(), "an answer that breaks off is read so far");
}

#[test]
fn a_manifest_is_edited_where_its_object_and_container_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = folder.path().join("web.yaml");
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  template:\n    \
                spec:\n      containers:\n      - name: app\n";
    fs::write(&manifest, text).expect("written");
    let path = manifest.to_str().expect("text");
    let output = cluster(|_| true, &["--apply", path]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let edited = fs::read_to_string(&manifest).expect("there");
    assert!(edited.starts_with(text) && edited.matches("Mi\n").count() == 2, "{edited}");
}
