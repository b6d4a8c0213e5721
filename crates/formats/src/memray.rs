//! memray's `stats --json` and its `transform csv`: the heap at its largest, without a course over time.

use jiff::Timestamp;
use memtool_profile_model::{Measure, Precision, ReadError, Run, Task, TimeBase};
use serde::Deserialize;

use crate::head::Head;
use crate::input::Input;
use crate::number::sized;
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::single;
use crate::traces::told;

/// The reader of `memray stats --json`.
pub(crate) const STATS: Reader = Reader {
    name: "memray-stats",
    tool: "memray stats --json",
    versions: "1.17 to 1.20",
    record: "memray run -o job.bin job.py && memray stats --json job.bin",
    tells: "the largest heap, exact; start, end and command",
    cannot_tell: "a course over time; RSS; which of it leaked",
    cautions: &[HEAP_ONLY, KILLED],
    sniff: sniff_stats,
    read: read_stats,
};

/// The reader of `memray transform csv`.
pub(crate) const TABLE: Reader = Reader {
    name: "memray-csv",
    tool: "memray transform csv",
    versions: "1.20",
    record: "memray run -o job.bin job.py && memray transform csv job.bin",
    tells: "the heap at its largest, the sum over all places; or, with --leaks, what was not freed",
    cannot_tell: "a course over time; RSS; which of the two it is",
    cautions: &[HEAP_ONLY, LEAKS_OR_PEAK],
    sniff: sniff_table,
    read: read_table,
};

const HEAP_ONLY: Caution = Caution {
    code: "outside_heap",
    text: "memray counts what allocators handed out: RSS holds the interpreter, libraries and freed memory beside it",
    seen: "1.20: peak 48 MiB, RSS 93 (memray's own included)",
};

const KILLED: Caution = Caution {
    code: "ended_without_closing",
    text: "the recording has no end: the program was killed, and its duration is not known",
    seen: "1.20: SIGKILL leaves end_time equal to start_time",
};

const LEAKS_OR_PEAK: Caution = Caution {
    code: "leaks_or_peak",
    text: "nothing in the table tells whether it holds the peak or, made with --leaks, what was never freed",
    seen: "1.20: the same header; a module's own objects are missing from --leaks",
};

/// The first words of the table.
const COLUMNS: &str = "allocator,num_allocations,size,tid,thread_name,stack_trace";

fn sniff_stats(head: &Head<'_>) -> Certainty {
    (head.is_json() && head.has_all(&["\"total_num_allocations\"", "\"allocation_size_histogram\""])).into()
}

fn sniff_table(head: &Head<'_>) -> Certainty {
    head.first_line().starts_with(COLUMNS).into()
}

#[derive(Deserialize)]
struct Stats {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    start_time: Option<String>,
    end_time: Option<String>,
    peak_memory: f64,
    command_line: Option<String>,
    pid: Option<u32>,
}

fn read_stats(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let Stats { metadata } = input.json()?;
    let started = metadata.start_time.as_deref().and_then(moment);
    let ended = metadata.end_time.as_deref().and_then(moment);
    let runtime_s = started.zip(ended).map(|(from, to)| to.duration_since(from).as_secs_f64());
    let runtime_s = runtime_s.filter(|seconds| *seconds > 0.0);
    let time_base = if started.is_some() { TimeBase::Absolute } else { TimeBase::None };
    let origin = STATS.origin(Measure::HeapUsed, Precision::SingleFigure, time_base);
    let peak = sized(metadata.peak_memory, 1.0).ok_or(ReadError::NoSamples("memray statistics"))?;
    let at = started.and_then(|at| i64::try_from(at.as_nanosecond()).ok());
    let mut run = single(origin, peak, at, Task { runtime_s, ..Task::default() });
    run.process.pid = metadata.pid.unwrap_or(0);
    run.process.command = metadata.command_line.as_deref().and_then(script);
    run.warnings.push(HEAP_ONLY.warning());
    run.warnings.extend(runtime_s.is_none().then(|| KILLED.warning()));
    told(vec![run], &input.faults, "memray statistics")
}

/// `2026-11-29 18:10:46.225000+00:00`.
fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// The script of `memray run … job.py`.
fn script(command: &str) -> Option<String> {
    let words = || command.split_ascii_whitespace();
    words().find(|word| word.ends_with(".py")).or_else(|| words().next()).map(str::to_owned)
}

fn read_table(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut bytes = 0.0;
    let mut rows = 0_usize;
    while let Some(line) = input.lines.next()? {
        if line.number == 1 && line.text.starts_with(COLUMNS) || line.text.is_empty() {
            continue;
        }
        let size = row_size(line.text).filter(|_| line.whole || line.text.contains(';'));
        let Some(size) = size else {
            input.faults.expected(line.number, "a row with a size", line.text);
            continue;
        };
        bytes += size;
        rows += 1;
    }
    let origin = TABLE.origin(Measure::HeapUsed, Precision::SingleFigure, TimeBase::None);
    let heap = sized(bytes, 1.0).filter(|_| rows > 0);
    let mut runs: Vec<Run> =
        heap.map(|heap| single(origin, heap, None, Task::default())).into_iter().collect();
    runs.iter_mut().for_each(|run| run.warnings.extend([HEAP_ONLY.warning(), LEAKS_OR_PEAK.warning()]));
    told(runs, &input.faults, "memray table")
}

/// The third column, in bytes; the columns before it are never quoted.
fn row_size(row: &str) -> Option<f64> {
    let mut columns = row.splitn(4, ',');
    let size: u64 = columns.nth(2)?.parse().ok()?;
    columns.next()?;
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 bytes")]
    let size = size as f64;
    Some(size)
}
