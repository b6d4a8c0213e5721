//! Any table of a person's own, CSV, JSON lines or a JSON array of objects, read by a mapping of its columns.

use std::fmt;
use std::str::FromStr;

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, Task, TimeBase, printable};
use serde_json::Value;

use crate::clock::{duration, moment};
use crate::csv::{separator, split};
use crate::guess::{self, time_unit};
use crate::head::Head;
use crate::input::Input;
use crate::json_rows::{Document, names_of};
use crate::number::{number, size};
use crate::reader::{Certainty, Reader};
use crate::records::{Elements, Records, array};
use crate::trace::{nanos, sample, single};
use crate::traces::{Traces, told};

/// How a table that a mapping reads is named in output.
const READER: Reader = Reader {
    name: "columns",
    tool: "table",
    versions: "",
    record: "a CSV file with a header, or JSON lines, with --columns time=ts,rss=mem_kb:KiB",
    tells: "what the mapping says",
    cannot_tell: "what was measured",
    cautions: &[],
    marks: &[],
    sniff: |_| Certainty::No,
    read: |_| Err(ReadError::UnknownFormat("a table needs a mapping".to_owned())),
};

/// What a column may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Time,
    Rss,
    Pss,
    Vms,
    Available,
    Operation,
    Run,
    Peak,
    Runtime,
}

impl Role {
    const ALL: [(&'static str, Self); 9] = [
        ("time", Self::Time),
        ("rss", Self::Rss),
        ("pss", Self::Pss),
        ("vms", Self::Vms),
        ("available", Self::Available),
        ("operation", Self::Operation),
        ("run", Self::Run),
        ("peak", Self::Peak),
        ("runtime", Self::Runtime),
    ];
}

/// Which column of a table is what, such as `time=ts:ms,rss=mem_kb:KiB,operation=stage`.
///
/// Roles are `time`, `rss`, `pss`, `vms`, `available`, `operation`, and `run`, whose values part the
/// table into runs; or `peak`, with `runtime` and `run`, where each row is a run of its own. A time without a unit is read as a date, or as seconds since 1970 or the
/// start; a size without one is in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(Vec<(Role, String, Option<String>)>);

/// Why a mapping of columns cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadColumns(String);

impl fmt::Display for BadColumns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadColumns {}

impl FromStr for Columns {
    type Err = BadColumns;

    fn from_str(text: &str) -> Result<Self, BadColumns> {
        let mut columns = Vec::new();
        for part in parts(text).iter().map(|part| part.trim()).filter(|part| !part.is_empty()) {
            let (role, column) = part
                .split_once('=')
                .ok_or_else(|| BadColumns(format!("expected ROLE=COLUMN[:UNIT], found {part:?}")))?;
            let known = Role::ALL.iter().find(|(name, _)| *name == role.trim());
            let (_, role) = *known.ok_or_else(|| {
                let names = Role::ALL.map(|(name, _)| name).join(", ");
                BadColumns(format!("expected one of {names} before =, found {role:?}"))
            })?;
            if columns.iter().any(|(other, _, _)| *other == role) {
                return Err(BadColumns(format!("{part:?} gives a role a second column")));
            }
            let (column, unit) = unit_of(role, column);
            columns.push((role, column.to_owned(), unit));
        }
        let columns = Self(columns);
        let has = |role| columns.get(role).is_some();
        let by_rows =
            [Role::Time, Role::Pss, Role::Vms, Role::Available, Role::Operation].map(has).contains(&true);
        match (has(Role::Rss), has(Role::Peak)) {
            (false, false) => Err(BadColumns("expected rss=COLUMN among them, or peak=COLUMN".to_owned())),
            (true, true) => Err(BadColumns("expected rss=COLUMN or peak=COLUMN, not both".to_owned())),
            (false, true) if by_rows => Err(BadColumns(
                "expected only run=COLUMN and runtime=COLUMN beside peak=COLUMN: each row is a run then"
                    .to_owned(),
            )),
            (true, false) if has(Role::Runtime) => {
                Err(BadColumns("expected peak=COLUMN beside runtime=COLUMN".to_owned()))
            }
            _ => Ok(columns),
        }
    }
}

/// The parts of a mapping: a comma before `ROLE=` parts two, any other belongs to a column's name.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (comma, _) in text.match_indices(',') {
        let next = text[comma + 1..].split(['=', ',']).next().unwrap_or_default();
        let is_role = text[comma + 1 + next.len()..].starts_with('=')
            && next.trim().bytes().all(|byte| byte.is_ascii_lowercase());
        if is_role {
            parts.push(&text[from..comma]);
            from = comma + 1;
        }
    }
    parts.push(&text[from..]);
    parts
}

/// Parts a unit from a column's name, which may hold colons itself.
fn unit_of(role: Role, column: &str) -> (&str, Option<String>) {
    let is_unit = |unit: &str| match role {
        Role::Time | Role::Runtime => time_unit(unit).is_some(),
        Role::Operation | Role::Run => false,
        _ => unit.parse::<f64>().is_err() && size(&format!("1{unit}"), 1.0).is_some(),
    };
    match column.rsplit_once(':').filter(|(_, unit)| is_unit(unit)) {
        Some((name, unit)) => (name, Some(unit.to_owned())),
        None => (column, None),
    }
}

/// A row whose cells are found by name.
enum Cells<'a> {
    Text(Vec<String>, &'a [String]),
    Json(Value),
}

impl Cells<'_> {
    fn get(&self, name: &str) -> Option<String> {
        match self {
            Self::Text(cells, names) => cells.get(names.iter().position(|column| column == name)?).cloned(),
            Self::Json(value) => match name.split('.').try_fold(value, |inner, part| inner.get(part))? {
                Value::String(text) => Some(text.clone()),
                Value::Null | Value::Array(_) | Value::Object(_) => None,
                other => Some(other.to_string()),
            },
        }
    }
}

/// The columns of a text that may be a table: CSV with a header, or JSON lines.
pub(crate) fn found(head: &Head<'_>) -> Option<Vec<String>> {
    if let Some(object) = head.first_object() {
        let value: Value = serde_json::from_str(&object).ok()?;
        let mut names = Vec::new();
        names_of(&value, "", &mut names);
        // Rows that lie an interval apart need no time of their own.
        let least = if head.document().interval_s.is_some() { 1 } else { 2 };
        return Some(names).filter(|names| names.len() >= least);
    }
    let first = head.first_line();
    let separator = separator(first);
    let names = header(first, separator);
    let rows = head.lines().skip(1).take(3).filter(|line| split(line, separator).len() == names.len());
    // The first may be empty: pandas writes an index without a name.
    let is_letter = |c: char| !c.is_control() && c != char::REPLACEMENT_CHARACTER;
    let is_name = |name: &String| !name.is_empty() && name.chars().all(is_letter) && moment(name).is_none();
    let named = names.iter().skip(usize::from(names.first().is_some_and(String::is_empty)));
    // Any text has words between blanks: only a mapping makes a table of it.
    (separator != ' '
        && names.len() >= 2
        && named.clone().count() >= 1
        && named.clone().all(is_name)
        && rows.count() >= 1)
        .then_some(names)
}

/// The names in a table's first line.
fn header(line: &str, separator: char) -> Vec<String> {
    split(line.trim_start_matches('#').trim_start(), separator)
}

/// What to tell of a table that has no mapping: its columns, and a mapping that they suggest.
pub(crate) fn refuse(names: &[String], document: &Document) -> ReadError {
    let (unit, has_interval) = (document.unit.as_deref(), document.interval_s.is_some());
    let named: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    let time = guess::time(&named).unwrap_or_else(|| "COLUMN".to_owned());
    let memory = guess::memory(&named).unwrap_or_else(|| "COLUMN:UNIT".to_owned());
    let memory = unit.map_or_else(|| memory.clone(), |unit| memory.replace(":UNIT", &format!(":{unit}")));
    // A table of peaks has a run in each row.
    let peak = guess::peak(&named).filter(|_| memory == "COLUMN:UNIT" || guess::has_no_moment(&named));
    let of_runs = peak.map(|peak| {
        let more = [("runtime", guess::runtime(&named)), ("run", guess::run(&named))];
        let more = more.iter().filter_map(|(role, column)| Some(format!(",{role}={}", column.as_ref()?)));
        format!("peak={peak}{}", more.collect::<String>())
    });
    // Rows without a time may lie an interval apart that stands beside them.
    let mapping = match (of_runs, time.as_str(), has_interval) {
        (Some(of_runs), ..) => of_runs,
        (None, "COLUMN", true) => format!("rss={memory}"),
        _ => format!("time={time},rss={memory}"),
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_=:,.-+/".contains(c);
    let quoted =
        if mapping.chars().all(is_plain) { mapping } else { format!("'{}'", mapping.replace('\'', "'\\''")) };
    ReadError::Refused {
        what: printable(&format!("a table with the columns {}", named[..named.len().min(40)].join(", "))),
        advice: printable(&format!("say what they are, for example --columns {quoted}")),
    }
}

/// What is wrong with an object.
fn reason(error: &serde_json::Error, text: &str) -> String {
    match ReadError::json(error, text, 1) {
        ReadError::Json { reason, .. } => reason,
        other => other.to_string(),
    }
}

/// What a document says of all its rows.
#[derive(Debug, Default)]
struct Beside {
    unit: Option<String>,
    interval_s: Option<f64>,
}

impl Beside {
    fn of(elements: &Elements) -> Self {
        Self { unit: elements.unit.clone(), interval_s: elements.interval_s }
    }

    /// The time of a row, from 1 on, that has none itself.
    fn time(&self, row: i64) -> (i64, TimeBase) {
        let stated = self.interval_s.and_then(|interval| nanos(interval * (row - 1) as f64));
        stated.map_or((row * 1_000_000_000, TimeBase::None), |at| (at, TimeBase::Relative))
    }
}

/// Reads a table by a mapping.
///
/// # Errors
/// Where a column of the mapping is not in it (those found are listed), or no row has a size.
pub(crate) fn read(columns: &Columns, input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut table: Option<(Vec<String>, char)> = None;
    let mut traces: Traces<Option<String>> = Traces::new(input.limits);
    let (mut rows, mut runs, by_rows) = (0, Vec::new(), columns.get(Role::Peak).is_some());
    let array = array(input)?;
    let beside = array.as_ref().map(Beside::of).unwrap_or_default();
    let mut records = Records::new(&mut input.lines, array);
    while let Some(line) = records.next()? {
        let text = line.text.trim();
        if text.is_empty() {
            continue;
        }
        let cells = if text.starts_with('{') {
            match serde_json::from_str(text) {
                Ok(value) => Cells::Json(value),
                Err(_) if !line.whole => {
                    input.faults.torn(line.number);
                    continue;
                }
                Err(error) => {
                    input.faults.add(line.number, || reason(&error, text));
                    continue;
                }
            }
        } else if let Some((names, separator)) = &table {
            Cells::Text(split(line.certain().trim(), *separator), names)
        } else {
            let separator = separator(text);
            let names = header(text, separator);
            columns.must_be_in(&names)?;
            table = Some((names, separator));
            continue;
        };
        rows += 1;
        if by_rows {
            match columns.run(&cells, &beside) {
                Ok(run) => runs.push(run),
                Err(expected) => input.faults.unread(line, &expected),
            }
            if runs.len() == input.limits.runs {
                break;
            }
            continue;
        }
        if let Err(expected) = columns.take(&cells, (rows, &beside), &mut traces) {
            input.faults.unread(line, &expected);
        }
    }
    if by_rows {
        return told(runs, &input.faults, "table");
    }
    traces.finish(&input.faults, "table")
}

impl Columns {
    /// Whether a file begins as a table that has all of these columns.
    #[must_use]
    pub fn fit(&self, head: &Head<'_>) -> bool {
        found(head).is_some_and(|names| self.0.iter().all(|(_, column, _)| names.contains(column)))
    }

    fn get(&self, role: Role) -> Option<(&str, Option<&str>)> {
        let found = self.0.iter().find(|(other, _, _)| *other == role)?;
        Some((&found.1, found.2.as_deref()))
    }

    fn must_be_in(&self, names: &[String]) -> Result<(), ReadError> {
        let missing = self.0.iter().find(|(_, column, _)| !names.contains(column));
        missing.map_or(Ok(()), |(_, column, _)| {
            Err(ReadError::Refused {
                what: printable(&format!("a table without a column {column:?}")),
                advice: printable(&format!("its columns are {}", names.join(", "))),
            })
        })
    }

    /// The run that a row is, where rows have peaks; the error is what was expected of it.
    fn run(&self, cells: &Cells<'_>, beside: &Beside) -> Result<Run, String> {
        let cell = |role| self.get(role).and_then(|(column, unit)| Some((cells.get(column)?, unit)));
        let expected = || format!("a value of {}", self.get(Role::Peak).map_or("", |(column, _)| column));
        let (text, unit) = cell(Role::Peak).ok_or_else(expected)?;
        let unit = unit.or(beside.unit.as_deref()).unwrap_or_default();
        let peak = size(&format!("{text}{unit}"), 1.0).or_else(|| size(&text, 1.0)).ok_or_else(expected)?;
        let runtime_s =
            cell(Role::Runtime).and_then(|(text, unit)| match unit.and_then(time_unit).zip(number(&text)) {
                Some((seconds, value)) => Some(value * seconds),
                None => duration(&text),
            });
        let group = cell(Role::Run).map(|(text, _)| text);
        let task = Task { group: group.clone(), runtime_s, ..Task::default() };
        let (measure, precision, base) = (Measure::ProcessRss, Precision::SingleFigure, TimeBase::None);
        let origin = match group {
            Some(name) => READER.part(measure, precision, base, name),
            None => READER.origin(measure, precision, base),
        };
        Ok(single(origin, peak, None, task))
    }

    /// Takes one row; the error is what was expected of it.
    fn take(
        &self,
        cells: &Cells<'_>,
        (row, beside): (i64, &Beside),
        traces: &mut Traces<Option<String>>,
    ) -> Result<(), String> {
        let cell = |role| self.get(role).and_then(|(column, unit)| Some((cells.get(column)?, unit)));
        let memory = |role| -> Option<Mib> {
            let (text, unit) = cell(role)?;
            let unit = unit.or(beside.unit.as_deref()).unwrap_or_default();
            size(&format!("{text}{unit}"), 1.0).or_else(|| size(&text, 1.0))
        };
        let expected = |role: Role| {
            let column = self.get(role).map_or("", |(column, _)| column);
            format!("a value of {column}")
        };
        let rss = memory(Role::Rss).ok_or_else(|| expected(Role::Rss))?;
        let (at, base) = match self.get(Role::Time) {
            None => beside.time(row),
            Some(_) => cell(Role::Time)
                .and_then(|(text, unit)| time(&text, unit))
                .ok_or_else(|| expected(Role::Time))?,
        };
        let key = cell(Role::Run).map(|(text, _)| text);
        let name = key.clone();
        let origin = || match name {
            Some(name) => READER.part(Measure::ProcessRss, Precision::Sampled, base, name),
            None => READER.origin(Measure::ProcessRss, Precision::Sampled, base),
        };
        let Some(trace) = traces.of(key, origin) else { return Ok(()) };
        let operation = cell(Role::Operation).filter(|(text, _)| !text.is_empty());
        let operation = operation.map(|(text, _)| trace.operation(&text));
        let (pss, vms, available) = (memory(Role::Pss), memory(Role::Vms), memory(Role::Available));
        let snapshot = Snapshot { pss, vms, available, operation, ..sample(rss) };
        if trace.push(at, snapshot) { Ok(()) } else { Err(expected(Role::Time)) }
    }
}

/// A time with its base: numbers from the year 2001 on are dates, smaller ones count from the start.
fn time(text: &str, unit: Option<&str>) -> Option<(i64, TimeBase)> {
    const YEAR_2001_S: f64 = 978_307_200.0;
    let base = |at: i64| if at as f64 >= YEAR_2001_S * 1e9 { TimeBase::Absolute } else { TimeBase::Relative };
    let at = match unit.and_then(time_unit).zip(number(text)) {
        Some((seconds, value)) => nanos(value * seconds)?,
        None => moment(text)?,
    };
    Some((at, base(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_of_objects_and_a_value_that_is_none() {
        let text =
            "[{\"t\": 0, \"m\": 1048576},\n {\"t\": 1, \"m\": NaN},\n{\"t\": 2, \"m\": 3145728}, {\"t\"";
        let runs = read_text("time=t,rss=m", text).expect("an array");
        let sizes: Vec<f64> = runs[0].snapshots.iter().filter_map(|s| s.rss).map(Mib::get).collect();
        assert_eq!(sizes, [1.0, 3.0]);
        let warnings: Vec<String> = runs[0].warnings.iter().map(ToString::to_string).collect();
        assert!(warnings[0].contains("line 2, NaN is not a number"), "{warnings:?}");
        assert!(warnings[1].contains("line 3 is torn"), "{warnings:?}");
        let cut = read_text("time=t,rss=m:MiB", "t,m\n1,100\n2,1").expect("a table");
        assert_eq!(cut[0].snapshots.len(), 1, "100 or 1?");
    }

    #[test]
    fn names_with_commas_and_without_letters() {
        let runs =
            read_text("time=Time, s,rss=Memory, MB:MiB", ",\"Time, s\",\"Memory, MB\"\n0,1,100\n1,2,200\n");
        assert_eq!(runs.expect("a table")[0].snapshots.len(), 2);
        let blanks = read_text("time=time,rss=rss:MiB", "time rss\n1795976224   2528\n1795976225 2531\n");
        assert_eq!(blanks.expect("a table")[0].snapshots[1].rss, Some(Mib::new(2531.0)));
        let pandas = Head::new(b",time,rss_mb\n0,1,100\n");
        assert_eq!(found(&pandas).expect("a table"), ["", "time", "rss_mb"]);
        let log = Head::new(
            b"2026-11-30 18:56:40,250 INFO memory 100.0 MB\n2026-11-30 18:56:41,250 INFO memory 101.0 MB\n",
        );
        assert_eq!(found(&log), None, "a date is no name");
    }

    fn read_text(mapping: &str, text: &str) -> Result<Vec<Run>, ReadError> {
        let mut bytes = text.as_bytes();
        let mut input = Input::new(&mut bytes, crate::Limits::default());
        read(&mapping.parse().expect("a mapping"), &mut input)
    }

    #[test]
    fn a_csv_with_units_and_operations() {
        let text = "ts,mem_kb,stage\n1000,2048,load\n2000,4096,\"a, b\"\nx,1,load\n";
        let runs = read_text("time=ts:ms,rss=mem_kb:KiB,operation=stage", text).expect("a table");
        let run = &runs[0];
        let sizes: Vec<f64> = run.snapshots.iter().filter_map(|s| s.rss).map(Mib::get).collect();
        assert_eq!(
            (sizes, run.operations.names()),
            (vec![2.0, 4.0], &["load".to_owned(), "a, b".to_owned()][..])
        );
        assert_eq!(run.snapshots[1].at.seconds(), 2.0);
        let warning = run.warnings[0].to_string();
        assert!(warning.contains("line 4") && warning.contains("a value of ts"), "{warning}");
    }

    #[test]
    fn a_table_of_peaks_has_a_run_in_each_row() {
        let text = "job,elapsed,max_rss_kb\nfit,0:01.50,2048\nscore,62.5,4096\nscore,-,x\n";
        let head = Head::new(text.as_bytes());
        let error = refuse(&found(&head).expect("a table"), &Document::default()).to_string();
        let mapping = "peak=max_rss_kb:KiB,runtime=elapsed,run=job";
        assert!(error.ends_with(&format!("for example --columns {mapping}")), "{error}");
        let runs = read_text(mapping, text).expect("a table");
        let of = |run: &Run| {
            let task = run.task.clone().unwrap_or_default();
            (task.group, task.runtime_s, run.snapshots[0].rss.map(Mib::get))
        };
        let expected = [
            (Some("fit".to_owned()), Some(1.5), Some(2.0)),
            (Some("score".to_owned()), Some(62.5), Some(4.0)),
        ];
        assert_eq!(runs.iter().map(of).collect::<Vec<_>>(), expected);
        assert!(runs[0].warnings[0].to_string().contains("line 4"), "{:?}", runs[0].warnings);
    }

    #[test]
    fn json_lines_and_runs() {
        let text = "{\"t\":\"2026-11-29T18:17:04Z\",\"m\":{\"rss\":1048576},\"job\":\"a\"}\n{\"t\":\"2026-11-29T18:17:05Z\",\"m\":{\"rss\":2097152},\"job\":\"b\"}\n";
        let runs = read_text("time=t,rss=m.rss,run=job", text).expect("lines");
        let parts: Vec<_> = runs.iter().filter_map(|run| run.origin.as_ref()?.part.clone()).collect();
        assert_eq!(parts, ["a", "b"]);
    }

    #[test]
    fn rows_of_a_document_with_what_stands_beside_them() {
        let text =
            r#"{"host":"n1","unit":"MiB","interval_s":0.5,"samples":[{"rss":10},{"rss":20.5},{"rss":15}]}"#;
        let run = &read_text("rss=rss", text).expect("a document")[0];
        let sizes: Vec<f64> = run.snapshots.iter().filter_map(|s| s.rss).map(Mib::get).collect();
        assert_eq!((sizes, run.snapshots[2].at.seconds()), (vec![10.0, 20.5, 15.0], 1.0));
        let head = Head::new(text.as_bytes());
        let error = refuse(&found(&head).expect("a table"), &head.document()).to_string();
        assert!(error.ends_with("for example --columns rss=rss:MiB"), "{error}");
        let frame = r#"{"t":{"0":0,"1":1,"10":10,"2":2},"rss":{"0":1,"1":2,"10":4,"2":3}}"#;
        let run = &read_text("time=t,rss=rss:MiB", frame).expect("a data frame")[0];
        let sizes: Vec<f64> = run.snapshots.iter().filter_map(|s| s.rss).map(Mib::get).collect();
        assert_eq!((sizes, run.warnings.len()), (vec![1.0, 2.0, 3.0, 4.0], 0));
    }

    #[test]
    fn a_column_that_is_not_there() {
        let error = read_text("rss=mem", "ts;memory\n1;2\n").expect_err("refused").to_string();
        assert_eq!(error, "it is a table without a column \"mem\": its columns are ts, memory");
    }

    #[test]
    fn mappings_that_cannot_be() {
        let error = |text: &str| text.parse::<Columns>().expect_err("bad").to_string();
        assert_eq!(error("time=ts"), "expected rss=COLUMN among them, or peak=COLUMN");
        assert_eq!(error("rss=a,peak=b"), "expected rss=COLUMN or peak=COLUMN, not both");
        assert!(
            error("time=t,peak=b").starts_with("expected only run=COLUMN and runtime=COLUMN beside peak")
        );
        assert_eq!(error("rss=a,runtime=t"), "expected peak=COLUMN beside runtime=COLUMN");
        assert_eq!(error("rss"), "expected ROLE=COLUMN[:UNIT], found \"rss\"");
        assert!(error("mem=x").starts_with("expected one of time, rss, pss"));
        assert_eq!(error("rss=a,rss=b"), "\"rss=b\" gives a role a second column");
    }

    #[test]
    fn a_table_without_a_mapping_suggests_one() {
        let head = Head::new(b"ts,mem_kb,stage\n1000,2048,load\n");
        let error = refuse(&found(&head).expect("a table"), &Document::default()).to_string();
        assert_eq!(
            error,
            "it is a table with the columns ts, mem_kb, stage: say what they are, for example --columns time=ts,rss=mem_kb:KiB"
        );
    }
}
