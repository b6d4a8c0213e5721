//! The verdicts on plain shapes.

use super::{Leak, LeakReport, LeakTier, LeakVerdict, ReasonCode};
use crate::detect::context::Context;
use crate::detect::examples::{batch, context};
use crate::detect::observed::ObservedBatch;
use crate::series::shapes::{noise, series};

fn verdict(n: usize, f: impl Fn(f64) -> f64) -> LeakReport {
    let rss: Vec<f64> =
        noise(11, n).iter().enumerate().map(|(i, e)| f(i as f64 / n as f64) + 3.0 * e).collect();
    Leak::of(&series(1.0, &rss), &context()).report
}

#[test]
fn a_ramp_under_a_sawtooth_is_a_leak_with_its_slope() {
    let found = verdict(1200, |s| 400.0 + 300.0 * s + ((s * 1200.0) % 12.0) * 20.0);
    assert_eq!((found.verdict, found.tier), (LeakVerdict::Leak, Some(LeakTier::Confirmed)), "{found:?}");
    let growth = found.slope_mb_per_min.expect("growth");
    assert!(growth.low < 15.0 && growth.high > 15.0 && (growth.estimate - 15.0).abs() < 1.5, "{growth:?}");
    let hours = found.hours_to_limit.expect("hours");
    assert!(hours.low <= hours.estimate && hours.estimate <= hours.high);
}

#[test]
fn a_short_ramp_is_only_suspected() {
    assert_eq!(verdict(120, |s| 400.0 + 300.0 * s).tier, Some(LeakTier::Suspected));
}

#[test]
fn a_ramp_without_cycles_must_last() {
    let ramp = |spacing_s: f64, step_mb: f64| {
        let rss: Vec<f64> = (0..60).map(|i| 100.0 + step_mb * f64::from(i)).collect();
        Leak::of(&series(spacing_s, &rss), &context()).report
    };
    let short = ramp(0.05, 5.0);
    assert_eq!(short.verdict, LeakVerdict::Inconclusive);
    assert!(
        short.reason.starts_with("ramp: 3.0 s") && short.reason.contains("watch 3 s more"),
        "{}",
        short.reason
    );
    assert_eq!(ramp(0.1, 5.0).tier, Some(LeakTier::Suspected), "most of what it holds");
    assert_eq!(ramp(0.1, 1.0).verdict, LeakVerdict::Inconclusive, "a part of it");
    assert_eq!(ramp(0.4, 1.0).tier, Some(LeakTier::Suspected));
}

#[test]
fn a_ramp_with_a_fall_is_more_than_one_batch() {
    let ramp = |fall_mb: f64| {
        let at = |i: i32| 100.0 + 5.0 * f64::from(i) - if (20..22).contains(&i) { fall_mb } else { 0.0 };
        Leak::of(&series(0.05, &(0..60).map(at).collect::<Vec<_>>()), &context()).report
    };
    assert_eq!(ramp(0.0).verdict, LeakVerdict::Inconclusive);
    assert_eq!(ramp(30.0).tier, Some(LeakTier::Suspected), "{}", ramp(30.0).reason);
}

#[test]
fn one_step_between_is_no_turn_of_phases() {
    let staged = |boundaries: &[(usize, u32)]| {
        let mut run = series(1.0, &(0..400).map(|i| 400.0 + f64::from(i)).collect::<Vec<_>>());
        for (at, phase) in boundaries {
            run.boundary[*at] = true;
            run.phase[*at] = Some(*phase);
        }
        Leak::of(&run, &context()).report.verdict
    };
    assert_eq!(staged(&[(0, 0), (150, 1), (170, 0)]), LeakVerdict::Leak, "work, a pivot, work");
    assert_eq!(staged(&[(0, 0), (150, 1), (170, 0), (300, 1)]), LeakVerdict::Inconclusive);
}

#[test]
fn a_few_large_cycles_are_too_few() {
    let rss: Vec<f64> =
        (0..250).map(|i| 100.0 + f64::from(i / 50) * 15.0 + f64::from(i % 50) * 8.0).collect();
    let found = Leak::of(&series(0.1, &rss), &context()).report;
    assert_eq!(found.verdict, LeakVerdict::Inconclusive, "{}", found.reason);
    assert!(found.reason.starts_with("few_cycles"), "{}", found.reason);
}

#[test]
fn what_the_end_gives_back_was_no_leak() {
    let ramp = |end: f64| {
        let rss: Vec<f64> = (0..400).map(|i| if i < 398 { 400.0 + f64::from(i) } else { end }).collect();
        let mut run = series(1.0, &rss);
        run.boundary[398] = true;
        Leak::of(&run, &context()).report
    };
    assert_eq!(ramp(797.0).verdict, LeakVerdict::Leak);
    let released = ramp(420.0);
    assert_eq!(released.verdict, LeakVerdict::None);
    assert!(released.reason.starts_with("released"), "{}", released.reason);
}

#[test]
fn stages_that_came_back_twice_carry_no_verdict() {
    let staged = |cycles: usize| {
        let rss: Vec<f64> = (0..400).map(|i| 400.0 + f64::from(i)).collect();
        let mut run = series(1.0, &rss);
        for i in 0..2 * cycles {
            run.boundary[i * 390 / (2 * cycles)] = true;
            run.phase[i * 390 / (2 * cycles)] = Some(u32::from(i % 2 == 1));
        }
        Leak::of(&run, &context()).report.verdict
    };
    assert_eq!(staged(2), LeakVerdict::Inconclusive);
    assert_eq!(staged(4), LeakVerdict::Leak);
    assert_eq!(staged(0), LeakVerdict::Leak);
}

#[test]
fn a_rise_that_the_end_takes_back_was_no_leak() {
    // The heap holds 300 MiB from the start; only what came on top of them counts.
    let saw = |end: f64| {
        let rss: Vec<f64> = (0..400)
            .map(|i| match i {
                0 => 100.0,
                398.. => end,
                _ => 400.0 + f64::from(i) * 0.3 + f64::from(i % 10) * 40.0,
            })
            .collect();
        let mut run = series(1.0, &rss);
        run.boundary[398] = true;
        Leak::of(&run, &context()).report
    };
    assert_eq!(saw(510.0).verdict, LeakVerdict::Leak);
    let released = saw(425.0);
    assert!(released.reason.starts_with("released"), "{}", released.reason);
}

#[test]
fn loading_is_saturating_and_not_a_leak() {
    let found = verdict(240, |s| 400.0 + 600.0 * (s / 0.5).min(1.0));
    assert_eq!(found.verdict, LeakVerdict::Saturating, "{}", found.reason);
}

#[test]
fn rising_batch_peaks_over_a_level_floor_are_none() {
    let found = verdict(600, |s| 400.0 + ((s * 600.0) % 10.0) * 60.0 * s);
    assert_eq!(found.verdict, LeakVerdict::None, "{}", found.reason);
}

#[test]
fn a_plateau_is_saturating() {
    let found = verdict(1200, |s| 400.0 + 300.0 * (1.0 - (-s / 0.15_f64).exp()));
    assert_eq!(found.verdict, LeakVerdict::Saturating, "{found:?}");
}

#[test]
fn a_sawtooth_a_step_and_noise_are_none() {
    assert_eq!(verdict(1200, |s| 400.0 + ((s * 1200.0) % 60.0) * 20.0).verdict, LeakVerdict::None);
    assert_eq!(verdict(1200, |s| if s < 0.4 { 400.0 } else { 700.0 }).verdict, LeakVerdict::None);
    assert_eq!(verdict(1200, |_| 400.0).verdict, LeakVerdict::None);
}

#[test]
fn too_few_samples_and_all_equal() {
    let few = Leak::of(&series(1.0, &[1.0; 19]), &context()).report;
    assert_eq!(few.verdict, LeakVerdict::Inconclusive);
    assert!(few.reason.starts_with("insufficient: 19 snapshots"), "{}", few.reason);
    let equal = Leak::of(&series(1.0, &[100.0; 500]), &context()).report;
    assert_eq!(equal.verdict, LeakVerdict::None);
}

#[test]
fn growth_that_begins_late_and_goes_on_is_a_leak() {
    let late = |from: f64| verdict(1200, move |s| 400.0 + 600.0 * (s - from).max(0.0));
    assert_eq!(late(0.4).verdict, LeakVerdict::Leak, "{}", late(0.4).reason);
    assert_eq!(late(0.8).verdict, LeakVerdict::Leak, "{}", late(0.8).reason);
    let over = verdict(1200, |s| 400.0 + 600.0 * (s.min(0.75) - 0.4).max(0.0));
    assert_eq!(over.verdict, LeakVerdict::Saturating, "{}", over.reason);
}

#[test]
fn recorded_batches_are_cycles_though_memory_hardly_falls() {
    let rss: Vec<f64> = (0..90).map(|i| 200.0 + 1.5 * f64::from(i)).collect();
    let run = series(0.05, &rss);
    let found = Leak::of(&run, &context()).report;
    assert!(found.reason.starts_with("ramp: "), "{}", found.reason);
    let ended = |i: u32| {
        let end = f64::from(i) * 0.2;
        ObservedBatch { after_mb: Some(200.0 + 30.0 * end), ..batch(end - 0.2, end, 0.0, false) }
    };
    let recorded = |count: u32| Context { batches: (1..=count).map(ended).collect(), ..context() };
    assert_eq!(Leak::of(&run, &recorded(20)).report.verdict, LeakVerdict::Leak);
    assert_eq!(Leak::of(&run, &recorded(4)).report.verdict, LeakVerdict::Inconclusive);
}

#[test]
fn what_is_kept_is_told_beside_the_verdict() {
    let kept = |f: &dyn Fn(f64) -> f64| {
        let rss: Vec<f64> = (0..1200).map(|i| f(f64::from(i) / 1200.0)).collect();
        Leak::of(&series(1.0, &rss), &context()).kept_mb
    };
    assert!(kept(&|s| 400.0 + 300.0 * s) > 200.0);
    assert!(kept(&|s| 400.0 + 300.0 * (s / 0.5).min(1.0)) > 100.0, "a cache holds objects too");
    assert_eq!(kept(&|s| 400.0 + 10.0 * s), 0.0);
}

#[test]
fn a_clear_but_small_trend_is_watched_on() {
    let saw = |rise: f64| {
        let at = |i: i32| 400.0 + rise * f64::from(i) / 3600.0 + f64::from(i % 20) * 10.0;
        Leak::of(&series(1.0, &(0..3600).map(at).collect::<Vec<_>>()), &context()).report
    };
    let found = saw(10.0);
    assert_eq!(found.verdict, LeakVerdict::Inconclusive, "{}", found.reason);
    assert!(found.reason.contains("watch ") && found.reason.contains(" more hours"), "{}", found.reason);
    assert_eq!(saw(0.5).verdict, LeakVerdict::None);
}

#[test]
fn what_a_batch_takes_inside_which_the_run_ended_is_no_leak() {
    let course = |i: usize| if i < 200 { 100.0 + (i % 20) as f64 } else { 120.0 + 4.0 * (i - 200) as f64 };
    let run = series(0.1, &(0..300).map(course).collect::<Vec<_>>());
    let found = |open_batch_s| Leak::of(&run, &Context { open_batch_s, ..context() }).report;
    let second = found(Some(20.0));
    assert_eq!(second.verdict, LeakVerdict::None, "{}", second.reason);
    assert!(
        second.reason.ends_with("the last 9.9 s, inside a batch that did not end, are left out"),
        "{}",
        second.reason
    );
    let first = found(Some(1.0));
    assert_eq!(first.reason_code, ReasonCode::Insufficient, "{}", first.reason);
    let ramp = series(0.1, &(0..300).map(|i| 100.0 + f64::from(i)).collect::<Vec<_>>());
    let verdict = |open_batch_s| Leak::of(&ramp, &Context { open_batch_s, ..context() }).report.verdict;
    assert_eq!([verdict(None), verdict(Some(0.5))], [LeakVerdict::Leak, LeakVerdict::Inconclusive]);
}
