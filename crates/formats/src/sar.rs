//! sar's table of the machine's memory.

use memtool_profile_model::{Measure, Precision, ReadError, Run, Snapshot, TimeBase};

use crate::banner::{banner, columns, time_and_rest};
use crate::clock::DayClock;
use crate::head::Head;
use crate::input::Input;
use crate::number::{KIB, number, size};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::{Trace, sample};
use crate::traces::finished;

pub(crate) const READER: Reader = Reader {
    name: "sar",
    tool: "sar",
    versions: "12.6 and 12.7",
    record: "sar -r 1 60 > sar.txt",
    tells: "memory in use of the whole machine over time",
    cannot_tell: "which job used it",
    cautions: &[OTHER_USED],
    marks: &["kbmemused", " CPU)"],
    sniff,
    read,
};

pub(crate) const OTHER_USED: Caution = Caution {
    code: "used_without_cache",
    text: "sysstat counts as used what is neither free nor buffers, cache or slab: free and top 4 count total less available",
    seen: "12.6: 2,188 MiB where free printed 2,604",
};

fn sniff(head: &Head<'_>) -> Certainty {
    let is_header = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        columns(&words, "kbmemused").is_some_and(|names| names.len() < words.len())
    };
    let begins = head.lines().take(3).any(|line| banner(line).is_some());
    match head.lines().any(is_header) {
        true => Certainty::Yes,
        // The table of memory may be one of many.
        false if begins => Certainty::Maybe,
        false => Certainty::No,
    }
}

/// Why what sysstat printed is not read.
pub(crate) fn without_memory() -> ReadError {
    ReadError::Refused {
        what: "a table of sysstat without memory".to_owned(),
        advice: "print it with -r: `pidstat -r -p PID 1`, `sar -r`, `sadf -d FILE -- -r`".to_owned(),
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut clock = DayClock::default();
    let mut names: Vec<String> = Vec::new();
    let mut has_memory = false;
    let mut trace = Trace::new(
        READER.origin(Measure::Machine, Precision::Sampled, TimeBase::Absolute),
        input.limits.samples,
    );
    while let Some(line) = input.lines.next()? {
        if let Some(day) = banner(line.text) {
            clock.set(day);
            continue;
        }
        let words: Vec<&str> = line.certain().split_ascii_whitespace().collect();
        if let Some(found) = columns(&words, "kbmemused") {
            names = found.into_iter().map(str::to_owned).collect();
            has_memory = true;
            continue;
        }
        let other_table = words.len() > 2
            && words[1..].iter().all(|word| number(word).is_none() && size(word, 1.0).is_none());
        if other_table {
            names.clear();
        }
        let averages = words.first().is_none_or(|word| word.ends_with(':'));
        if names.is_empty() || averages || other_table || line.text.contains("LINUX RESTART") {
            continue;
        }
        let row = time_and_rest(&words, &mut clock).and_then(|(at, rest)| {
            let cell = |name: &str| rest.get(names.iter().position(|column| column == name)?).copied();
            let used = size(cell("kbmemused")?, KIB)?;
            let available = cell("kbavail").and_then(|text| size(text, KIB));
            let system_percent = cell("%memused").and_then(|text| number(text.trim_end_matches('%')));
            Some((at, Snapshot { available, system_percent, ..sample(used) }))
        });
        if !row.is_some_and(|(at, snapshot)| trace.push(at, snapshot)) {
            input.faults.unread(line, "a time and kbmemused");
        }
    }
    if !has_memory {
        return Err(without_memory());
    }
    if !clock.has_date()
        && let Some(origin) = &mut trace.run.origin
    {
        origin.time_base = TimeBase::Relative;
    }
    trace.warn(OTHER_USED.warning());
    finished([trace], &input.faults, "sar log")
}
