//! Jobs, places and terminals that are hard on `record`: each leaves a stream that reads back, and the job's own exit code.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use memtool_profile_model::Warning;
use rustix::process::Signal;

use crate::live::{Place, first_line, run_of, send, text};

/// What the tests record by: quick enough to see short jobs.
const OFTEN: [&str; 2] = ["--interval", "0.05"];

fn pause(milliseconds: u64) {
    thread::sleep(Duration::from_millis(milliseconds));
}

/// Whether a stream was closed.
fn is_closed(stream: &Path) -> bool {
    !run_of(stream).warnings.contains(&Warning::EndedWithoutClosing)
}

/// Waits until a file is there, ten seconds at most.
fn wait_for(path: &Path) {
    for _ in 0..200 {
        if path.exists() {
            return;
        }
        pause(50);
    }
    panic!("{} did not come", path.display());
}

/// Waits until a recording has a sample, ten seconds at most.
fn wait_for_sample(place: &Place) {
    let folder = place.path().join("reports/memory");
    wait_for(&folder);
    let begun = || {
        streams(&folder)
            .iter()
            .any(|stream| fs::read_to_string(stream).is_ok_and(|text| text.contains("rss_mb")))
    };
    assert!(
        (0..200).any(|_| begun() || {
            pause(50);
            false
        }),
        "no sample"
    );
}

/// The streams in a folder.
fn streams(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn a_job_is_waited_for_where_ended_children_are_ignored() {
    let place = Place::new();
    let memtool = env!("CARGO_BIN_EXE_memtool");
    let script = format!("trap '' CHLD; exec {memtool} record -- sh -c 'sleep 0.2; exit 5'");
    let output =
        Command::new("sh").args(["-c", &script]).current_dir(place.path()).output().expect("a shell");
    assert_eq!(output.status.code(), Some(5), "{}", text(&output.stderr));
    assert!(is_closed(&place.stream()));
}

#[test]
fn what_a_job_leaves_running_is_not_waited_for() {
    let place = Place::new();
    let script = "(sleep 20; touch late) > /dev/null 2>&1 & sleep 0.3; kill -9 $! ; (setsid sleep 1 > /dev/null 2>&1 &); exit 3";
    let output = place.record(&OFTEN, script);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(is_closed(&place.stream()) && !place.path().join("late").exists());
}

#[test]
fn a_job_that_becomes_another_program_is_seen_to_its_end() {
    let place = Place::new();
    let output = place.record(&OFTEN, "sleep 0.2; exec sh -c 'sleep 0.3; kill -SEGV $$'");
    assert_eq!(output.status.code(), Some(128 + 11), "{}", text(&output.stderr));
    let run = run_of(&place.stream());
    assert_eq!(run.fate.and_then(|fate| fate.signal), Some(11));
    assert_eq!(run.warnings, []);
}

#[test]
fn a_job_and_a_recorder_may_stand_still_for_a_while() {
    for (name, stops_job) in [("job", true), ("recorder", false)] {
        let place = Place::new();
        let script = "echo $$; sleep 0.8; exit 6";
        let mut child = place
            .memtool(&["record", "--interval", "0.05", "--", "sh", "-c", script])
            .spawn()
            .expect("it starts");
        let job = first_line(&mut child);
        wait_for_sample(&place);
        let stopped = if stops_job { job.trim().to_owned() } else { child.id().to_string() };
        let kill = |signal: &str| Command::new("kill").args([signal, &stopped]).status().expect("kill");
        kill("-STOP");
        pause(1500);
        kill("-CONT");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(6), "{name}: {}", text(&output.stderr));
        assert!(is_closed(&place.stream()), "{name}");
    }
}

#[test]
fn a_signal_to_the_whole_group_does_not_end_the_recorder_before_its_job() {
    let place = Place::new();
    // In a session of its own, so that the group is not that of the tests.
    let script = "trap : TERM USR2; sleep 0.3; kill -TERM 0; kill -USR2 0; sleep 0.3; exit 9";
    let record = [env!("CARGO_BIN_EXE_memtool"), "record", "--", "sh", "-c", script];
    let mut command = Command::new("setsid");
    let output = command.arg("--wait").args(record).current_dir(place.path()).output().expect("it starts");
    assert_eq!(output.status.code(), Some(9), "{}", text(&output.stderr));
    assert!(is_closed(&place.stream()));
}

#[test]
fn many_recorders_share_a_folder_and_one_has_a_file() {
    let place = Place::new();
    let start = |output: &str, code: usize| {
        let script = format!("sleep 0.3; exit {code}");
        place.memtool(&["record", "-o", output, "--", "sh", "-c", &script]).spawn().expect("it starts")
    };
    let in_folder: Vec<Child> = (0..8).map(|code| start("folder", code)).collect();
    let on_file: Vec<Child> = (0..4).map(|code| start("one.ndjson", code)).collect();
    let refused = |children: Vec<Child>| {
        let ended = children.into_iter().map(|child| child.wait_with_output().expect("it ends")).enumerate();
        let refused = ended.filter(|(code, output)| {
            assert_eq!(output.status.code(), i32::try_from(*code).ok(), "{}", text(&output.stderr));
            text(&output.stderr).contains("warning: nothing is recorded: ")
        });
        refused.count()
    };
    assert_eq!((refused(in_folder), refused(on_file)), (0, 3));
    let folder = streams(&place.path().join("folder"));
    assert_eq!(folder.len(), 8);
    assert!(folder.iter().all(|stream| is_closed(stream)) && is_closed(&place.path().join("one.ndjson")));
}

#[test]
fn a_folder_that_is_removed_is_made_again() {
    let place = Place::new();
    let output = place.record(&OFTEN, "sleep 0.5; rm -r reports; sleep 1.5; exit 4");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(
        said.contains(" of the stream could not be written: the stream was removed and begun anew\n"),
        "{said}"
    );
    assert!(
        run_of(&place.stream()).warnings.iter().any(|warning| matches!(warning, Warning::LostRecords(_)))
    );
}

#[test]
fn what_stands_in_the_place_of_a_removed_folder_stays_and_the_loss_is_told() {
    let place = Place::new();
    let script = "sleep 0.5; rm -r reports; echo precious > reports; sleep 1.5; exit 4";
    let output = place.record(&OFTEN, script);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("warning: ") && said.contains(" of the stream could not be written: "), "{said}");
    assert!(!said.contains("to analyze it"), "{said}");
    assert_eq!(fs::read_to_string(place.path().join("reports")).expect("there"), "precious\n");
}

#[test]
fn nobody_has_to_listen() {
    for (number, closing) in
        ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "2> /dev/full", "> /dev/full"].iter().enumerate()
    {
        let place = Place::new();
        let script = format!("\"$0\" record -- sh -c 'echo out; sleep 0.2; exit {number}' {closing}");
        let mut command = Command::new("sh");
        let output =
            command.args(["-c", &script, env!("CARGO_BIN_EXE_memtool")]).current_dir(place.path()).output();
        let output = output.expect("a shell");
        assert_eq!(output.status.code(), i32::try_from(number).ok(), "{closing}: {}", text(&output.stderr));
        assert!(is_closed(&place.stream()), "{closing}");
    }
}

#[test]
fn without_file_descriptors_the_job_runs_and_the_reason_is_told() {
    for (descriptors, is_recorded) in [(5, false), (8, false), (40, true)] {
        let place = Place::new();
        let script = format!("ulimit -n {descriptors}; exec \"$0\" record -- sh -c 'sleep 0.3; exit 7'");
        let mut command = Command::new("sh");
        let output =
            command.args(["-c", &script, env!("CARGO_BIN_EXE_memtool")]).current_dir(place.path()).output();
        let output = output.expect("a shell");
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(7), "{descriptors}: {said}");
        assert_eq!(!said.contains("warning: nothing is recorded: "), is_recorded, "{descriptors}: {said}");
        assert_eq!(
            streams(&place.path().join("reports/memory")).len(),
            usize::from(is_recorded),
            "{descriptors}"
        );
    }
}

/// A shell in namespaces of its own; `None`, with a word, where none can be made.
#[expect(clippy::print_stderr, reason = "a test that cannot run here says so")]
fn unshared(place: &Place, options: &[&str], script: &str) -> Option<Output> {
    let shell = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(options).args(["sh", "-c", script, env!("CARGO_BIN_EXE_memtool")]);
        command.current_dir(place.path()).output()
    };
    if !shell("true").is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no namespace can be made here");
        return None;
    }
    shell(script).ok()
}

#[test]
fn without_processes_of_its_namespace_the_job_runs_and_the_reason_is_told() {
    for (options, prelude, reason) in [
        (&["--mount"][..], "mount -t tmpfs none /proc && ", "/proc is not mounted"),
        (&["--pid", "--fork"], "", "/proc is that of another namespace of processes"),
    ] {
        let place = Place::new();
        let script = format!("{prelude}\"$0\" record -- sh -c 'sleep 0.2; exit 8'");
        let Some(output) = unshared(&place, options, &script) else { return };
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(8), "{said}");
        assert!(
            said.contains(&format!("warning: nothing is recorded: memory cannot be read: {reason}")),
            "{said}"
        );
    }
}

#[test]
fn a_disk_that_is_full_from_the_start_keeps_no_empty_stream() {
    let place = Place::new();
    let script = "mkdir disk && mount -t tmpfs -o size=4k none disk && head -c 4096 /dev/zero > disk/full \
        && \"$0\" record -o disk -- sh -c 'sleep 0.2; exit 8'; code=$?; ls disk; exit $code";
    let Some(output) = unshared(&place, &["--mount"], script) else { return };
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(8), "full\n"), "{said}");
    assert!(said.contains("warning: nothing is recorded: disk: No space left on device"), "{said}");
}

/// A terminal with a program in it; what is written to its standard input is typed.
fn in_terminal(place: &Place, script: &str) -> Child {
    // Whoever runs the tests in the background lets them ignore signals, and so would all that they start.
    let mut command = Command::new("env");
    command.args(["--default-signal", "script", "--quiet", "--return", "--command", script, "/dev/null"]);
    command.current_dir(place.path());
    command.env("MEMTOOL", env!("CARGO_BIN_EXE_memtool")).env("SHELL", "/bin/sh");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("util-linux has it")
}

/// A job that ends at the second interrupt, with 77.
const INTERRUPTED_TWICE: &str = "n=0; trap 'n=$((n+1)); [ $n = 2 ] && exit 77' INT; touch ready; i=0; while [ $i -lt 200 ]; do sleep 0.05; i=$((i+1)); done";

#[test]
fn two_interrupts_at_the_terminal_are_the_jobs_own() {
    let place = Place::new();
    fs::write(place.path().join("job.sh"), INTERRUPTED_TWICE).expect("written");
    let mut child = in_terminal(&place, "exec \"$MEMTOOL\" record -- sh job.sh");
    wait_for(&place.path().join("ready"));
    for _ in 0..2 {
        child.stdin.as_mut().expect("piped").write_all(b"\x03").expect("typed");
        pause(400);
    }
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(77), "{}", text(&output.stdout));
    assert!(is_closed(&place.stream()));
}

#[test]
fn a_terminal_that_is_closed_ends_job_and_recording() {
    for wrapped in ["exec \"$MEMTOOL\" record -- sh job.sh", "\"$MEMTOOL\" record -- sh job.sh; true"] {
        let place = Place::new();
        fs::write(place.path().join("job.sh"), "touch ready; sleep 0.2; sleep 20; touch late")
            .expect("written");
        let child = in_terminal(&place, wrapped);
        wait_for(&place.path().join("ready"));
        pause(300);
        send(&child, Signal::KILL);
        let stream = place.stream();
        let closed = (0..100).any(|_| {
            pause(50);
            is_closed(&stream)
        });
        assert!(closed, "{wrapped}");
        assert_eq!(
            run_of(&stream).fate.and_then(|fate| fate.signal),
            Some(Signal::HUP.as_raw()),
            "{wrapped}"
        );
        assert!(!place.path().join("late").exists(), "{wrapped}");
        drop(child.wait_with_output());
    }
}
