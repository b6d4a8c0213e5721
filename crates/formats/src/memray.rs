//! memray's `stats`, as JSON or text, and its `transform csv`: the heap at its largest, without a course over time.

use jiff::Timestamp;
use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Task, TimeBase};
use serde::Deserialize;

use crate::head::Head;
use crate::input::Input;
use crate::number::{number, sized};
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
    marks: &["total_num_allocations"],
    sniff: sniff_stats,
    read: read_stats,
};

/// The reader of the text of `memray stats`.
pub(crate) const TEXT: Reader = Reader {
    name: "memray-text",
    tool: "memray stats",
    versions: "1.10 to 1.20",
    record: "memray run -o job.bin job.py && memray stats job.bin > stats.txt",
    tells: "the largest heap, to the digits printed",
    cannot_tell: "a course over time; RSS; when and how long it ran (memray stats --json has it)",
    cautions: &[HEAP_ONLY, UNIT_BY_VERSION],
    marks: &["Peak memory usage"],
    sniff: sniff_text,
    read: read_text,
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
    marks: &["num_allocations"],
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

const UNIT_BY_VERSION: Caution = Caution {
    code: "unit_by_version",
    text: "memray's MB is 2^20 bytes up to 1.17 and 10^6 from 1.18 on: which it is was told by its spelling of kB",
    seen: "1.17.2 and 1.18.0: KB became kB",
};

/// The line before the peak.
const PEAK: &str = "Peak memory usage:";

/// The first words of the table.
const COLUMNS: &str = "allocator,num_allocations,size,tid,thread_name,stack_trace";

fn sniff_stats(head: &Head<'_>) -> Certainty {
    (head.is_json() && head.has_all(&["\"total_num_allocations\"", "\"allocation_size_histogram\""])).into()
}

fn sniff_text(head: &Head<'_>) -> Certainty {
    head.has_all(&[PEAK, "Total memory allocated:"]).into()
}

/// Reads the size on the line after its name; the unit's powers are known by how `kB` is spelt.
fn read_text(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let (mut is_next, mut peak, mut thousands) = (false, None, true);
    while let Some(line) = input.lines.next()? {
        let text = line.text.trim();
        if is_next {
            peak = Some(text.to_owned());
        }
        is_next = text.ends_with(PEAK);
        thousands &= !text.contains("KB");
    }
    let peak = peak.as_deref().and_then(|text| size(text, if thousands { 1000.0 } else { 1024.0 }));
    let origin = TEXT.origin(Measure::HeapUsed, Precision::SingleFigure, TimeBase::None);
    let mut runs: Vec<Run> =
        peak.map(|peak| single(origin, peak, None, Task::default())).into_iter().collect();
    runs.iter_mut().for_each(|run| run.warnings.extend([HEAP_ONLY.warning(), UNIT_BY_VERSION.warning()]));
    told(runs, &input.faults, "memray statistics")
}

/// A size such as `41.993MB`, in powers of `step`.
fn size(text: &str, step: f64) -> Option<Mib> {
    let end = text.find(|c: char| c.is_ascii_alphabetic())?;
    let power =
        ["B", "KB", "MB", "GB", "TB"].iter().position(|unit| text[end..].eq_ignore_ascii_case(unit))?;
    sized(number(&text[..end])?, step.powi(i32::try_from(power).ok()?))
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
    let Stats { metadata } =
        input.json("memray's statistics are far smaller: make them again with `memray stats --json`")?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn peak_mb(kilobytes: &str) -> f64 {
        let text = format!(
            "Total memory allocated:\n\t325.346MB\n\nPeak memory usage:\n\t41.943MB\n\n\t< 1.024{kilobytes}: 92\n"
        );
        assert_eq!(sniff_text(&Head::new(text.as_bytes())), Certainty::Yes);
        let mut bytes = text.as_bytes();
        let runs = read_text(&mut Input::new(&mut bytes, Limits::default())).expect("a peak");
        runs[0].snapshots[0].rss.map_or(0.0, Mib::get)
    }

    #[test]
    fn the_unit_of_the_text_is_known_by_its_spelling() {
        assert!((peak_mb("kB") - 40.0).abs() < 1e-3 && (peak_mb("KB") - 41.943).abs() < 1e-9);
    }
}
