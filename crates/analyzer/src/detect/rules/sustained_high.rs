//! # `sustained_high`
//!
//! Memory stays at or above the high threshold.
//!
//! ## The rule
//!
//! Half of the time at or above high; or 30 % with one piece of a minute and 10 % of the run; or a minute in critical. Or half of the time
//! inside batches, ten at least, of a job that waits between them for longer.
//!
//! Shares are of time, not of samples, since forced checks cluster where memory is high: a sample stands for the time to the next one, up to two
//! seconds (a library call may hold the interpreter) or three spacings. A sample is high where RSS is, or where too little is left below
//! the limit and nobody else holds it: a job alone in a container smaller than its thresholds.
//!
//! ## What it shows
//!
//! - `longest_episode_s`, `longest_critical_s` (pinned in critical), `longest_moderate_or_more_s`, and the shares with them.
//! - `headroom_mb`: from the peak to the limit. Negative where mapped pages are not charged to it.
//! - The operation whose batches were open for the most of that time, or else the phase.
//! - `share_by_available_memory`: pressure that other programs made.
//! - `batches`, and `in_batches_s` of which `in_batches_high_s` were high, where the rule is the one of batches.
//!
//! ## What to do
//!
//! Lower the largest batch size for the operation named; `memtool tune` says what the machine can carry.
//!
//! ## Where it is wrong, and savings
//!
//! Whether the level was needed is not asked. Savings are withheld: what another size takes is a question for `memtool simulate`.

use std::collections::BTreeMap;

use memtool_profile_model::PressureLevel;

use crate::detect::case::Case;
use crate::detect::context::Context;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;
use crate::detect::sample_time::SampleTime;
use crate::series::Series;
use crate::stats::{count, largest};

/// Share of time from which memory is sustained, however it is spread.
const HALF: f64 = 0.5;
/// Share of time from which it is, in one piece.
const LEAST_SHARE: f64 = 0.30;
/// That piece: so many seconds, and a share of the run.
const LONG_EPISODE: (f64, f64) = (60.0, 0.10);
/// Below this the shares mean nothing.
const FEWEST_SAMPLES: usize = 8;
/// From this on they are sure.
const MANY_SAMPLES: usize = 30;
/// Observed share of the run below which nothing is said.
const LEAST_COVERAGE: f64 = 0.5;
/// Share of time in critical from which a run is pinned there.
const PINNED_SHARE: f64 = 0.30;
/// Batches with a sample inside that show what their time is like.
const FEWEST_BATCHES: usize = 10;
pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    by_time(case).or_else(|| by_batches(case))
}

/// Batches that are high for half of their time, though the job waits between them for longer.
fn by_batches(case: &Case<'_>) -> Option<Finding> {
    let (series, context) = (case.series, case.context);
    if case.largest_mb < context.high_mb {
        return None;
    }
    let clock = SampleTime::of(case);
    let is_high = |i: usize| series.rss_mb[i] >= context.high_mb;
    let (mut batches, mut inside_s, mut high_s) = (0, 0.0, 0.0);
    for batch in context.batches.iter().filter(|batch| !batch.overlapping) {
        let seconds = clock.seconds_within(batch.start_s, batch.end_s, |_| true);
        batches += usize::from(seconds > 0.0);
        inside_s += seconds;
        high_s += clock.seconds_within(batch.start_s, batch.end_s, is_high);
    }
    let share = high_s / inside_s;
    if batches < FEWEST_BATCHES || inside_s > HALF * series.duration_s() || share < HALF {
        return None;
    }
    let peak = largest(&series.rss_mb);
    let mut details = Details::from([
        ("batches", count(batches)),
        ("in_batches_s", inside_s),
        ("in_batches_high_s", high_s),
        ("high_mb", context.high_mb),
        ("peak_mb", peak),
    ]);
    details.extend(context.limit_mb.map(|limit| ("headroom_mb", limit - peak)));
    Some(Finding {
        kind: FindingKind::SustainedHigh,
        severity: Severity::Medium,
        confidence: 0.9,
        evidence: Evidence {
            rule: "sustained_high.batch_share".into(),
            window_s: (0.0, series.duration_s()),
            samples: series.len(),
            statistic: "share of the time inside batches at or above the high threshold".into(),
            value: share,
            interval: None,
            operation: responsible(series, context, &is_high),
            details,
        },
        action: action(case, &is_high, 0.0),
        estimated_savings_mb: None,
        savings_withheld: Some(WITHHELD.into()),
    })
}

/// Why savings are withheld.
const WITHHELD: &str = "what another batch size would save is a question for simulate, not for one trace";

/// Much of the time at or above the high threshold, or one long stretch.
fn by_time(case: &Case<'_>) -> Option<Finding> {
    let time = HighTime::of(case)?;
    let long = LONG_EPISODE.0.max(LONG_EPISODE.1 * case.series.duration_s());
    let share = time.share();
    if !(share >= HALF || (share >= LEAST_SHARE && time.held_s >= long) || time.pinned_s >= LONG_EPISODE.0) {
        return None;
    }
    let high = |i: usize| time.clock.is_high(i);
    let severe = time.share_critical() >= PINNED_SHARE || time.pinned_s >= LONG_EPISODE.0 || share >= HALF;
    let pinned = time.share_critical().max(time.pinned_s / case.series.duration_s());
    Some(Finding {
        kind: FindingKind::SustainedHigh,
        severity: if severe { Severity::High } else { Severity::Medium },
        confidence: confidence(case.series, share),
        evidence: Evidence {
            rule: "sustained_high.time_share".into(),
            window_s: time.episode,
            samples: case.series.len(),
            statistic: "share of time at or above the high threshold".into(),
            value: share,
            interval: None,
            operation: responsible(case.series, case.context, &high),
            details: time.details(),
        },
        action: action(case, &high, pinned),
        estimated_savings_mb: None,
        savings_withheld: Some(WITHHELD.into()),
    })
}

/// How long memory was high and critical.
struct HighTime<'a> {
    clock: SampleTime<'a>,
    /// Seconds that samples speak for.
    observed_s: f64,
    high_s: f64,
    critical_s: f64,
    /// From and to of the longest high stretch, in seconds.
    episode: (f64, f64),
    /// How much of it was high: a bridged dip joins two stretches, but it was not.
    held_s: f64,
    /// The longest critical stretch.
    pinned_s: f64,
}

impl<'a> HighTime<'a> {
    /// `None` where too little is known, or memory was high for too short a time to be told.
    fn of(case: &Case<'a>) -> Option<Self> {
        let (series, context) = (case.series, case.context);
        let may_be_high = case.largest_mb >= context.high_mb || case.highest_level >= PressureLevel::High;
        if series.len() < FEWEST_SAMPLES || !may_be_high {
            return None;
        }
        let clock = SampleTime::of(case);
        let is_high = |i: usize| clock.is_high(i);
        if !(0..series.len()).any(is_high) {
            return None;
        }
        let observed_s = clock.seconds(|_| true);
        let (high_s, critical_s) = (clock.seconds(is_high), clock.seconds(|i| clock.is_critical(i)));
        // An episode may bridge gaps, but not more than it holds.
        let short = high_s / observed_s < LEAST_SHARE && critical_s < LONG_EPISODE.0 / 2.0;
        if observed_s < LEAST_COVERAGE * series.duration_s() || observed_s <= 0.0 || short {
            return None;
        }
        let (from, to) = clock.longest(is_high)?;
        let within = |i: usize| series.seconds[i] >= from && series.seconds[i] < to && is_high(i);
        let pinned = clock.longest(|i| clock.is_critical(i));
        Some(Self {
            clock,
            observed_s,
            high_s,
            critical_s,
            episode: (from, to),
            held_s: clock.seconds(within),
            pinned_s: pinned.map_or(0.0, |(from, to)| to - from),
        })
    }

    fn share(&self) -> f64 {
        self.high_s / self.observed_s
    }

    fn share_critical(&self) -> f64 {
        self.critical_s / self.observed_s
    }

    fn details(&self) -> Details {
        let SampleTime { series, context, .. } = self.clock;
        let moderate = |i: usize| series.rss_mb[i] >= context.moderate_mb;
        let by_available = |i: usize| series.level[i] >= PressureLevel::High && !self.clock.is_high(i);
        let peak = largest(&series.rss_mb);
        let moderate_episode = self.clock.longest(moderate).map_or(0.0, |(from, to)| to - from);
        let mut details = Details::from([
            ("longest_episode_s", self.episode.1 - self.episode.0),
            ("held_s", self.held_s),
            ("share_critical", self.share_critical()),
            ("longest_critical_s", self.pinned_s),
            ("share_moderate_or_more", self.clock.seconds(moderate) / self.observed_s),
            ("longest_moderate_or_more_s", moderate_episode),
            ("share_by_available_memory", self.clock.seconds(by_available) / self.observed_s),
            ("high_mb", context.high_mb),
            ("coverage", (self.observed_s / series.duration_s()).min(1.0)),
            ("peak_mb", peak),
        ]);
        details.extend(context.limit_mb.map(|limit| ("headroom_mb", limit - peak)));
        details
    }
}

/// Surer with more snapshots and farther from the line; measured values are in the docs.
fn confidence(series: &Series, share: f64) -> f64 {
    match (series.len() >= MANY_SAMPLES, share >= HALF + 0.05) {
        (true, true) => 0.98,
        (true, false) => 0.9,
        (false, true) => 0.9,
        (false, false) => 0.75,
    }
}

/// What the job did while memory was high: the operation whose batches were open for the most of
/// that time, or else the phase.
fn responsible(series: &Series, context: &Context, high: &dyn Fn(usize) -> bool) -> Option<String> {
    let mut seconds: BTreeMap<&str, f64> = BTreeMap::new();
    let mut from = 0;
    for batch in context.batches.iter().filter(|batch| !batch.overlapping) {
        let Some(name) = batch.operation.and_then(|id| context.operations.get(id as usize)) else { continue };
        from += series.seconds[from..].partition_point(|s| *s < batch.start_s);
        let within = (from..series.len()).take_while(|i| series.seconds[*i] < batch.end_s);
        *seconds.entry(name).or_default() +=
            within.filter(|i| high(*i)).map(|i| series.weight_s(i)).sum::<f64>();
    }
    if seconds.values().all(|held| *held <= 0.0) {
        seconds.clear();
        for i in (0..series.len()).filter(|i| high(*i)) {
            let phase = series.phase[i].and_then(|phase| context.phases.get(phase as usize));
            if let Some(name) = phase {
                *seconds.entry(name).or_default() += series.weight_s(i);
            }
        }
    }
    let (name, _) = seconds.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(name.to_owned())
}

fn action(case: &Case<'_>, high: &dyn Fn(usize) -> bool, critical: f64) -> String {
    let place = responsible(case.series, case.context, high)
        .map_or_else(String::new, |name| format!(", most of all in {name}"));
    let pinned = if critical >= PINNED_SHARE { "The run is pinned in critical. " } else { "" };
    let lower =
        case.smaller_or("Lower the largest batch size", "Give the job more memory, or less to hold at once");
    format!("{pinned}{lower}{place}; `memtool tune` says what the machine can carry.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples::context;
    use crate::detect::observed::ObservedBatch;
    use crate::series::shapes::series;

    #[test]
    fn half_the_time_high_in_one_piece_fires() {
        let rss: Vec<f64> = (0..200).map(|i| if i < 100 { 1000.0 } else { 3100.0 }).collect();
        let finding = detect(&Case::new(&series(1.0, &rss), &context())).expect("a finding");
        assert_eq!(finding.evidence.window_s, (100.0, 199.0));
        assert!((finding.evidence.value - 99.0 / 199.0).abs() < 1e-12);
        assert_eq!(finding.severity, Severity::Medium, "a third in one piece");
    }

    #[test]
    fn short_spikes_do_not_add_up_to_an_episode() {
        let rss: Vec<f64> = (0..400).map(|i| if i % 20 < 8 { 3100.0 } else { 1000.0 }).collect();
        assert_eq!(detect(&Case::new(&series(1.0, &rss), &context())), None);
    }

    #[test]
    fn too_few_samples() {
        assert_eq!(detect(&Case::new(&series(10.0, &[3600.0; 7]), &context())), None);
    }

    #[test]
    fn half_of_a_short_run_in_pieces_fires() {
        let rss: Vec<f64> = (0..100).map(|i| if i % 10 < 6 { 3100.0 } else { 1000.0 }).collect();
        assert_eq!(
            detect(&Case::new(&series(0.1, &rss), &context())).expect("a finding").severity,
            Severity::High
        );
    }

    #[test]
    fn a_minute_in_critical_is_found_in_a_long_run() {
        let rss: Vec<f64> = (0..2000).map(|i| if i < 90 { 3600.0 } else { 1000.0 }).collect();
        let finding = detect(&Case::new(&series(1.0, &rss), &context())).expect("a finding");
        assert!(
            finding.action.starts_with("Lower") && finding.evidence.details["longest_critical_s"] >= 60.0
        );
    }

    #[test]
    fn the_operation_that_ran_while_it_was_high_is_named() {
        let rss: Vec<f64> = (0..200).map(|i| if i < 80 { 1000.0 } else { 3100.0 }).collect();
        let batch = |operation, from: f64, to| ObservedBatch {
            operation: Some(operation),
            ..crate::detect::examples::batch(from, to, 0.0, false)
        };
        let batches = vec![batch(0, 0.0, 100.0), batch(1, 100.0, 200.0)];
        let names = ["load", "report"].map(str::to_owned).to_vec();
        let with = Context { batches, operations: names, ..context() };
        let finding = detect(&Case::new(&series(1.0, &rss), &with)).expect("a finding");
        assert_eq!(finding.evidence.operation.as_deref(), Some("report"));
        assert!(finding.action.contains("most of all in report"), "{}", finding.action);
        assert_eq!(finding.evidence.details["headroom_mb"], 900.0);
        assert_eq!(finding.evidence.details["longest_moderate_or_more_s"], 119.0);
    }

    #[test]
    fn the_time_inside_batches_counts_however_long_the_job_waits() {
        let high_of_ten = |high: usize| -> Vec<f64> {
            (0..1000).map(|i| if i % 50 < high { 3100.0 } else { 1000.0 }).collect()
        };
        let batch = |index: usize| {
            let start_s = 50.0 * index as f64;
            crate::detect::examples::batch(start_s, start_s + 10.0, 0.0, false)
        };
        let context = Context { batches: (0..20).map(batch).collect(), ..context() };
        let found = |high| detect(&Case::new(&series(1.0, &high_of_ten(high)), &context));
        let finding = found(5).expect("a finding");
        assert_eq!((finding.evidence.value, finding.severity), (0.5, Severity::Medium));
        let details = &finding.evidence.details;
        assert_eq!([details["batches"], details["in_batches_high_s"]], [20.0, 100.0]);
        assert_eq!(found(4), None);
    }

    #[test]
    fn a_held_interpreter_is_no_gap() {
        let mut run = series(0.1, &[3100.0; 40]);
        run.seconds = (0..40).map(|i| f64::from(i) * 0.1 + if i > 20 { 1.5 } else { 0.0 }).collect();
        assert!(detect(&Case::new(&run, &context())).expect("a finding").evidence.details["coverage"] > 0.99);
    }
}
