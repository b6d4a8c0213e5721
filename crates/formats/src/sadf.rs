//! sadf's forms of the machine's memory: JSON, `;` columns, XML and one value a line.

use std::collections::BTreeMap;

use memtool_profile_model::{Measure, Precision, ReadError, Run, Snapshot, TimeBase};
use serde::Deserialize;

use crate::clock::moment;
use crate::head::Head;
use crate::input::Input;
use crate::number::{kib, number};
use crate::reader::{Caution, Certainty, Reader};
use crate::sar::{OTHER_USED, without_memory};
use crate::trace::{Trace, sample};
use crate::traces::finished;

pub(crate) const READER: Reader = Reader {
    name: "sadf",
    tool: "sadf",
    versions: "12.6 and 12.7",
    record: "sar -r -o sar.bin 1 60 > /dev/null; sadf -j sar.bin -- -r > sar.json",
    tells: "memory in use of the whole machine over time",
    cannot_tell: "which job used it",
    cautions: &[OTHER_USED, LOCAL_TIME],
    marks: &[";timestamp;", "sysstat", "kbmemused"],
    sniff,
    read,
};

const LOCAL_TIME: Caution = Caution {
    code: "local_time",
    text: "times are local and the file does not hold their offset: they are taken for UTC",
    seen: "12.6: sadf -T -j writes the zone of the recording machine beside local times",
};

/// What to do with a JSON document that is too large.
const AS_TABLE: &str = "`sadf -d FILE -- -r` prints the same as a table, which is read row by row";

fn sniff(head: &Head<'_>) -> Certainty {
    let columns = head.lines().any(|line| line.starts_with("# hostname;") && line.contains(";timestamp;"));
    let lines = head.lines().take(200).any(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        cells.len() >= 5 && cells.contains(&"kbmemused")
    });
    let json = head.is_json() && head.has_all(&["\"sysstat\"", "\"hosts\""]);
    let xml = head.has_all(&["<sysstat", "<host"]);
    (columns || lines || json || xml).into()
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let origin = READER.origin(Measure::Machine, Precision::Sampled, TimeBase::Absolute);
    let mut trace = Trace::new(origin, input.limits.samples);
    trace.warn(OTHER_USED.warning());
    let is_json = input.peek()?.starts_with(b"{");
    let local = if is_json { json(input, &mut trace)? } else { lines(input, &mut trace)? };
    if local {
        trace.warn(LOCAL_TIME.warning());
    }
    if trace.len() == 0 && input.faults.warnings().next().is_none() {
        return Err(without_memory());
    }
    finished([trace], &input.faults, "sadf file")
}

#[derive(Deserialize)]
struct Document {
    sysstat: Sysstat,
}

#[derive(Deserialize)]
struct Sysstat {
    hosts: Vec<Machine>,
}

#[derive(Deserialize)]
struct Machine {
    #[serde(default)]
    statistics: Vec<Statistic>,
}

#[derive(Deserialize)]
struct Statistic {
    timestamp: Option<Stamp>,
    memory: Option<BTreeMap<String, serde_json::Value>>,
}

#[derive(Deserialize)]
struct Stamp {
    date: String,
    time: String,
    utc: Option<u8>,
    tz: Option<String>,
}

impl Stamp {
    fn is_local(&self) -> bool {
        self.utc == Some(0) || self.tz.as_ref().is_some_and(|zone| zone != "UTC")
    }
}

/// Reads the JSON form, and tells whether its times are local.
fn json(input: &mut Input<'_>, trace: &mut Trace) -> Result<bool, ReadError> {
    let document: Document = input.json(AS_TABLE)?;
    let mut local = false;
    for statistic in document.sysstat.hosts.into_iter().flat_map(|host| host.statistics) {
        let (Some(stamp), Some(memory)) = (statistic.timestamp, statistic.memory) else { continue };
        let figure = |name: &str| memory.get(name).and_then(serde_json::Value::as_f64);
        let size = |name: &str| kib(&figure(name)?.to_string());
        local |= stamp.is_local();
        let taken = size("memused").zip(moment(&format!("{} {}", stamp.date, stamp.time))).is_some_and(
            |(used, at)| {
                let system_percent = figure("memused-percent");
                trace.push(at, Snapshot { available: size("avail"), system_percent, ..sample(used) })
            },
        );
        if !taken {
            trace.missing();
        }
    }
    Ok(local)
}

/// Whether a stamp is neither UTC nor seconds since 1970.
fn is_local(stamp: &str) -> bool {
    !stamp.contains("UTC") && number(stamp).is_none() && !stamp.is_empty()
}

/// Reads the other forms line by line, and tells whether their times are local.
fn lines(input: &mut Input<'_>, trace: &mut Trace) -> Result<bool, ReadError> {
    let (mut names, mut local): (Vec<String>, _) = (Vec::new(), false);
    let mut pending = Pending::default();
    while let Some(line) = input.lines.next()? {
        let text = line.certain().trim();
        if let Some(header) = text.strip_prefix("# hostname;") {
            names = header.split(';').map(str::to_owned).collect();
        } else if text.starts_with('<') {
            local |= pending.xml(text, trace);
        } else if text.contains(';') && !names.is_empty() {
            let cells: Vec<&str> = text.split(';').skip(1).collect();
            let cell = |name: &str| cells.get(names.iter().position(|column| column == name)?).copied();
            let stamp = cell("timestamp").unwrap_or_default();
            local |= is_local(stamp);
            let row = moment(stamp).zip(cell("kbmemused").and_then(kib));
            let available = cell("kbavail").and_then(kib);
            let system_percent = cell("%memused").and_then(number);
            // Another table, or LINUX-RESTART, has no such column.
            let taken = row.is_some_and(|(at, used)| {
                trace.push(at, Snapshot { available, system_percent, ..sample(used) })
            });
            if !taken && names.iter().any(|name| name == "kbmemused") && !text.contains("LINUX-RESTART") {
                input.faults.unread(line, "a timestamp and kbmemused");
            }
        } else if text.contains('\t') {
            let cells: Vec<&str> = text.split('\t').collect();
            local |= cells.get(2).is_some_and(|stamp| is_local(stamp));
            if !pending.value(&cells, trace) && cells.contains(&"kbmemused") {
                input.faults.unread(line, "a timestamp and a value of kbmemused");
            }
        }
    }
    pending.flush(trace);
    Ok(local)
}

/// A sample whose values stand on lines of their own.
#[derive(Default)]
struct Pending {
    at: Option<i64>,
    snapshot: Option<Snapshot>,
    available: Option<memtool_profile_model::Mib>,
}

impl Pending {
    fn begin(&mut self, at: Option<i64>, trace: &mut Trace) {
        if at != self.at {
            self.flush(trace);
            self.at = at;
        }
    }

    fn flush(&mut self, trace: &mut Trace) {
        let (at, available) = (self.at.take(), self.available.take());
        if let (Some(at), Some(snapshot)) = (at, self.snapshot.take())
            && !trace.push(at, Snapshot { available, ..snapshot })
        {
            trace.missing();
        }
    }

    /// Takes a line of the XML form, and tells whether its time is local.
    fn xml(&mut self, text: &str, trace: &mut Trace) -> bool {
        let attribute = |name: &str| {
            let from = text.find(&format!("{name}=\""))? + name.len() + 2;
            text[from..].split('"').next()
        };
        let element = |name: &str| {
            let from = text.find(&format!("<{name}>"))? + name.len() + 2;
            kib(text[from..].split('<').next()?)
        };
        if text.starts_with("<timestamp ")
            && let (Some(date), Some(time)) = (attribute("date"), attribute("time"))
        {
            self.begin(moment(&format!("{date} {time}")), trace);
            return attribute("utc") == Some("0") || attribute("tz").is_some_and(|zone| zone != "UTC");
        }
        self.available = element("avail").or(self.available);
        if let Some(used) = element("memused") {
            self.snapshot = Some(sample(used));
        }
        false
    }

    /// Takes a line of the form with one value: host, interval, time, device, name, value.
    fn value(&mut self, cells: &[&str], trace: &mut Trace) -> bool {
        let [_, _, stamp, .., name, value] = cells else { return false };
        let Some((at, figure)) = moment(stamp).zip(number(value)) else { return false };
        self.begin(Some(at), trace);
        match *name {
            "kbmemused" => self.snapshot = kib(value).map(sample),
            "kbavail" => self.available = kib(value),
            "%memused" => {
                if let Some(snapshot) = &mut self.snapshot {
                    snapshot.system_percent = Some(figure);
                }
            }
            _ => {}
        }
        true
    }
}
