//! What runs beside others: the recorded runs of one kind.

use std::path::Path;

use memtool_profile_model::{Measure, Run};

use crate::course::Course;
use crate::request::{GroupBy, TaskRecord};
use crate::stats::{Random, median_of};

/// Runs of one unit that are kept: beyond, every second one says nothing new.
const MOST_RUNS: usize = 2000;
/// What a repeat of the same run differs by.
const REPEAT: f64 = 0.01;
/// The spread of a single run's peak; of n runs a part of it.
const UNKNOWN: f64 = 0.05;
/// Silverman's bandwidth of a smoothed bootstrap: this times the deviation times n^(-1/5).
const BANDWIDTH: f64 = 0.9;

/// One recorded run of a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRun {
    /// The unit.
    pub unit: String,
    /// What the figures measure.
    pub measure: Measure,
    /// Whether it ended by itself.
    pub finished: bool,
    /// Whether shared pages are counted once.
    counted_once: bool,
    course: Course,
}

impl UnitRun {
    /// A run of a unit, shared pages counted once where that was recorded; `name` overrides the usual group. `None`
    /// without a memory figure.
    #[must_use]
    pub fn of(run: Run, path: &Path, name: Option<&str>) -> Option<Self> {
        let (run, sum) = run.counted_once();
        let record = TaskRecord::of(&run, path, None::<&GroupBy>).pop()?;
        let course = Course::of(&run)?;
        Some(Self {
            unit: name.map_or(record.group, str::to_owned),
            measure: record.measure,
            finished: record.end.finished,
            counted_once: sum.is_some(),
            course,
        })
    }
}

/// The recorded runs of one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct FitUnit {
    /// Its name.
    pub name: String,
    pub(super) courses: Vec<Course>,
    pub(super) spread: f64,
    /// Runs that did not finish, which are left out.
    pub(super) unfinished: usize,
    pub(super) counted_once: bool,
    pub(super) measure: Measure,
}

impl FitUnit {
    /// The unit of these runs; `None` where none of them has finished.
    pub(super) fn new(name: String, runs: Vec<UnitRun>) -> Option<Self> {
        let unfinished = runs.iter().filter(|run| !run.finished).count();
        let measure = runs.first()?.measure;
        let counted_once = runs.iter().all(|run| run.counted_once);
        let mut courses: Vec<Course> =
            runs.into_iter().filter(|run| run.finished).map(|run| run.course).collect();
        let keep_each = courses.len().div_ceil(MOST_RUNS).max(1);
        // The largest come first, so that none of them is the one left out.
        courses.sort_by(|a, b| b.peak_mb.total_cmp(&a.peak_mb));
        let courses: Vec<Course> = courses.into_iter().step_by(keep_each).collect();
        let spread = spread(&courses);
        (!courses.is_empty()).then_some(Self { name, courses, spread, unfinished, counted_once, measure })
    }

    /// The largest peak, in MiB.
    pub(super) fn largest_mb(&self) -> f64 {
        self.courses.iter().map(|course| course.peak_mb).fold(0.0, f64::max)
    }

    pub(super) fn median_peak_mb(&self) -> f64 {
        median_of(self.courses.iter().map(|course| course.peak_mb).collect()).unwrap_or(0.0)
    }

    pub(super) fn longest_s(&self) -> f64 {
        self.courses.iter().map(|course| course.seconds).fold(0.0, f64::max)
    }

    /// A factor by which a repeat of a run differs from it.
    pub(super) fn level(&self, random: &mut Random) -> f64 {
        (self.spread * random.normal()).exp()
    }
}

/// Standard deviation of the logarithm of a repeat's level.
#[expect(clippy::cast_precision_loss, reason = "a count of runs")]
fn spread(courses: &[Course]) -> f64 {
    let count = courses.len().max(1) as f64;
    let mean = courses.iter().map(|course| course.peak_mb).sum::<f64>() / count;
    let squares: f64 = courses.iter().map(|course| (course.peak_mb - mean).powi(2)).sum();
    let deviation = if mean > 0.0 { (squares / count).sqrt() / mean } else { 0.0 };
    let smooth = BANDWIDTH * deviation * count.powf(-0.2);
    (REPEAT.powi(2) + smooth.powi(2) + (UNKNOWN / count).powi(2)).sqrt()
}
