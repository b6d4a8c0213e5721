//! The figures of a group's runs so far, in constant memory and constant time per run.

use std::collections::VecDeque;

use super::input_line::InputLine;
use super::record::TaskRecord;

/// Last runs that are kept as they were.
const RECENT: usize = 30;
/// Buckets of sizes grow by this factor: a quantile is at most half a percent too high.
const BUCKET: f64 = 1.005;
/// The smallest distinguishable size, in MiB.
const SMALLEST_MB: f64 = 0.1;
/// Buckets: up to 10 TiB.
const BUCKETS: usize = 3700;
/// After this many seconds a peak counts half, as in VPA.
const HALF_LIFE_S: f64 = 86_400.0;
/// Half-lives after which a weight would leave the range of numbers.
const MOST_HALF_LIVES: f64 = 200.0;

/// The finished runs of a group so far.
#[derive(Debug, Clone)]
pub struct History {
    /// Runs that ended by themselves.
    pub count: usize,
    /// Days that they ran, a part of one counting whole.
    pub days: usize,
    /// Their largest peak, in MiB.
    pub largest_mb: f64,
    /// What killed runs had reached and needed more than, in MiB.
    pub killed_at_mb: f64,
    /// What runs that broke off for another reason had reached, in MiB.
    pub unfinished_mb: f64,
    mean_mb: f64,
    squares: f64,
    recent: VecDeque<f64>,
    sizes: Sizes,
    decayed: Sizes,
    /// When decayed weights are 1, in seconds.
    reference_s: f64,
    /// Peak against input size.
    pub(super) inputs: InputLine,
}

impl Default for History {
    fn default() -> Self {
        Self {
            count: 0,
            days: 0,
            largest_mb: 0.0,
            killed_at_mb: 0.0,
            unfinished_mb: 0.0,
            mean_mb: 0.0,
            squares: 0.0,
            recent: VecDeque::with_capacity(RECENT),
            sizes: Sizes::default(),
            decayed: Sizes::default(),
            reference_s: f64::NEG_INFINITY,
            inputs: InputLine::default(),
        }
    }
}

impl History {
    /// Learns a run that has ended.
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    pub fn learn(&mut self, task: &TaskRecord) {
        if task.is_killed() {
            self.killed_at_mb = self.killed_at_mb.max(task.needed_more_than_mb());
            return;
        }
        if !task.end.finished {
            self.unfinished_mb = self.unfinished_mb.max(task.peak_mb);
            return;
        }
        if let Some(input) = task.input_bytes {
            self.inputs.learn(input, task.peak_mb);
        }
        self.count += 1;
        self.days += task.days.len().max(1);
        self.largest_mb = self.largest_mb.max(task.peak_mb);
        let away = task.peak_mb - self.mean_mb;
        self.mean_mb += away / self.count as f64;
        self.squares += away * (task.peak_mb - self.mean_mb);
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(task.peak_mb);
        self.sizes.add(task.peak_mb, 1.0);
        for (at, peak) in &task.days {
            self.decay(*at, *peak);
        }
    }

    fn decay(&mut self, at: f64, peak: f64) {
        let halves = (at - self.reference_s) / HALF_LIFE_S;
        if halves > MOST_HALF_LIVES {
            // All older weights are nothing beside the new one.
            self.decayed = Sizes::default();
            self.reference_s = at;
        }
        let halves = (at - self.reference_s) / HALF_LIFE_S;
        self.decayed.add(peak, halves.clamp(-MOST_HALF_LIVES, MOST_HALF_LIVES).exp2());
    }

    /// The mean of the peaks, in MiB; 0 before any.
    #[must_use]
    pub const fn mean_mb(&self) -> f64 {
        self.mean_mb
    }

    /// Standard deviation of the peaks, in MiB.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    pub fn deviation_mb(&self) -> f64 {
        (self.squares / self.count.max(1) as f64).sqrt()
    }

    /// The largest of the last `count` peaks, at most 30.
    #[must_use]
    pub fn recent_mb(&self, runs: usize) -> f64 {
        self.recent.iter().rev().take(runs).copied().fold(0.0, f64::max)
    }

    /// A quantile of all peaks, in MiB.
    #[must_use]
    pub fn quantile_mb(&self, share: f64) -> f64 {
        self.sizes.quantile(share).min(self.largest_mb)
    }

    /// A quantile of peaks that count half after a day, in MiB.
    #[must_use]
    pub fn decayed_quantile_mb(&self, share: f64) -> f64 {
        self.decayed.quantile(share).min(self.largest_mb)
    }
}

/// Weights of sizes, in buckets of equal relative width.
#[derive(Debug, Clone, Default)]
struct Sizes {
    weights: Vec<f64>,
    all: f64,
}

impl Sizes {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bucket's place")]
    fn add(&mut self, size_mb: f64, weight: f64) {
        let place = ((size_mb / SMALLEST_MB).max(1.0).ln() / BUCKET.ln()) as usize;
        let place = place.min(BUCKETS - 1);
        if self.weights.len() <= place {
            self.weights.resize(place + 1, 0.0);
        }
        self.weights[place] += weight;
        self.all += weight;
    }

    /// The upper edge of the bucket in which the quantile lies.
    #[expect(clippy::cast_precision_loss, reason = "a bucket's place")]
    fn quantile(&self, share: f64) -> f64 {
        let mut above = self.all * (1.0 - share);
        for (place, weight) in self.weights.iter().enumerate().rev() {
            above -= weight;
            if above < 0.0 {
                return SMALLEST_MB * BUCKET.powf(place as f64 + 1.0);
            }
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::killed::{MemoryKill, RunEnd};

    const KILLED: RunEnd = RunEnd { kill: MemoryKill::Known, evidence: "", finished: false };

    fn learned(peaks: &[f64]) -> History {
        let mut history = History::default();
        for (day, peak) in peaks.iter().enumerate() {
            let at_s = day as f64 * 86_400.0;
            let task =
                TaskRecord { peak_mb: *peak, at_s, days: vec![(at_s, *peak)], ..TaskRecord::default() };
            history.learn(&task);
        }
        history
    }

    #[test]
    fn figures_of_a_few_runs() {
        let history = learned(&[100.0, 300.0, 200.0, 200.0]);
        assert_eq!((history.count, history.largest_mb, history.recent_mb(2)), (4, 300.0, 200.0));
        assert!((history.deviation_mb() - 5000_f64.sqrt()).abs() < 1e-9);
        let near =
            |found: f64, exact: f64| assert!((found / exact - 1.0).abs() < 0.01, "{found} for {exact}");
        near(history.quantile_mb(0.5), 200.0);
        near(history.quantile_mb(0.99), 300.0);
    }

    #[test]
    fn old_peaks_count_less() {
        let history = learned(&[900.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0]);
        assert!(history.decayed_quantile_mb(0.9) < 101.0 && history.quantile_mb(0.9) > 890.0);
    }

    #[test]
    fn a_killed_run_is_a_lower_bound() {
        let mut history = learned(&[100.0]);
        history.learn(&TaskRecord { peak_mb: 500.0, end: KILLED, ..TaskRecord::default() });
        assert_eq!((history.count, history.largest_mb, history.killed_at_mb), (1, 100.0, 500.0));
        let broke_off = RunEnd { kill: MemoryKill::No, ..KILLED };
        history.learn(&TaskRecord { peak_mb: 300.0, end: broke_off, ..TaskRecord::default() });
        assert_eq!((history.count, history.unfinished_mb), (1, 300.0));
    }
}
