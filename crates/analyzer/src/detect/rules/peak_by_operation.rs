//! # `peak_by_operation`
//!
//! One operation sets the run's peak.
//!
//! ## The rule
//!
//! Its batches, or its samples outside of batches, reach 10 % and 20 MiB higher than those of every other one, and reach the run's peak, to
//! 1 %; without batches, a phase of under 30 % of the run reaches half as much again as every other.
//!
//! ## What it shows
//!
//! Both peaks, and the operation.
//!
//! ## What to do
//!
//! Begin there: a smaller batch for this operation alone lowers the run's peak.
//!
//! ## Where it is wrong, and savings
//!
//! Batches that overlap have no peak of their own and are left out. Savings are withheld: see `memtool simulate`.

use std::collections::BTreeMap;

use crate::detect::case::Case;
use crate::detect::context::Context;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;
use crate::series::Series;

/// How far above the next operation matters: a share of its peak, and MiB.
const ABOVE: (f64, f64) = (0.10, 20.0);
/// Without batches: how far above the next phase, and in how small a share of the run, a peak is remarkable.
const WELL_ABOVE: f64 = 1.5;
const BRIEF: f64 = 0.3;
/// Share of the run's peak that counts as the peak.
const REACHED: f64 = 0.99;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let (series, context) = (case.series, case.context);
    let measured = peaks(series, context);
    let peaks = if measured.len() > 1 { measured } else { phase_peaks(series, context) };
    let [(highest, peak), (next, next_peak), ..] = peaks[..] else { return None };
    let sampled = case.largest_mb;
    let all = context.batches.iter().filter_map(|b| b.peak_mb).fold(sampled, f64::max);
    let above = peak - next_peak;
    if above < ABOVE.0 * next_peak || above < ABOVE.1 || peak < REACHED * all {
        return None;
    }
    Some(Finding {
        kind: FindingKind::PeakByOperation,
        severity: Severity::Low,
        confidence: 0.95,
        evidence: Evidence {
            rule: "peak_by_operation.above_the_next".into(),
            window_s: (0.0, series.duration_s()),
            samples: context.batches.len(),
            statistic: "MiB by which one operation's peak exceeds the next one's".into(),
            value: above,
            interval: None,
            operation: Some(highest.to_owned()),
            details: Details::from([
                ("peak_mb", peak),
                ("next_peak_mb", next_peak),
                ("operations_measured", peaks.len() as f64),
            ]),
        },
        action: format!(
            "{highest} sets the peak of {peak:.0} MiB, {above:.0} above {next}: begin with {highest} if it is to come down."
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("what smaller batches need is a question for simulate".into()),
    })
}

/// Each phase's highest sample, the highest of all first; none where the highest belongs to a phase that is most of the
/// run anyway, or is not well above the next: that phases differ is what they are for.
fn phase_peaks<'a>(series: &Series, context: &'a Context) -> Vec<(&'a str, f64)> {
    let peaks = sorted(sampled(series, context, |_| true));
    let stands_out = match peaks[..] {
        [(highest, peak), (_, next), ..] => {
            let of_highest = |i: usize| phase(series, context, i) == Some(highest);
            peak >= WELL_ABOVE * next && series.time_share(of_highest) <= BRIEF
        }
        _ => false,
    };
    if stands_out { peaks } else { Vec::new() }
}

/// The phase of a sample.
fn phase<'a>(series: &Series, context: &'a Context, sample: usize) -> Option<&'a str> {
    context.phases.get(series.phase[sample]? as usize).map(String::as_str)
}

/// The highest of some samples in each phase.
fn sampled<'a>(
    series: &Series,
    context: &'a Context,
    counts: impl Fn(usize) -> bool,
) -> BTreeMap<&'a str, f64> {
    let mut highest = BTreeMap::new();
    for (samples, phase) in series.phase.stretches() {
        let name = phase.and_then(|phase| context.phases.get(phase as usize));
        let largest = samples.filter(|i| counts(*i)).map(|i| series.rss_mb[i]).reduce(f64::max);
        if let (Some(name), Some(mb)) = (name, largest) {
            raise(&mut highest, name, mb);
        }
    }
    highest
}

fn raise<'a>(highest: &mut BTreeMap<&'a str, f64>, name: &'a str, mb: f64) {
    let known = highest.entry(name).or_insert(mb);
    *known = known.max(mb);
}

fn sorted(highest: BTreeMap<&str, f64>) -> Vec<(&str, f64)> {
    let mut peaks: Vec<(&str, f64)> = highest.into_iter().collect();
    peaks.sort_by(|a, b| b.1.total_cmp(&a.1));
    peaks
}

/// Each operation's highest batch, and the highest sample of each phase outside of batches; the highest of all first.
fn peaks<'a>(series: &Series, context: &'a Context) -> Vec<(&'a str, f64)> {
    let mut highest = BTreeMap::new();
    for batch in context.batches.iter().filter(|b| !b.overlapping) {
        let name = batch.operation.and_then(|operation| context.operations.get(operation as usize));
        if let (Some(name), Some(peak)) = (name, batch.peak_mb) {
            raise(&mut highest, name, peak);
        }
    }
    if !highest.is_empty() {
        for (phase, mb) in sampled(series, context, |sample| !in_batch(series, context, sample)) {
            raise(&mut highest, phase, mb);
        }
    }
    sorted(highest)
}

/// Whether a sample was taken inside a batch.
fn in_batch(series: &Series, context: &Context, sample: usize) -> bool {
    let at = series.seconds[sample];
    let begun = context.batches.partition_point(|batch| batch.start_s <= at);
    // Of batches that overlap an earlier one may still be open.
    context.batches[begun.saturating_sub(OPEN_AT_MOST)..begun].iter().any(|batch| at <= batch.end_s)
}

/// Batches that are open at a time, at most.
const OPEN_AT_MOST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples::{batch, context};
    use crate::detect::observed::ObservedBatch;
    use crate::series::shapes::series;

    fn of(operation: u32, peak: f64) -> ObservedBatch {
        ObservedBatch { operation: Some(operation), ..batch(1.0, 2.0, peak, true) }
    }

    fn found(batches: Vec<ObservedBatch>) -> Option<Finding> {
        let operations = ["load", "report", "exits"].map(str::to_owned).to_vec();
        detect(&Case::new(&series(1.0, &[300.0; 10]), &Context { batches, operations, ..context() }))
    }

    #[test]
    fn the_operation_of_the_peak_is_named_with_its_lead() {
        let batches = [of(0, 400.0), of(1, 600.0), of(1, 350.0), of(2, 450.0), of(0, 390.0)];
        let finding = found(batches.to_vec()).expect("a finding");
        assert_eq!((finding.kind, finding.severity), (FindingKind::PeakByOperation, Severity::Low));
        assert_eq!((finding.evidence.operation.as_deref(), finding.evidence.value), (Some("report"), 150.0));
        let details = &finding.evidence.details;
        assert_eq!([details["peak_mb"], details["next_peak_mb"]], [600.0, 450.0]);
        assert!(finding.action.contains("report sets the peak of 600 MiB, 150 above exits"));
    }

    #[test]
    fn a_small_lead_or_a_single_operation_is_none() {
        assert_eq!(found(vec![of(0, 400.0), of(1, 439.0)]), None, "under 10 %");
        assert!(found(vec![of(0, 400.0), of(1, 441.0)]).is_some());
        let low = |peak: f64| {
            let run = series(1.0, &[50.0; 10]);
            let operations = vec!["load".to_owned(), "report".to_owned()];
            detect(&Case::new(
                &run,
                &Context { batches: vec![of(0, 100.0), of(1, peak)], operations, ..context() },
            ))
        };
        assert_eq!(low(119.0), None, "under 20 MiB");
        assert!(low(121.0).is_some());
        assert_eq!(found(vec![of(1, 600.0), of(1, 400.0)]), None);
        assert_eq!(found(Vec::new()), None);
    }

    #[test]
    fn a_peak_outside_of_them_is_not_theirs() {
        let shared = ObservedBatch { overlapping: true, ..of(2, 700.0) };
        assert_eq!(
            found(vec![of(0, 400.0), of(1, 600.0), shared]),
            None,
            "batches that overlap reached higher"
        );
        let shared = ObservedBatch { overlapping: true, ..of(0, 590.0) };
        assert!(found(vec![of(0, 400.0), of(1, 600.0), shared]).is_some(), "and theirs does not count");
        assert!(found(vec![of(0, 200.0), of(1, 298.0)]).is_some());
        assert_eq!(found(vec![of(0, 200.0), of(1, 290.0)]), None, "300 MiB were sampled");
    }

    #[test]
    fn a_step_outside_of_batches_that_sets_the_peak_is_named() {
        let mut run = series(1.0, &[200.0; 20]);
        run.phase = (0..20).map(|i| (i >= 15).then_some(0)).collect();
        run.rss_mb[17] = 634.0;
        let batches = (0..10).map(|i| ObservedBatch {
            operation: Some(0),
            ..batch(f64::from(i), f64::from(i) + 0.9, 433.0, true)
        });
        let (phases, operations) = (vec!["merge".to_owned()], vec!["work".to_owned()]);
        let with = Context { batches: batches.collect(), phases, operations, ..context() };
        let finding = detect(&Case::new(&run, &with)).expect("a finding");
        assert_eq!((finding.evidence.operation.as_deref(), finding.evidence.value), (Some("merge"), 201.0));
    }

    #[test]
    fn without_batches_the_phase_of_the_peak_is_named() {
        let mut run = series(1.0, &[6000.0; 100]);
        run.phase = (0..100).map(|i| Some(u32::from(i >= 90))).collect();
        run.rss_mb[95] = 14_400.0;
        let phases = ["record", "stop"].map(str::to_owned).to_vec();
        let finding = detect(&Case::new(&run, &Context { phases, ..context() })).expect("a finding");
        assert_eq!((finding.evidence.operation.as_deref(), finding.evidence.value), (Some("stop"), 8400.0));
    }
}
