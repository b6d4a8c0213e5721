//! Dask's MemorySampler: a column for each label, in bytes.

use memtool_profile_model::{Measure, Precision, ReadError, Run, TimeBase};

use crate::clock::moment;
use crate::head::Head;
use crate::input::Input;
use crate::number::{number, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::{nanos, sample};
use crate::traces::Traces;

pub(crate) const READER: Reader = Reader {
    name: "dask",
    tool: "dask MemorySampler",
    versions: "distributed 2026.8",
    record: "ms.to_pandas().to_csv(\"memory.csv\") after `with ms.sample(\"label\"):` around the work",
    tells: "memory of the whole cluster over time, for each label",
    cannot_tell: "which worker used it; whether a label is process or managed memory",
    cautions: &[CLUSTER_SUM],
    sniff,
    read,
};

const CLUSTER_SUM: Caution = Caution {
    code: "cluster_sum",
    text: "figures are sums over all workers, as these last reported (every 0.5 s)",
    seen: "distributed 2026.8: values repeat between reports",
};

fn sniff(head: &Head<'_>) -> Certainty {
    let mut lines = head.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let row: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let is_cell = |cell: &&str| cell.is_empty() || number(cell).is_some_and(|bytes| bytes >= 0.0);
    let labels = names.len() >= 2
        && ["0", "", "time"].contains(&names[0])
        && names[1..].iter().all(|name| number(name).is_none());
    let shaped = row.len() == names.len()
        && at(row[0]).is_some()
        && number(row[0]).is_none()
        && row[1..].iter().all(is_cell);
    if labels && shaped { Certainty::Maybe } else { Certainty::No }
}

/// A time of day in UTC, or time since the label's start where labels are aligned; and which.
fn at(text: &str) -> Option<(i64, TimeBase)> {
    let Some((days, rest)) = text.split_once(" days") else {
        return moment(text).map(|at| (at, TimeBase::Absolute));
    };
    let clock = rest.trim();
    let seconds = if clock.is_empty() { 0.0 } else { crate::clock::duration(clock)? };
    nanos(number(days)? * 86_400.0 + seconds).map(|at| (at, TimeBase::Relative))
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut names: Vec<String> = Vec::new();
    let mut traces: Traces<usize> = Traces::new(input.limits);
    while let Some(line) = input.lines.next()? {
        let cells: Vec<&str> = line.text.split(',').collect();
        if names.is_empty() {
            names = cells.into_iter().map(str::to_owned).collect();
            continue;
        }
        let Some((at, base)) = at(cells[0]).filter(|_| cells.len() == names.len()) else {
            if !line.text.trim().is_empty() {
                input.faults.expected(line.number, "a time and a cell for each label", line.text);
            }
            continue;
        };
        for (column, cell) in cells.iter().enumerate().skip(1).filter(|(_, cell)| !cell.is_empty()) {
            let part = || READER.part(Measure::TreeRss, Precision::Sampled, base, names[column].clone());
            let Some(rss) = number(cell).and_then(|bytes| sized(bytes, 1.0)) else {
                input.faults.expected(line.number, "bytes", cell);
                continue;
            };
            let Some(trace) = traces.of(column, part) else { continue };
            if !trace.push(at, sample(rss)) {
                input.faults.expected(line.number, "a time", cells[0]);
            }
        }
    }
    traces.iter_mut().for_each(|(_, trace)| trace.warn(CLUSTER_SUM.warning()));
    traces.finish(&input.faults, "MemorySampler table")
}
