//! LSF: the report at the beginning of a job's output, `bjobs -l` and `bhist -l`; one figure a job.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Task, TimeBase};

use crate::clock::moment;
use crate::head::Head;
use crate::input::Input;
use crate::number::{number, size};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::single;
use crate::traces::told;

pub(crate) const READER: Reader = Reader {
    name: "lsf",
    tool: "LSF",
    versions: "10.1 (from its documentation)",
    record: "bsub -o job.out CMD (its report), or bjobs -l JOB > job.txt",
    tells: "the largest sampled memory of each job, its request, runtime and end",
    cannot_tell: "anything over time; peaks between samples",
    cautions: &[SAMPLED],
    marks: &["Max Memory :", "MAX MEM: "],
    sniff,
    read,
};

const SAMPLED: Caution = Caution {
    code: "sampled_sum",
    text: "the figure is the largest sum over the job's processes that LSF sampled (or its control group's), rounded to the unit printed",
    seen: "10.1: Max Memory of the report, MAX MEM of bjobs -l",
};

const REPORT: &str = "Resource usage summary:";

fn sniff(head: &Head<'_>) -> Certainty {
    let report = head.has_all(&[REPORT]) && head.lines().any(|line| named(line, "Max Memory").is_some());
    (report || head.lines().any(|line| largest(line).is_some())).into()
}

/// The value behind a name of the report: `    Max Memory :      512 MB`.
fn named<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    line.trim().strip_prefix(name)?.trim_start().strip_prefix(':').map(str::trim)
}

/// A size with its unit: `512 MB`, `5 Gbytes`; `-` where none was sampled.
fn sampled(text: &str) -> Option<Mib> {
    let text = text.trim();
    size(text.strip_suffix("ytes").unwrap_or(text), 1.0)
        .filter(|_| !text.ends_with(|c: char| c.is_ascii_digit()))
}

/// `MAX MEM: 5 Gbytes;  AVG MEM: …` of bjobs and bhist.
fn largest(line: &str) -> Option<Mib> {
    sampled(line.trim().strip_prefix("MAX MEM: ")?.split(';').next()?)
}

/// A job whose report is being read.
#[derive(Default)]
struct Job {
    id: Option<String>,
    peak: Option<Mib>,
    started: Option<i64>,
    task: Task,
}

impl Job {
    /// By `Subject: Job 9913: <train> in cluster <prod> Done`, or `Job <9913>, Job Name <train>, …, Status <RUN>, …`.
    fn begun(line: &str) -> Option<Self> {
        let (id, rest) = match line.strip_prefix("Subject: Job ") {
            Some(subject) => subject.split_once(": ")?,
            None => line.strip_prefix("Job <")?.split_once(">, ")?,
        };
        id.starts_with(|c: char| c.is_ascii_digit()).then(|| {
            let inside = |name: &str| Some(rest.split_once(name)?.1.split_once('>')?.0.to_owned());
            let name = if line.starts_with("Subject") { inside("<") } else { inside("Job Name <") };
            let task = Task {
                group: name.or_else(|| inside("Command <")),
                state: inside("Status <"),
                ..Task::default()
            };
            Self { id: Some(id.to_owned()), task, ..Self::default() }
        })
    }

    fn take(&mut self, line: &str) -> Result<(), &'static str> {
        let text = line.trim();
        if let Some(peak) = named(text, "Max Memory").filter(|text| *text != "-") {
            self.peak = Some(sampled(peak).ok_or("a size with its unit behind Max Memory")?);
        } else if let Some(peak) = largest(text) {
            self.peak = Some(peak);
        } else if let Some(requested) = named(text, "Total Requested Memory") {
            self.task.requested_mb = sampled(requested);
        } else if let Some(runtime) = named(text, "Run time") {
            self.task.runtime_s = runtime.strip_suffix("sec.").and_then(number);
        } else if let Some(started) = text.strip_prefix("Started at ") {
            self.started = moment(started);
        } else if let Some(code) = text.strip_prefix("Exited with exit code ") {
            let code: Option<i32> = code.trim_end_matches('.').parse().ok();
            self.task.signal = code.map(|code| code - 128).filter(|signal| (1..=64).contains(signal));
            self.task.exit_code = code.filter(|_| self.task.signal.is_none());
        } else if let Some(("Exited by signal", signal)) = text.trim_end_matches('.').rsplit_once(' ') {
            self.task.signal = signal.parse().ok();
        } else if text == "Successfully completed." {
            self.task.exit_code = Some(0);
        } else if let Some((word, _)) = text.split_once(": job killed") {
            self.task.state = Some(word.to_owned());
        }
        Ok(())
    }

    fn finish(self) -> Option<Run> {
        let base = if self.started.is_some() { TimeBase::Absolute } else { TimeBase::None };
        let origin = READER.origin(Measure::TreeRss, Precision::SingleFigure, base);
        let mut run = single(origin, self.peak?, self.started, self.task);
        if let (Some(origin), Some(id)) = (&mut run.origin, self.id) {
            origin.part = Some(format!("job {id}"));
        }
        run.warnings.push(SAMPLED.warning());
        Some(run)
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let (mut runs, mut open) = (Vec::new(), Job::default());
    while let Some(line) = input.lines.next()? {
        if let Some(next) = Job::begun(line.text) {
            runs.extend(std::mem::replace(&mut open, next).finish());
        } else if let Err(expected) = open.take(line.text) {
            input.faults.unread(line, expected);
        }
        if runs.len() == input.limits.runs {
            break;
        }
    }
    runs.extend(open.finish());
    told(runs, &input.faults, "report of LSF jobs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_that_were_appended_are_jobs_of_their_own() {
        let report = |id: u32, end: &str, peak: &str| {
            format!(
                "Sender: LSF System <a@b>\nSubject: Job {id}: <train> in cluster <c> Done\n\nStarted at Mon Oct  5 10:00:09 2026\n\
                 {end}\nResource usage summary:\n\n    CPU time :          12.34 sec.\n    Max Memory :        {peak}\n    \
                 Total Requested Memory :   4096.00 MB\n    Run time :          22 sec.\n\nThe output (if any) follows:\n\nstep 1\n"
            )
        };
        let text = report(1, "Successfully completed.", "512 MB")
            + &report(
                2,
                "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit.\nExited with exit code 137.",
                "4 GB",
            )
            + &report(3, "Successfully completed.", "-");
        let found = READER.tasks(&text);
        let figures: Vec<(&str, f64)> = found.iter().map(|(part, peak, _)| (part.as_str(), *peak)).collect();
        assert_eq!(figures, [("job 1", 512.0), ("job 2", 4096.0)]);
        let killed = &found[1].2;
        assert_eq!((killed.signal, killed.state.as_deref()), (Some(9), Some("TERM_MEMLIMIT")));
        assert_eq!((killed.group.as_deref(), killed.requested_mb), (Some("train"), Some(Mib::new(4096.0))));
    }

    #[test]
    fn bjobs_tells_the_largest_and_not_the_present() {
        let text = "\nJob <9913>, Job Name <train>, User <a>, Status <RUN>, Queue <q>, Command <python train.py>\n\
                    Mon Oct  5 10:30:00: Resource usage collected.\n                     MEM: 300 Mbytes;  SWAP: 0 Mbytes;  NTHREAD: 9\n\n \
                    MEMORY USAGE:\n MAX MEM: 5 Gbytes;  AVG MEM: 2.9 Gbytes\n";
        let found = READER.tasks(text);
        assert_eq!((found[0].0.as_str(), found[0].1), ("job 9913", 5120.0));
        assert_eq!(found[0].2.state.as_deref(), Some("RUN"));
    }
}
