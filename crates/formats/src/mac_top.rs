//! Frames of `top -l` on macOS.

use memtool_profile_model::{Measure, Precision, ReadError, Run, TimeBase};

use crate::clock::moment;
use crate::head::Head;
use crate::input::Input;
use crate::number::size;
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::sample;
use crate::traces::Traces;

pub(crate) const READER: Reader = Reader {
    name: "mac-top",
    tool: "top of macOS",
    versions: "macOS 10.15 to 15 (from its documentation)",
    record: "top -l 60 -s 1 -pid $PID -stats pid,command,mem > top.txt",
    tells: "memory of each process over time",
    cannot_tell: "the zone of its times; sizes to more than the digits printed; peaks between frames",
    cautions: &[FOOTPRINT, LOCAL_TIME],
    marks: &["Processes: "],
    sniff,
    read,
};

const FOOTPRINT: Caution = Caution {
    code: "footprint",
    text: "MEM is the process's footprint, compressed pages included and shared ones left out, to the whole unit printed",
    seen: "top of macOS since 10.9, by its manual",
};

const LOCAL_TIME: Caution = Caution {
    code: "local_time",
    text: "times are local and the file does not hold their offset: they are taken for UTC",
    seen: "the second line of a frame: 2026/10/05 10:00:00",
};

/// Where a row's cells stand: names may hold blanks, so those behind them are counted from the right.
struct Columns {
    pid: usize,
    memory_from_right: usize,
    command: Option<usize>,
    columns: usize,
}

impl Columns {
    fn of(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let place = |name: &str| words.iter().position(|word| *word == name);
        let memory = place("MEM").or_else(|| place("RSIZE"))?;
        let (pid, command) = (place("PID")?, place("COMMAND"));
        let is_left = command.is_none_or(|command| pid < command && command < memory);
        (is_left && pid < memory).then_some(Self {
            pid,
            memory_from_right: words.len() - memory,
            command,
            columns: words.len(),
        })
    }
}

fn sniff(head: &Head<'_>) -> Certainty {
    let frames = head.lines().any(|line| line.starts_with("Processes: ") && line.contains(" total"));
    (frames && head.lines().any(|line| Columns::of(line).is_some())).into()
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut traces: Traces<u32> = Traces::new(input.limits);
    let (mut at, mut frames, mut columns): (Option<i64>, i64, Option<Columns>) = (None, 0, None);
    while let Some(line) = input.lines.next()? {
        if line.text.starts_with("Processes: ") {
            (columns, at) = (None, None);
            frames += 1;
            continue;
        }
        if let Some(found) = Columns::of(line.text) {
            columns = Some(found);
            continue;
        }
        let Some(columns) = &columns else {
            if at.is_none() && line.text.starts_with(|c: char| c.is_ascii_digit()) {
                at = moment(line.text);
            }
            continue;
        };
        let words: Vec<&str> = line.certain().split_ascii_whitespace().collect();
        if words.is_empty() {
            continue;
        }
        // A sign behind a size tells that it rose or fell.
        let place = words.len().checked_sub(columns.memory_from_right).filter(|_| line.whole);
        let figure = place.filter(|_| words.len() >= columns.columns).and_then(|place| words.get(place));
        let figure = figure.and_then(|text| size(text.trim_end_matches(['+', '-']), 1.0));
        let pid = words.get(columns.pid).and_then(|pid| pid.trim_end_matches('*').parse::<u32>().ok());
        let Some((pid, size)) = pid.zip(figure) else {
            input.faults.unread(line, "a process and its MEM");
            continue;
        };
        let base = if at.is_some() { TimeBase::Absolute } else { TimeBase::None };
        let part = || READER.part(Measure::ProcessRss, Precision::Sampled, base, format!("pid {pid}"));
        let Some(trace) = traces.of(pid, part) else { continue };
        if !trace.push(at.unwrap_or(frames * 1_000_000_000), sample(size)) {
            input.faults.expected(line.number, "a time", line.text);
        }
        trace.run.process.pid = pid;
        let command = columns
            .command
            .and_then(|place| words.get(place..words.len() + 1 - columns.memory_from_right)?.first());
        trace.run.process.command = command.map(|word| (*word).to_owned());
        trace.warn(FOOTPRINT.warning());
        if at.is_some() {
            trace.warn(LOCAL_TIME.warning());
        }
    }
    traces.finish(&input.faults, "log of top")
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::Mib;

    use super::*;

    #[test]
    fn names_with_blanks_and_signs_behind_sizes() {
        let frame = |second: u32, mem: &str| {
            format!(
                "Processes: 412 total, 2 running, 2210 threads \n2026/10/05 10:00:0{second}\nLoad Avg: 2.11, 1.98, 1.87 \n\n\
                 PID    COMMAND          %CPU TIME     MEM    PURG PGRP STATE\n4121*  Google Chrome He 0.0  00:12.01 {mem}  0B   4121 running\n\n"
            )
        };
        let text = frame(0, "412M+") + &frame(1, "2G-");
        let runs = READER.runs(&text);
        let sizes: Vec<(f64, Option<Mib>)> =
            runs[0].snapshots.iter().map(|s| (s.at.seconds(), s.rss)).collect();
        assert_eq!(sizes, [(0.0, Some(Mib::new(412.0))), (1.0, Some(Mib::new(2048.0)))]);
        assert_eq!((runs.len(), runs[0].process.pid, runs[0].warnings.len()), (1, 4121, 2));
    }
}
