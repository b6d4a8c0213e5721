//! pidstat's tables of processes, in any of its shapes and locales.

use std::collections::HashMap;

use memtool_profile_model::{Measure, Precision, ReadError, Run, Snapshot, TimeBase};

use crate::banner::{banner, columns, time_and_rest};
use crate::calendar::is_time_of_day;
use crate::clock::DayClock;
use crate::head::Head;
use crate::input::Input;
use crate::number::{KIB, size};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::sample;
use crate::traces::Traces;

pub(crate) const READER: Reader = Reader {
    name: "pidstat",
    tool: "pidstat",
    versions: "12.6 and 12.7",
    record: "pidstat -r -h -H -p $(pgrep -d, -f job.py) 1 > pidstat.txt",
    tells: "memory over time of each process",
    cannot_tell: "children that start later; processes that were idle (without -p); peaks between samples",
    cautions: &[IDLE_MISSING],
    marks: &["RSS"],
    sniff,
    read,
};

const IDLE_MISSING: Caution = Caution {
    code: "idle_missing",
    text: "pidstat without -p leaves out a process while it is idle: its memory at those samples is not in the file",
    seen: "12.6 and 12.7, -r without -p",
};

fn sniff(head: &Head<'_>) -> Certainty {
    let is_header = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        (words.contains(&"PID") || words.contains(&"TGID"))
            && words.contains(&"RSS")
            && words.last() == Some(&"Command")
            && columns(&words, "RSS").is_some_and(|names| names.len() < words.len())
    };
    head.lines().any(is_header).into()
}

/// Where the columns of a table stand, after the time.
struct Table {
    pid: usize,
    rss: Option<usize>,
    vsz: Option<usize>,
    command: usize,
}

impl Table {
    /// The table that a header begins; one without RSS has rows of no use.
    fn of(words: &[&str]) -> Option<Self> {
        let names = columns(words, "PID").or_else(|| columns(words, "TGID"))?;
        let place = |name: &str| names.iter().position(|column| *column == name);
        Some(Self {
            pid: place("PID").or_else(|| place("TGID"))?,
            rss: place("RSS"),
            vsz: place("VSZ"),
            command: place("Command").unwrap_or(names.len()),
        })
    }
}

/// In which of the file's ticks a process was seen.
struct Seen {
    first: usize,
    last: usize,
    times: usize,
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut clock = DayClock::default();
    let mut table: Option<Table> = None;
    let mut traces: Traces<u32> = Traces::new(input.limits);
    let mut seen: HashMap<u32, Seen> = HashMap::new();
    let (mut tick, mut last_at) = (0, None);
    while let Some(line) = input.lines.next()? {
        if let Some(day) = banner(line.text) {
            clock.set(day);
            continue;
        }
        let words: Vec<&str> = line.certain().split_ascii_whitespace().collect();
        if let Some(found) = Table::of(&words) {
            table = Some(found);
            continue;
        }
        // Averages begin with a word of the locale and a colon.
        let is_row = words.first().is_some_and(|word| !word.ends_with(':') && !word.starts_with('#'));
        let Some(table) = table.as_ref().filter(|_| is_row) else { continue };
        let Some(rss_at) = table.rss else { continue };
        let row = time_and_rest(&words, &mut clock).and_then(|(at, rest)| {
            // A thread's row repeats its process's memory, and has `-` for the process.
            let pid = rest.get(table.pid)?;
            let pid = if *pid == "-" { None } else { Some(pid.parse::<u32>().ok()?) };
            Some((at, pid, size(rest.get(rss_at)?, KIB)?, rest))
        });
        let Some((at, pid, rss, rest)) = row else {
            input.faults.unread(line, "a time, a process and its RSS");
            continue;
        };
        let Some(pid) = pid else { continue };
        if last_at != Some(at) {
            (tick, last_at) = (tick + 1, Some(at));
        }
        let time_base = if clock.has_date() || !is_time_of_day(words[0]) {
            TimeBase::Absolute
        } else {
            TimeBase::Relative
        };
        let part = || READER.part(Measure::ProcessRss, Precision::Sampled, time_base, format!("pid {pid}"));
        let Some(trace) = traces.of(pid, part) else { continue };
        let vms = table.vsz.and_then(|at| size(rest.get(at)?, KIB));
        if trace.push(at, Snapshot { vms, ..sample(rss) }) {
            let seen = seen.entry(pid).or_insert(Seen { first: tick, last: tick, times: 0 });
            (seen.last, seen.times) = (tick, seen.times + 1);
            trace.run.process.pid = pid;
            trace.run.process.command =
                rest.get(table.command).map(|name| (*name).trim_start_matches("|__").to_owned());
        }
    }
    // One process that was left out for a while shows that any may have been.
    if seen.values().any(|seen| seen.times <= seen.last - seen.first) {
        traces.iter_mut().for_each(|(_, trace)| trace.warn(IDLE_MISSING.warning()));
    }
    traces.finish(&input.faults, "pidstat log")
}
