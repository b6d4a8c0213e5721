//! `run`: commands that share memory, below each other and from a file.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

fn run(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    command.args(["run", "--registry", "slots", "--output", "recordings", "--interval", "0.02"]);
    command.args(args).current_dir(folder);
    command
}

fn output(folder: &Path, args: &[&str]) -> Output {
    run(folder, args).output().expect("memtool starts")
}

fn journal(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("slots/journal.ndjson")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn wait_for(folder: &Path, event: &str) {
    wait_until(event, || journal(folder).iter().any(|line| line["event"] == event));
}

fn wait_until(what: &str, it_is_there: impl Fn() -> bool) {
    for _ in 0..500 {
        if it_is_there() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("no {what} within ten seconds");
}

fn terminate(child: &Child) {
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process id")).expect("not 0");
    kill_process(pid, Signal::TERM).expect("sent");
}

#[test]
fn exit_codes_pass_through_and_what_was_needed_is_in_the_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(output(folder.path(), &["--", "sh", "-c", "sleep 0.3; exit 7"]).status.code(), Some(7));
    assert_eq!(output(folder.path(), &["--", "/no/such/program"]).status.code(), Some(127));
    let events = journal(folder.path());
    let end = events.iter().find(|event| event["event"] == "end").expect("it ended");
    assert_eq!((end["exit_code"].as_i64(), end["group"].as_str()), (Some(7), Some("sleep")));
    assert!(end["peak_mb"].as_f64().is_some_and(|peak| peak > 0.1), "{end}");
    let text = fs::read_to_string(folder.path().join("slots/journal.ndjson")).expect("written");
    assert!(!text.contains("exit 7"), "arguments may be secret");
    assert_eq!(fs::read_dir(folder.path().join("recordings")).expect("a folder").count(), 1);
}

#[test]
fn one_waits_until_the_other_has_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["--memory-limit", "500MiB", "--expect", "400MiB", "--"];
    let mut first =
        run(folder.path(), &[&args[..], &["sleep", "1"]].concat()).spawn().expect("memtool starts");
    wait_for(folder.path(), "start");
    let second = output(folder.path(), &[&args[..], &["true"]].concat());
    assert!(second.status.success() && first.wait().expect("it ends").success());
    let events: Vec<String> = journal(folder.path())
        .iter()
        .map(|event| event["event"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(events, ["start", "wait", "end", "start", "end"]);
}

#[test]
fn a_unit_that_was_killed_counts_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["--memory-limit", "500MiB", "--expect", "400MiB", "--"];
    let command = ["sh", "-c", "> began; exec sleep 60"];
    let mut first = run(folder.path(), &[&args[..], &command].concat()).spawn().expect("memtool starts");
    // The journal says that it starts before signals are passed on.
    wait_until("job", || folder.path().join("began").exists());
    terminate(&first);
    assert_eq!(first.wait().expect("it ends").code(), Some(128 + 15), "the signal reached the command");
    let mut second =
        run(folder.path(), &[&args[..], &["sleep", "60"]].concat()).spawn().expect("memtool starts");
    thread::sleep(Duration::from_millis(500));
    second.kill().expect("killed");
    second.wait().expect("it ends");
    let third = output(folder.path(), &[&args[..], &["true"]].concat());
    assert!(third.status.success(), "what a dead one left is removed");
}

#[test]
fn one_that_waits_ends_at_a_signal() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["--memory-limit", "500MiB", "--expect", "400MiB", "--"];
    let mut first =
        run(folder.path(), &[&args[..], &["sleep", "2"]].concat()).spawn().expect("memtool starts");
    wait_for(folder.path(), "start");
    let mut waiting = run(folder.path(), &[&args[..], &["true"]].concat()).spawn().expect("memtool starts");
    wait_for(folder.path(), "wait");
    terminate(&waiting);
    assert!(!waiting.wait().expect("it ends").success());
    assert!(first.wait().expect("it ends").success());
}

#[test]
fn a_file_of_commands_runs_and_the_first_failure_is_the_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let jobs = "# some\ntrue\n\necho done >> log; exit 3\necho done >> log\n";
    fs::write(folder.path().join("jobs.txt"), jobs).expect("written");
    let ended = output(folder.path(), &["--jobs", "jobs.txt", "--memory-limit", "1GiB"]);
    assert_eq!(ended.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("3 jobs ended"), "{ended:?}");
    assert_eq!(fs::read_to_string(folder.path().join("log")).expect("written"), "done\ndone\n");
    fs::write(folder.path().join("jobs.txt"), "# none\n").expect("written");
    assert_eq!(output(folder.path(), &["--jobs", "jobs.txt"]).status.code(), Some(2));
}

#[test]
fn a_unit_inside_a_unit_waits_for_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let memtool = env!("CARGO_BIN_EXE_memtool");
    let script = format!("{memtool} run --registry slots --memory-limit 10MiB -- sh -c 'exit 5'");
    let mut outer = run(folder.path(), &["--memory-limit", "10MiB", "--", "sh", "-c", &script]);
    assert_eq!(outer.stdout(Stdio::null()).status().expect("it ends").code(), Some(5));
}

#[test]
fn no_command_is_spared_by_the_out_of_memory_killer() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = fs::read_to_string("/proc/self/oom_score_adj").expect("Linux has it");
    fs::write(folder.path().join("jobs.txt"), "cat /proc/self/oom_score_adj\n".repeat(3)).expect("written");
    let ended = output(folder.path(), &["--jobs", "jobs.txt", "--memory-limit", "1GiB"]);
    assert_eq!(String::from_utf8_lossy(&ended.stdout), own.repeat(3));
}
