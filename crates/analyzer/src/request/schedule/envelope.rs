//! The highest that runs of one kind were in each part of their time.

use crate::course::Course;
use crate::request::input_line::InputLine;

use super::steps::{Step, cover};

/// Parts of the time axis.
const CELLS: usize = 64;
/// Runs that an envelope is drawn of, the last ones.
const MOST_RUNS: usize = 200;
/// An axis of runs that are stretched to the runtime foreseen ends at this many times that.
const BEYOND: f64 = 2.0;

/// The weight of a part that no run was seen in, in seconds.
const BARELY: f64 = 1e-9;

/// How runs are laid over each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    /// By seconds since their start.
    Clock,
    /// By the share of the runtime that was foreseen of each.
    Share,
}

/// A run that has ended, with what was known before.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Past<'a> {
    pub(super) course: &'a Course,
    pub(super) input_bytes: Option<f64>,
}

/// What is known of runtimes.
#[derive(Debug, Clone, Default)]
pub(super) struct Runtimes {
    inputs: InputLine,
    all: Vec<f64>,
    longest: f64,
}

impl Runtimes {
    pub(super) fn learn(&mut self, past: &Past<'_>) {
        if let Some(input) = past.input_bytes {
            self.inputs.learn(input, past.course.seconds);
        }
        let place = self.all.partition_point(|seconds| *seconds < past.course.seconds);
        self.all.insert(place, past.course.seconds);
        self.longest = self.longest.max(past.course.seconds);
    }

    /// The runtime of a run of this input, in seconds: by a line through input sizes, else the median.
    pub(super) fn foreseen(&self, input_bytes: Option<f64>) -> f64 {
        let line = input_bytes.and_then(|input| self.inputs.value_at(input)).filter(|seconds| *seconds > 0.0);
        line.or(self.all.get(self.all.len() / 2).copied()).unwrap_or(1.0).max(1e-3)
    }
}

/// The steps over an envelope.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Envelope {
    axis: Axis,
    /// The length of the axis: seconds, or times the runtime foreseen.
    length: f64,
    pieces: Vec<(usize, f64)>,
}

impl Envelope {
    /// The envelope of the last runs in at most this many steps.
    pub(super) fn of(past: &[Past<'_>], runtimes: &Runtimes, axis: Axis, most_steps: usize) -> Self {
        let length = if axis == Axis::Share { BEYOND } else { runtimes.longest.max(1e-3) };
        let (mut levels, mut weights) = (vec![0.0_f64; CELLS], vec![BARELY; CELLS]);
        for run in &past[past.len().saturating_sub(MOST_RUNS)..] {
            let unit = if axis == Axis::Share { runtimes.foreseen(run.input_bytes) } else { 1.0 };
            lay(run.course, unit * length, &mut levels, &mut weights);
        }
        let mut wide: Vec<f64> = (0..CELLS).map(|cell| around(&levels, cell)).collect();
        // A run that goes on beyond all before it may need anything that they did.
        wide.push(levels.iter().copied().fold(0.0, f64::max));
        weights.push(BARELY);
        Self { axis, length, pieces: cover(&wide, &weights, most_steps) }
    }

    /// The steps for a run of this input, with a margin as a factor.
    #[expect(clippy::cast_precision_loss, reason = "a few cells")]
    pub(super) fn steps(&self, runtimes: &Runtimes, input_bytes: Option<f64>, margin: f64) -> Vec<Step> {
        let unit = if self.axis == Axis::Share { runtimes.foreseen(input_bytes) } else { 1.0 };
        let cell_s = unit * self.length / CELLS as f64;
        let step = |(begin, level): &(usize, f64)| Step {
            from_s: *begin as f64 * cell_s,
            memory_mb: level * margin,
        };
        self.pieces.iter().map(step).collect()
    }
}

/// Raises the cells that a run passes; `length_s` is the axis in this run's seconds.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place among a few cells"
)]
fn lay(course: &Course, length_s: f64, levels: &mut [f64], weights: &mut [f64]) {
    let cell = |at: f64| ((at / length_s * CELLS as f64) as usize).min(CELLS - 1);
    for (place, (at, mb)) in course.points.iter().enumerate() {
        let end = course.points.get(place + 1).map_or(course.seconds, |next| next.0).max(*at);
        levels[cell(*at)..=cell(end)].iter_mut().for_each(|level| *level = level.max(*mb));
        weights[cell(*at)] += end - at;
    }
}

/// The highest of a cell and its neighbours: runs are early and late by some time.
fn around(levels: &[f64], cell: usize) -> f64 {
    levels[cell.saturating_sub(1)..(cell + 2).min(levels.len())].iter().copied().fold(0.0, f64::max)
}
