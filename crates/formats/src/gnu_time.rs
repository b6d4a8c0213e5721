//! What GNU `time` prints at a command's end, with -v or without: one figure.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Task, TimeBase};

use crate::clock;
use crate::head::Head;
use crate::input::Input;
use crate::number::kib;
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::single;
use crate::traces::told;

pub(crate) const READER: Reader = Reader {
    name: "gnu-time",
    tool: "GNU time",
    versions: "1.9",
    record: "/usr/bin/time -v -o time.txt python job.py",
    tells: "exact peak of the largest process, runtime, how it ended",
    cannot_tell: "anything over time; the sum of a tree of processes",
    cautions: &[LARGEST_PROCESS],
    marks: &["Maximum resident set size", "maxresident)k"],
    sniff,
    read,
};

const LARGEST_PROCESS: Caution = Caution {
    code: "largest_process",
    text: "the figure is of the largest single process that was waited for, never of the tree",
    seen: "1.9: three children of 100 MiB at once read as 108 MiB",
};

const PEAK: &str = "Maximum resident set size (kbytes): ";

fn sniff(head: &Head<'_>) -> Certainty {
    let verbose = head.has_all(&[PEAK, "Elapsed (wall clock) time"]);
    (verbose || head.lines().any(|line| brief(line).is_some())).into()
}

/// Runtime and peak of the form without -v: `0.71user 0.10system 0:00.94elapsed 86%CPU (0avgtext+0avgdata
/// 63088maxresident)k`.
fn brief(line: &str) -> Option<(Option<f64>, Mib)> {
    let (before, _) = line.split_once("maxresident)k")?;
    let peak = kib(before.rsplit_once("avgdata ")?.1)?;
    let words = before.split_ascii_whitespace();
    let elapsed = words.filter_map(|word| word.strip_suffix("elapsed")).find_map(clock::duration);
    before.contains("user ").then_some((elapsed, peak))
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut runs = Vec::new();
    let (mut task, mut peak, mut command) = (Task::default(), None, None);
    while let Some(line) = input.lines.next()? {
        let text = line.text.trim();
        if let Some(words) = text.strip_prefix("Command being timed: \"") {
            command = Some(words.split([' ', '"']).next().unwrap_or_default().to_owned());
        } else if let Some(signal) = text.strip_prefix("Command terminated by signal ") {
            task.signal = signal.parse().ok();
        } else if let Some((_, time)) = text.split_once("(h:mm:ss or m:ss): ") {
            task.runtime_s = clock::duration(time);
        } else if let Some(("Command exited with non-zero status", code)) = text.rsplit_once(' ') {
            task.exit_code = code.parse().ok();
        } else if let Some((runtime_s, peak)) = brief(text) {
            task.runtime_s = runtime_s;
            finish(&mut runs, Some(peak), std::mem::take(&mut task), None);
        } else if let Some(size) = text.strip_prefix(PEAK) {
            peak = kib(size).filter(|_| line.whole);
            if peak.is_none() {
                input.faults.unread(line, "a size in kbytes");
            }
        } else if let Some(code) = text.strip_prefix("Exit status: ") {
            // Of a killed command it prints 0.
            task.exit_code = code.parse().ok().filter(|_| task.signal.is_none());
            finish(&mut runs, peak.take(), std::mem::take(&mut task), command.take());
        }
        if runs.len() == input.limits.runs {
            break;
        }
    }
    finish(&mut runs, peak, task, command);
    told(runs, &input.faults, "output of GNU time")
}

fn finish(runs: &mut Vec<Run>, peak: Option<Mib>, task: Task, command: Option<String>) {
    let Some(peak) = peak else { return };
    let origin = READER.origin(Measure::ProcessRss, Precision::SingleFigure, TimeBase::None);
    let mut run = single(origin, peak, None, task);
    run.process.command = command;
    run.warnings.push(LARGEST_PROCESS.warning());
    runs.push(run);
}
