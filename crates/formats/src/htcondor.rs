//! HTCondor: a job's event log, and ClassAds as `condor_history -l` and `condor_q -l` print them; one figure a job.

use std::collections::HashMap;

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Task, TimeBase};

use crate::clock::{epoch, moment};
use crate::head::Head;
use crate::input::Input;
use crate::number::{KIB, MIB, number, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::single;
use crate::traces::told;

pub(crate) const READER: Reader = Reader {
    name: "htcondor",
    tool: "HTCondor",
    versions: "9 to 24 (from its documentation)",
    record: "log = job.log (in the submit file), or condor_history -l JOB > job.txt",
    tells: "the largest sampled memory of each job, its request, runtime and end",
    cannot_tell: "anything over time: what its updates hold is the largest so far; peaks between samples",
    cautions: &[LARGEST_SO_FAR, ROUNDED_UP],
    marks: &["ResidentSetSize", "MemoryUsage", "Memory (MB)"],
    sniff,
    read,
};

const LARGEST_SO_FAR: Caution = Caution {
    code: "largest_so_far",
    text: "HTCondor keeps the largest memory it has sampled so far: its updates never fall, and tell of no leak",
    seen: "ResidentSetSize, by its manual",
};

const ROUNDED_UP: Caution = Caution {
    code: "rounded_up",
    text: "ResidentSetSize without _RAW is rounded up, by up to a quarter",
    seen: "ClassAds of the queue, by their manual",
};

/// The number and time of an event's first line, `006 (4711.000.000) 2026-10-05 10:00:20 Image size …`, with the job it is of and
/// what follows.
fn event(line: &str) -> Option<(u32, &str, &str)> {
    let (number, rest) = line.split_once(" (")?;
    let (job, rest) = rest.split_once(") ")?;
    let is_event = number.len() == 3 && job.split('.').count() == 3;
    Some((number.parse().ok().filter(|_| is_event)?, job, rest))
}

fn sniff(head: &Head<'_>) -> Certainty {
    let events = head.lines().any(|line| event(line).is_some())
        && head.lines().any(|line| sampled(line).is_some() || usage(line).is_some());
    let classad = head.lines().any(|line| {
        line.split_once(" = ")
            .is_some_and(|(name, value)| name.starts_with("ResidentSetSize") && number(value).is_some())
    });
    (events || classad && head.has_line("ClusterId = ")).into()
}

/// A size of an update: `718236  -  ResidentSetSize of job (KB)`.
fn sampled(line: &str) -> Option<Mib> {
    let (value, name) = line.trim().split_once("  -  ")?;
    match name {
        "ResidentSetSize of job (KB)" => sized(number(value)?, KIB),
        "MemoryUsage of job (MB)" => sized(number(value)?, MIB),
        _ => None,
    }
}

/// Memory used and requested, of the table at a job's end: `Memory (MB)  :  903  2048  2048`. Without a sample the first is missing.
fn usage(line: &str) -> Option<(Option<Mib>, Option<Mib>)> {
    let figures = line.trim().strip_prefix("Memory (MB)")?.trim_start().strip_prefix(':')?;
    let figures: Vec<f64> = figures.split_ascii_whitespace().map_while(number).collect();
    let size = |value: &f64| sized(*value, MIB);
    Some(match &figures[..] {
        [used, requested, _] => (size(used), size(requested)),
        [requested, _] => (None, size(requested)),
        _ => (None, None),
    })
}

/// What is known of a job.
#[derive(Default)]
struct Job {
    name: String,
    peak: Option<Mib>,
    /// In whole MiB, where no finer figure was printed.
    coarse: Option<Mib>,
    rounded: bool,
    started: Option<i64>,
    ended: Option<i64>,
    task: Task,
}

fn larger(a: Option<Mib>, b: Option<Mib>) -> Option<Mib> {
    if b > a { b } else { a }
}

impl Job {
    fn begins(&mut self, number: u32, rest: &str) {
        // The time is a date and a time of day, or both without the year.
        let mut words = rest.splitn(3, ' ');
        let at = words.next().zip(words.next()).and_then(|(day, time)| moment(&format!("{day} {time}")));
        match number {
            1 => {
                self.started = self.started.or(at);
                *self.task.attempt.get_or_insert(0) += 1;
            }
            5 => self.ended = at,
            9 => (self.ended, self.task.state) = (at, Some("removed".to_owned())),
            12 => self.task.state = Some("held".to_owned()),
            _ => {}
        }
    }

    fn take(&mut self, line: &str) {
        let text = line.trim();
        if let Some(size) = sampled(text) {
            let place = if text.ends_with("(MB)") { &mut self.coarse } else { &mut self.peak };
            *place = larger(*place, Some(size));
        } else if let Some((used, requested)) = usage(text) {
            (self.coarse, self.task.requested_mb) = (larger(self.coarse, used), requested);
        } else if let Some(code) = ended_with(text, "Normal termination (return value ") {
            self.task.exit_code = Some(code);
        } else if let Some(signal) = ended_with(text, "Abnormal termination (signal ") {
            self.task.signal = Some(signal);
        }
    }

    /// Takes an attribute of a ClassAd.
    fn attribute(&mut self, name: &str, value: &str) {
        let text = || value.trim_matches('"').to_owned();
        let whole = || value.parse::<i32>().ok();
        match name {
            "ClusterId" => self.name = value.to_owned(),
            "ProcId" => self.name = format!("{}.{value}", self.name),
            "ResidentSetSize_RAW" => {
                (self.peak, self.rounded) = (number(value).and_then(|kib| sized(kib, KIB)), false);
            }
            "ResidentSetSize" if self.peak.is_none() => {
                (self.peak, self.rounded) = (number(value).and_then(|kib| sized(kib, KIB)), true);
            }
            "RequestMemory" => self.task.requested_mb = number(value).and_then(|mib| sized(mib, MIB)),
            "RemoteWallClockTime" => self.task.runtime_s = number(value).filter(|seconds| *seconds > 0.0),
            "JobStartDate" => self.started = number(value).and_then(epoch),
            "ExitCode" => self.task.exit_code = whole(),
            "ExitSignal" => self.task.signal = whole(),
            "NumJobStarts" => self.task.attempt = value.parse().ok(),
            "Cmd" => self.task.group = text().rsplit('/').next().map(str::to_owned),
            _ => {}
        }
    }

    fn finish(mut self) -> Option<Run> {
        let peak =
            self.peak.filter(|peak| *peak > Mib::ZERO).or(self.coarse).filter(|peak| *peak > Mib::ZERO)?;
        #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a run")]
        let runtime = |from: i64, to: i64| (to.saturating_sub(from)) as f64 / 1e9;
        let lasted = self.started.zip(self.ended).map(|(from, to)| runtime(from, to)).filter(|s| *s >= 0.0);
        self.task.runtime_s = self.task.runtime_s.or(lasted);
        let base = if self.started.is_some() { TimeBase::Absolute } else { TimeBase::None };
        let part = format!("job {}", self.name);
        let origin = READER.part(Measure::TreeRss, Precision::SingleFigure, base, part);
        let mut run = single(origin, peak, self.started, self.task);
        run.warnings.push(LARGEST_SO_FAR.warning());
        if self.rounded {
            run.warnings.push(ROUNDED_UP.warning());
        }
        Some(run)
    }
}

/// A number in brackets behind words: `(1) Normal termination (return value 0)`.
fn ended_with(line: &str, words: &str) -> Option<i32> {
    line.split_once(words)?.1.split(')').next()?.parse().ok()
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let (mut jobs, mut places): (Vec<Job>, HashMap<String, usize>) = (Vec::new(), HashMap::new());
    let mut open: Option<usize> = None;
    while let Some(line) = input.lines.next()? {
        // A number at the very end may have been cut.
        let text = line.certain();
        if let Some((number, name, rest)) = event(text) {
            let place = *places.entry(name.to_owned()).or_insert(jobs.len());
            if place == jobs.len() {
                jobs.push(Job { name: short(name), ..Job::default() });
            }
            jobs[place].begins(number, rest);
            open = Some(place);
        } else if text.trim().is_empty() || text == "..." {
            open = None;
        } else if let Some((name, value)) = text.split_once(" = ").filter(|_| places.is_empty()) {
            // A blank line parts one ClassAd from the next.
            let place = *open.get_or_insert(jobs.len());
            if place == jobs.len() {
                jobs.push(Job::default());
            }
            jobs[place].attribute(name, value);
        } else if let Some(place) = open {
            jobs[place].take(text);
        }
        if jobs.len() > input.limits.runs {
            break;
        }
    }
    let runs: Vec<Run> = jobs.into_iter().filter_map(Job::finish).take(input.limits.runs).collect();
    told(runs, &input.faults, "HTCondor log")
}

/// `4711.000.000` as people write it: `4711.0`.
fn short(name: &str) -> String {
    let numbers: Vec<u64> = name.split('.').filter_map(|part| part.parse().ok()).collect();
    match numbers[..] {
        [cluster, process, _] => format!("{cluster}.{process}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_jobs_in_one_log() {
        let text = "\
001 (11.000.000) 2026-10-05 10:00:10 Job executing on host: <10.0.0.7:9618>
...
006 (11.000.000) 2026-10-05 10:00:20 Image size of job updated: 840648
	702  -  MemoryUsage of job (MB)
	718848  -  ResidentSetSize of job (KB)
...
006 (11.001.000) 2026-10-05 10:00:21 Image size of job updated: 840648
	0  -  MemoryUsage of job (MB)
	0  -  ResidentSetSize of job (KB)
...
005 (11.000.000) 2026-10-05 10:01:50 Job terminated.
	(1) Normal termination (return value 3)
	Partitionable Resources :    Usage  Request Allocated
	   Cpus                 :                 1         1
	   Memory (MB)          :      702     2048      2048
...
005 (11.001.000) 2026-10-05 10:01:51 Job terminated.
	(0) Abnormal termination (signal 9)
	   Memory (MB)          :       12     2048      2048
...
";
        let found = READER.tasks(text);
        let figures: Vec<(&str, f64)> = found.iter().map(|(part, peak, _)| (part.as_str(), *peak)).collect();
        assert_eq!(figures, [("job 11.0", 702.0), ("job 11.1", 12.0)]);
        let (first, second) = (&found[0].2, &found[1].2);
        assert_eq!((first.runtime_s, first.exit_code, first.attempt), (Some(100.0), Some(3), Some(1)));
        assert_eq!((first.requested_mb, second.signal), (Some(Mib::new(2048.0)), Some(9)));
    }

    #[test]
    fn classads_have_a_rounded_and_a_raw_figure() {
        let text = "ClusterId = 4711\nCmd = \"/home/a/train.sh\"\nMemoryUsage = ((ResidentSetSize + 1023) / 1024)\nProcId = 0\nResidentSetSize = \
                    1000000\nResidentSetSize_RAW = 923648\n\nClusterId = 4711\nProcId = 1\nResidentSetSize = 1024\n";
        let found = READER.tasks(text);
        assert_eq!((found[0].0.as_str(), found[0].1), ("job 4711.0", 902.0));
        assert_eq!((found[1].0.as_str(), found[1].1), ("job 4711.1", 1.0));
        assert_eq!(found[0].2.group.as_deref(), Some("train.sh"));
    }
}
