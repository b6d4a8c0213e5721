//! JSON lines, an array of objects, or a document that holds one, as people write with psutil: a time, and `memory_info` of one process or of several.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, TimeBase};
use serde_json::Value;

use crate::clock::{epoch, moment};
use crate::head::Head;
use crate::input::Input;
use crate::number::sized;
use crate::reader::{Caution, Certainty, Reader};
use crate::records::{Records, array};
use crate::trace::{Trace, sample};
use crate::traces::finished;

pub(crate) const READER: Reader = Reader {
    name: "psutil",
    tool: "psutil",
    versions: "5 to 7",
    record: "print(json.dumps({\"time\": time.time(), \"rss\": psutil.Process().memory_info().rss})) in a loop",
    tells: "memory over time of a process, or the sum of those in a line",
    cannot_tell: "peaks between lines",
    cautions: &[SHARED_PAGES],
    marks: &["rss", "memory_info", "memory_full_info"],
    sniff,
    read,
};

const SHARED_PAGES: Caution = Caution {
    code: "shared_pages",
    text: "the processes of a line are added up: pages they share count once for each",
    seen: "7.2: 451 MiB RSS of a pool beside 184 MiB PSS",
};

const TIMES: [&str; 5] = ["time", "timestamp", "ts", "t", "at"];
/// The smallest page of any system, in bytes.
const PAGE: u64 = 4096;
const LISTS: [&str; 4] = ["procs", "processes", "children", "tree"];

fn sniff(head: &Head<'_>) -> Certainty {
    let Some(first) = head.first_object() else { return Certainty::No };
    if first.contains("\"memory_info\"") || first.contains("\"memory_full_info\"") {
        return Certainty::Yes;
    }
    let line: Result<Value, _> = serde_json::from_str(&first);
    // Bytes are whole pages, what people divide into other units hardly ever is.
    let in_bytes = |rss: &Value| rss.as_u64().is_some_and(|rss| rss > 0 && rss % PAGE == 0);
    let plain = line.is_ok_and(|line| time(&line).is_some() && in_bytes(&line["rss"]));
    let other = head
        .document()
        .unit
        .is_some_and(|unit| !["b", "byte", "bytes"].contains(&unit.to_ascii_lowercase().as_str()));
    if plain && !other { Certainty::Maybe } else { Certainty::No }
}

fn time(line: &Value) -> Option<i64> {
    TIMES.iter().find_map(|name| match &line[name] {
        Value::Number(seconds) => epoch(seconds.as_f64()?),
        Value::String(text) => moment(text),
        _ => None,
    })
}

/// Bytes of one process: RSS, virtual and PSS.
fn process(value: &Value) -> Option<[Option<f64>; 3]> {
    let info =
        if value["memory_info"].is_null() { &value["memory_full_info"] } else { &value["memory_info"] };
    let info = if info.is_null() { value } else { info };
    // A named tuple that was dumped is a list: rss, vms.
    let figure = |name: &str, at: usize| info[name].as_f64().or_else(|| info[at].as_f64());
    let rss = figure("rss", 0)?;
    Some([
        Some(rss),
        figure("vms", 1),
        value["memory_full_info"]["pss"].as_f64().or_else(|| info["pss"].as_f64()),
    ])
}

/// The sum over the processes of a line, and how many they are.
fn sum(line: &Value) -> Option<(usize, [Option<f64>; 3])> {
    let mut all: Vec<[Option<f64>; 3]> = process(line).into_iter().collect();
    for list in LISTS.iter().map(|name| &line[name]) {
        match list {
            Value::Array(list) => all.extend(list.iter().filter_map(process)),
            Value::Object(map) => all.extend(map.values().filter_map(process)),
            _ => {}
        }
    }
    let total = |which: usize| all.iter().map(|figures| figures[which]).sum::<Option<f64>>();
    (!all.is_empty()).then(|| (all.len(), [total(0), total(1), total(2)]))
}

/// Times before this count from the start of the log: the year 1973, in nanoseconds since 1970.
const DATES_FROM: i64 = 100_000_000_000_000_000;

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let (mut trace, mut most, samples) = (None, 0, input.limits.samples);
    let array = array(input)?;
    let mut records = Records::new(&mut input.lines, array);
    while let Some(line) = records.next()? {
        if line.text.trim().is_empty() {
            continue;
        }
        let Ok(value) = serde_json::from_str::<Value>(line.text) else {
            match line.whole {
                true => input.faults.expected(line.number, "a JSON object", line.text),
                false => input.faults.torn(line.number),
            }
            continue;
        };
        let Some((at, (processes, [rss, vms, pss]))) = time(&value).zip(sum(&value)) else {
            input.faults.expected(line.number, "a time and memory_info or rss", line.text);
            continue;
        };
        let trace = trace.get_or_insert_with(|| {
            let base = if at >= DATES_FROM { TimeBase::Absolute } else { TimeBase::Relative };
            Trace::new(READER.origin(Measure::ProcessRss, Precision::Sampled, base), samples)
        });
        let size = |bytes: Option<f64>| bytes.and_then(|bytes| sized(bytes, 1.0));
        most = most.max(processes);
        match size(rss) {
            Some(rss) if rss == Mib::ZERO => trace.missing(),
            Some(rss) if trace.push(at, Snapshot { vms: size(vms), pss: size(pss), ..sample(rss) }) => {}
            _ => input.faults.expected(line.number, "RSS in bytes", line.text),
        }
    }
    if let (true, Some(trace)) = (most > 1, &mut trace) {
        trace.run.origin.iter_mut().for_each(|origin| origin.measure = Measure::TreeRss);
        trace.warn(SHARED_PAGES.warning());
    }
    finished(trace, &input.faults, "log of psutil")
}
