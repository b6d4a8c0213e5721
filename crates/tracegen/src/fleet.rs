//! A synthetic fleet: many runs of many jobs over months, three of which have a fault.

use memtool_profile_model::{Fate, FateSource, Host, Mib, Offset, Process, Run, Snapshot};

use crate::random::Random;
use crate::{Course, Settings, trace};

/// Samples of a run; with their spacing enough for every detector to judge it.
const SAMPLES: usize = 48;
const SPACING_S: f64 = 5.0;
/// Versions that a job has over the time.
const VERSIONS: usize = 5;
/// Of them the one that needs more in the job that grew, and how much.
const GROWS_FROM: usize = 3;
const GROWTH: f64 = 1.1;
/// Share of runs that have more to do than the others, and how much more memory it takes.
const BUSY: f64 = 0.05;
const MORE: f64 = 1.15;
/// What the limit is of the largest usual peak: in the job that wastes, and in all others.
const WASTEFUL: f64 = 4.0;
const USUAL: (f64, f64) = (1.35, 1.6);
/// Start of the first day, in seconds since 1970: 2026-06-01.
const FIRST_DAY: i64 = 1_780_272_000;
/// Machines that the runs are spread over.
const MACHINES: usize = 40;

/// How a fleet is made: the same settings make the same runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fleet {
    /// The seed.
    pub seed: u64,
    /// Jobs, three at least.
    pub jobs: usize,
    /// Runs of each job.
    pub runs_per_job: usize,
    /// Days that they are spread over.
    pub days: u32,
}

/// What there is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planted {
    /// The job whose peak grew by 10 %.
    pub grown: String,
    /// The version that it grew with.
    pub version: String,
    /// The job of which one run was killed.
    pub killed: String,
    /// The job whose limit is four times its peak.
    pub waster: String,
}

impl Fleet {
    /// What there is to be found in it: one job each, by the seed.
    #[must_use]
    pub fn planted(&self) -> Planted {
        let [grown, killed, waster] = [0, 1, 2].map(|offset| self.place(offset));
        Planted {
            grown: name(grown),
            version: version(grown, GROWS_FROM),
            killed: name(killed),
            waster: name(waster),
        }
    }

    /// Places of the jobs that something was planted in; all differ.
    fn place(&self, offset: usize) -> usize {
        let first = Random::new(self.seed).below(self.jobs);
        (first + offset * (self.jobs / 3).max(1)) % self.jobs.max(1)
    }

    /// All runs, job by job in order of time.
    pub fn runs(&self) -> impl Iterator<Item = Run> + use<> {
        let fleet = *self;
        (0..fleet.jobs).flat_map(move |job| (0..fleet.runs_per_job).map(move |number| fleet.run(job, number)))
    }

    /// One run of one job.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    pub fn run(&self, job: usize, number: usize) -> Run {
        let mut of_job = Random::new(self.seed ^ (job as u64 + 1).wrapping_mul(0x9E37_79B9));
        let usual_mb = 100.0 * 60_f64.powf(of_job.uniform());
        let deviation = of_job.between(0.02, 0.06);
        let course = *of_job.pick(&[
            Course::Flat,
            Course::Loading(0.8, 0.3),
            Course::Plateau(0.6, 0.15),
            Course::Step(0.4, 0.3),
            Course::Spike(0.4),
        ]);
        let limit_mb =
            usual_mb * if job == self.place(2) { WASTEFUL } else { of_job.between(USUAL.0, USUAL.1) };
        let mut random =
            Random::new(self.seed ^ ((job as u64) << 32 | number as u64).wrapping_mul(0xD1B5_4A32_D192_ED03));
        let at = VERSIONS * number / self.runs_per_job.max(1);
        let grown = if job == self.place(0) && at >= GROWS_FROM { GROWTH } else { 1.0 };
        let busy = if random.uniform() < BUSY { MORE } else { 1.0 };
        let peak_mb = usual_mb * grown * busy * (deviation * random.normal()).exp();
        let is_killed = job == self.place(1) && number == self.runs_per_job / 2;
        let seconds = f64::from(self.days) * 86_400.0 * (number as f64 + random.between(0.0, 0.8))
            / self.runs_per_job.max(1) as f64;
        Run {
            id: Some(format!("{}-{job}-{number}", self.seed)),
            started: start(seconds),
            host: Host {
                limit_mb: Some(Mib::new(limit_mb)),
                limit_source: Some("cgroup v2".to_owned()),
                name: Some(format!("node-{:02}", random.below(MACHINES))),
                ..Host::default()
            },
            process: Process { job: Some(name(job)), version: Some(version(job, at)), ..Process::default() },
            snapshots: snapshots(course, if is_killed { limit_mb } else { peak_mb }, &mut random),
            fate: Some(fate(is_killed)),
            ..Run::default()
        }
    }
}

fn name(job: usize) -> String {
    format!("job-{job:03}")
}

fn version(job: usize, at: usize) -> String {
    format!("{}.{at}", 1 + job % 3)
}

fn fate(is_killed: bool) -> Fate {
    Fate {
        exit_code: (!is_killed).then_some(0),
        signal: is_killed.then_some(9),
        killed_for_memory: Some(is_killed),
        known_by: Some(FateSource::CgroupEvents),
        ..Fate::default()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of months")]
fn start(seconds: f64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(FIRST_DAY + seconds as i64).unwrap_or_default()
}

/// Samples of a course whose largest is `peak_mb`.
fn snapshots(course: Course, peak_mb: f64, random: &mut Random) -> Vec<Snapshot> {
    let settings = Settings {
        course,
        samples: SAMPLES,
        spacing_s: SPACING_S,
        base_mb: 1.0,
        saw_mb: 0.4,
        batch_samples: 5.3,
        noise_mb: 0.01,
        memory: 0.0,
        seed: random.below(usize::MAX) as u64,
    };
    let made = trace(&settings);
    let largest = made.rss_mb.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let snapshot = |(index, rss): (usize, &f64)| Snapshot {
        at: Offset::from_nanos(index as i64 * (SPACING_S * 1e9) as i64),
        rss: Some(Mib::new(rss / largest * peak_mb)),
        ..Snapshot::default()
    };
    made.rss_mb.iter().enumerate().map(snapshot).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Fleet = Fleet { seed: 7, jobs: 9, runs_per_job: 20, days: 40 };

    #[test]
    fn the_same_settings_make_the_same_runs() {
        assert!(SMALL.runs().eq(SMALL.runs()));
        assert_eq!(SMALL.runs().count(), 180);
        assert!(!SMALL.runs().eq(Fleet { seed: 8, ..SMALL }.runs()));
    }

    #[test]
    fn three_jobs_have_something_to_be_found() {
        let Planted { grown, killed, waster, .. } = SMALL.planted();
        assert!(grown != killed && killed != waster && waster != grown);
        let kills: Vec<Run> = SMALL.runs().filter(Run::was_killed_for_memory).collect();
        assert_eq!(kills.len(), 1);
        assert_eq!(kills[0].process.job.as_deref(), Some(killed.as_str()));
    }
}
