//! `record` and `monitor` as a user types them, with real processes.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use memtool_profile_model::stream::read_stream;
use memtool_profile_model::{Run, Warning};
use rustix::process::{Pid, Signal, kill_process};

use crate::fixtures::root;

/// A folder in which commands run.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn memtool(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
        command.args(args).current_dir(self.path()).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.memtool(args).output().expect("memtool starts")
    }

    /// Records a shell's script.
    pub(crate) fn record(&self, options: &[&str], script: &str) -> Output {
        self.run(&[&["record"], options, &["--", "sh", "-c", script]].concat())
    }

    /// The only stream in the default folder.
    pub(crate) fn stream(&self) -> PathBuf {
        let folder = self.path().join("reports/memory");
        let mut paths = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let path = paths.next().expect("a stream");
        assert_eq!(paths.next(), None);
        path
    }
}

pub(crate) fn run_of(path: &Path) -> Run {
    read_stream(&fs::read(path).map(|b| String::from_utf8(b).expect("text")).expect("there")).expect("a run")
}

fn peak(run: &Run) -> f64 {
    run.snapshots.iter().filter_map(|s| s.rss).map(|rss| rss.get()).fold(0.0, f64::max)
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

pub(crate) fn send(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("small")).expect("not 0");
    kill_process(pid, signal).expect("it runs");
}

/// Whether these tests were started with a signal ignored, as SIGHUP is under nohup, and SIGINT in
/// a script's background: whatever they start ignores it too, and a shell cannot trap it.
fn is_ignored(signal: Signal) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.is_some_and(|mask| {
        u64::from_str_radix(mask.trim(), 16).expect("hexadecimal") & (1 << (signal.as_raw() - 1)) != 0
    })
}

/// The job's first line: it is then ready for signals.
pub(crate) fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    let out = child.stdout.as_mut().expect("piped");
    // One byte at a time: what follows stays in the pipe.
    while !line.ends_with('\n') {
        let mut byte = [0];
        out.read_exact(&mut byte).expect("a line");
        line.push(char::from(byte[0]));
    }
    line
}

#[test]
fn the_jobs_code_and_words_pass_through() {
    let place = Place::new();
    let mut child = place
        .memtool(&["record", "--", "sh", "-c", "cat; echo err >&2; sleep 0.3; exit 7"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("memtool starts");
    child.stdin.take().expect("piped").write_all(b"through\n").expect("written");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(text(&output.stdout), "through\n");
    let said = text(&output.stderr);
    assert!(said.starts_with("err\nmemtool: peak ") && said.contains(", exit 7\n"), "{said}");
    let stream = place.stream();
    let name = stream.file_name().and_then(|name| name.to_str()).expect("a plain name");
    assert!(said.ends_with(&format!("memtool analyze reports/memory/{name}\n")), "{said}");

    let run = run_of(&stream);
    assert_eq!((run.process.job.as_deref(), run.warnings.as_slice()), (Some("sh"), &[][..]));
    // Nobody asked for a batch size.
    assert!(run.snapshots.iter().all(|snapshot| snapshot.batch_size.is_none()));
    assert_eq!(place.run(&["analyze", "reports/memory"]).status.code(), Some(0));
}

/// Whether a sample comes first or the end is the system's doing: either leaves a run.
#[test]
fn a_job_of_a_moment_leaves_a_run_with_its_end() {
    for _ in 0..10 {
        let place = Place::new();
        let output = place.record(&[], "exit 3");
        assert_eq!(output.status.code(), Some(3));
        assert!(text(&output.stderr).contains("memtool: peak "), "{}", text(&output.stderr));
        let run = run_of(&place.stream());
        assert_eq!(run.fate.as_ref().and_then(|fate| fate.exit_code), Some(3));
        let unsampled = run.warnings.contains(&Warning::Unsampled);
        assert!(peak(&run) > 0.0 && (!unsampled || run.snapshots.len() == 1), "{:?}", run.warnings);
        assert_eq!(place.run(&["analyze", "reports/memory"]).status.code(), Some(0));
    }
}

#[test]
fn what_cannot_run_is_told_as_shells_do_and_leaves_no_stream() {
    let place = Place::new();
    let code = |program: &str| place.run(&["record", "--", program]).status.code();
    fs::write(place.path().join("no-program"), "text").expect("written");
    assert_eq!(code("no-such-program"), Some(127));
    assert_eq!(code("./no-program"), Some(126));
    assert_eq!(fs::read_dir(place.path().join("reports/memory")).expect("made").count(), 0);
    assert!(
        text(&place.run(&["record", "--", "no-such-program"]).stderr).contains("cannot run no-such-program")
    );
}

#[test]
fn bad_use_is_told_before_the_job_runs() {
    let place = Place::new();
    fs::write(place.path().join("there.ndjson"), "precious").expect("written");
    fs::write(place.path().join("bad.yaml"), "adaptive_memory:\n  thresholds: {high_mb: 1.0}\n")
        .expect("written");
    for options in [
        &["--output", "there.ndjson", "--require-recording"][..],
        &["--output", "there.ndjson/below", "--require-recording"],
        &["--interval", "0"],
        &["--memory-limit", "-4"],
        &["--config", "no-such.yaml"],
        &["--config", "bad.yaml"],
    ] {
        let output = place.record(options, "echo ran > ran.txt");
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(!output.stderr.is_empty() && !place.path().join("ran.txt").exists(), "{options:?}");
    }
    assert_eq!(fs::read_to_string(place.path().join("there.ndjson")).expect("there"), "precious");
    for args in [&["record"][..], &["record", "--pid", "0"], &["record", "--pid", "2147483647"]] {
        assert_eq!(place.run(args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn a_recording_that_cannot_be_written_does_not_stop_the_job() {
    let place = Place::new();
    fs::write(place.path().join("there.ndjson"), "precious").expect("written");
    for output in ["there.ndjson", "there.ndjson/below"] {
        let output = place.record(&["--output", output], "exit 3");
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{stderr}");
        assert!(
            stderr.contains("warning: nothing is recorded: ") && stderr.contains("there.ndjson"),
            "{stderr}"
        );
    }
    assert_eq!(fs::read_to_string(place.path().join("there.ndjson")).expect("there"), "precious");
}

#[test]
fn signals_reach_the_job_and_the_recording_is_closed() {
    for (signal, name) in [
        (Signal::TERM, "TERM"),
        (Signal::HUP, "HUP"),
        (Signal::INT, "INT"),
        (Signal::USR1, "USR1"),
        (Signal::XCPU, "XCPU"),
        (Signal::ALARM, "ALRM"),
    ] {
        if is_ignored(signal) {
            continue;
        }
        let place = Place::new();
        let script = format!(
            "trap 'exit 7' {name}; sleep 0.3; echo ready; i=0; while [ $i -lt 200 ]; do sleep 0.05; i=$((i+1)); done"
        );
        let mut child =
            place.memtool(&["record", "--", "sh", "-c", &script]).spawn().expect("memtool starts");
        assert_eq!(first_line(&mut child), "ready\n");
        send(&child, signal);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(7), "{name}: {}", text(&output.stderr));
        assert!(!run_of(&place.stream()).warnings.contains(&Warning::EndedWithoutClosing), "{name}");
    }
}

/// As in a container that was entered from outside: nobody sees the session's leader there.
#[test]
#[cfg(target_os = "linux")]
#[expect(clippy::print_stderr, reason = "a test that cannot run here says so")]
fn signals_reach_the_job_in_a_pid_namespace_of_its_own() {
    let place = Place::new();
    let unshared = ["--pid", "--fork", "--mount-proc"];
    let can = Command::new("unshare").args(unshared).arg("true").output();
    if !can.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no PID namespace can be made here");
        return;
    }
    let script = "trap 'exit 7' TERM; sleep 0.3; kill -TERM $PPID; i=0; while [ $i -lt 200 ]; do sleep 0.05; i=$((i+1)); done";
    let record = [env!("CARGO_BIN_EXE_memtool"), "record", "--", "sh", "-c", script];
    let mut command = Command::new("unshare");
    let output = command.args(unshared).args(record).current_dir(place.path()).output().expect("it starts");
    assert_eq!(output.status.code(), Some(7), "{}", text(&output.stderr));
    assert_eq!(run_of(&place.stream()).warnings, []);
}

#[test]
fn what_was_ignored_stays_ignored_for_the_job() {
    let place = Place::new();
    let ignored = |prelude: &str| {
        let memtool = env!("CARGO_BIN_EXE_memtool");
        let script = format!("{prelude} exec {memtool} record -q -- grep SigIgn /proc/self/status");
        let output = Command::new("sh").args(["-c", &script]).current_dir(place.path()).output();
        let said = text(&output.expect("a shell").stdout);
        let mask = said.split_whitespace().last().expect("a mask").to_owned();
        u64::from_str_radix(&mask, 16).expect("hexadecimal") & 1
    };
    assert_eq!((ignored(""), ignored("trap '' HUP;")), (u64::from(is_ignored(Signal::HUP)), 1));
}

#[test]
fn the_job_stays_in_the_foreground_group() {
    let place = Place::new();
    let output = place.record(&["-q"], "cut -d' ' -f5 /proc/$$/stat /proc/$PPID/stat");
    let groups = text(&output.stdout);
    let groups: Vec<&str> = groups.lines().collect();
    assert!(groups.len() == 2 && groups[0] == groups[1], "{groups:?}");
}

#[test]
fn a_killed_job_is_told_with_its_signal() {
    let place = Place::new();
    let output = place.record(&[], "sleep 0.2; kill -9 $$");
    assert_eq!(output.status.code(), Some(137));
    let said = text(&output.stderr);
    assert!(said.contains("killed by SIGKILL"), "{said}");
    assert_eq!(run_of(&place.stream()).warnings, []);
    assert_eq!(place.record(&["-q", "--output", "quiet"], "kill -TERM $$").status.code(), Some(143));
    assert_eq!(text(&place.record(&["-q", "--output", "quiet"], "exit 3").stderr), "");
}

#[test]
fn the_job_outlives_a_killed_memtool_and_the_stream_reads_back() {
    let place = Place::new();
    let script = "echo ready; sleep 0.5; echo survived > survived.txt";
    let mut child = place.memtool(&["record", "--", "sh", "-c", script]).spawn().expect("memtool starts");
    first_line(&mut child);
    // Its first look may still be under way.
    while !fs::read_dir(place.path().join("reports/memory")).is_ok_and(|mut d| {
        d.any(|e| e.is_ok_and(|e| fs::read_to_string(e.path()).is_ok_and(|text| text.contains("rss_mb"))))
    }) {
        std::thread::yield_now();
    }
    send(&child, Signal::KILL);
    child.wait().expect("it ends");
    assert!(run_of(&place.stream()).warnings.contains(&Warning::EndedWithoutClosing));
    let mut rest = Vec::new();
    // The pipe is closed when the job ends.
    child.stdout.take().expect("piped").read_to_end(&mut rest).expect("read");
    assert!(place.path().join("survived.txt").exists());
}

/// `tail` holds 60 MB for a second.
const HOLDS_MEMORY: &str = "head -c 60000000 /dev/zero | tail -c 60000000 | (sleep 1; cat > /dev/null)";

#[test]
fn children_count_unless_told_otherwise() {
    let place = Place::new();
    assert_eq!(place.record(&["-q", "-o", "tree.ndjson"], HOLDS_MEMORY).status.code(), Some(0));
    assert_eq!(
        place.record(&["-q", "-o", "own.ndjson", "--no-children"], HOLDS_MEMORY).status.code(),
        Some(0)
    );
    let (tree, own) = (run_of(&place.path().join("tree.ndjson")), run_of(&place.path().join("own.ndjson")));
    assert!(peak(&tree) > 55.0, "{}", peak(&tree));
    assert!(peak(&own) < 20.0, "{}", peak(&own));
}

#[test]
fn limit_job_and_metrics_are_taken_over() {
    let place = Place::new();
    let options =
        ["-q", "--memory-limit", "200", "--job", "etl", "--metrics-file", "m.prom", "--interval", "0.05"];
    place.record(&options, "sleep 0.3");
    let run = run_of(&place.stream());
    assert_eq!((run.process.job.as_deref(), run.config.monitoring_interval_seconds), (Some("etl"), 0.05));
    assert_eq!(run.host.limit_mb.map(|limit| limit.get()), Some(200.0));
    assert_eq!(run.config.thresholds.critical_mb.get(), 180.0);
    let metrics = fs::read_to_string(place.path().join("m.prom")).expect("metrics");
    assert!(metrics.contains("memtool"), "{metrics}");
}

#[test]
fn a_running_process_is_watched_until_it_ends() {
    let place = Place::new();
    let mut job = Command::new("sh").args(["-c", "sleep 3"]).spawn().expect("a shell");
    let output = place.run(&["record", "--pid", &job.id().to_string(), "-o", "watched.ndjson"]);
    job.wait().expect("it ended");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("the process ended"), "{said}");
    let stream = fs::read_to_string(place.path().join("watched.ndjson")).expect("there");
    assert!(stream.contains(r#""probe_failures":0"#), "{stream}");
    assert_eq!(run_of(&place.path().join("watched.ndjson")).warnings, []);
}

#[test]
fn watching_ends_on_a_wish_and_the_process_goes_on() {
    let place = Place::new();
    let mut job = Command::new("sleep").arg("60").spawn().expect("a program");
    let child = place.memtool(&["record", "--pid", &job.id().to_string()]).spawn().expect("memtool starts");
    // It listens before the stream is there.
    while !place.path().join("reports/memory").is_dir()
        || fs::read_dir(place.path().join("reports/memory"))
            .expect("there")
            .all(|e| e.expect("an entry").path().extension().is_none_or(|ending| ending != "ndjson"))
    {
        std::thread::yield_now();
    }
    send(&child, Signal::INT);
    let output = child.wait_with_output().expect("it ends");
    let ended = job.try_wait().expect("asked");
    job.kill().expect("killed");
    job.wait().expect("it ended");
    assert_eq!((output.status.code(), ended), (Some(0), None));
    assert!(text(&output.stderr).contains("the process goes on"));
}

fn phases() -> String {
    let path = root().join("fixtures/runs/memory_stream_20261123T043010Z_phases.ndjson");
    fs::read_to_string(path).expect("a fixture")
}

#[test]
fn a_finished_stream_is_told_in_two_lines() {
    let place = Place::new();
    fs::write(place.path().join("a.ndjson"), phases()).expect("written");
    let output = place.run(&["monitor", "a.ndjson"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines[0].ends_with("rss 148 MiB  low  batch 1,000  gc 7  trend unknown yet"), "{said}");
    assert!(lines[1].ends_with("ended: peak 659 MiB, 92 samples, 18.7 s"), "{said}");
}

#[test]
fn a_growing_stream_is_followed_until_its_footer() {
    let place = Place::new();
    let text_of = phases();
    let (first, rest) = text_of.split_at(text_of.len() / 2);
    let folder = place.path().join("reports/memory");
    fs::create_dir_all(&folder).expect("made");
    let path = folder.join("memory_stream_a.ndjson");
    fs::write(&path, first).expect("written");
    let mut child = place.memtool(&["monitor", "--interval", "0.05"]).spawn().expect("memtool starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines().map(|l| l.expect("text"));
    let begun = lines.next().expect("a line");
    assert!(begun.contains("  rss ") && !begun.contains("gc 7"), "{begun}");
    OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|mut f| f.write_all(rest.as_bytes()))
        .expect("written");
    let last: Vec<String> = lines.collect();
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    assert!(last.last().is_some_and(|line| line.contains("ended: peak 659 MiB")), "{last:?}");
    assert!(last[last.len() - 2].contains("gc 7"), "{last:?}");
}

#[test]
fn without_anything_alive_the_three_ways_are_told() {
    let place = Place::new();
    for args in [&["monitor"][..], &["monitor", "nowhere.ndjson"]] {
        let output = place.run(args);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{said}");
        for way in ["record -- CMD", "monitor STREAM|FOLDER", "monitor --pid PID"] {
            assert!(said.contains(way), "{said}");
        }
    }
    fs::write(place.path().join("a.ndjson"), phases()).expect("written");
    assert!(text(&place.run(&["monitor", "."]).stderr).contains("(1 run ended)"));
    fs::write(place.path().join("b.txt"), "not a stream\n").expect("written");
    assert_eq!(place.run(&["monitor", "b.txt"]).status.code(), Some(2));
    File::create(place.path().join("empty.ndjson")).expect("made");
    assert_eq!(place.run(&["monitor", "empty.ndjson"]).status.code(), Some(2));
}

#[test]
fn another_process_is_monitored_until_it_ends() {
    let place = Place::new();
    let mut job = Command::new("sleep").arg("0.5").spawn().expect("a program");
    let pid = job.id().to_string();
    let output = place.run(&["monitor", "--pid", &pid, "--interval", "0.1", "--memory-limit", "1"]);
    job.wait().expect("it ended");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    let first = said.lines().next().expect("a line");
    assert!(first.contains("  rss ") && first.contains("  critical  ") && !first.contains("batch"), "{said}");
    assert!(said.lines().last().is_some_and(|line| line.contains("ended: peak ")), "{said}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_fault() {
    let place = Place::new();
    let mut job = Command::new("sleep").arg("60").spawn().expect("a program");
    let pid = job.id().to_string();
    let mut child =
        place.memtool(&["monitor", "--pid", &pid, "--interval", "0.05"]).spawn().expect("memtool starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
    let output = child.wait_with_output().expect("it ends");
    job.kill().expect("killed");
    job.wait().expect("it ended");
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
}
