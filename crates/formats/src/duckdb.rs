//! DuckDB's profile of a query, flat up to 1.5 and nested from 2.0, and its table of memory by tag.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Task, TimeBase};
use serde::Deserialize;

use crate::head::Head;
use crate::input::Input;
use crate::number::{number, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::single;
use crate::traces::told;

pub(crate) const READER: Reader = Reader {
    name: "duckdb",
    tool: "DuckDB",
    versions: "1.4, 1.5 and 2.0",
    record: "PRAGMA enable_profiling='json'; SET profiling_output='profile.json'; then the query",
    tells: "peak of the buffer manager, runtime of the query",
    cannot_tell: "memory of the process, which may be larger or smaller; anything over time",
    cautions: &[BUFFER_MANAGER],
    marks: &["latency", "operator", "peak_buffer_memory", "memory_usage_bytes"],
    sniff,
    read,
};

const BUFFER_MANAGER: Caution = Caution {
    code: "buffer_manager",
    text: "the figure is the buffer manager's, not RSS: the process may hold more, or less, and passes memory_limit \
           by half",
    seen: "1.5.6: 349 MiB beside a VmHWM of 231; RSS passes memory_limit by 55 to 65 %",
};

/// What to do with a profile that is too large.
const ONE_QUERY: &str = "write the profile of each query into a file of its own";

const TAGS: &str = "tag,memory_usage_bytes,temporary_storage_bytes";

fn sniff(head: &Head<'_>) -> Certainty {
    let flat = head.has_all(&["\"system_peak_buffer_memory\"", "\"latency\""])
        || head.has_all(&["\"latency\"", "\"cumulative_cardinality\"", "\"operator_"]);
    let nested = head.has_all(&["\"operator\"", "\"intermediate_rows\""])
        || head.has_all(&["\"peak_buffer_memory\"", "\"query\""]);
    (head.first_line().starts_with(TAGS) || head.is_json() && (flat || nested)).into()
}

#[derive(Deserialize)]
struct Profile {
    latency: Option<f64>,
    system_peak_buffer_memory: Option<f64>,
    query_name: Option<String>,
    query: Option<Query>,
    system: Option<System>,
}

#[derive(Deserialize)]
struct Query {
    total_time: Option<f64>,
    latency: Option<f64>,
    #[serde(alias = "query_name", alias = "query")]
    name: Option<String>,
}

#[derive(Deserialize)]
struct System {
    peak_buffer_memory: Option<f64>,
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let run =
        if input.peek()?.starts_with(b"tag") { by_tag(input)? } else { profile(input.json(ONE_QUERY)?) };
    let runs = run.ok_or_else(|| ReadError::Refused {
        what: "a DuckDB profile without system_peak_buffer_memory".to_owned(),
        advice: "it was switched off in custom_profiling_settings, or the version is older than 1.4"
            .to_owned(),
    })?;
    told(vec![runs], &input.faults, "DuckDB profile")
}

fn profile(profile: Profile) -> Option<Run> {
    let system = profile.system.and_then(|system| system.peak_buffer_memory);
    let peak = sized(profile.system_peak_buffer_memory.or(system)?, 1.0)?;
    let query = profile.query.as_ref();
    let runtime_s = profile.latency.or_else(|| query.and_then(|query| query.total_time.or(query.latency)));
    let name = profile.query_name.or_else(|| query.and_then(|query| query.name.clone()));
    let group = name
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|text| !text.is_empty());
    Some(figure(peak, Task { group, runtime_s, ..Task::default() }))
}

fn by_tag(input: &mut Input<'_>) -> Result<Option<Run>, ReadError> {
    let mut sum: Option<f64> = None;
    while let Some(line) = input.lines.next()? {
        match line.text.split(',').nth(1).and_then(number) {
            Some(bytes) => sum = Some(sum.unwrap_or(0.0) + bytes),
            None if line.number == 1 || line.text.is_empty() => {}
            None => input.faults.expected(line.number, "a tag and bytes", line.text),
        }
    }
    Ok(sum.and_then(|bytes| sized(bytes, 1.0)).map(|bytes| figure(bytes, Task::default())))
}

fn figure(peak: Mib, task: Task) -> Run {
    let origin = READER.origin(Measure::HeapUsed, Precision::SingleFigure, TimeBase::None);
    let mut run = single(origin, peak, None, task);
    run.warnings.push(BUFFER_MANAGER.warning());
    run
}
