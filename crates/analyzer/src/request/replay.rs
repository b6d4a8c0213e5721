//! All rules replayed over a group's own history, and the cheapest of those that failed seldom enough.

use super::cost::Cost;
use super::history::History;
use super::record::TaskRecord;
use super::request_rule::{Next, RequestRule};
use super::rules::RULES;

/// Runs that a rule is given before its own: without any it is taken to fail once in twenty.
const PRIOR: (f64, f64) = (1.0, 20.0);
/// Fewer runs, or days of long ones, are the first wave: their largest peak says little.
const FIRST_WAVE: usize = 10;
/// What the first day's peak may be passed by.
const FIRST_WAVE_MARGIN: f64 = 0.5;
/// What a killed run is given more, at least: VPA's step after a kill, as factor and in MiB.
const AFTER_KILL: (f64, f64) = (1.2, 100.0);

/// How a rule did so far.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    waste_gb_h: f64,
    failed: f64,
    runs: f64,
}

impl Score {
    fn add(&mut self, cost: Cost) {
        self.waste_gb_h += cost.waste_gb_h;
        self.failed += f64::from(u8::from(cost.failed()));
        self.runs += 1.0;
    }

    /// The share of runs that fail, as its own record and the prior say.
    fn failing(&self) -> f64 {
        (self.failed + PRIOR.0) / (self.runs + PRIOR.1)
    }

    fn mean_waste(&self) -> f64 {
        self.waste_gb_h / self.runs.max(1.0)
    }
}

/// The memory for the next run, and which rule says so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// The memory in MiB.
    pub memory_mb: f64,
    /// The rule's name.
    pub rule: &'static str,
    /// Why this rule.
    pub why: &'static str,
}

/// A group's history with the record of each rule in it.
#[derive(Debug, Clone)]
pub struct Replay {
    history: History,
    scores: Vec<Score>,
    risk: f64,
}

impl Replay {
    /// No history yet; `risk` is the share of runs that may fail for memory.
    #[must_use]
    pub fn new(risk: f64) -> Self {
        Self { history: History::default(), scores: vec![Score::default(); RULES.len()], risk }
    }

    /// What is known so far.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// What a rule says of a run with this input.
    #[must_use]
    pub fn by_rule(&self, rule: &RequestRule, input_bytes: Option<f64>) -> Option<f64> {
        (rule.size_mb)(&self.history, &Next { input_bytes, risk: self.risk })
    }

    /// The memory for the next run; `None` before any run has ended.
    #[must_use]
    pub fn size(&self, input_bytes: Option<f64>) -> Option<Size> {
        let (rule, memory_mb, why) = self.best(input_bytes).or_else(|| {
            let first = &RULES[0];
            let memory_mb = self.by_rule(first, input_bytes)?;
            Some((first, memory_mb, "no rule has shown over enough runs that it fails seldom enough"))
        })?;
        Some(self.with_floors(Size { memory_mb, rule: rule.name, why }))
    }

    /// The cheapest rule whose share of failures is within the risk.
    fn best(&self, input_bytes: Option<f64>) -> Option<(&'static RequestRule, f64, &'static str)> {
        let within = RULES.iter().zip(&self.scores).filter(|(_, score)| score.failing() <= self.risk);
        let sized = within.filter_map(|(rule, score)| Some((rule, self.by_rule(rule, input_bytes)?, score)));
        let cheapest = sized.min_by(|a, b| a.2.mean_waste().total_cmp(&b.2.mean_waste()));
        cheapest
            .map(|(rule, memory, _)| (rule, memory, "of the rules within the risk it wasted least so far"))
    }

    #[expect(clippy::cast_precision_loss, reason = "a few runs")]
    fn with_floors(&self, size: Size) -> Size {
        let history = &self.history;
        let first_wave = history.largest_mb * (1.0 + FIRST_WAVE_MARGIN / history.days.max(1) as f64);
        let after_kill = (history.killed_at_mb * AFTER_KILL.0).max(history.killed_at_mb + AFTER_KILL.1);
        if history.killed_at_mb >= history.largest_mb
            && history.killed_at_mb > 0.0
            && after_kill > size.memory_mb
        {
            return Size {
                memory_mb: after_kill,
                why: "a run was killed at the largest memory seen",
                ..size
            };
        }
        if history.unfinished_mb > size.memory_mb {
            return Size {
                memory_mb: history.unfinished_mb,
                why: "a run that broke off had reached it",
                ..size
            };
        }
        if history.days < FIRST_WAVE && first_wave > size.memory_mb {
            return Size { memory_mb: first_wave, why: "too few runs have ended: a wide margin", ..size };
        }
        size
    }

    /// Learns a run that has ended: each rule is first asked what it would have given it.
    pub fn learn(&mut self, task: &TaskRecord) {
        if task.end.finished {
            for (rule, score) in RULES.iter().zip(&mut self.scores) {
                let next = Next { input_bytes: task.input_bytes, risk: self.risk };
                if let Some(given) = (rule.size_mb)(&self.history, &next) {
                    score.add(Cost::of(given, task.peak_mb, task.runtime_s, self.history.largest_mb));
                }
            }
        }
        self.history.learn(task);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::killed::{MemoryKill, RunEnd};

    fn replayed(peaks: impl Iterator<Item = f64>) -> Replay {
        let mut replay = Replay::new(0.01);
        for (at, peak_mb) in peaks.enumerate() {
            let at_s = at as f64 * 600.0;
            let days = vec![(at_s, peak_mb)];
            replay.learn(&TaskRecord { at_s, peak_mb, runtime_s: 600.0, days, ..TaskRecord::default() });
        }
        replay
    }

    #[test]
    fn before_any_run_nothing_is_known_and_after_one_it_is_wide() {
        assert_eq!(Replay::new(0.01).size(None), None);
        let size = replayed([100.0].into_iter()).size(None).expect("a size");
        assert_eq!(size.memory_mb, 150.0);
    }

    #[test]
    fn runs_that_repeat_need_little_more() {
        let peaks = (0..300).map(|i| 1000.0 + f64::from(i * 37 % 10));
        let size = replayed(peaks).size(None).expect("a size");
        assert!((1009.0..1030.0).contains(&size.memory_mb), "{size:?}");
    }

    #[test]
    fn a_kill_raises_what_is_asked_for() {
        let mut replay = replayed((0..50).map(|_| 1000.0));
        let end = RunEnd { kill: MemoryKill::Known, evidence: "", finished: false };
        replay.learn(&TaskRecord { peak_mb: 1500.0, end, ..TaskRecord::default() });
        assert_eq!(replay.size(None).expect("a size").memory_mb, 1800.0);
    }

    #[test]
    fn a_run_that_broke_off_needs_at_least_what_it_had() {
        let mut replay = replayed((0..50).map(|_| 1000.0));
        let end = RunEnd { finished: false, ..RunEnd::default() };
        replay.learn(&TaskRecord { peak_mb: 1500.0, end, ..TaskRecord::default() });
        assert_eq!(replay.size(None).expect("a size").memory_mb, 1500.0);
    }

    #[test]
    fn known_input_is_used() {
        let mut replay = Replay::new(0.01);
        for i in 0..200 {
            let input = f64::from(1 + i * 37 % 100) * 1e6;
            let peak_mb = 50.0 + input / 1e6 * 10.0;
            replay.learn(&TaskRecord {
                at_s: f64::from(i),
                peak_mb,
                runtime_s: 60.0,
                input_bytes: Some(input),
                ..TaskRecord::default()
            });
        }
        let (small, large) =
            (replay.size(Some(5e6)).expect("a size"), replay.size(Some(9e7)).expect("a size"));
        assert!(small.memory_mb < 120.0 && (950.0..1000.0).contains(&large.memory_mb), "{small:?} {large:?}");
    }
}
