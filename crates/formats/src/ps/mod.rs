//! Logs that people write with `ps` in a loop: a stamp, then rows, with a header or without.

mod row;
pub(crate) mod stamp;
mod unit;

use std::collections::HashSet;

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, TimeBase};

use self::row::{Columns, Row, header, is_aux, row};
use self::stamp::{Stamp, Stamped, stamp};
use self::unit::{Unit, is_whole_pages_in_kib};
use crate::clock::DayClock;
use crate::head::Head;
use crate::input::Input;
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::{nanos, sample};
use crate::traces::Traces;

pub(crate) const READER: Reader = Reader {
    name: "ps",
    tool: "ps",
    versions: "procps 4.0",
    record: "while sleep 1; do date +%s; ps -o pid,rss,vsz,args -p $PID; done > ps.txt",
    tells: "memory of each process at each stamp",
    cannot_tell: "peaks between stamps; times, where no stamp stands before the rows",
    cautions: &[NO_STAMPS, GUESSED_COLUMNS, GUESSED_BYTES],
    marks: &[],
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

const GUESSED_BYTES: Caution = Caution {
    code: "bytes_guessed",
    text: "the rows have no header: the smaller of two sizes is taken for the memory, in bytes, since each is a whole \
           number of pages in bytes",
    seen: "memory.current of a control group, and psutil's rss, behind a stamp",
};

/// Rows for each line that is none, at least, where nothing names the columns.
const FEWEST_ROWS: usize = 9;

/// Lines of sizes alone, at least, that make a log.
const FEWEST_SIZES: usize = 3;

/// Programs of the loop itself: its search finds itself.
const LOOP: [&str; 4] = ["grep", "egrep", "ps", "awk"];

fn sniff(head: &Head<'_>) -> Certainty {
    if is_column_of_sizes(head) {
        return Certainty::Maybe;
    }
    if is_log(head) && unit(head.text()).is_some() { Certainty::Maybe } else { Certainty::No }
}

/// Whether a file has rows of `ps`, whatever their unit.
fn is_log(head: &Head<'_>) -> bool {
    let words: Vec<&str> = head.first_line().split_ascii_whitespace().collect();
    // A table of a person's own begins with names that are not those of ps.
    if !(is_aux(&words) || header(&words).is_some() || stamp(head.first_line()).is_some()) {
        return false;
    }
    let (mut stamps, mut rows, mut aux, mut headers, mut others) = (0, 0, 0, 0, 0);
    for line in head.lines().take(400) {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let stamped = stamp(line);
        stamps += usize::from(stamped.is_some());
        headers += usize::from(header(&words).is_some());
        let rest = stamped.map_or(words, |stamped| stamped.rest);
        aux += usize::from(is_aux(&rest));
        let is_row = !rest.is_empty() && row(&rest, None).is_some();
        rows += usize::from(is_row);
        others += usize::from(!rest.is_empty() && !is_row);
    }
    // Without names, nearly every line must have the form of a row: other logs have stamps and numbers too.
    headers > 0 || aux > 0 || stamps > 0 && rows > FEWEST_ROWS * others
}

/// Whether a file is what `ps -o rss=` printed in a loop: sizes alone, or two a line, in whole pages.
fn is_column_of_sizes(head: &Head<'_>) -> bool {
    let is_size = |word: &str| word.parse::<u64>().is_ok_and(|size| size > 0 && is_whole_pages_in_kib(size));
    let is_row = |line: &str| {
        let words = line.split_ascii_whitespace();
        (1..=2).contains(&words.clone().count()) && words.clone().all(is_size)
    };
    let lines = || head.lines().take(400).filter(|line| !line.trim().is_empty());
    lines().count() >= FEWEST_SIZES && lines().all(is_row)
}

/// The unit of the rows that nothing names, by a file's beginning; `None` where none fits.
fn unit(start: &str) -> Option<Unit> {
    // The last line may be cut within its size.
    let whole = start.rsplit_once('\n').map_or(start, |(whole, _)| whole);
    let mut columns = None;
    let sizes: Vec<u64> = whole
        .lines()
        .filter_map(|line| {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            columns = header(&words).or(columns);
            let words = stamp_of(line, &words, columns).map_or(words, |stamped| stamped.rest);
            row(&words, columns).and_then(|row| row.guessed)
        })
        .collect();
    Unit::of(sizes.iter().copied())
}

/// Whether a file is a log of stamps and numbers whose unit nothing tells.
pub(crate) fn is_without_unit(head: &Head<'_>) -> bool {
    is_log(head) && unit(head.text()).is_none()
}

/// What the times of a file are.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Clock {
    /// Stamps with a date.
    Dates,
    /// Stamps without one.
    TimesOfDay,
    /// How long each process has run.
    Elapsed,
    /// No time: blocks are counted.
    Blocks,
}

impl Clock {
    /// The clock of a file, by its beginning.
    fn of(start: &[u8]) -> Self {
        let text = String::from_utf8_lossy(start);
        let (mut elapsed, mut columns) = (false, None);
        for line in text.lines() {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            columns = header(&words).or(columns);
            match stamp_of(line, &words, columns).map(|stamped| stamped.at) {
                Some(Stamp::Moment(_)) => return Self::Dates,
                Some(Stamp::Time(_)) => return Self::TimesOfDay,
                None => {}
            }
            elapsed |= words.contains(&"ELAPSED");
        }
        if elapsed { Self::Elapsed } else { Self::Blocks }
    }

    const fn time_base(self) -> TimeBase {
        match self {
            Self::Dates => TimeBase::Absolute,
            Self::TimesOfDay | Self::Elapsed => TimeBase::Relative,
            Self::Blocks => TimeBase::None,
        }
    }
}

/// The stamp that a line begins with. Rows may begin with a time of their own: when the process started.
fn stamp_of<'a>(line: &'a str, words: &[&str], columns: Option<Columns>) -> Option<Stamped<'a>> {
    stamp(line)
        .filter(|stamped| stamped.rest.is_empty() || columns.is_none() || row(words, columns).is_none())
}

/// A log that is being read.
struct Reading {
    clock: Clock,
    day: DayClock,
    /// The last stamp, in nanoseconds.
    at: Option<i64>,
    columns: Option<Columns>,
    /// Blocks so far: one begins with a header, or where a process comes again.
    blocks: i64,
    in_block: HashSet<Option<u32>>,
    traces: Traces<Option<u32>>,
    /// What rows without names count in.
    unit: Unit,
    guessed: bool,
}

impl Reading {
    /// Takes a line; an error says what was expected.
    fn take(&mut self, line: &str) -> Result<(), &'static str> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        if let Some(found) = header(&words) {
            self.columns = Some(found);
            self.begin_block();
            return Ok(());
        }
        let rest = match stamp_of(line, &words, self.columns) {
            Some(stamped) => {
                self.at = stamped.at.nanos(&mut self.day);
                stamped.rest
            }
            None => words,
        };
        if rest.is_empty() {
            return Ok(());
        }
        let found = row(&rest, self.columns).ok_or("a stamp, a header or a row with RSS")?;
        if found.command.is_some_and(|name| LOOP.contains(&name)) {
            return Ok(());
        }
        self.row(&found)
    }

    fn begin_block(&mut self) {
        self.blocks += 1;
        self.in_block.clear();
    }

    /// The time of a row, on the file's clock.
    fn time(&mut self, row: &Row<'_>) -> Option<i64> {
        match self.clock {
            Clock::Dates | Clock::TimesOfDay => self.at,
            Clock::Elapsed => row.elapsed_s.and_then(nanos),
            Clock::Blocks => {
                if self.blocks == 0 || !self.in_block.insert(row.pid) {
                    self.begin_block();
                    self.in_block.insert(row.pid);
                }
                Some(self.blocks * 1_000_000_000)
            }
        }
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), &'static str> {
        let at = self.time(row).ok_or("a stamp before the rows")?;
        // A kernel thread, or a process that has ended, has no memory of its own.
        if row.rss == Mib::ZERO {
            return Ok(());
        }
        let scale = if row.guessed.is_some() { self.unit.in_kib() } else { 1.0 };
        self.guessed |= row.guessed.is_some();
        let (pid, base) = (row.pid, self.clock.time_base());
        let origin = || match pid {
            Some(pid) => READER.part(Measure::ProcessRss, Precision::Sampled, base, format!("pid {pid}")),
            None => READER.origin(Measure::ProcessRss, Precision::Sampled, base),
        };
        let Some(trace) = self.traces.of(pid, origin) else { return Ok(()) };
        trace.run.process.pid = pid.unwrap_or_default();
        trace.run.process.command = row.command.map(str::to_owned);
        let scaled = |size: Mib| Mib::new(size.get() * scale);
        let snapshot = Snapshot { vms: row.vms.map(scaled), pss: row.pss, ..sample(scaled(row.rss)) };
        trace.push(at, snapshot).then_some(()).ok_or("a time")
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let start = input.peek()?;
    let mut reading = Reading {
        clock: Clock::of(start),
        unit: unit(&String::from_utf8_lossy(start)).unwrap_or(Unit::Kib),
        day: DayClock::default(),
        at: None,
        columns: None,
        blocks: 0,
        in_block: HashSet::new(),
        traces: Traces::new(input.limits),
        guessed: false,
    };
    while let Some(line) = input.lines.next()? {
        // What is cut may end within a size, and a row that nothing names has another shape then.
        if !line.whole && (reading.columns.is_none() || line.certain() != line.text) {
            input.faults.torn(line.number);
        } else if let Err(expected) = reading.take(line.text) {
            input.faults.unread(line, expected);
        }
    }
    for (_, trace) in reading.traces.iter_mut() {
        if reading.clock == Clock::Blocks {
            trace.warn(NO_STAMPS.warning());
        }
        if reading.guessed {
            let guess = if reading.unit == Unit::Bytes { GUESSED_BYTES } else { GUESSED_COLUMNS };
            trace.warn(guess.warning());
        }
    }
    reading.traces.finish(&input.faults, "log of ps")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str) -> Vec<Run> {
        READER.read_text(Certainty::Maybe, text).expect(text)
    }

    fn seconds(run: &Run) -> Vec<f64> {
        run.snapshots.iter().map(|s| s.at.seconds()).collect()
    }

    #[test]
    fn times_of_day_and_elapsed_times_are_relative() {
        let times = "18:17:04\n  PID RSS CMD\n 7 16008 python\n18:17:06\n  PID RSS CMD\n 7 16012 python\n";
        let elapsed = "  PID ELAPSED RSS CMD\n 7 5 16008 python\n  PID ELAPSED RSS CMD\n 7 7 16012 python\n";
        for (text, times) in [(times, [0.0, 2.0]), (elapsed, [5.0, 7.0])] {
            let runs = runs(text);
            assert_eq!(runs[0].origin.as_ref().expect("an origin").time_base, TimeBase::Relative, "{text}");
            assert_eq!(seconds(&runs[0]), times, "{text}");
        }
    }

    #[test]
    fn without_any_stamp_a_process_that_comes_again_begins_a_block() {
        let row =
            |pid: u32, rss: u32| format!("root {pid} 0.0 0.1 244184 {rss} ? S 23:26 0:00 python3 a.py\n");
        let text = [row(7, 100), row(8, 200), row(7, 300), row(8, 400)].concat();
        let runs = runs(&text);
        assert_eq!((runs.len(), seconds(&runs[0]), seconds(&runs[1])), (2, vec![1.0, 2.0], vec![1.0, 2.0]));
    }

    #[test]
    fn sizes_alone_are_a_second_apart_if_they_are_whole_pages() {
        let runs = runs("16008\n 9876\n24440\n");
        assert_eq!((runs.len(), seconds(&runs[0])), (1, vec![1.0, 2.0, 3.0]));
        assert_eq!(sniff(&Head::new(b"16008\n9875\n24440\n")), Certainty::No);
    }

    #[test]
    fn kernel_threads_are_no_runs() {
        let text = "1795976224\n PID RSS CMD\n 2 0 kthreadd\n 7 16008 python\n1795976225\n PID RSS CMD\n 2 0 kthreadd\n 7 0 python\n";
        let runs = runs(text);
        assert_eq!((runs.len(), runs[0].process.pid, runs[0].snapshots.len()), (1, 7, 1));
    }

    #[test]
    fn whole_pages_in_bytes_are_bytes() {
        let runs = runs("1795976224 104857600\n1795976225 209715200\n");
        assert_eq!(runs[0].snapshots[1].rss, Some(Mib::new(200.0)));
        assert!(runs[0].warnings.contains(&GUESSED_BYTES.warning()), "{:?}", runs[0].warnings);
        let mebibytes = Head::new(b"1795976224 2528\n1795976225 2531\n");
        assert_eq!((sniff(&mebibytes), is_without_unit(&mebibytes)), (Certainty::No, true));
    }

    #[test]
    fn a_row_that_is_cut_is_no_sample() {
        let runs = runs("1795976224 16008\n1795976225 160");
        assert_eq!(runs[0].snapshots.len(), 1);
    }
}
