//! PBS, OpenPBS and Torque: the server's accounting, `qstat -f`, `tracejob` and the mail at a job's end; one figure a job.

use std::collections::BTreeMap;

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Task, TimeBase};
use serde::Deserialize;
use serde_json::Value;

use crate::clock::{duration, moment};
use crate::head::Head;
use crate::input::Input;
use crate::number::{KIB, size};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::single;
use crate::traces::told;

pub(crate) const READER: Reader = Reader {
    name: "pbs",
    tool: "PBS, OpenPBS, Torque",
    versions: "Torque 6, OpenPBS 23 (from their documentation)",
    record: "qstat -x -f JOB > job.txt (or the server's accounting/YYYYMMDD)",
    tells: "the largest memory of each job, its request, runtime and end",
    cannot_tell: "anything over time; peaks between the polls of the job's node",
    cautions: &[POLLED, NO_FIGURE],
    marks: &[MEMORY, "resources_used"],
    sniff,
    read,
};

const POLLED: Caution = Caution {
    code: "polled",
    text: "resources_used.mem is the largest sum over the job's processes that its node saw when it polled them, or the control group's \
           peak where the node has that hook: the file does not tell which",
    seen: "Torque's and OpenPBS's manuals",
};

const NO_FIGURE: Caution = Caution {
    code: "jobs_without_figure",
    text: "jobs that ended before they were polled (0 of memory, or none) were left out",
    seen: "resources_used.mem=0kb",
};

const MEMORY: &str = "resources_used.mem";
/// The record of a job's end in the server's accounting.
const ENDED: &str = "E";
/// What PBS adds to the number of the signal that ended a job.
const BY_SIGNAL: i32 = 256;

fn sniff(head: &Head<'_>) -> Certainty {
    let listed = head
        .lines()
        .any(|line| line.trim_start().starts_with(MEMORY) || line.contains(" resources_used.mem="));
    (listed || head.is_json() && head.has_all(&["\"pbs_version\"", "\"resources_used\""])).into()
}

/// A job whose attributes are being read.
#[derive(Default)]
struct Job {
    id: String,
    attributes: BTreeMap<String, String>,
}

impl Job {
    fn new(id: &str) -> Self {
        Self { id: id.trim().to_owned(), attributes: BTreeMap::new() }
    }

    /// Takes `name=value` of words; a value in quotes may hold blanks.
    fn take_words(&mut self, text: &str) {
        for word in text.split_ascii_whitespace() {
            if let Some((name, value)) = word.split_once('=') {
                self.attributes.insert(name.to_owned(), value.trim_matches('"').to_owned());
            }
        }
    }

    fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.attributes.get(*name)).map(String::as_str)
    }

    fn run(&self, peak: Mib) -> Run {
        let status: Option<i32> =
            self.get(&["Exit_status", "exit_status"]).and_then(|text| text.parse().ok());
        let at = self.get(&["start"]).or_else(|| self.get(&["stime", "start_time"])).and_then(moment);
        let task = Task {
            group: self.get(&["jobname", "Job_Name", "Job Name"]).map(str::to_owned),
            requested_mb: self
                .get(&["Resource_List.mem", "Resource_List.pmem"])
                .and_then(|text| size(text, 1.0))
                .filter(|size| *size > Mib::ZERO),
            runtime_s: self.get(&["resources_used.walltime"]).and_then(duration),
            exit_code: status.filter(|status| (0..BY_SIGNAL).contains(status)),
            signal: status.map(|status| status - BY_SIGNAL).filter(|signal| (1..=64).contains(signal)),
            state: self.get(&["job_state"]).map(str::to_owned),
            ..Task::default()
        };
        let base = if at.is_some() { TimeBase::Absolute } else { TimeBase::None };
        let origin = READER.part(Measure::TreeRss, Precision::SingleFigure, base, format!("job {}", self.id));
        let mut run = single(origin, peak, at, task);
        run.warnings.push(POLLED.warning());
        run
    }
}

/// The jobs of a file.
#[derive(Default)]
struct Reading {
    runs: Vec<Run>,
    without: usize,
    open: Job,
}

impl Reading {
    /// Ends the job that is open, and begins another.
    fn close(&mut self, next: Job) -> Result<(), String> {
        let job = std::mem::replace(&mut self.open, next);
        let Some(text) = job.get(&[MEMORY]) else { return Ok(()) };
        match size(text, KIB) {
            Some(peak) if peak > Mib::ZERO => self.runs.push(job.run(peak)),
            Some(_) => self.without += 1,
            None => return Err(text.to_owned()),
        }
        Ok(())
    }

    /// Takes a line that belongs to the job that is open.
    fn take(&mut self, line: &str) {
        match line.trim().split_once(" = ") {
            Some((name, value)) if !name.contains(' ') => {
                self.open.attributes.insert(name.to_owned(), value.to_owned());
            }
            _ if line.contains('=') => self.open.take_words(line),
            _ => {
                if let Some(name) = line.trim().strip_prefix("Job Name:") {
                    self.open.attributes.insert("Job Name".to_owned(), name.trim().to_owned());
                }
            }
        }
    }
}

/// The job that a line is all of: a record of the accounting (`date;E;job;attributes`), or of the server's log
/// (`date;code;server;Job;job;attributes`).
fn recorded(line: &str) -> Option<Option<Job>> {
    let parts: Vec<&str> = line.splitn(6, ';').collect();
    let of = |id: &str, attributes: &str| {
        let mut job = Job::new(id);
        job.take_words(attributes);
        job
    };
    match parts[..] {
        [_, ENDED, id, ..] => Some(Some(of(id, line.splitn(4, ';').nth(3)?))),
        // A job's other records hold no figure, or one that its end repeats.
        [_, kind, _, _, ..] if kind.len() == 1 => Some(None),
        [_, _, _, "Job", id, attributes] if attributes.contains(MEMORY) => Some(Some(of(id, attributes))),
        [_, _, _, "Job", ..] => Some(None),
        _ => None,
    }
}

/// The id of the job that begins on a line of qstat, of tracejob or of a mail.
fn begun(line: &str) -> Option<&str> {
    ["Job Id:", "PBS Job Id:", "Job:", "Job ID:"].iter().find_map(|begin| line.strip_prefix(begin))
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    if input.peek()?.starts_with(b"{") {
        return json(input);
    }
    let mut reading = Reading::default();
    while let Some(line) = input.lines.next()? {
        let closed = match (recorded(line.text), begun(line.text)) {
            // What its writer was cut off in may lack its last digits.
            (Some(Some(_)), _) if !line.whole => {
                input.faults.torn(line.number);
                Ok(())
            }
            (Some(Some(job)), _) => reading.close(job),
            (Some(None), _) => Ok(()),
            (None, Some(id)) => reading.close(Job::new(id)),
            (None, None) => {
                reading.take(line.certain());
                Ok(())
            }
        };
        if let Err(found) = closed {
            input.faults.expected(line.number, "resources_used.mem as a size before this line", &found);
        }
        if reading.runs.len() == input.limits.runs {
            break;
        }
    }
    if let Err(found) = reading.close(Job::default()) {
        input.faults.expected(1, "resources_used.mem as a size", &found);
    }
    finish(reading, input)
}

fn finish(reading: Reading, input: &Input<'_>) -> Result<Vec<Run>, ReadError> {
    let Reading { mut runs, without, .. } = reading;
    if let (true, Some(first)) = (without > 0, runs.first_mut()) {
        first.warnings.push(NO_FIGURE.saying(format!("{} ({without})", NO_FIGURE.text)));
    }
    told(runs, &input.faults, "account of PBS jobs")
}

/// What `qstat -f -F json` prints.
#[derive(Deserialize)]
struct Document {
    #[serde(rename = "Jobs", default)]
    jobs: BTreeMap<String, Value>,
}

fn json(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let document: Document = input.json("`qstat -f` prints the same as text, which is read line by line")?;
    let mut reading = Reading::default();
    for (id, job) in document.jobs {
        let mut open = Job::new(&id);
        flatten(&job, "", &mut open.attributes);
        if let Err(found) = reading.close(open) {
            input.faults.expected(1, "resources_used.mem as a size", &found);
        }
    }
    if let Err(found) = reading.close(Job::default()) {
        input.faults.expected(1, "resources_used.mem as a size", &found);
    }
    reading.runs.truncate(input.limits.runs);
    finish(reading, input)
}

/// Attributes by the names that they have in text: `resources_used.mem`.
fn flatten(value: &Value, name: &str, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(inner) => {
            for (key, value) in inner {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                // Resources are one level deep; variables of the environment are none of ours.
                if name.matches('.').count() <= 1 {
                    flatten(value, &name, into);
                }
            }
        }
        Value::String(text) => drop(into.insert(name.to_owned(), text.clone())),
        Value::Number(number) => drop(into.insert(name.to_owned(), number.to_string())),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_told_by_qstat_tracejob_a_mail_and_json() {
        let used =
            "resources_used.mem = 2048kb\n    resources_used.walltime = 00:01:40\n    Exit_status = 271";
        let mail = "PBS Job Id: 7.srv\nJob Name:   fit\nExit_status=271\nresources_used.mem=2048kb\nresources_used.walltime=00:01:40\n";
        let traced = "\nJob: 7.srv\n\n10/05/2026 01:52:40  S    Exit_status=271 resources_used.cput=00:01:00 resources_used.mem=2048kb resources_used.walltime=00:01:40\n10/05/2026 01:52:40  A    user=a jobname=fit\n";
        let json = r#"{"timestamp":1,"pbs_version":"23","Jobs":{"7.srv":{"Job_Name":"fit","Exit_status":271,"resources_used":{"mem":"2048kb","walltime":"00:01:40"},"Variable_List":{"A":{"mem":"1"}}}}}"#;
        let qstat = format!("Job Id: 7.srv\n    Job_Name = fit\n    {used}\n");
        for text in [qstat.as_str(), mail, traced, json] {
            let found = READER.tasks(text);
            let (part, peak, task) = &found[0];
            assert_eq!((found.len(), part.as_str(), *peak), (1, "job 7.srv", 2.0), "{text}");
            assert_eq!((task.group.as_deref(), task.runtime_s), (Some("fit"), Some(100.0)), "{text}");
            assert_eq!((task.signal, task.exit_code), (Some(15), None), "{text}");
        }
    }

    #[test]
    fn lines_of_the_servers_log_are_jobs_of_their_own() {
        let text = "08/06/2026 00:29:47;0010;PBS_Server;Job;7.srv;Exit_status=0 resources_used.cput=1 resources_used.mem=2048kb\n\
                    08/06/2026 00:29:48;0008;PBS_Server;Job;8.srv;Job Queued\n\
                    08/06/2026 00:29:49;0010;PBS_Server;Job;8.srv;Exit_status=1 resources_used.mem=0kb\n\
                    08/06/2026 00:29:50;0010;PBS_Server;Job;9.srv;Exit_status=1 resources_used.mem=1gb\n";
        let found: Vec<(String, f64)> =
            READER.tasks(text).into_iter().map(|(part, peak, _)| (part, peak)).collect();
        assert_eq!(found, [("job 7.srv".to_owned(), 2.0), ("job 9.srv".to_owned(), 1024.0)]);
    }
}
