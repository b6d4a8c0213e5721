use super::figures::Leak;
use super::measure::Steering;
use super::*;

fn run(name: &str, peak: f64) -> RunFigures {
    RunFigures {
        name: name.to_owned(),
        identity: Identity {
            job: None,
            machine: MachineKind::default(),
            measure: memtool_profile_model::Measure::ProcessRss,
        },
        operation_peaks: std::collections::BTreeMap::new(),
        peak_is_lower_bound: false,
        leak_reason: String::new(),
        was_killed: false,
        values: [((Measure::Peak, None), peak), ((Measure::LeakSlope, None), 0.0)].into(),
        few: BTreeSet::new(),
        steering: Steering::Fixed,
        seconds: 600.0,
        leak: Leak::No,
        items: Some(1000.0),
        incomplete: None,
    }
}

fn runs(peaks: &[f64]) -> Vec<RunFigures> {
    peaks.iter().map(|peak| run("r", *peak)).collect()
}

fn verdict(base: &[RunFigures], new: &[RunFigures]) -> Verdict {
    compare(base, new, &CompareOptions::default()).verdict
}

#[test]
fn the_base_sets_its_own_tolerance() {
    assert_eq!(verdict(&runs(&[500.0, 502.0, 498.0]), &runs(&[515.0])), Verdict::NoWorse);
    assert_eq!(verdict(&runs(&[500.0, 502.0, 498.0]), &runs(&[560.0])), Verdict::Regression);
    // The same rise within the spread that the base shows by itself.
    assert_eq!(verdict(&runs(&[540.0, 500.0, 460.0]), &runs(&[560.0])), Verdict::NoWorse);
    assert_eq!(verdict(&runs(&[500.0]), &runs(&[300.0])), Verdict::NoWorse);
}

#[test]
fn a_base_that_is_all_over_the_place_is_no_gauge() {
    let wild = runs(&[200.0, 500.0, 900.0]);
    assert_eq!(verdict(&wild, &runs(&[600.0])), Verdict::Inconclusive);
    assert_eq!(verdict(&wild, &runs(&[9000.0])), Verdict::Regression);
    let mut steered = runs(&[500.0]);
    steered[0].steering = Steering::Adaptive;
    assert_eq!(verdict(&steered, &runs(&[590.0])), Verdict::NoWorse, "adaptive repeats differ by as much");
    assert_eq!(verdict(&runs(&[500.0]), &runs(&[590.0])), Verdict::Regression, "a fixed size does not");
}

#[test]
fn what_is_missing_leaves_the_question_open() {
    let base = runs(&[500.0, 500.0, 500.0]);
    let mut without = run("new", 500.0);
    without.values.remove(&(Measure::Peak, None));
    assert_eq!(verdict(&base, &[without]), Verdict::Inconclusive);
    let mut torn = run("new", 500.0);
    torn.incomplete = Some("torn".to_owned());
    assert_eq!(verdict(&base, &[torn.clone()]), Verdict::Inconclusive);
    assert_eq!(verdict(&[torn.clone()], &base), Verdict::Inconclusive, "no base is left");
    let mut less = run("new", 500.0);
    less.items = Some(500.0);
    assert_eq!(verdict(&base, &[less]), Verdict::Inconclusive);
    // A regression that is seen all the same is told.
    torn.values.insert((Measure::Peak, None), 800.0);
    assert_eq!(verdict(&base, &[torn]), Verdict::Regression);
    let mut skipped = compare(&base, &base, &CompareOptions::default());
    assert_eq!(skipped.verdict, Verdict::NoWorse);
    skipped.miss("a file".to_owned());
    assert_eq!(skipped.verdict, Verdict::Inconclusive);
}

#[test]
fn a_leak_must_be_confirmed_and_must_matter() {
    let base = runs(&[500.0, 500.0, 500.0]);
    let leaking = |slope: f64, leak: Leak| {
        let mut run = run("new", 500.0);
        run.values.insert((Measure::LeakSlope, None), slope);
        run.leak = leak;
        [run]
    };
    // 50 MiB over the ten minutes is what matters: 5 a minute.
    assert_eq!(verdict(&base, &leaking(4.0, Leak::Confirmed)), Verdict::NoWorse);
    assert_eq!(verdict(&base, &leaking(20.0, Leak::Confirmed)), Verdict::Regression);
    assert_eq!(verdict(&base, &leaking(20.0, Leak::Suspected)), Verdict::Inconclusive);
}

#[test]
fn an_operation_is_judged_apart_and_less_speed_is_worse() {
    let with = |name: &str, speed: f64| {
        let mut run = run("r", 500.0);
        run.values.insert((Measure::ItemsPerCpuSecond, Some(name.to_owned())), speed);
        run
    };
    let base = [with("load", 1000.0), with("load", 1010.0), with("load", 990.0)];
    let slower = compare(&base, &[with("load", 600.0)], &CompareOptions::default());
    let row = slower.rows.iter().find(|row| row.operation.is_some()).expect("a row");
    assert_eq!((row.verdict, slower.verdict), (RowVerdict::Worse, Verdict::Regression));
    assert_eq!(verdict(&base, &[with("load", 1500.0)]), Verdict::NoWorse);
    assert_eq!(verdict(&base, &[with("other", 1000.0)]), Verdict::Inconclusive, "an operation is gone");
    let mut rare = run("r", 500.0);
    rare.few.insert((Measure::ItemsPerCpuSecond, Some("load".to_owned())));
    assert_eq!(verdict(&base, &[rare]), Verdict::NoWorse, "it is there, and met too rarely to be judged");
}

#[test]
fn clock_time_that_says_nothing_does_not_decide() {
    let with = |speed: f64| {
        let mut run = run("r", 500.0);
        run.values.insert((Measure::ItemsPerSecond, None), speed);
        run
    };
    let base = [with(1000.0)];
    let compared = compare(&base, &[with(900.0)], &CompareOptions::default());
    let row = compared.rows.iter().find(|row| row.measure == Measure::ItemsPerSecond).expect("a row");
    assert_eq!((row.verdict, compared.verdict), (RowVerdict::NotJudged, Verdict::NoWorse));
    assert!(row.reason.as_ref().is_some_and(|reason| reason.contains("more base runs")));
}

#[test]
fn runs_of_different_jobs_are_not_compared() {
    let of = |job: &str| {
        let run = run(job, 500.0);
        RunFigures { identity: Identity { job: Some(job.to_owned()), ..run.identity.clone() }, ..run }
    };
    let found = compare(&[of("etl")], &[of("train")], &CompareOptions::default());
    assert_eq!((found.verdict, found.rows.len()), (Verdict::Inconclusive, 0));
    assert_eq!(found.missing, ["nothing is compared: the runs are of different jobs (etl, train)"]);
    assert_eq!(verdict(&[of("etl")], &[of("etl")]), Verdict::NoWorse);
    assert_eq!(verdict(&[of("etl")], &[run("unnamed", 500.0)]), Verdict::NoWorse);
}

#[test]
fn different_measures_are_not_compared() {
    let run = run("a", 500.0);
    let tree = Identity { measure: memtool_profile_model::Measure::TreePss, ..run.identity.clone() };
    let other = RunFigures { identity: tree, ..run.clone() };
    let found = compare(&[run], &[other], &CompareOptions::default());
    assert_eq!((found.verdict, found.rows.len()), (Verdict::Inconclusive, 0));
    assert!(found.missing[0].contains("measure different things"), "{:?}", found.missing);
}
