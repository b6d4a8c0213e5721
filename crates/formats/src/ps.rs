//! Logs that people write with `ps` in a loop: a stamp, then rows, with a header or without.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, TimeBase};

use crate::clock::moment;
use crate::head::Head;
use crate::input::Input;
use crate::number::{kib, number};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::sample;
use crate::traces::Traces;

pub(crate) const READER: Reader = Reader {
    name: "ps",
    tool: "ps",
    versions: "procps 4.0",
    record: "while sleep 1; do date +%s; ps -o pid,rss,vsz,args -p $PID; done > ps.txt",
    tells: "memory of each process at each stamp",
    cannot_tell: "peaks between stamps; times, where no stamp stands before the rows",
    cautions: &[NO_STAMPS, GUESSED_COLUMNS],
    sniff,
    read,
};

const NO_STAMPS: Caution = Caution {
    code: "no_time",
    text: "no time stands in the file: samples count as one second apart",
    seen: "rows without a stamp before them",
};

const GUESSED_COLUMNS: Caution = Caution {
    code: "columns_guessed",
    text: "the rows have no header: the smaller of two sizes is taken for RSS, in KiB",
    seen: "ps -o rss=,vsz= behind a stamp",
};

/// Where the columns of a table stand.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Columns {
    pid: Option<usize>,
    rss: usize,
    vsz: Option<usize>,
    command: Option<usize>,
}

/// What `ps aux` prints, header or not.
const AUX: Columns = Columns { pid: Some(1), rss: 5, vsz: Some(4), command: Some(10) };

/// One process in one row.
struct Row<'a> {
    pid: Option<u32>,
    rss: Mib,
    vms: Option<Mib>,
    command: Option<&'a str>,
}

fn header(words: &[&str]) -> Option<Columns> {
    let place = |names: &[&str]| words.iter().position(|word| names.contains(word));
    let known = place(&["PID", "COMMAND", "CMD", "VSZ", "USER", "%MEM", "%CPU", "ELAPSED", "COMM"])?;
    let rss = place(&["RSS", "RSZ"])?;
    let all_names =
        words.iter().all(|word| !word.chars().any(|c| c.is_ascii_lowercase()) && number(word).is_none());
    let command = place(&["COMMAND", "CMD", "COMM"]);
    (all_names && known < words.len()).then(|| Columns {
        pid: place(&["PID"]),
        rss,
        vsz: place(&["VSZ", "VSIZE"]),
        command,
    })
}

/// The rows of `ps aux` are known by their shape.
fn is_aux(words: &[&str]) -> bool {
    let numeric = |at: usize| words.get(at).is_some_and(|word| number(word).is_some());
    words.len() >= 11 && number(words[0]).is_none() && (1..6).all(numeric) && words[9].contains(':')
}

fn row<'a>(words: &[&'a str], columns: Columns) -> Option<Row<'a>> {
    let pid = match columns.pid {
        None => None,
        Some(at) => Some(words.get(at)?.parse().ok()?),
    };
    let rss = kib(words.get(columns.rss)?)?;
    let vms = columns.vsz.and_then(|at| kib(words.get(at)?));
    Some(Row { pid, rss, vms, command: columns.command.and_then(|at| words.get(at).copied()) })
}

/// A row of numbers alone: a pid where there are three whole ones, then the smaller of two sizes.
fn bare_row<'a>(words: &[&'a str]) -> Option<Row<'a>> {
    let figures: Vec<f64> = words.iter().map(|word| number(word)).collect::<Option<_>>()?;
    let whole = words.iter().take_while(|word| word.bytes().all(|byte| byte.is_ascii_digit())).count();
    let (pid, sizes) = match whole {
        0 => return None,
        1 => (None, &words[..1]),
        2 => (None, &words[..2]),
        _ => (words[0].parse().ok(), &words[1..3]),
    };
    let figures = &figures[usize::from(pid.is_some())..];
    let smaller = sizes.len() == 2 && figures[1] < figures[0];
    let rss = kib(sizes[usize::from(smaller)])?;
    let vms = sizes.get(usize::from(!smaller)).filter(|_| sizes.len() == 2).and_then(|text| kib(text));
    Some(Row { pid, rss, vms, command: None })
}

/// The stamp that a line begins with, and the rest of its words.
fn stamp<'a, 'w>(text: &str, words: &'w [&'a str]) -> Option<(i64, &'w [&'a str])> {
    let first = words.first()?;
    if first.len() == 3 && first.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return moment(text).map(|at| (at, &words[words.len()..]));
    }
    if words.len() >= 2 && words[1].contains(':') && first.contains('-') {
        return moment(&format!("{first} {}", words[1])).map(|at| (at, &words[2..]));
    }
    let is_epoch = number(first).is_some_and(|seconds| seconds > 1e9 && seconds < 1e14);
    (is_epoch || first.contains('T'))
        .then(|| moment(first.trim_matches(['[', ']'])))?
        .map(|at| (at, &words[1..]))
}

fn sniff(head: &Head<'_>) -> Certainty {
    let (mut stamps, mut rows, mut headers) = (0, 0, 0);
    for line in head.lines().take(400) {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let stamped = stamp(line, &words);
        let rest = stamped.map_or(&words[..], |(_, rest)| rest);
        stamps += usize::from(stamped.is_some());
        headers += usize::from(header(&words).is_some());
        rows += usize::from(is_aux(rest) || stamped.is_some() && bare_row(rest).is_some());
    }
    match (headers, rows, stamps) {
        (0, 0, _) => Certainty::No,
        (0, rows, stamps) if rows >= 1 && stamps >= 1 => Certainty::Maybe,
        (headers, _, _) if headers >= 1 => Certainty::Maybe,
        _ => Certainty::No,
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut traces: Traces<Option<u32>> = Traces::new(input.limits);
    let (mut columns, mut guessed) = (None, false);
    let (mut at, mut stamped, mut blocks) = (0, false, 0_i64);
    while let Some(line) = input.lines.next()? {
        let words: Vec<&str> = line.text.split_ascii_whitespace().collect();
        if let Some(found) = header(&words) {
            columns = Some(found);
            blocks += 1;
            continue;
        }
        let rest = match stamp(line.text, &words) {
            Some((found, rest)) => {
                (at, stamped) = (found, true);
                rest
            }
            None => &words[..],
        };
        if rest.is_empty() {
            continue;
        }
        let shape = columns.or_else(|| is_aux(rest).then_some(AUX));
        let found = shape.map_or_else(|| bare_row(rest), |columns| row(rest, columns));
        let Some(Row { pid, rss, vms, command }) = found else {
            input.faults.expected(line.number, "a stamp, a header or a row with RSS", line.text);
            continue;
        };
        // The loop's own search finds itself.
        if command.is_some_and(|name| ["grep", "egrep", "ps", "awk"].contains(&name)) {
            continue;
        }
        guessed |= shape.is_none();
        let (time_base, time) = match stamped {
            true => (TimeBase::Absolute, at),
            false => (TimeBase::None, blocks.max(1) * 1_000_000_000),
        };
        let name = pid.map(|pid| format!("pid {pid}"));
        let origin = || match name {
            Some(name) => READER.part(Measure::ProcessRss, Precision::Sampled, time_base, name),
            None => READER.origin(Measure::ProcessRss, Precision::Sampled, time_base),
        };
        let Some(trace) = traces.of(pid, origin) else { continue };
        if !trace.push(time, Snapshot { vms, ..sample(rss) }) {
            input.faults.expected(line.number, "a time", line.text);
        }
        trace.run.process.pid = pid.unwrap_or_default();
        trace.run.process.command = command.map(str::to_owned);
    }
    for (_, trace) in traces.iter_mut() {
        if !stamped {
            trace.warn(NO_STAMPS.warning());
        }
        if guessed {
            trace.warn(GUESSED_COLUMNS.warning());
        }
    }
    traces.finish(&input.faults, "log of ps")
}
