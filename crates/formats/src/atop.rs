//! atop's parseable output: the memory of each process, or of the machine.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, TimeBase};

use crate::clock::epoch;
use crate::head::Head;
use crate::input::Input;
use crate::number::{KIB, kib, number, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::sample;
use crate::traces::Traces;

pub(crate) const READER: Reader = Reader {
    name: "atop",
    tool: "atop -P",
    versions: "2.8",
    record: "atop -P PRM 1 60 > atop.txt",
    tells: "memory of each process over time, from PRM; of the whole machine, from MEM",
    cannot_tell: "peaks between samples",
    cautions: &[CACHE_LEFT_OUT],
    marks: &["\nPRM ", "\nMEM "],
    sniff,
    read,
};

const CACHE_LEFT_OUT: Caution = Caution {
    code: "used_without_cache",
    text: "what is neither free nor page cache, buffers or slab counts as used: free counts total less available",
    seen: "2.8: atop prints no available memory",
};

/// Fields before those of a label: its name, the host, seconds since 1970, date, time, seconds since the sample before.
const FIELDS: usize = 6;

fn sniff(head: &Head<'_>) -> Certainty {
    head.lines().take(5000).any(|line| Row::of(line).is_some_and(|row| row.figure().is_some())).into()
}

/// A row of a label that holds memory.
struct Row<'l> {
    is_process: bool,
    at: i64,
    /// The fields of the label itself.
    fields: &'l str,
}

/// What a row tells.
struct Figure {
    /// A process's id and name; none of the machine.
    process: Option<(u32, String)>,
    snapshot: Snapshot,
}

impl<'l> Row<'l> {
    fn of(line: &'l str) -> Option<Self> {
        let is_process = line.starts_with("PRM ");
        if !is_process && !line.starts_with("MEM ") {
            return None;
        }
        let mut fields = line.splitn(FIELDS + 1, ' ');
        let at = epoch(number(fields.nth(2)?)?)?;
        let is_date = fields.next()?.split('/').count() == 3;
        Some(Self { is_process, at, fields: fields.nth(2)? }).filter(|_| is_date)
    }

    fn figure(&self) -> Option<Figure> {
        if self.is_process { self.process() } else { self.machine() }
    }

    /// `4711 (name) S 4096 vsize rss …`, all in KiB; the field after its group says whether it is a process, the next its PSS.
    fn process(&self) -> Option<Figure> {
        let (pid, rest) = self.fields.split_once(' ')?;
        let (name, rest) = match rest.strip_prefix('(') {
            Some(rest) => rest.rsplit_once(") ")?,
            None => rest.split_once(' ')?,
        };
        let cells: Vec<&str> = rest.split(' ').collect();
        // Threads repeat the memory of their process, and the kernel's own have none.
        let is_process = cells.get(14).is_none_or(|flag| *flag == "y");
        let vms = kib(cells.get(2)?).filter(|vms| *vms > Mib::ZERO && is_process)?;
        let pss = cells.get(15).and_then(|cell| kib(cell)).filter(|pss| *pss > Mib::ZERO);
        let snapshot = Snapshot { vms: Some(vms), pss, ..sample(kib(cells.get(3)?)?) };
        Some(Figure { process: Some((pid.parse().ok()?, name.to_owned())), snapshot })
    }

    /// `4096 total free cache buffers slab …`, in pages.
    fn machine(&self) -> Option<Figure> {
        let cells: Vec<f64> = self.fields.split(' ').take(FIELDS).map(number).collect::<Option<_>>()?;
        let [page, total, free, cache, buffers, slab] = cells[..] else { return None };
        let used = total - free - cache - buffers - slab;
        let is_page = (4.0 * KIB..=64.0 * KIB).contains(&page);
        Some(Figure { process: None, snapshot: sample(sized(used, page).filter(|_| is_page)?) })
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut traces: Traces<Option<(u32, String)>> = Traces::new(input.limits);
    while let Some(line) = input.lines.next()? {
        if !line.text.starts_with("PRM ") && !line.text.starts_with("MEM ") {
            continue;
        }
        let Some(row) = Row::of(line.text).filter(|_| line.whole) else {
            input.faults.unread(line, "a row of PRM or MEM");
            continue;
        };
        let Some(Figure { process, snapshot }) = row.figure() else { continue };
        let origin = || match &process {
            Some((pid, name)) => READER.part(
                Measure::ProcessRss,
                Precision::Sampled,
                TimeBase::Absolute,
                format!("{name} · pid {pid}"),
            ),
            None => READER.origin(Measure::Machine, Precision::Sampled, TimeBase::Absolute),
        };
        let Some(trace) = traces.of(process.clone(), origin) else { continue };
        if !trace.push(row.at, snapshot) {
            input.faults.unread(line, "a time");
        }
    }
    for (process, trace) in traces.iter_mut() {
        if process.is_none() {
            trace.warn(CACHE_LEFT_OUT.warning());
        }
    }
    traces.finish(&input.faults, "log of atop")
}
