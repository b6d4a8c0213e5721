//! vmstat's table: what is free, not what is used.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, TimeBase};

use crate::clock::moment;
use crate::head::Head;
use crate::input::Input;
use crate::number::{KIB, number, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::{Trace, sample};
use crate::traces::finished;

pub(crate) const READER: Reader = Reader {
    name: "vmstat",
    tool: "vmstat",
    versions: "procps 4.0",
    record: "vmstat -t 1 60 > vmstat.txt",
    tells: "how memory in use of the machine rose and fell",
    cannot_tell: "how much was in use before the least of the file; which job used it",
    cautions: &[ABOVE_LEAST, NO_TIME, UNIT_GUESSED],
    marks: &["swpd"],
    sniff,
    read,
};

const ABOVE_LEAST: Caution = Caution {
    code: "above_least",
    text: "vmstat prints what is free: figures are memory in use above the least of the file, with -a its cache \
           included",
    seen: "procps 4.0",
};

const NO_TIME: Caution = Caution {
    code: "no_time",
    text: "no time stands in the file: samples count as one second apart",
    seen: "procps 4.0 without -t",
};

const UNIT_GUESSED: Caution = Caution {
    code: "unit_guessed",
    text: "sizes are no multiples of a page in KiB: vmstat was called with -S, and the unit was taken from their size",
    seen: "procps 4.0: -S M and none look alike",
};

/// Sizes in units of 1000 bytes are larger than this, sizes in MiB smaller.
const SMALLEST_KILOBYTES: f64 = 1e6;

/// Where the columns of memory stand. Their names are of the locale, but for `swpd`; their order is not.
#[derive(Clone, Copy)]
struct Table {
    free: usize,
    /// Whether buffers and cache follow, which can be had back; with -a active memory does, which cannot.
    has_cache: bool,
    columns: usize,
}

impl Table {
    fn of(line: &str) -> Option<Self> {
        let names: Vec<&str> = line.split_ascii_whitespace().collect();
        let swapped = names.iter().position(|name| *name == "swpd")?;
        (names.contains(&"si") && names.contains(&"so")).then(|| Self {
            free: swapped + 1,
            has_cache: !names.get(swapped + 2).is_some_and(|name| name.starts_with("ina")),
            columns: names.len(),
        })
    }

    /// What is available in a row, in the file's unit, and whether each size is a whole number of pages.
    fn available(self, cells: &[&str]) -> Option<(f64, bool)> {
        let counted = if self.has_cache { 3 } else { 1 };
        let sizes: Vec<f64> = cells
            .get(self.free..self.free + counted)?
            .iter()
            .map(|cell| number(cell))
            .collect::<Option<_>>()?;
        let pages = sizes.iter().all(|size| size % 4.0 == 0.0);
        Some((sizes.iter().sum(), pages)).filter(|_| sizes.iter().all(|size| *size >= 0.0))
    }
}

fn sniff(head: &Head<'_>) -> Certainty {
    head.lines().any(|line| Table::of(line).is_some()).into()
}

/// The stamp at a row's end, with -t: its zone is in the header, where that is UTC.
fn stamp(cells: &[&str]) -> Option<i64> {
    let [.., day, time] = cells else { return None };
    day.contains('-').then(|| moment(&format!("{day} {time}")))?
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut table: Option<Table> = None;
    let mut trace: Option<Trace> = None;
    let (mut row, mut in_pages, samples) = (0_i64, true, input.limits.samples);
    while let Some(line) = input.lines.next()? {
        if let Some(found) = Table::of(line.text) {
            table = Some(found);
            continue;
        }
        let cells: Vec<&str> = line.text.split_ascii_whitespace().collect();
        let Some(table) = table.filter(|_| !line.text.contains("--") && !cells.is_empty()) else { continue };
        row += 1;
        let whole = line.whole || cells.len() >= table.columns;
        let available = table.available(&cells).filter(|_| whole);
        let size = available.and_then(|(available, _)| sized(available, KIB));
        let Some((size, (_, pages))) = size.zip(available) else {
            input.faults.expected(line.number, "a row with free", line.text);
            continue;
        };
        in_pages &= pages;
        let stamp = stamp(&cells);
        let time_base = if stamp.is_some() { TimeBase::Absolute } else { TimeBase::None };
        let origin = || READER.origin(Measure::Machine, Precision::LowerBound, time_base);
        let trace = trace.get_or_insert_with(|| Trace::new(origin(), samples));
        // What is used is known once the least is: until then RSS keeps what is left, below zero.
        let at = stamp.unwrap_or(row * 1_000_000_000);
        if !trace.push(at, Snapshot { available: Some(size), ..sample(Mib::new(-size.get())) }) {
            input.faults.expected(line.number, "a time", line.text);
        }
    }
    let mut runs = finished(trace, &input.faults, "log of vmstat")?;
    runs.iter_mut().for_each(|run| above_least(run, in_pages));
    Ok(runs)
}

/// Turns what is left at each sample into what is used above the least used.
fn above_least(run: &mut Run, in_pages: bool) {
    let most = run.snapshots.iter().filter_map(|s| s.available).map(Mib::get).fold(0.0, f64::max);
    let factor = match most * KIB {
        _ if in_pages => 1.0,
        largest if largest >= SMALLEST_KILOBYTES => 1000.0 / KIB,
        _ => KIB,
    };
    for snapshot in &mut run.snapshots {
        snapshot.rss =
            snapshot.available.map(|available| Mib::new((most - available.get()).max(0.0) * factor));
        snapshot.available = snapshot.available.map(|available| Mib::new(available.get() * factor));
    }
    run.totals = None;
    run.warnings.push(ABOVE_LEAST.warning());
    if !in_pages {
        run.warnings.push(UNIT_GUESSED.warning());
    }
    if run.origin.as_ref().is_some_and(|origin| origin.time_base == TimeBase::None) {
        run.warnings.push(NO_TIME.warning());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn used(header: &str, rows: &[&str]) -> Vec<f64> {
        let text = format!("procs -----------memory----------\n{header}\n{}\n", rows.join("\n"));
        let mut bytes = text.as_bytes();
        let runs = read(&mut Input::new(&mut bytes, Limits::default())).expect("rows");
        runs[0].snapshots.iter().filter_map(|s| s.rss).map(Mib::get).collect()
    }

    #[test]
    fn columns_are_known_by_place_in_any_locale() {
        let rows =
            [" 1 0 0 4096 1024 1024 0 0 1 1 5 9 1 1 9 0 0", " 1 0 0 2048 1024 1024 0 0 1 1 5 9 1 1 9 0 0"];
        for header in [
            "r b swpd free buff cache si so bi bo in cs us sy id wa st",
            "r b swpd frei buff Cache si so bi bo in cs us sy id wa st",
        ] {
            assert_eq!(used(header, &rows), [0.0, 2.0], "{header}");
        }
    }

    #[test]
    fn active_memory_is_not_to_be_had_back() {
        let header = "r b swpd free inact active si so bi bo in cs us sy id wa st";
        let rows =
            ["1 0 0 4096 1024 1024 0 0 1 1 5 9 1 1 9 0 0", "1 0 0 2048 1024 3072 0 0 1 1 5 9 1 1 9 0 0"];
        assert_eq!(used(header, &rows), [0.0, 2.0]);
    }

    #[test]
    fn a_unit_is_taken_from_the_sizes() {
        let header = "r b swpd free buff cache si so bi bo in cs us sy id wa st";
        let mebibytes =
            ["1 0 0 4001 100 3001 0 0 1 1 5 9 1 1 9 0 0", "1 0 0 3901 100 3001 0 0 1 1 5 9 1 1 9 0 0"];
        assert_eq!(used(header, &mebibytes), [0.0, 100.0]);
        let thousands =
            ["1 0 0 4000001 100 3001 0 0 1 1 5 9 1 1 9 0 0", "1 0 0 2951425 100 3001 0 0 1 1 5 9 1 1 9 0 0"];
        assert_eq!(used(header, &thousands), [0.0, 1000.0]);
    }
}
