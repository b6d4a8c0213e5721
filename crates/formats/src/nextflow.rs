//! Nextflow's trace file: a row a task, raw or with units.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Task, TimeBase};

use crate::clock::{duration, moment};
use crate::head::Head;
use crate::input::Input;
use crate::number::{number, size};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::single;
use crate::traces::told;

pub(crate) const READER: Reader = Reader {
    name: "nextflow",
    tool: "Nextflow trace",
    versions: "22 to 25",
    record: "nextflow run main.nf -with-trace (trace.raw = true; trace.fields with memory, attempt, peak_rss)",
    tells: "peak memory of each task's tree, its request, attempt, runtime, bytes read, exit",
    cannot_tell: "anything over time; tasks that ended before they were sampled",
    cautions: &[NO_SAMPLE],
    marks: &["rss"],
    sniff,
    read,
};

const NO_SAMPLE: Caution = Caution {
    code: "tasks_without_figure",
    text: "tasks without peak_rss (cached, or ended before they were sampled) were left out",
    seen: "trace rows with - or 0 in peak_rss",
};

fn cells(line: &str) -> Vec<&str> {
    let separator = if line.contains('\t') { '\t' } else { ',' };
    line.split(separator).map(|cell| cell.trim().trim_matches('"')).collect()
}

fn sniff(head: &Head<'_>) -> Certainty {
    let names = cells(head.first_line());
    let has = |name: &str| names.contains(&name);
    ((has("peak_rss") || has("rss"))
        && (has("process") || has("name"))
        && (has("realtime") || has("task_id") || has("hash")))
    .into()
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut names: Vec<String> = Vec::new();
    let (mut runs, mut without) = (Vec::new(), 0);
    while let Some(line) = input.lines.next()? {
        if line.text.trim().is_empty() {
            continue;
        }
        let row = cells(line.text);
        if names.is_empty() {
            names = row.into_iter().map(str::to_owned).collect();
            continue;
        }
        if runs.len() == input.limits.runs {
            break;
        }
        let cell = |name: &str| {
            let found = row.get(names.iter().position(|column| column == name)?).copied();
            found.filter(|text| !["-", "", "null", "NaN"].contains(text))
        };
        if row.len() < names.len() {
            input.faults.expected(line.number, "as many cells as the header has", line.text);
            continue;
        }
        match cell("peak_rss").or_else(|| cell("rss")).map(|text| size(text, 1.0)) {
            Some(Some(peak)) if peak > Mib::ZERO => runs.push(run_of(peak, cell)),
            Some(None) => input.faults.expected(line.number, "peak_rss as a size", line.text),
            _ => without += 1,
        }
    }
    if let (true, Some(first)) = (without > 0, runs.first_mut()) {
        first.warnings.push(NO_SAMPLE.saying(format!("{} ({without})", NO_SAMPLE.text)));
    }
    told(runs, &input.faults, "Nextflow trace")
}

/// Milliseconds where raw, else a duration with units.
fn seconds(text: &str) -> Option<f64> {
    number(text)
        .map_or_else(|| duration(text), |milliseconds| Some(milliseconds / 1e3))
        .filter(|seconds| *seconds >= 0.0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size of bytes")]
fn run_of<'a>(peak: Mib, cell: impl Fn(&str) -> Option<&'a str>) -> Run {
    let name = cell("name").unwrap_or_default();
    let group = cell("process").unwrap_or_else(|| name.split(" (").next().unwrap_or(name));
    let exit: Option<i32> = cell("exit").and_then(|text| text.parse().ok());
    let at = cell("start").or_else(|| cell("submit")).and_then(moment);
    let task = Task {
        group: Some(group.to_owned()).filter(|group| !group.is_empty()),
        input_bytes: cell("rchar")
            .or_else(|| cell("read_bytes"))
            .and_then(|text| size(text, 1.0))
            .map(|size| (size.get() * Mib::BYTES) as u64),
        requested_mb: cell("memory").and_then(|text| size(text, 1.0)).filter(|size| *size > Mib::ZERO),
        runtime_s: cell("realtime").or_else(|| cell("duration")).and_then(seconds),
        exit_code: exit.filter(|code| (0..=128).contains(code) || *code > 128 + 64),
        signal: exit.map(|code| code - 128).filter(|signal| (1..=64).contains(signal)),
        attempt: cell("attempt").and_then(|text| text.parse().ok()),
        state: cell("status").map(str::to_owned),
    };
    let base = if at.is_some() { TimeBase::Absolute } else { TimeBase::None };
    let mut run = single(READER.origin(Measure::TreeRss, Precision::SingleFigure, base), peak, at, task);
    if let Some(origin) = &mut run.origin {
        origin.part = cell("task_id").or_else(|| cell("hash")).map(|id| format!("task {id}"));
    }
    run
}
