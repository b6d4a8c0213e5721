//! Dask's MemorySampler, in bytes: a table with a column for each label, or its samples as JSON.

use std::collections::BTreeMap;

use memtool_profile_model::{Measure, Precision, ReadError, Run, TimeBase};

use crate::clock::moment;
use crate::csv::split;
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
    marks: &[],
    sniff,
    read,
};

/// Between the cells of its table.
const SEPARATOR: char = ',';

/// Letters within which the first sample of JSON stands.
const LONGEST_LABEL: usize = 4096;

const CLUSTER_SUM: Caution = Caution {
    code: "cluster_sum",
    text: "figures are sums over all workers, as these last reported (every 0.5 s)",
    seen: "distributed 2026.8: values repeat between reports",
};

fn sniff(head: &Head<'_>) -> Certainty {
    if head.first_line().starts_with('{') {
        return begins_samples(head.text()).into();
    }
    let mut lines = head.lines();
    let names = split(lines.next().unwrap_or_default(), SEPARATOR);
    let row = split(lines.next().unwrap_or_default(), SEPARATOR);
    let is_cell = |cell: &String| cell.is_empty() || number(cell).is_some_and(|bytes| bytes >= 0.0);
    let labels = names.len() >= 2
        && ["0", "", "time"].contains(&names[0].as_str())
        && names[1..].iter().all(|name| number(name).is_none());
    let shaped = row.len() == names.len()
        && at(&row[0]).is_some()
        && number(&row[0]).is_none()
        && row[1..].iter().all(is_cell);
    if labels && shaped { Certainty::Maybe } else { Certainty::No }
}

/// Whether a text begins as samples do: `{"label": [[1795976123.6, 104857600], …`.
fn begins_samples(text: &str) -> bool {
    let plain: String = text.chars().take(LONGEST_LABEL).filter(|c| !c.is_whitespace()).collect();
    // The first member's value, not one further on.
    let first = plain.split_once("\":").and_then(|(_, rest)| rest.strip_prefix("[[")?.split_once(']'));
    let pair: Option<Vec<f64>> = first.and_then(|(pair, _)| pair.split(',').map(number).collect());
    let is_sample = |pair: &[f64]| pair.len() == 2 && pair[0] > 1e9 && pair[1] >= 0.0;
    plain.starts_with("{\"") && pair.is_some_and(|pair| is_sample(&pair))
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
    let mut traces: Traces<usize> = Traces::new(input.limits);
    if input.peek()?.starts_with(b"{") {
        samples(input, &mut traces)?;
    } else {
        table(input, &mut traces)?;
    }
    traces.iter_mut().for_each(|(_, trace)| trace.warn(CLUSTER_SUM.warning()));
    traces.finish(&input.faults, "MemorySampler")
}

/// Reads what `json.dump(ms.samples)` wrote: a list of times and bytes for each label.
fn samples(input: &mut Input<'_>, traces: &mut Traces<usize>) -> Result<(), ReadError> {
    let labels: BTreeMap<String, Vec<(f64, f64)>> =
        input.json("write them with ms.to_pandas().to_csv(), which is read row by row")?;
    for (place, (label, pairs)) in labels.into_iter().enumerate() {
        let origin = || READER.part(Measure::TreeRss, Precision::Sampled, TimeBase::Absolute, label);
        let Some(trace) = traces.of(place, origin) else { continue };
        for (seconds, bytes) in pairs {
            let figures = nanos(seconds).zip(sized(bytes, 1.0));
            if !figures.is_some_and(|(at, rss)| trace.push(at, sample(rss))) {
                trace.missing();
            }
        }
    }
    Ok(())
}

/// Reads the table.
fn table(input: &mut Input<'_>, traces: &mut Traces<usize>) -> Result<(), ReadError> {
    let mut names: Vec<String> = Vec::new();
    while let Some(line) = input.lines.next()? {
        let cells = split(line.text, SEPARATOR);
        if names.is_empty() {
            names = cells;
            continue;
        }
        let Some((at, base)) = at(&cells[0]).filter(|_| cells.len() == names.len() && line.whole) else {
            if !line.whole {
                input.faults.torn(line.number);
            } else if !line.text.trim().is_empty() {
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
                input.faults.expected(line.number, "a time", &cells[0]);
            }
        }
    }
    Ok(())
}
