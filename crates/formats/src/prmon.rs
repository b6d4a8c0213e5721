//! prmon's time series of a process tree, and its summary.

use std::collections::HashMap;

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, Task, TimeBase};
use serde::Deserialize;

use crate::clock::epoch;
use crate::head::Head;
use crate::input::Input;
use crate::number::{KIB, kib, number, sized};
use crate::reader::{Certainty, Reader};
use crate::trace::{Trace, sample, single};
use crate::traces::{finished, told};

pub(crate) const READER: Reader = Reader {
    name: "prmon",
    tool: "prmon",
    versions: "3 (from its documentation)",
    record: "prmon --interval 1 --filename prmon.txt -- python job.py",
    tells: "RSS, PSS and virtual memory of the process tree over time",
    cannot_tell: "peaks between samples",
    cautions: &[],
    marks: &["wtime"],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Certainty {
    let names: Vec<&str> = head.first_line().split_ascii_whitespace().collect();
    let table = names.first() == Some(&"Time")
        && ["pss", "rss", "vmem", "wtime"].iter().all(|name| names.contains(name));
    (table || head.is_json() && head.has_all(&["\"Max\"", "\"Avg\"", "\"pss\"", "\"rss\""])).into()
}

#[derive(Deserialize)]
struct Summary {
    #[serde(rename = "Max")]
    max: HashMap<String, f64>,
    prmon: Option<HashMap<String, serde_json::Value>>,
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    if input.peek()?.starts_with(b"{") {
        let summary =
            summary(&input.json("prmon's summary is far smaller: read its time series, prmon.txt")?);
        return told(summary.into_iter().collect(), &input.faults, "prmon summary");
    }
    let mut names: Vec<String> = Vec::new();
    let origin = READER.origin(Measure::TreeRss, Precision::Sampled, TimeBase::Absolute);
    let mut trace = Trace::new(origin, input.limits.samples);
    while let Some(line) = input.lines.next()? {
        let cells: Vec<&str> = line.certain().split_ascii_whitespace().collect();
        if cells.is_empty() {
            continue;
        }
        if cells[0] == "Time" {
            names = cells.into_iter().map(str::to_owned).collect();
            continue;
        }
        let cell = |name: &str| cells.get(names.iter().position(|column| column == name)?).copied();
        let row = cell("Time").and_then(number).and_then(epoch).zip(cell("rss").and_then(kib));
        let (pss, vms) = (cell("pss").and_then(kib), cell("vmem").and_then(kib));
        match row {
            // The last row is written when the tree has ended.
            Some((_, rss)) if rss == Mib::ZERO => trace.missing(),
            Some((at, rss)) if trace.push(at, Snapshot { pss, vms, ..sample(rss) }) => {}
            _ => input.faults.unread(line, "Time and rss"),
        }
    }
    finished([trace], &input.faults, "prmon series")
}

fn summary(summary: &Summary) -> Option<Run> {
    let peak = sized(*summary.max.get("rss")?, KIB)?;
    let mut origin = READER.origin(Measure::TreeRss, Precision::SingleFigure, TimeBase::None);
    let version = summary.prmon.as_ref().and_then(|about| about.get("Version")?.as_str().map(str::to_owned));
    origin.tool_version = version;
    let task = Task { runtime_s: summary.max.get("wtime").copied(), ..Task::default() };
    let mut run = single(origin, peak, None, task);
    run.snapshots[0].pss = summary.max.get("pss").and_then(|pss| sized(*pss, KIB));
    Some(run)
}
