//! Slurm's accounting: sacct's table, its `-P` columns and its JSON; one figure a step.

use std::collections::HashMap;

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Task, TimeBase};
use serde::Deserialize;
use serde_json::Value;

use crate::clock::{duration, moment};
use crate::head::Head;
use crate::input::Input;
use crate::number::{MIB, size, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::single;
use crate::traces::told;

pub(crate) const READER: Reader = Reader {
    name: "sacct",
    tool: "Slurm sacct",
    versions: "22.05",
    record: "sacct -P --noconvert -o JobID,JobName,State,ExitCode,Start,Elapsed,MaxRSS,ReqMem -j 4711 > sacct.txt",
    tells: "the largest sampled memory of each step, its request, runtime and end",
    cannot_tell: "anything over time; the sum over the tasks of a step; peaks between samples",
    cautions: &[STEP_TASKS, NO_SAMPLE],
    marks: &["JobID", "tres", "mem="],
    sniff,
    read,
};

const STEP_TASKS: Caution = Caution {
    code: "largest_task",
    text: "MaxRSS is of the step's largest task, not the sum of its tasks; .batch does not hold the srun steps",
    seen: "22.05, jobacct_gather/linux",
};

const NO_SAMPLE: Caution = Caution {
    code: "steps_without_sample",
    text: "steps that ended before Slurm sampled them have no figure and were left out",
    seen: "22.05, sampling every 2 s: empty MaxRSS",
};

/// What to do with a JSON document that is too large.
const AS_TABLE: &str = "`sacct -P --noconvert` prints the same as a table, which is read row by row";

fn sniff(head: &Head<'_>) -> Certainty {
    let first = head.first_line();
    let names = Names::of(first);
    let json = head.is_json() && head.has_all(&["\"jobs\"", "\"tres\""]);
    let tres = first.split('|').count() >= 2
        && head.lines().any(|line| line.contains("|cpu=") && line.contains(",mem="));
    (names.is_some_and(|names| names.place("JobID").is_some()) || json || tres).into()
}

/// Column names, and how cells are parted.
struct Names {
    names: Vec<String>,
    /// Between cells, where that is no blank: `|`, or what --delimiter says.
    separator: char,
    /// Where each column of the fixed-width form begins and ends, from the dashes below the names.
    widths: Option<Vec<(usize, usize)>>,
}

impl Names {
    fn of(line: &str) -> Option<Self> {
        let separator = ['|', ',', ';', '\t'].into_iter().find(|mark| line.contains(*mark));
        let split: Vec<String> = match separator {
            Some(separator) => line.split(separator).map(str::to_owned).collect(),
            None => line.split_ascii_whitespace().map(str::to_owned).collect(),
        };
        let memory = ["MaxRSS", "TRESUsageInMax", "AveRSS"];
        let known = split.iter().any(|name| name == "JobID" || name == "JobIDRaw")
            && split.iter().any(|name| memory.contains(&name.as_str()));
        known.then_some(Self { names: split, separator: separator.unwrap_or('|'), widths: None })
    }

    /// Those of `-n -P`: without names, known by the form of their cells.
    fn unnamed(cells: &[&str]) -> Self {
        let mut usage = ["TRESUsageInMax", "TRESUsageInTot"].into_iter();
        let names = cells.iter().enumerate().map(|(at, cell)| match at {
            0 => "JobID",
            _ if cell.contains("cpu=") && cell.contains('=') => usage.next().unwrap_or_default(),
            _ => "",
        });
        Self { names: names.map(str::to_owned).collect(), separator: '|', widths: None }
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|column| column == name)
    }

    fn cells<'a>(&self, line: &'a str) -> Vec<&'a str> {
        match &self.widths {
            None => line.split(self.separator).collect(),
            Some(widths) => widths
                .iter()
                .map(|(from, to)| line.get(*from..(*to).min(line.len())).unwrap_or_default().trim())
                .collect(),
        }
    }
}

/// Where the runs of dashes of a line stand.
fn dashes(line: &str) -> Option<Vec<(usize, usize)>> {
    let is_rule = line.contains("---") && line.bytes().all(|byte| byte == b'-' || byte == b' ');
    is_rule.then(|| {
        let mut widths = Vec::new();
        let mut from = None;
        for (at, byte) in line.bytes().chain([b' ']).enumerate() {
            match (byte, from) {
                (b'-', None) => from = Some(at),
                (b' ', Some(start)) => {
                    widths.push((start, at));
                    from = None;
                }
                _ => {}
            }
        }
        widths
    })
}

/// What the line of a whole job says for its steps.
#[derive(Clone, Default)]
struct Job {
    name: Option<String>,
    requested: Option<Mib>,
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    if input.peek()?.starts_with(b"{") {
        return json(input);
    }
    let mut names: Option<Names> = None;
    let mut jobs: HashMap<String, Job> = HashMap::new();
    let (mut runs, mut empty) = (Vec::new(), 0_usize);
    while let Some(line) = input.lines.next()? {
        if let (Some(widths), Some(names)) = (dashes(line.text), &mut names) {
            names.widths = Some(widths);
            continue;
        }
        if let Some(found) = Names::of(line.text) {
            names = Some(found);
            continue;
        }
        if line.text.trim().is_empty() || runs.len() == input.limits.runs {
            continue;
        }
        if names.is_none() && line.text.contains('=') {
            names = Some(Names::unnamed(&line.text.split('|').collect::<Vec<_>>()));
        }
        let Some(names) = &names else { continue };
        let cells = names.cells(line.text);
        if !line.whole && names.widths.is_none() && cells.len() < names.names.len() {
            input.faults.torn(line.number);
            continue;
        }
        let cell = |name: &str| {
            cells.get(names.place(name)?).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
        };
        let Some(id) = cell("JobID").or_else(|| cell("JobIDRaw")) else {
            input.faults.expected(line.number, "a row with JobID", line.text);
            continue;
        };
        let whole = id.split('.').next().unwrap_or(id).to_owned();
        if whole == id {
            let name = cell("JobName").map(str::to_owned);
            jobs.insert(whole.clone(), Job { name, requested: cell("ReqMem").and_then(request) });
        }
        let Some(text) =
            cell("MaxRSS").or_else(|| in_tres(cell("TRESUsageInMax")?)).or_else(|| cell("AveRSS"))
        else {
            empty += usize::from(whole != id);
            continue;
        };
        match size(text, 1.0) {
            Some(peak) => runs.push(step(id, peak, &jobs.get(&whole).cloned().unwrap_or_default(), cell)),
            None => input.faults.expected(line.number, "MaxRSS as a size", text),
        }
    }
    finish(runs, empty, input)
}

fn finish(mut runs: Vec<Run>, empty: usize, input: &Input<'_>) -> Result<Vec<Run>, ReadError> {
    if let Some(first) = runs.first_mut() {
        first.warnings.push(STEP_TASKS.warning());
        if empty > 0 {
            first.warnings.push(NO_SAMPLE.saying(format!("{} ({empty})", NO_SAMPLE.text)));
        }
    }
    told(runs, &input.faults, "sacct table")
}

/// The memory in `cpu=00:00:04,mem=386764K,…`.
fn in_tres(text: &str) -> Option<&str> {
    text.split(',').find_map(|part| part.strip_prefix("mem="))
}

/// A request such as `800M`; older ones end with `n` or `c`, for a node or a processor.
fn request(text: &str) -> Option<Mib> {
    size(text.trim_end_matches(['n', 'c']), MIB).filter(|size| *size > Mib::ZERO)
}

fn step<'a>(id: &str, peak: Mib, job: &Job, cell: impl Fn(&str) -> Option<&'a str>) -> Run {
    let at = cell("Start").and_then(moment);
    let base = if at.is_some() { TimeBase::Absolute } else { TimeBase::None };
    let ended = cell("ExitCode").and_then(|text| text.split_once(':'));
    let signal = ended.and_then(|(_, signal)| signal.parse().ok()).filter(|signal| *signal != 0);
    let task = Task {
        group: job.name.clone().or_else(|| cell("JobName").map(str::to_owned)),
        requested_mb: cell("ReqMem").and_then(request).or(job.requested),
        runtime_s: cell("Elapsed").and_then(duration),
        exit_code: ended.and_then(|(code, _)| code.parse().ok()).filter(|_| signal.is_none()),
        signal,
        state: cell("State").map(str::to_owned),
        ..Task::default()
    };
    let origin = READER.part(Measure::TreeRss, Precision::SingleFigure, base, format!("step {id}"));
    single(origin, peak, at, task)
}

#[derive(Deserialize)]
struct Document {
    jobs: Vec<Value>,
}

fn json(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let document: Document = input.json(AS_TABLE)?;
    let (mut runs, mut empty) = (Vec::new(), 0);
    for (job, step) in document.jobs.iter().flat_map(|job| steps(job).map(move |step| (job, step))) {
        if runs.len() == input.limits.runs {
            break;
        }
        match json_step(job, step) {
            Some(run) => runs.push(run),
            None => empty += 1,
        }
    }
    finish(runs, empty, input)
}

fn steps(job: &Value) -> impl Iterator<Item = &Value> {
    job["steps"].as_array().into_iter().flatten()
}

/// A number, plain or as `{"set": true, "number": 12}`.
fn count(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.get("number").filter(|_| value["set"] != Value::Bool(false))?.as_f64())
}

/// The first word of a state, which newer versions write as a list.
fn state(value: &Value) -> Option<String> {
    value.as_str().or_else(|| value.get(0)?.as_str()).map(str::to_owned)
}

#[expect(clippy::cast_possible_truncation, reason = "codes are small")]
fn json_step(job: &Value, step: &Value) -> Option<Run> {
    let memory = |list: &Value| {
        list.as_array()?.iter().find(|entry| entry["type"] == "mem").and_then(|entry| count(&entry["count"]))
    };
    let peak = sized(memory(&step["tres"]["requested"]["max"])?, 1.0)?;
    let at = count(&step["time"]["start"]).and_then(crate::clock::epoch);
    let id = step["step"]["id"].as_str().map_or_else(|| step["step"]["id"].to_string(), str::to_owned);
    let task = Task {
        group: job["name"].as_str().map(str::to_owned),
        requested_mb: memory(&job["tres"]["requested"]).and_then(|mebibytes| sized(mebibytes, MIB)),
        runtime_s: count(&step["time"]["elapsed"]),
        exit_code: count(&step["exit_code"]["return_code"]).map(|code| code as i32),
        signal: count(&step["exit_code"]["signal"]["signal_id"])
            .or_else(|| count(&step["exit_code"]["signal"]["id"]))
            .map(|signal| signal as i32)
            .filter(|signal| *signal != 0),
        state: state(&step["state"]),
        ..Task::default()
    };
    let part = format!("step {}.{id}", job["job_id"]);
    Some(single(
        READER.part(Measure::TreeRss, Precision::SingleFigure, TimeBase::Absolute, part),
        peak,
        at,
        task,
    ))
}
