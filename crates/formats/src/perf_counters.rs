//! Performance counters of Windows as CSV or TSV, by typeperf, relog, logman and Export-Counter: the working set of processes.

use jiff::civil::DateTime;
use memtool_profile_model::{Measure, Precision, ReadError, Run, TimeBase};

use crate::clock::moment;
use crate::csv::split;
use crate::head::Head;
use crate::input::Input;
use crate::number::{number, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::sample;
use crate::traces::Traces;

pub(crate) const READER: Reader = Reader {
    name: "perf-counters",
    tool: "typeperf, relog, logman",
    versions: "PDH-CSV 4.0 (Windows 10 and 11, from their documentation)",
    record: r#"typeperf "\Process(python*)\Working Set" -si 1 -o job.csv"#,
    tells: "working set of each process instance over time",
    cannot_tell: "peaks between samples; which process an instance is, after another of its name has ended",
    cautions: &[INSTANCES, PRIVATE, LOCAL_TIME],
    marks: &[CSV, TSV],
    sniff,
    read,
};

const INSTANCES: Caution = Caution {
    code: "instances_move",
    text: "instances of one name are numbered anew when one of them ends (python#1 becomes python): a figure may go on with another \
           process's",
    seen: "the counters of \\Process, by their documentation; those of \\Process V2 have the pid in their name",
};

const PRIVATE: Caution = Caution {
    code: "private_part",
    text: "the figure is the private part of the working set: pages that are shared are not in it",
    seen: r"\Process(…)\Working Set - Private without \Working Set",
};

const LOCAL_TIME: Caution = Caution {
    code: "local_time",
    text: "times are local and the file does not hold their offset: they are taken for UTC",
    seen: "typeperf leaves out the zone that relog writes into the first cell",
};

const CSV: &str = "(PDH-CSV ";
const TSV: &str = "(PDH-TSV ";
const WORKING_SET: &str = "Working Set";
const PRIVATE_SET: &str = "Working Set - Private";

fn sniff(head: &Head<'_>) -> Certainty {
    head.lines().take(5).any(is_header).into()
}

fn is_header(line: &str) -> bool {
    [CSV, TSV].iter().any(|mark| line.trim_start_matches('"').starts_with(mark))
}

/// A column: `\\HOST\Process(python#1)\Working Set`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Counter {
    /// With the host, where the file has several.
    instance: String,
    host: String,
    is_private: bool,
    /// Whether its name holds the process's id.
    has_pid: bool,
}

impl Counter {
    fn of(path: &str) -> Option<Self> {
        let path = path.strip_prefix(r"\\")?;
        let (host, rest) = path.split_once('\\')?;
        let (object, counter) = rest.rsplit_once('\\')?;
        let has_pid = object.starts_with("Process V2(");
        let instance = ["Process(", "Process V2("]
            .iter()
            .find_map(|name| object.strip_prefix(name))?
            .strip_suffix(')')?;
        // The sum over all, and what is no process.
        let is_job = !["_Total", "Idle"].contains(&instance.split(':').next().unwrap_or_default());
        let is_private = counter == PRIVATE_SET;
        (is_job && (is_private || counter == WORKING_SET)).then(|| Self {
            instance: instance.to_owned(),
            host: host.to_owned(),
            is_private,
            has_pid,
        })
    }
}

/// The columns that are read, and what the first cell tells of the clock.
struct Table {
    separator: char,
    counters: Vec<(usize, Counter)>,
    /// Nanoseconds to add to a local time; `None` where the file does not tell.
    to_utc: Option<i64>,
}

impl Table {
    fn of(line: &str) -> Self {
        let separator = if line.trim_start_matches('"').starts_with(TSV) { '\t' } else { ',' };
        let names = split(line, separator);
        let all = names.iter().enumerate().filter_map(|(at, name)| Some((at, Counter::of(name)?)));
        let mut counters: Vec<(usize, Counter)> = all.collect();
        // The private part is a part of the whole, where both are there.
        let whole: Vec<Counter> = counters
            .iter()
            .filter(|(_, counter)| !counter.is_private)
            .map(|(_, counter)| counter.clone())
            .collect();
        counters.retain(|(_, counter)| {
            let is_same = |other: &Counter| other.instance == counter.instance && other.host == counter.host;
            !counter.is_private || !whole.iter().any(is_same)
        });
        // `(PDH-CSV 4.0) (W. Europe Daylight Time)(-120)`: minutes from local time to UTC.
        let minutes =
            names.first().and_then(|first| first.strip_suffix(')')?.rsplit_once('(')?.1.parse::<i64>().ok());
        Self { separator, counters, to_utc: minutes.map(|minutes| minutes.saturating_mul(60_000_000_000)) }
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut table: Option<Table> = None;
    let mut traces: Traces<(String, String)> = Traces::new(input.limits);
    while let Some(line) = input.lines.next()? {
        if is_header(line.text) {
            let found = Table::of(line.text);
            if found.counters.is_empty() {
                return Err(without_memory());
            }
            table = Some(found);
            continue;
        }
        // What typeperf says at its end stands in no quotes.
        let Some(table) = table.as_ref().filter(|_| line.text.starts_with('"')) else { continue };
        let cells = split(line.text, table.separator);
        let at = cells.first().and_then(|cell| local(cell)).map(|at| at + table.to_utc.unwrap_or(0));
        let Some(at) = at.filter(|_| line.whole) else {
            input.faults.unread(line, "a date, and a figure for each counter");
            continue;
        };
        for (place, counter) in &table.counters {
            // Blank where there is no such instance at that time.
            let Some(cell) = cells.get(*place).filter(|cell| !cell.trim().is_empty()) else { continue };
            let Some(size) = number(cell).and_then(|bytes| sized(bytes, 1.0)) else {
                input.faults.expected(line.number, "a working set in bytes", cell);
                continue;
            };
            // A process that ends is counted with nothing.
            if size.get() == 0.0 {
                continue;
            }
            let part = || {
                let part = format!("{} on {}", counter.instance, counter.host);
                READER.part(Measure::ProcessRss, Precision::Sampled, TimeBase::Absolute, part)
            };
            let Some(trace) = traces.of((counter.host.clone(), counter.instance.clone()), part) else {
                continue;
            };
            if !trace.push(at, sample(size)) {
                input.faults.expected(line.number, "a time that can be", line.text);
            }
            for (caution, holds) in [
                (INSTANCES, !counter.has_pid && has_siblings(table, counter)),
                (PRIVATE, counter.is_private),
                (LOCAL_TIME, table.to_utc.is_none()),
            ] {
                if holds {
                    trace.warn(caution.warning());
                }
            }
        }
    }
    traces.finish(&input.faults, "log of performance counters")
}

/// Whether another instance has the same name.
fn has_siblings(table: &Table, counter: &Counter) -> bool {
    let name = |counter: &Counter| counter.instance.split('#').next().unwrap_or_default().to_owned();
    table
        .counters
        .iter()
        .filter(|(_, other)| other.host == counter.host && name(other) == name(counter))
        .count()
        > 1
}

/// Nanoseconds of `10/05/2026 10:00:00.123`: the month comes first in every locale.
fn local(cell: &str) -> Option<i64> {
    let cell = cell.trim();
    DateTime::strptime("%m/%d/%Y %H:%M:%S%.f", cell).ok().and_then(|at| moment(&at.to_string()))
}

fn without_memory() -> ReadError {
    ReadError::Refused {
        what: "a log of performance counters without the working set of a process".to_owned(),
        advice: r#"record it with `typeperf "\Process(NAME*)\Working Set" -si 1 -o job.csv`"#.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::{Mib, Warning};

    use super::*;

    fn runs(text: &str) -> Result<Vec<Run>, ReadError> {
        READER.read_text(Certainty::Yes, text)
    }

    fn codes(run: &Run) -> Vec<&str> {
        let code = |warning: &'_ Warning| match warning {
            Warning::Tool { code, .. } => Some(code.to_string()),
            _ => None,
        };
        let found: Vec<String> = run.warnings.iter().filter_map(code).collect();
        [INSTANCES, PRIVATE, LOCAL_TIME]
            .iter()
            .map(|c| c.code)
            .filter(|code| found.iter().any(|f| f == code))
            .collect()
    }

    #[test]
    fn instances_come_and_go_and_times_are_local() {
        let text = "\"(PDH-CSV 4.0) (W. Europe Daylight Time)(-120)\",\"\\\\W1\\Process(python)\\Working Set\",\
                    \"\\\\W1\\Process(python)\\Working Set - Private\",\"\\\\W1\\Process(python#1)\\Working Set\",\
                    \"\\\\W1\\Process(_Total)\\Working Set\"\r\n\
                    \"10/05/2026 10:00:00.500\",\"1048576\",\"524288\",\" \",\"9\"\r\n\
                    \"10/05/2026 10:00:01.500\",\"2097152\",\"524288\",\"4194304\",\"9\"\r\n";
        let found = runs(text).expect(text);
        let parts: Vec<_> = found.iter().filter_map(|run| run.origin.as_ref()?.part.clone()).collect();
        assert_eq!(parts, ["python on W1", "python#1 on W1"]);
        assert_eq!(found[0].started.to_string(), "2026-10-05T08:00:00.5Z");
        let sizes: Vec<f64> = found[0].snapshots.iter().filter_map(|s| s.rss).map(Mib::get).collect();
        assert_eq!((sizes, found[1].snapshots.len()), (vec![1.0, 2.0], 1));
        assert_eq!(codes(&found[0]), [INSTANCES.code]);
    }

    #[test]
    fn what_typeperf_prints_around_its_rows_is_none() {
        let text = "\r\n\"(PDH-CSV 4.0)\",\"\\\\W1\\Process V2(python:7)\\Working Set - Private\"\r\n\
                    \"10/05/2026 10:00:00.500\",\"1048576.000000\"\r\nExiting, please wait...      \r\nThe command completed successfully.\r\n";
        let found = runs(text).expect(text);
        assert_eq!((found.len(), codes(&found[0])), (1, vec![PRIVATE.code, LOCAL_TIME.code]));
        let other =
            "\"(PDH-CSV 4.0)\",\"\\\\W1\\Memory\\Available MBytes\"\n\"10/05/2026 10:00:00.500\",\"1\"\n";
        assert!(runs(other).expect_err("no process").to_string().contains("typeperf"));
    }
}
