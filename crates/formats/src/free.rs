//! Blocks that `free` prints in any locale, with stamps between them or without, or its memory row alone.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, TimeBase};

use crate::calendar::time_of_day;
use crate::clock::{DayClock, moment};
use crate::head::Head;
use crate::input::Input;
use crate::number::{KIB, MIB, number, size};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::{Trace, sample};
use crate::traces::finished;

pub(crate) const READER: Reader = Reader {
    name: "free",
    tool: "free",
    versions: "procps 3.3 and 4.0",
    record: "while sleep 1; do date +%s; free -k; done > free.txt",
    tells: "memory in use of the whole machine",
    cannot_tell: "which job used it; times, without a stamp before each block",
    cautions: &[NO_TIME, UNIT_GUESSED],
    marks: &[],
    sniff,
    read,
};

const NO_TIME: Caution = Caution {
    code: "no_time",
    text: "no time stands in the file: samples count as one second apart",
    seen: "procps 4.0: free -s prints none",
};

const UNIT_GUESSED: Caution = Caution {
    code: "unit_guessed",
    text: "free prints no unit: it was taken from the sizes",
    seen: "procps 4.0: -m, -k and none look alike",
};

/// Sizes of a memory row, at least: total, used, free, shared, buffers or cache, available. The row of
/// swap has three.
const FEWEST_SIZES: usize = 6;

/// Lines within which the first block begins.
const FARTHEST_BLOCK: usize = 100;

/// A row of memory, with what stands in front of it. Names are of the locale, the order of columns is not.
struct Row<'a> {
    /// What stands before the row's name: a stamp, or nothing.
    before: &'a str,
    sizes: Vec<&'a str>,
}

fn row(line: &str) -> Option<Row<'_>> {
    let (label, cells) = line.rsplit_once(": ").or_else(|| line.rsplit_once(":\t"))?;
    let sizes: Vec<&str> = cells.split_ascii_whitespace().collect();
    let is_row = sizes.len() >= FEWEST_SIZES && sizes.iter().all(|cell| size(cell, 1.0).is_some());
    let before = label.trim().rsplit_once(char::is_whitespace).map_or("", |(before, _)| before);
    is_row.then_some(Row { before, sizes })
}

/// The row that `free -L` prints: `SwapUse 0 CachUse 14 MemUse 1373 MemFree 9563`.
fn one_line(line: &str) -> Option<[&str; 2]> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let after = |name: &str| words.get(words.iter().position(|word| *word == name)? + 1).copied();
    Some([after("MemUse")?, after("MemFree")?])
}

fn sniff(head: &Head<'_>) -> Certainty {
    if head.is_json() {
        return Certainty::No;
    }
    let is_header = |line: &str| {
        let names = line.split_ascii_whitespace();
        names.clone().count() >= FEWEST_SIZES && names.clone().all(|name| number(name).is_none())
    };
    let lines = || head.lines().take(FARTHEST_BLOCK);
    let blocks = lines().zip(lines().skip(1)).any(|(names, sizes)| is_header(names) && row(sizes).is_some());
    let rows = || head.lines().take(3).any(|line| line.contains("Mem:") && row(line).is_some());
    (blocks || rows() || head.lines().take(3).any(|line| one_line(line).is_some())).into()
}

/// The unit of sizes without one, in bytes. Memory is handed out in pages of 4 KiB, so sizes in KiB
/// are multiples of 4 and sizes in bytes of 4096.
fn unit(cells: &[&str]) -> f64 {
    let figures: Vec<f64> = cells.iter().filter_map(|cell| number(cell)).collect();
    let total: f64 = figures.iter().copied().fold(0.0, f64::max);
    let all_of = |page: f64| figures.iter().all(|figure| figure % page == 0.0);
    match total {
        total if total >= 1e8 && all_of(4096.0) => 1.0,
        total if total >= 1e5 && all_of(4.0) => KIB,
        total if total >= 512.0 => MIB,
        _ => KIB * MIB,
    }
}

/// The clock of a log: the last stamp, and what kind of time stamps are.
#[derive(Default)]
struct Stamps {
    day: DayClock,
    last: Option<(i64, TimeBase)>,
    rows: i64,
}

impl Stamps {
    /// Takes a stamp; false where the text is none.
    fn take(&mut self, text: &str) -> bool {
        let text = text.trim().trim_matches(['[', ']', '=', '#', ' ']);
        let of_day = || {
            let (time, half) = text.split_once(' ').map_or((text, None), |(time, half)| (time, Some(half)));
            self.day.at(time_of_day(time, half)?).map(|at| (at, TimeBase::Relative))
        };
        let found = moment(text).map(|at| (at, TimeBase::Absolute)).or_else(of_day);
        self.last = found.or(self.last);
        found.is_some()
    }

    /// The time of the next row.
    fn next(&mut self) -> (i64, TimeBase) {
        self.rows += 1;
        self.last.unwrap_or((self.rows * 1_000_000_000, TimeBase::None))
    }
}

/// What a row says: total, used and available memory.
struct Figures {
    total: Option<Mib>,
    used: Mib,
    available: Option<Mib>,
    /// Whether the unit was not printed.
    guessed: bool,
}

/// The unit of sizes without one; it is the same in all of a file.
#[derive(Default)]
struct Unit(Option<f64>);

impl Unit {
    fn of(&mut self, cells: &[&str]) -> f64 {
        *self.0.get_or_insert_with(|| unit(cells))
    }

    fn figures(&mut self, cells: &[&str], old_names: bool) -> Option<Figures> {
        let guessed = !cells.iter().any(|cell| cell.ends_with(|c: char| c.is_ascii_alphabetic()));
        let unit = if guessed { self.of(cells) } else { 1.0 };
        let cell = |place: usize| size(cells.get(place)?, unit);
        let used = cell(1)?;
        // Up to procps 3.2 buffers and cache counted as used, and nothing told what is available.
        let (used, available) = if old_names {
            (Mib::new((used.get() - cell(4)?.get() - cell(5)?.get()).max(0.0)), None)
        } else {
            (used, cell(cells.len() - 1))
        };
        Some(Figures { total: cell(0).filter(|total| *total > Mib::ZERO), used, available, guessed })
    }

    fn of_line([used, free]: [&str; 2], unit: &mut Self) -> Option<Figures> {
        let bytes = unit.of(&[used, free]);
        Some(Figures { total: None, used: size(used, bytes)?, available: size(free, bytes), guessed: true })
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let (mut stamps, mut unit, mut old_names) = (Stamps::default(), Unit::default(), false);
    let mut trace: Option<Trace> = None;
    let samples = input.limits.samples;
    while let Some(line) = input.lines.next()? {
        let figures = if let Some(row) = row(line.text) {
            stamps.take(row.before);
            unit.figures(&row.sizes, old_names)
        } else if let Some(sizes) = one_line(line.text) {
            Unit::of_line(sizes, &mut unit)
        } else {
            old_names |= line.text.trim_end().ends_with(" cached");
            stamps.take(line.text);
            if line.text.starts_with("Mem:") {
                input.faults.expected(line.number, "total, used and free", line.text);
            }
            continue;
        };
        let (at, base) = stamps.next();
        let origin = || READER.origin(Measure::Machine, Precision::Sampled, base);
        let trace = trace.get_or_insert_with(|| Trace::new(origin(), samples));
        if !figures.is_some_and(|figures| take(trace, at, &figures)) {
            input.faults.expected(line.number, "total, used and free", line.text);
        }
    }
    if let Some(trace) = trace.as_mut().filter(|_| stamps.last.is_none()) {
        trace.warn(NO_TIME.warning());
    }
    finished(trace, &input.faults, "log of free")
}

fn take(trace: &mut Trace, at: i64, figures: &Figures) -> bool {
    trace.run.host.total_mb = figures.total.or(trace.run.host.total_mb);
    if figures.guessed {
        trace.warn(UNIT_GUESSED.warning());
    }
    trace.push(at, Snapshot { available: figures.available, ..sample(figures.used) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(text: &str) -> (Vec<f64>, TimeBase) {
        let runs = READER.runs(text);
        let sizes = runs[0].snapshots.iter().filter_map(|s| s.rss).map(Mib::get).collect();
        (sizes, runs[0].origin.as_ref().expect("an origin").time_base)
    }

    #[test]
    fn blocks_of_every_locale_and_unit() {
        let german = "              gesamt       benutzt     frei      gemns.  Puffer/Cache verfügbar\n\
                      Speicher:       23Gi       1,5Gi       9,4Gi       8,7Mi        13Gi        22Gi\n\
                      Swap:             0B          0B          0B\n";
        assert_eq!(used(german), (vec![1536.0], TimeBase::None));
        let stamped = "18:17:04\n  total used free shared buff/cache available\n\
                       Mem: 4194304 1048576 1024 8 16 2097152\nSwap: 0 0 0\n";
        assert_eq!(used(stamped), (vec![1024.0], TimeBase::Relative));
        let old = "  total used free shared buffers cached\n\
                   Mem: 4000 3000 1000 0 500 1500\n-/+ buffers/cache: 1000 3000\nSwap: 0 0 0\n";
        assert_eq!(used(old).0, [1000.0]);
    }

    #[test]
    fn rows_without_a_block() {
        let rows =
            "1795976224 Mem: 24105 1373 9563 8 13568 22731\n1795976226 Mem: 24105 1400 9563 8 13568 22731\n";
        assert_eq!(used(rows), (vec![1373.0, 1400.0], TimeBase::Absolute));
        let line = "SwapUse           0 CachUse       13568 MemUse        1373 MemFree        9563\n";
        assert_eq!(used(line), (vec![1373.0], TimeBase::None));
    }
}
