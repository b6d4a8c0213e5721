use std::path::Path;

use memtool_profile_model::{Mib, Offset, Run, Snapshot};

use super::*;
use crate::compare::RunFigures;
use crate::report::profile;

/// A run of a job at a steady memory, with a share of noise on its peak.
fn run(job: &str, peak_mb: f64, limit_mb: Option<f64>) -> RunFigures {
    let mut run = Run::default();
    run.process.job = Some(job.to_owned());
    run.host.cores = Some(2);
    run.host.limit_mb = limit_mb.map(Mib::new);
    run.snapshots = (0..400)
        .map(|second| snapshot(f64::from(second), if second == 200 { peak_mb } else { 0.9 * peak_mb }))
        .collect();
    RunFigures::new(&run, &profile(Path::new("run.ndjson"), &run))
}

fn snapshot(second: f64, rss_mb: f64) -> Snapshot {
    Snapshot {
        at: Offset::from_seconds(second),
        rss: Some(Mib::new(rss_mb)),
        batch_size: Some(100),
        ..Snapshot::default()
    }
}

fn runs(peaks: &[f64]) -> Vec<RunFigures> {
    peaks.iter().map(|peak| run("etl", *peak, Some(1000.0))).collect()
}

fn baseline(peaks: &[f64]) -> Baseline {
    let mut baseline = Baseline::default();
    assert_eq!(baseline.add(&runs(peaks)), [""; 0]);
    baseline
}

fn usual() -> Budgets {
    let tolerances = Tolerances { peak: Some(0.05), ..Tolerances::default() };
    Budgets { every: Budget { tolerances, ..Budget::default() }, ..Budgets::default() }
}

fn verdict(report: &GateReport, rule: Rule) -> Option<GateVerdict> {
    report.rows.iter().find(|row| row.rule == rule).map(|row| row.verdict)
}

const STEADY: [f64; 8] = [500.0, 501.0, 499.5, 500.2, 500.8, 499.0, 500.5, 500.1];

fn against(new: &[f64]) -> GateReport {
    check(&runs(new), Vec::new(), &usual(), Some(&baseline(&STEADY)))
}

#[test]
fn worse_same_better_and_cannot_tell() {
    for (new, expected, answer) in [
        ([525.0, 526.0, 524.5, 525.5, 525.0], GateVerdict::Worse, Answer::Failed),
        ([500.5, 500.0, 499.8, 500.1, 500.3], GateVerdict::Same, Answer::Passed),
        ([450.0, 451.0, 449.0, 450.0, 450.5], GateVerdict::Better, Answer::Passed),
        ([480.0, 560.0, 440.0, 500.0, 530.0], GateVerdict::CannotTell, Answer::CannotTell),
    ] {
        let report = against(&new);
        assert_eq!((verdict(&report, Rule::PeakChange), report.answer), (Some(expected), answer), "{new:?}");
    }
}

#[test]
fn what_cannot_be_told_says_how_many_runs_would() {
    let report = check(&runs(&[505.0]), Vec::new(), &usual(), Some(&baseline(&[500.0])));
    let row = report.rows.iter().find(|row| row.rule == Rule::PeakChange).expect("a row");
    let needed = row.change.and_then(|change| change.runs_needed).expect("to be had");
    assert_eq!(row.verdict, GateVerdict::CannotTell);
    assert!(row.reason.contains(&format!("{} runs in the baseline", needed.base)), "{}", row.reason);
}

#[test]
fn other_jobs_and_machines_are_refused() {
    let known = baseline(&STEADY);
    let elsewhere = [run("train", 500.0, Some(1000.0))];
    let report = check(&elsewhere, Vec::new(), &usual(), Some(&known));
    assert_eq!((report.rows[0].verdict, report.answer), (GateVerdict::Refused, Answer::CannotTell));
    let smaller = [run("etl", 500.0, Some(600.0))];
    let report = check(&smaller, Vec::new(), &usual(), Some(&known));
    assert!(report.rows[0].reason.contains("memory limit of 1000 and 600 MiB"), "{}", report.rows[0].reason);
    let mixed = [run("etl", 500.0, Some(1000.0)), run("etl", 500.0, Some(600.0))];
    assert_eq!(check(&mixed, Vec::new(), &usual(), Some(&known)).rows[0].verdict, GateVerdict::Refused);
}

#[test]
fn budgets_are_held_by_the_worst_run() {
    let budgets = Budgets {
        every: Budget { headroom: Some(0.4), ..Budget::default() },
        jobs: [(
            "etl".to_owned(),
            JobBudget { whole: Budget { peak_mb: Some(550.0), ..Budget::default() }, ..JobBudget::default() },
        )]
        .into(),
    };
    let report = check(&runs(&[500.0, 610.0, 400.0]), Vec::new(), &budgets, None);
    let found = |rule| report.rows.iter().find(|row| row.rule == rule).and_then(|row| row.found);
    assert_eq!(verdict(&report, Rule::PeakBudget), Some(GateVerdict::Over));
    assert_eq!(found(Rule::PeakBudget), Some(610.0));
    assert_eq!(verdict(&report, Rule::HeadroomBudget), Some(GateVerdict::Over));
    assert!(found(Rule::HeadroomBudget).is_some_and(|share| (share - 0.39).abs() < 1e-9));
    let unlimited = check(&[run("etl", 500.0, None)], Vec::new(), &budgets, None);
    assert_eq!(verdict(&unlimited, Rule::HeadroomBudget), Some(GateVerdict::CannotTell));
}

#[test]
fn a_budget_without_a_run_is_left_open() {
    let budgets = Budgets { jobs: [("gone".to_owned(), JobBudget::default())].into(), ..Budgets::default() };
    let report = check(&runs(&[500.0]), Vec::new(), &budgets, None);
    assert_eq!((report.rows.len(), report.answer), (1, Answer::CannotTell));
}

#[test]
fn a_baseline_reads_back_and_faults_are_named() {
    let known = baseline(&STEADY);
    let text = serde_json::to_string(&known).expect("JSON");
    assert_eq!(Baseline::read(&text).expect("a baseline"), known);
    assert!(Baseline::read("{").expect_err("torn").contains("line 1 column"));
    let other = text.replace("baseline/1", "baseline/9");
    assert!(
        Baseline::read(&other).expect_err("other version").contains("expected schema memtool.baseline/1")
    );
    let empty = text.replacen("[[499.0,1]", "[[499.0,0]", 1);
    assert!(Baseline::read(&empty).expect_err("no run").contains("holds no run"), "{empty}");
}

#[test]
fn saving_anew_forgets_the_job_and_keeps_others() {
    let mut known = baseline(&STEADY);
    known.add(&[run("train", 90.0, None)]);
    let fresh = runs(&[300.0]);
    known.forget_jobs_of(&fresh);
    known.add(&fresh);
    let of = |job: &str| {
        known.jobs.iter().find(|one| one.identity.job.as_deref() == Some(job)).map(|one| one.runs)
    };
    assert_eq!((of("etl"), of("train")), (Some(1), Some(1)));
}
