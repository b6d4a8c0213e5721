//! con-duct's usage lines, each over an interval, and its summary of a run.

use memtool_profile_model::{Measure, Precision, ReadError, Run, Snapshot, Task, TimeBase};
use serde::Deserialize;

use crate::clock;
use crate::head::Head;
use crate::input::Input;
use crate::number::sized;
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::{Trace, nanos, sample, single};
use crate::traces::{finished, told};

pub(crate) const READER: Reader = Reader {
    name: "con-duct",
    tool: "con-duct",
    versions: "0.23",
    record: "duct -p job_ --report-interval 2 python job.py",
    tells: "the largest sum over the session's processes in each interval",
    cannot_tell: "what happened within an interval; peaks between samples",
    cautions: &[INTERVAL_MAXIMA],
    marks: &["execution_summary", "num_samples"],
    sniff,
    read,
};

const INTERVAL_MAXIMA: Caution = Caution {
    code: "interval_maxima",
    text: "each line is the largest of an interval: the floor between peaks is not in the file",
    seen: "0.23: an interval of 60 s by default sums up 60 samples",
};

#[derive(Deserialize)]
struct Usage {
    timestamp: String,
    totals: Totals,
}

#[derive(Deserialize)]
struct Totals {
    rss: f64,
    #[serde(default)]
    vsz: f64,
}

#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    duct_version: Option<String>,
    execution_summary: Summary,
}

#[derive(Deserialize)]
struct Summary {
    peak_rss: f64,
    exit_code: Option<i32>,
    command: Option<String>,
    wall_clock_time: Option<f64>,
    start_time: Option<f64>,
}

fn sniff(head: &Head<'_>) -> Certainty {
    let usage = head.has_all(&["\"num_samples\"", "\"totals\"", "\"processes\""]);
    (head.is_json() && (usage || head.has_all(&["\"execution_summary\"", "\"duct_version\""]))).into()
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    if find_in(input.peek()?, b"\"execution_summary\"") {
        let runs = summary(input.json("con-duct's info.json is far smaller: read its usage.jsonl")?);
        return told(runs.into_iter().collect(), &input.faults, "con-duct summary");
    }
    let origin = READER.origin(Measure::TreeRss, Precision::Sampled, TimeBase::Absolute);
    let mut trace = Trace::new(origin, input.limits.samples);
    while let Some(line) = input.lines.next()? {
        if line.text.trim().is_empty() {
            continue;
        }
        let usage = match serde_json::from_str::<Usage>(line.text) {
            Ok(usage) => usage,
            Err(_) if !line.whole => {
                input.faults.torn(line.number);
                continue;
            }
            Err(error) => {
                input.faults.add(line.number, || error.to_string());
                continue;
            }
        };
        match (clock::moment(&usage.timestamp), sized(usage.totals.rss, 1.0)) {
            (Some(at), Some(rss))
                if trace.push(at, Snapshot { vms: sized(usage.totals.vsz, 1.0), ..sample(rss) }) => {}
            _ => input.faults.expected(line.number, "a timestamp and totals.rss in bytes", &usage.timestamp),
        }
    }
    trace.warn(INTERVAL_MAXIMA.warning());
    finished([trace], &input.faults, "con-duct usage log")
}

/// Whether letters stand in a text.
fn find_in(text: &[u8], letters: &[u8]) -> bool {
    text.windows(letters.len()).any(|window| window == letters)
}

fn summary(info: Info) -> Option<Run> {
    let Summary { peak_rss, exit_code, command, wall_clock_time, start_time } = info.execution_summary;
    let mut origin = READER.origin(Measure::TreeRss, Precision::SingleFigure, TimeBase::Absolute);
    origin.tool_version = info.duct_version;
    let task = Task { runtime_s: wall_clock_time, exit_code, ..Task::default() };
    let mut run = single(origin, sized(peak_rss, 1.0)?, start_time.and_then(nanos), task);
    run.process.command = command.and_then(|words| words.split(' ').next().map(str::to_owned));
    Some(run)
}
