//! `memtool.baseline/1`: the spread of each measure over runs of a job, small enough to be committed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::power::{RunsNeeded, runs_needed};
use super::scale::{least, logs};
use super::sketch::Sketch;
use crate::compare::{Identity, Measure, Repeats, RunFigures, Steering};

/// Name and version of the file's shape.
const SCHEMA: &str = "memtool.baseline/1";

/// Sketches of all jobs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    schema: String,
    /// One per job, machine and way of measuring.
    pub jobs: Vec<JobBaseline>,
}

/// What runs of one job were like on one kind of machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobBaseline {
    /// The job, the machine, and what the figures measure.
    #[serde(flatten)]
    pub identity: Identity,
    /// How many runs it was made from.
    pub runs: u32,
    /// Whether any of them changed its batch size.
    pub adaptive: bool,
    /// Items per run; empty where no batches were recorded.
    pub items: Sketch,
    /// By measure and operation.
    pub measures: Vec<MeasureSketch>,
}

/// How one measure spread over the runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureSketch {
    /// What was measured.
    pub measure: Measure,
    /// The operation; null for the whole run.
    pub operation: Option<String>,
    /// Its values.
    pub values: Sketch,
}

impl Default for Baseline {
    fn default() -> Self {
        Self { schema: SCHEMA.to_owned(), jobs: Vec::new() }
    }
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// Where the text is no baseline of this version, with the line and the column.
    pub fn read(text: &str) -> Result<Self, String> {
        let found: Self = serde_json::from_str(text).map_err(|error| format!("no baseline: {error}"))?;
        if found.schema != SCHEMA {
            return Err(format!("expected schema {SCHEMA}, found {:?}", found.schema));
        }
        for job in &found.jobs {
            let fault = job.measures.iter().find_map(|one| Some((one, one.values.fault()?)));
            if let Some((one, fault)) = fault {
                let of = job.identity.job.as_deref().unwrap_or("a job without a name");
                return Err(format!("{of}, {}: {fault}", one.measure.as_str()));
            }
        }
        Ok(found)
    }

    /// Adds complete runs; incomplete ones are named and left out.
    pub fn add(&mut self, runs: &[RunFigures]) -> Vec<String> {
        let mut left_out = Vec::new();
        for run in runs {
            match &run.incomplete {
                Some(reason) => left_out.push(format!("{} {reason}", run.name)),
                None => self.entry(&run.identity).add(run),
            }
        }
        self.jobs.sort_by(|a, b| a.order().cmp(&b.order()));
        left_out
    }

    /// Forgets what is known of the jobs of some runs, on any machine.
    pub fn forget_jobs_of(&mut self, runs: &[RunFigures]) {
        let jobs: BTreeSet<&Option<String>> = runs.iter().map(|run| &run.identity.job).collect();
        self.jobs.retain(|known| !jobs.contains(&known.identity.job));
    }

    fn entry(&mut self, identity: &Identity) -> &mut JobBaseline {
        let same = |known: &JobBaseline| known.is_of(identity);
        let at = self.jobs.iter().position(same).unwrap_or_else(|| {
            self.jobs.push(JobBaseline::new(identity.clone()));
            self.jobs.len() - 1
        });
        &mut self.jobs[at]
    }

    /// The entry that runs can be compared with.
    ///
    /// # Errors
    /// Where there is none: why.
    pub(super) fn find(&self, identity: &Identity) -> Result<&JobBaseline, String> {
        if let Some(found) = self.jobs.iter().find(|known| known.is_of(identity)) {
            return Ok(found);
        }
        let of_job: Vec<&JobBaseline> =
            self.jobs.iter().filter(|known| known.identity.job == identity.job).collect();
        let Some(known) = of_job.first() else {
            return Err(
                "the baseline does not know the job: add its runs with memtool baseline update".to_owned()
            );
        };
        Err(format!("baseline and runs differ: {}", known.identity.differences(identity).join("; ")))
    }
}

impl JobBaseline {
    const fn new(identity: Identity) -> Self {
        Self { identity, runs: 0, adaptive: false, items: Sketch::empty(), measures: Vec::new() }
    }

    /// How many runs tell a change of this share of a measure 19 of 20 times; `None` where that many are not to be had.
    #[must_use]
    pub fn runs_needed(&self, sketch: &MeasureSketch, matters: f64) -> Option<RunsNeeded> {
        let repeats = Repeats::of(
            &logs(sketch.values.values()),
            &[],
            sketch.measure.assumed_deviation(self.steering()),
        )?;
        runs_needed(&repeats, least(sketch.measure, matters), 1)
    }

    /// How repeats are expected to spread, before any is seen.
    pub(super) const fn steering(&self) -> Steering {
        if self.adaptive { Steering::Adaptive } else { Steering::Fixed }
    }

    fn is_of(&self, identity: &Identity) -> bool {
        self.identity.job == identity.job && self.identity.differences(identity).is_empty()
    }

    fn order(&self) -> (Option<&str>, String) {
        (self.identity.job.as_deref(), format!("{:?}{:?}", self.identity.machine, self.identity.measure))
    }

    fn add(&mut self, run: &RunFigures) {
        self.runs = self.runs.saturating_add(1);
        self.adaptive |= run.steering() == Steering::Adaptive;
        if let Some(items) = run.items {
            self.items.add(items);
        }
        for ((measure, operation), value) in &run.values {
            // Growth of a run says little of the next run's, and a share of time nothing of memory.
            if matches!(measure, Measure::LeakSlope | Measure::TimeAtHigh) {
                continue;
            }
            self.sketch(*measure, operation.as_deref()).add(*value);
        }
        self.measures.sort_by(|a, b| (&a.operation, a.measure).cmp(&(&b.operation, b.measure)));
    }

    fn sketch(&mut self, measure: Measure, operation: Option<&str>) -> &mut Sketch {
        let same =
            |known: &MeasureSketch| known.measure == measure && known.operation.as_deref() == operation;
        let at = self.measures.iter().position(same).unwrap_or_else(|| {
            let operation = operation.map(str::to_owned);
            self.measures.push(MeasureSketch { measure, operation, values: Sketch::default() });
            self.measures.len() - 1
        });
        &mut self.measures[at].values
    }
}
