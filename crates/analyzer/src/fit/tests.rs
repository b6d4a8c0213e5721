//! Pools whose answer is known.

use std::path::Path;

use memtool_profile_model::{Mib, Offset, Run, Snapshot};

use super::*;

fn run(samples: impl Iterator<Item = (f64, f64)>) -> Run {
    let snapshot = |(seconds, rss): (f64, f64)| Snapshot {
        at: Offset::from_seconds(seconds),
        rss: Some(Mib::new(rss)),
        ..Snapshot::default()
    };
    Run { snapshots: samples.map(snapshot).collect(), ..Run::default() }
}

/// Twenty runs that hold 100 MiB, and for a tenth of their 100 s the peak.
fn spiky(name: &str, peak_mb: f64) -> Vec<UnitRun> {
    let course = move |at: u32| (f64::from(at), if (40..50).contains(&at) { peak_mb } else { 100.0 });
    let one = |_| UnitRun::of(run((0..100).map(course)), Path::new("x"), Some(name)).expect("figures");
    (0..20).map(one).collect()
}

fn fitted(runs: Vec<UnitRun>, limit_mb: f64, risk: f64) -> FitReport {
    fit(runs, &FitOptions { limit_mb, risk, mixed: true })
}

#[test]
fn what_never_changes_fits_as_division_says() {
    let report = fitted(spiky("flat", 100.0), 1050.0, 0.01);
    let unit = &report.units[0];
    assert_eq!((unit.count, unit.by_largest), (Count { independent: 10, together: 10 }, 10));
    assert!(unit.curve[9].together < 0.01 && unit.curve[10].together > 0.99, "{:?}", unit.curve);
}

#[test]
fn peaks_that_do_not_meet_let_more_run_unless_all_start_together() {
    let unit = fitted(spiky("spiky", 500.0), 3000.0, 0.01).units.remove(0);
    assert!((5..=6).contains(&unit.count.together), "{:?}", unit.count);
    assert!(unit.count.independent > unit.count.together + 3, "{:?}", unit.count);
    let counts: Vec<usize> = unit.by_risk.iter().map(|row| row.count.independent).collect();
    assert!(counts.is_sorted() && counts.last() > counts.first(), "more risk lets more run: {counts:?}");
}

#[test]
fn the_probability_of_two_peaks_that_meet_is_the_overlap() {
    // Two spikes of a tenth each meet at some time with twice that probability, since both go on in turns.
    let unit = fitted(spiky("spiky", 500.0), 900.0, 0.01).units.remove(0);
    assert!((unit.curve[1].independent - 0.2).abs() < 0.04, "{:?}", unit.curve);
    assert!(unit.curve[1].together > 0.99);
}

#[test]
fn a_mix_gives_less_of_one_for_more_of_the_other() {
    let runs = [spiky("a", 100.0), spiky("b", 100.0)].concat();
    let mix = fitted(runs, 1050.0, 0.01).mix.expect("two units");
    assert_eq!((mix.units, mix.sets), (vec!["a".to_owned(), "b".to_owned()], 5));
    assert!(mix.points.iter().all(|point| point.counts[0] + point.counts[1] == 10), "{:?}", mix.points);
}

#[test]
fn what_does_not_fit_at_all_is_none() {
    let report = fitted(spiky("big", 500.0), 400.0, 0.01);
    assert!(!report.fits() && report.units[0].count.together == 0);
    assert_eq!(fitted(Vec::new(), 400.0, 0.01).units, []);
}
