//! Comparisons, budgets, baselines and fits of any runs: finite numbers, in JSON; probabilities from 0 to 1; a run is no worse than itself.
#![no_main]

use std::collections::BTreeMap;
use std::path::Path;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use memtool_analyzer::compare::{CompareOptions, ComparisonReport, RowVerdict, RunFigures, compare};
use memtool_analyzer::fit::{FitOptions, UnitRun, fit};
use memtool_analyzer::gate::{Baseline, Budget, Budgets, LeakBudget, Tolerances, check};
use memtool_analyzer::profile;
use memtool_fuzz::{assert_finite, run, size};
use memtool_profile_model::Run;

const PATH: &str = "fuzzed.ndjson";

/// Two to four runs, of equal parts of the bytes.
fn runs(bytes: &mut Unstructured<'_>) -> Result<Vec<Run>> {
    let count = bytes.int_in_range(2..=4)?;
    let each = bytes.len() / count;
    (0..count).map(|_| run(&mut Unstructured::new(bytes.bytes(each)?))).collect()
}

fn share(bytes: &mut Unstructured<'_>) -> Result<Option<f64>> {
    let percent = bytes.arbitrary::<u8>()?;
    Ok((percent <= 100).then(|| f64::from(percent) / 100.0))
}

fn budgets(bytes: &mut Unstructured<'_>) -> Result<Budgets> {
    let every = Budget {
        peak_mb: Some(size(bytes)?.get()),
        mean_mb: Some(size(bytes)?.get()),
        headroom: share(bytes)?,
        leak: Some(if bytes.arbitrary()? { LeakBudget::None } else { LeakBudget::Suspected }),
        tolerances: Tolerances { peak: share(bytes)?, mean: share(bytes)?, speed: share(bytes)? },
    };
    Ok(Budgets { every, jobs: BTreeMap::new() })
}

fn judged(bytes: &[u8]) -> Result<()> {
    let mut bytes = Unstructured::new(bytes);
    let (budgets, limit_mb) = (budgets(&mut bytes)?, size(&mut bytes)?.get().max(0.25));
    let runs = runs(&mut bytes)?;
    let path = Path::new(PATH);
    let figures: Vec<RunFigures> = runs.iter().map(|run| RunFigures::new(run, &profile(path, run))).collect();
    let (base, new) = figures.split_at(1);
    assert_finite(&ComparisonReport::new(compare(base, new, &CompareOptions::default()), Vec::new()));
    let same = compare(base, base, &CompareOptions::default());
    assert!(same.rows.iter().all(|row| row.verdict != RowVerdict::Worse), "{same:?}");
    let mut baseline = Baseline::default();
    baseline.add(base);
    assert_finite(&baseline);
    assert_finite(&check(&figures, Vec::new(), &budgets, Some(&baseline)));
    let units = runs.into_iter().filter_map(|run| UnitRun::of(run, path, None)).collect();
    let fit = fit(units, &FitOptions { limit_mb, risk: 0.05, mixed: true });
    assert_finite(&fit);
    for point in fit.units.iter().flat_map(|unit| &unit.curve) {
        for risk in [point.independent, point.together] {
            assert!((0.0..=1.0).contains(&risk), "{point:?}");
        }
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let _used_up = judged(bytes);
});
