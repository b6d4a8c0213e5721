//! What people copy from files of `/proc` in a loop: `status`, `smaps_rollup`, `smaps`, `statm` and `meminfo`.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot};

use crate::head::Head;
use crate::input::Input;
use crate::number::{KIB, kib, sized};
use crate::ps::stamp::{Stamp, stamp};
use crate::reader::{Caution, Certainty, Reader};
use crate::stamp_clock::StampClock;
use crate::trace::{Trace, sample};
use crate::traces::finished;

pub(crate) const READER: Reader = Reader {
    name: "proc",
    tool: "/proc",
    versions: "Linux 4.14 to 6.18",
    record: "while sleep 1; do date +%s; cat /proc/$PID/smaps_rollup; done > proc.txt",
    tells: "memory of a process at each stamp, its PSS from smaps_rollup; of the machine from meminfo",
    cannot_tell: "peaks between stamps, but for VmHWM; times, where no stamp stands before a copy",
    cautions: &[NO_TIME, ADDED_UP, PAGE_SIZE],
    marks: &["VmRSS:", "VmHWM:", "Rss:", "MemTotal:", " 0 "],
    sniff,
    read,
};

const NO_TIME: Caution = Caution {
    code: "no_time",
    text: "no time stands in the file: samples count as one second apart",
    seen: "copies without a stamp before them",
};

const ADDED_UP: Caution = Caution {
    code: "added_up",
    text: "several processes stand under one stamp and were added up: pages they share count once for each",
    seen: "Linux 6.18: grep VmRSS of two processes in one turn of the loop",
};

const PAGE_SIZE: Caution = Caution {
    code: "page_size",
    text: "statm counts pages: they are taken for 4 KiB each",
    seen: "Linux 6.18, x86-64",
};

/// Bytes of a page.
const PAGE: f64 = 4.0 * KIB;

/// Lines at the beginning that tell.
const LINES_SHOWN: usize = 400;

/// One line of such a file.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Entry {
    /// `VmRSS` of a process.
    Resident(Mib),
    /// `Rss` of a mapping, or of all.
    Mapped(Mib),
    Pss(Mib),
    Virtual(Mib),
    Highest(Mib),
    /// `statm`: virtual and resident pages.
    Pages(Mib, Mib),
    MachineTotal(Mib),
    MachineAvailable(Mib),
}

/// What a line without its stamp says of memory.
fn entry(words: &[&str]) -> Option<Entry> {
    if let Some(pages) = statm(words) {
        return Some(pages);
    }
    let [name, size, "kB"] = words[..] else { return None };
    let of: fn(Mib) -> Entry = match name {
        "VmRSS:" => Entry::Resident,
        "Rss:" => Entry::Mapped,
        "Pss:" => Entry::Pss,
        "VmSize:" => Entry::Virtual,
        "VmHWM:" => Entry::Highest,
        "MemTotal:" => Entry::MachineTotal,
        "MemAvailable:" => Entry::MachineAvailable,
        _ => return None,
    };
    kib(size).map(of)
}

/// A line of `statm`: seven numbers of pages, the fifth and the last of which are 0 since Linux 2.6.
fn statm(words: &[&str]) -> Option<Entry> {
    let pages: Vec<u32> = words.iter().map(|word| word.parse().ok()).collect::<Option<_>>()?;
    let [all, resident, shared, _, 0, _, 0] = pages[..] else { return None };
    let size = |pages: u32| sized(f64::from(pages), PAGE);
    let is_part = all >= resident && resident >= shared && resident > 0;
    is_part.then_some(()).and_then(|()| Some(Entry::Pages(size(all)?, size(resident)?)))
}

/// A line's stamp, and its other words.
fn parts(line: &str) -> (Option<Stamp>, Vec<&str>) {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    if entry(&words).is_some() {
        return (None, words);
    }
    stamp(line).map_or((None, words), |stamped| (Some(stamped.at), stamped.rest))
}

fn sniff(head: &Head<'_>) -> Certainty {
    let lines: Vec<&str> = head.lines().take(LINES_SHOWN).collect();
    let is_own = |line: &&str| parts(line).1.is_empty() || entry(&parts(line).1).is_some();
    // Seven numbers alone may be anything: then all lines must be such, or stamps. The last may be cut.
    let whole = lines.len().saturating_sub(1).max(1);
    let all_pages = || lines.iter().take(whole).all(is_own);
    let tells = |line: &&str| match entry(&parts(line).1) {
        Some(Entry::Resident(_) | Entry::Mapped(_) | Entry::MachineAvailable(_)) => true,
        Some(Entry::Pages(..)) => all_pages(),
        _ => false,
    };
    if lines.iter().any(tells) { Certainty::Maybe } else { Certainty::No }
}

/// What stands under one stamp.
#[derive(Default)]
struct Block {
    rss: Option<Mib>,
    pss: Option<Mib>,
    vms: Option<Mib>,
    total: Option<Mib>,
    available: Option<Mib>,
    /// Processes of which the resident size stands in it.
    processes: usize,
}

/// A log that is being read.
struct Reading {
    clock: StampClock<()>,
    block: Block,
    trace: Option<Trace>,
    samples: usize,
    highest: Option<Mib>,
    most_processes: usize,
    has_pages: bool,
}

fn plus(sum: Option<Mib>, size: Mib) -> Option<Mib> {
    Some(Mib::new(sum.map_or(0.0, Mib::get) + size.get()))
}

impl Reading {
    /// Takes a line; an error says what was expected.
    fn take(&mut self, line: &str) -> Result<(), &'static str> {
        let (stamp, words) = parts(line);
        if let Some(stamp) = stamp {
            self.end_block()?;
            self.clock.stamp(stamp);
        }
        let Some(entry) = entry(&words) else { return Ok(()) };
        let begins_another = match entry {
            Entry::Resident(_) | Entry::Pages(..) => self.block.processes > 0,
            Entry::MachineTotal(_) => self.block.total.is_some(),
            _ => false,
        };
        // Without stamps a process that comes again begins the next sample.
        if begins_another && !self.clock.is_stamped() {
            self.end_block()?;
        }
        let block = &mut self.block;
        match entry {
            Entry::Resident(size) => {
                (block.rss, block.processes) = (plus(block.rss, size), block.processes + 1);
            }
            Entry::Pages(all, resident) => {
                (block.rss, block.processes) = (plus(block.rss, resident), block.processes + 1);
                block.vms = plus(block.vms, all);
                self.has_pages = true;
            }
            Entry::Mapped(size) => block.rss = plus(block.rss, size),
            Entry::Pss(size) => block.pss = plus(block.pss, size),
            Entry::Virtual(size) => block.vms = plus(block.vms, size),
            Entry::Highest(size) => {
                self.highest = self.highest.filter(|before| *before >= size).or(Some(size));
            }
            Entry::MachineTotal(size) => block.total = Some(size),
            Entry::MachineAvailable(size) => block.available = Some(size),
        }
        Ok(())
    }

    /// Makes a sample of what stands under the last stamp.
    fn end_block(&mut self) -> Result<(), &'static str> {
        let block = std::mem::take(&mut self.block);
        let used = block.total.zip(block.available);
        let used = used.map(|(total, available)| Mib::new((total.get() - available.get()).max(0.0)));
        let Some(rss) = block.rss.or(used) else { return Ok(()) };
        let (at, base) = self.clock.at(());
        let measure = if block.rss.is_some() { Measure::ProcessRss } else { Measure::Machine };
        let new = || Trace::new(READER.origin(measure, Precision::Sampled, base), self.samples);
        let trace = self.trace.get_or_insert_with(new);
        self.most_processes = self.most_processes.max(block.processes);
        if measure == Measure::Machine {
            trace.run.host.total_mb = block.total;
        }
        let available = block.available.filter(|_| measure == Measure::Machine);
        let snapshot = Snapshot { pss: block.pss, vms: block.vms, available, ..sample(rss) };
        trace.push(at, snapshot).then_some(()).ok_or("a time")
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut reading = Reading {
        clock: StampClock::default(),
        block: Block::default(),
        trace: None,
        samples: input.limits.samples,
        highest: None,
        most_processes: 0,
        has_pages: false,
    };
    let mut last = 0;
    while let Some(line) = input.lines.next()? {
        last = line.number;
        if let Err(expected) = reading.take(line.certain()) {
            input.faults.unread(line, expected);
        } else if line.certain() != line.text {
            input.faults.torn(line.number);
        }
    }
    if let Err(expected) = reading.end_block() {
        input.faults.expected(last, expected, "");
    }
    if let Some(trace) = &mut reading.trace {
        if !reading.clock.is_stamped() {
            trace.warn(NO_TIME.warning());
        }
        if reading.has_pages {
            trace.warn(PAGE_SIZE.warning());
        }
        if reading.most_processes > 1 {
            trace.run.origin.iter_mut().for_each(|origin| origin.measure = Measure::TreeRss);
            trace.warn(ADDED_UP.warning());
        } else if let Some(peak) = reading.highest {
            trace.states_peak(peak);
        }
    }
    finished(reading.trace, &input.faults, "copy of files of /proc")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Run {
        READER.read_text(Certainty::Maybe, text).expect(text).remove(0)
    }

    fn figures(run: &Run) -> Vec<(f64, f64)> {
        run.snapshots.iter().filter_map(|s| Some((s.at.seconds(), s.rss?.get()))).collect()
    }

    fn codes(run: &Run) -> Vec<String> {
        run.warnings.iter().map(|warning| warning.code().to_string()).collect()
    }

    #[test]
    fn status_with_its_high_water_mark() {
        let text = "1795976224\nName:\tpython\nVmHWM:\t  4096 kB\nVmRSS:\t  2048 kB\n1795976226\nVmHWM:\t  8192 kB\nVmRSS:\t  3072 kB\n";
        let run = run(text);
        assert_eq!(figures(&run), [(0.0, 2.0), (2.0, 3.0)]);
        assert_eq!(run.stated_peak.map(|peak| peak.rss), Some(Mib::new(8.0)));
    }

    #[test]
    fn mappings_of_a_process_are_added_up() {
        let text = "18:17:04\n00-01 ---p 0 00:00 0 [rollup]\nRss: 2048 kB\nPss: 1024 kB\n18:17:05\nRss: 1024 kB\nPss: 512 kB\nRss: 3072 kB\nPss: 512 kB\n";
        let run = run(text);
        assert_eq!(figures(&run), [(0.0, 2.0), (1.0, 4.0)]);
        assert_eq!(run.snapshots[1].pss, Some(Mib::new(1.0)));
    }

    #[test]
    fn the_machine_and_processes_without_stamps() {
        let machine = run("1795976224\nMemTotal: 8192 kB\nMemFree: 1 kB\nMemAvailable: 2048 kB\n");
        assert_eq!(machine.origin.as_ref().map(|origin| origin.measure), Some(Measure::Machine));
        assert_eq!(figures(&machine), [(0.0, 6.0)]);
        let plain = run("VmRSS: 1024 kB\nVmRSS: 2048 kB\n");
        assert_eq!(
            (figures(&plain), codes(&plain)),
            (vec![(1.0, 1.0), (2.0, 2.0)], vec!["no_time".to_owned()])
        );
    }

    #[test]
    fn pages_and_several_processes_of_a_stamp() {
        let pages = run("1795976224 2756 1541 1141 1 0 817 0\n1795976225 2756 2560 1141 1 0 817 0\n");
        assert_eq!((figures(&pages)[1], codes(&pages)), ((1.0, 10.0), vec!["page_size".to_owned()]));
        let cut = run("1795976224 2756 1541 1141 1 0 817 0\n1795976225 2756 25");
        assert_eq!(figures(&cut).len(), 1);
        let two = run("1795976224\nVmRSS: 1024 kB\nVmRSS: 2048 kB\n");
        assert_eq!((figures(&two), codes(&two)), (vec![(0.0, 3.0)], vec!["added_up".to_owned()]));
    }
}
