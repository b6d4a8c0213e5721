//! Logs of programs that print their own memory: a stamp, words, and a size with its unit.

mod figure;

use std::collections::{HashMap, HashSet};

use memtool_profile_model::{Measure, Precision, ReadError, Run, TimeBase};

use self::figure::{Figure, HEAP, figure};
use crate::clock::{DayClock, moment};
use crate::head::Head;
use crate::input::Input;
use crate::ps::stamp::{Stamp, stamp};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::sample;
use crate::traces::Traces;

pub(crate) const READER: Reader = Reader {
    name: "log",
    tool: "a program's own log",
    versions: "Python's logging, loguru 0.7, structlog 25, Node.js 20; any lines with a stamp",
    record: "logging.info(\"RSS: %.1f MiB\", psutil.Process().memory_info().rss / 2**20) after each batch",
    tells: "the memory that the program printed of itself, at each stamp",
    cannot_tell: "peaks between lines; whose memory it is, beyond the words before it",
    cautions: &[BY_WORDS, IN_1024],
    marks: &["rss", "RSS", "Rss", "mem", "Mem", "MEM", "ram", "RAM", "heap", "Heap", "esident", "ootprint"],
    sniff,
    read,
};

const BY_WORDS: Caution = Caution {
    code: "by_its_words",
    text: "the sizes behind these words are taken for the program's memory; lines of several processes are told apart \
           only where a pid or a worker's name stands in them",
    seen: "any log of which five lines have a stamp and the same words before a size",
};

const IN_1024: Caution = Caution {
    code: "units_of_1024",
    text: "kB, MB and GB are taken for powers of 1024: where powers of 1000 are meant the sizes are 2, 5 and 7 % too \
           large",
    seen: "nothing in a line tells which are meant",
};

/// Lines with the same words, at least, that make a log of memory.
const FEWEST: usize = 5;
/// Lines at the beginning that tell, at most.
const LINES_SHOWN: usize = 2000;
/// Words by which lines name how serious they are; some formats have it before the stamp.
const LEVELS: [&str; 9] =
    ["TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL"];

fn sniff(head: &Head<'_>) -> Certainty {
    if head.text().trim_start().starts_with('{') {
        return Certainty::No;
    }
    let mut counts: HashMap<String, usize> = HashMap::new();
    for found in head.lines().take(LINES_SHOWN).filter_map(line) {
        let count = counts.entry(found.figure.words).or_default();
        *count += 1;
        if *count >= FEWEST {
            return Certainty::Maybe;
        }
    }
    Certainty::No
}

/// A line with a figure.
struct Found<'l> {
    at: Stamp,
    figure: Figure,
    process: Option<&'l str>,
}

fn line(text: &str) -> Option<Found<'_>> {
    let (at, rest) = stamped(text)?;
    Some(Found { at, figure: figure(&rest)?, process: process(text) })
}

/// The stamp that a line begins with, perhaps behind its level or behind `time=`, and what follows it.
fn stamped(text: &str) -> Option<(Stamp, String)> {
    let text = text.trim();
    let (first, rest) = text.split_once(char::is_whitespace)?;
    if let Some((name, value)) = first.split_once('=') {
        let at =
            moment(value.trim_matches('"')).filter(|_| ["time", "ts", "timestamp", "t"].contains(&name))?;
        return Some((Stamp::Moment(at), rest.to_owned()));
    }
    let is_level = LEVELS.contains(&first.trim_matches(['[', ']', ':', '|']).to_ascii_uppercase().as_str());
    let found = stamp(if is_level { rest } else { text })?;
    Some((found.at, found.rest.join(" ")))
}

/// The process that a line names: its `pid`, or a worker of Python's multiprocessing.
fn process(text: &str) -> Option<&str> {
    let workers =
        ["ForkPoolWorker-", "SpawnPoolWorker-", "ForkServerPoolWorker-", "SpawnProcess-", "ForkProcess-"];
    let (from, name) =
        workers.iter().find_map(|name| Some((text.find(name)?, name.len()))).or_else(|| {
            ["pid=", "pid:", "pid ", "PID ", "PID:"]
                .iter()
                .find_map(|name| Some((text.find(name)?, name.len())))
        })?;
    let digits = text[from + name..].trim_start();
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let end = text.len() - digits.len() + length;
    (length > 0).then(|| &text[from..end])
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut traces: Traces<(String, Option<String>)> = Traces::new(input.limits);
    let mut counts: HashMap<String, usize> = HashMap::new();
    let (mut day, mut loose) = (DayClock::default(), HashSet::new());
    while let Some(line) = input.lines.next()? {
        let Some(Found { at, figure, process }) = self::line(line.certain()) else { continue };
        let base = if matches!(at, Stamp::Moment(_)) { TimeBase::Absolute } else { TimeBase::Relative };
        let measure = if figure.words.starts_with(HEAP) { Measure::HeapUsed } else { Measure::ProcessRss };
        let part =
            process.map_or_else(|| figure.words.clone(), |process| format!("{} {process}", figure.words));
        let origin = || READER.part(measure, Precision::Sampled, base, part);
        if figure.is_loose {
            loose.insert(figure.words.clone());
        }
        let key = (figure.words.clone(), process.map(str::to_owned));
        *counts.entry(figure.words).or_default() += 1;
        let Some(trace) = traces.of(key, origin) else { continue };
        if !at.nanos(&mut day).is_some_and(|at| trace.push(at, sample(figure.size))) {
            input.faults.unread(line, "a time");
        }
    }
    for ((words, _), trace) in traces.iter_mut() {
        trace.warn(BY_WORDS.saying(format!("{} (here: {words:?})", BY_WORDS.text)));
        if loose.contains(words) {
            trace.warn(IN_1024.warning());
        }
    }
    let runs = traces.finish_keyed(&input.faults, "log")?;
    let enough = |words: &String| counts.get(words).is_some_and(|count| *count >= FEWEST);
    let runs: Vec<Run> =
        runs.into_iter().filter(|((words, _), _)| enough(words)).map(|(_, run)| run).collect();
    if runs.is_empty() { Err(ReadError::NoSamples("log")) } else { Ok(runs) }
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::Mib;

    use super::*;
    use crate::limits::Limits;

    /// A line of a log: of its number and its size.
    type Line = &'static dyn Fn(usize, usize) -> String;

    /// Part, seconds and sizes of each run.
    fn runs(text: &str) -> Vec<(String, Vec<(f64, f64)>)> {
        let mut bytes = text.as_bytes();
        let runs = read(&mut Input::new(&mut bytes, Limits::default())).unwrap_or_default();
        let of = |run: &Run| {
            let samples =
                run.snapshots.iter().map(|s| (s.at.seconds(), s.rss.map_or(0.0, Mib::get))).collect();
            (run.origin.as_ref().and_then(|origin| origin.part.clone()).unwrap_or_default(), samples)
        };
        runs.iter().map(of).collect()
    }

    /// Five lines with a stamp a second apart and 10 MiB more each.
    fn log(line: impl Fn(usize, usize) -> String) -> String {
        (1..=5).map(|at| line(at, at * 10) + "\nsomething else\n").collect()
    }

    #[test]
    fn lines_of_every_logger() {
        let samples = [(0.0, 10.0), (1.0, 20.0), (2.0, 30.0), (3.0, 40.0), (4.0, 50.0)].to_vec();
        let formats: [(&str, Line); 8] = [
            ("rss", &|s, m| format!("2026-11-30 21:45:0{s},000 INFO batch {s} done, RSS: {m}.0 MB")),
            ("rss", &|s, m| format!("INFO 2026-11-30 21:45:0{s},000 job 4711 139 RSS={m}MiB")),
            ("memory", &|s, m| format!("2026-11-30 21:45:0{s}.000 | INFO     | job:main:12 - memory {m} MB")),
            ("rss mb", &|s, m| format!("[2026-11-30T21:45:0{s}Z INFO  job] rss_mb={m}.0 rows=5")),
            ("mem", &|s, m| format!("time=2026-11-30T21:45:0{s}Z level=info msg=\"batch\" mem={m}MiB")),
            ("heap", &|s, m| format!("2026/11/30 21:45:0{s} heap {m} MiB")),
            ("memory", &|s, m| format!("21:45:0{s} [main] INFO  Job - Memory: {m}M")),
            ("rss", &|s, m| format!("2026-11-30 21:45:0{s} pmem(rss={}, vms=1073741824)", m << 20)),
        ];
        for (words, line) in formats {
            let text = log(line);
            assert_eq!(sniff(&Head::new(text.as_bytes())), Certainty::Maybe, "{text}");
            assert_eq!(runs(&text), [(words.to_owned(), samples.clone())], "{text}");
        }
    }

    #[test]
    fn processes_and_words_are_runs_of_their_own() {
        let text = log(|s, m| {
            format!(
                "2026-11-30 21:45:0{s} pid=7 RSS: {m} MiB\n2026-11-30 21:45:0{s} pid=8 RSS: 5 MiB\n\
                 2026-11-30 21:45:0{s} ForkPoolWorker-2 worker memory: 1 MiB"
            )
        });
        let parts: Vec<String> = runs(&text).into_iter().map(|(part, _)| part).collect();
        assert_eq!(parts, ["rss pid=7", "rss pid=8", "worker memory ForkPoolWorker-2"]);
    }

    #[test]
    fn what_is_no_log_of_memory() {
        for text in [
            log(|s, m| format!("RSS: {m}.{s} MB")),
            log(|s, m| format!("2026-11-30 21:45:0{s} rss={m}")),
            log(|s, m| {
                format!("2026-11-30 21:45:0{s} RSS of {} is {m} MB", ["a", "b", "c", "d", "e"][s - 1])
            }),
            "2026-11-30 21:45:01 RSS: 1 MB\n".repeat(4),
        ] {
            assert_eq!(sniff(&Head::new(text.as_bytes())), Certainty::No, "{text}");
            assert_eq!(runs(&text), [], "{text}");
        }
    }
}
