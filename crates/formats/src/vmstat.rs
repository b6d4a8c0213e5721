//! vmstat's table: what is free, not what is used.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, TimeBase};

use crate::clock::moment;
use crate::head::Head;
use crate::input::Input;
use crate::number::kib;
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
    cautions: &[ABOVE_LEAST, NO_TIME],
    sniff,
    read,
};

const ABOVE_LEAST: Caution = Caution {
    code: "above_least",
    text: "vmstat prints what is free: figures are memory in use above the least of the file, in KiB unless -S was given",
    seen: "procps 4.0",
};

const NO_TIME: Caution = Caution {
    code: "no_time",
    text: "no time stands in the file: samples count as one second apart",
    seen: "procps 4.0 without -t",
};

fn header(line: &str) -> Option<Vec<&str>> {
    let names: Vec<&str> = line.split_ascii_whitespace().collect();
    ["swpd", "free", "si", "so"].iter().all(|name| names.contains(name)).then_some(names)
}

fn sniff(head: &Head<'_>) -> Certainty {
    head.lines().any(|line| header(line).is_some()).into()
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut names: Vec<String> = Vec::new();
    let mut trace: Option<Trace> = None;
    let (mut row, samples) = (0_i64, input.limits.samples);
    while let Some(line) = input.lines.next()? {
        if let Some(found) = header(line.text) {
            names = found.into_iter().map(str::to_owned).collect();
            continue;
        }
        let cells: Vec<&str> = line.text.split_ascii_whitespace().collect();
        if names.is_empty() || line.text.contains("--") || cells.is_empty() {
            continue;
        }
        let cell = |name: &str| kib(cells.get(names.iter().position(|column| column == name)?)?);
        let sum = |names: [&str; 3]| names.iter().filter_map(|name| cell(name)).map(Mib::get).sum::<f64>();
        let stamp = cells
            .get(cells.len().saturating_sub(2)..)
            .map(|words| words.join(" "))
            .as_deref()
            .and_then(moment);
        let stamp = stamp.filter(|_| cells.len() > 2 && cells[cells.len() - 2].contains('-'));
        row += 1;
        let Some(free) = cell("free") else {
            input.faults.expected(line.number, "a row with free", line.text);
            continue;
        };
        let cache = sum(["buff", "cache", "inact"]) + sum(["active", "", ""]);
        let time_base = if stamp.is_some() { TimeBase::Absolute } else { TimeBase::None };
        let origin = || READER.origin(Measure::Machine, Precision::LowerBound, time_base);
        let trace = trace.get_or_insert_with(|| Trace::new(origin(), samples));
        let available = Mib::new(free.get() + cache);
        // What is used is known once the least is: until then RSS keeps what is left, below zero.
        let at = stamp.unwrap_or(row * 1_000_000_000);
        if !trace.push(at, Snapshot { available: Some(available), ..sample(Mib::new(-available.get())) }) {
            input.faults.expected(line.number, "a time", line.text);
        }
    }
    let mut runs = finished(trace, &input.faults, "log of vmstat")?;
    for run in &mut runs {
        above_least(run);
    }
    Ok(runs)
}

/// Turns what is left at each sample into what is used above the least used.
fn above_least(run: &mut Run) {
    let most = run.snapshots.iter().filter_map(|s| s.available).map(Mib::get).fold(0.0, f64::max);
    for snapshot in &mut run.snapshots {
        snapshot.rss = snapshot.available.map(|available| Mib::new((most - available.get()).max(0.0)));
    }
    run.totals = None;
    run.warnings.push(ABOVE_LEAST.warning());
    if run.origin.as_ref().is_some_and(|origin| origin.time_base == TimeBase::None) {
        run.warnings.push(NO_TIME.warning());
    }
}
