//! How right `tune` is: each program is tuned from a few of its runs and judged on the others.
//!
//! The runs given: the first at each of the two middle fixed sizes and the first under two adaptive
//! settings. The truth: the recorded peaks and speeds of all fixed sizes that ran to their end, by
//! interpolation between sizes. The config is one for memtool's recorder, under the program's limit.

use std::collections::BTreeMap;

use anyhow::Context as _;
use memtool_analyzer::profile;
use memtool_analyzer::request::COMPARED;
use memtool_analyzer::tune::{
    Backtest, Baseline, Evidence, Machine, MachineTuning, Reader, TuneOptions, tune,
};

use crate::corpus::{RecordedCase, programs};
use crate::figures::{interpolate, mean};
use crate::markdown;

/// Adaptive settings that are given to `tune`.
const ADAPTIVE: usize = 2;

/// The table of docs/accuracy.md.
///
/// # Errors
/// Where a run cannot be analysed.
pub(crate) fn table(cases: &[RecordedCase]) -> anyhow::Result<String> {
    let mut rows = Vec::new();
    for program in programs(cases) {
        let own: Vec<&RecordedCase> = cases.iter().filter(|case| case.program == program).collect();
        let given = given(&own);
        if !given.is_empty() {
            rows.push(row(program, &given, &FixedSizes::of(&own))?);
        }
    }
    Ok(format!("### tune\n\n{}\n", markdown::table(&NAMES, rows)))
}

/// Sizes are those of fallback, high, medium and low pressure; violated are the bounds of the back-test.
const NAMES: [&str; 8] = [
    "program",
    "runs",
    "sizes",
    "median, bound",
    "recorded peak",
    "limit",
    "speed of the best feasible size",
    "violated: tuned, defaults, KRR, VPA",
];

/// The runs that `tune` sees.
fn given<'a>(own: &[&'a RecordedCase]) -> Vec<&'a RecordedCase> {
    let mut fixed: BTreeMap<u32, &RecordedCase> = BTreeMap::new();
    let mut adaptive: BTreeMap<&str, &RecordedCase> = BTreeMap::new();
    for case in own.iter().filter(|case| case.enforced) {
        match case.fixed {
            Some(size) => fixed.entry(size).or_insert(case),
            None => adaptive.entry(&case.settings).or_insert(case),
        };
    }
    // Of the sizes 100, 250, 500 and 1,000 the two in the middle.
    let ends = fixed.len().saturating_sub(2);
    let middle = fixed.into_values().skip(1).take(ends);
    middle.chain(adaptive.into_values().take(ADAPTIVE)).collect()
}

fn row(program: &str, given: &[&RecordedCase], truth: &FixedSizes) -> anyhow::Result<Vec<String>> {
    let reports: Vec<_> = given.iter().map(|case| profile(&case.profile, &case.records)).collect();
    let evidence: Vec<Evidence> = given
        .iter()
        .zip(&reports)
        .map(|(case, report)| Evidence { run: &case.records, leak: Some(&report.leak) })
        .collect();
    let machine = Machine::with_limit(given[0].limit_mb);
    let options = TuneOptions { reader: Reader::Recorder, ..TuneOptions::default() };
    let tuning = tune(&evidence, &[machine], &options, |_, _, _| 1.0);
    let tuned = tuning.machines.first().context("a machine was asked for")?;
    let mut cells = vec![program.to_owned(), given.len().to_string()];
    cells.extend(chosen(tuned, truth));
    cells.push(violations(tuned));
    Ok(cells)
}

/// What was chosen, and what was recorded at that size.
fn chosen(tuned: &MachineTuning, truth: &FixedSizes) -> [String; 5] {
    let limit = tuned.machine.limit_mb;
    let (Some(config), Some(expected)) = (&tuned.chosen, &tuned.expected) else {
        let none = String::new;
        return ["refused".to_owned(), none(), none(), format!("{limit:.0}"), none()];
    };
    let sizes = &config.batch_sizes;
    let list = format!("{}/{}/{}/{}", sizes.fallback, sizes.low, sizes.medium, sizes.high);
    let expected = format!("{:.0}, {:.0}", expected.median_mb, expected.peak_upper_mb);
    let size = f64::from(sizes.high);
    let recorded = truth.peak(size).map_or("-".to_owned(), |peak| format!("{peak:.0}"));
    let speed = truth.relative_speed(size, limit).map_or("-".to_owned(), |speed| format!("{speed:.2}"));
    [list, expected, recorded, format!("{limit:.0}"), speed]
}

fn violations(tuned: &MachineTuning) -> String {
    let Backtest { runs, violations, .. } = &tuned.backtest;
    let of = |baseline: &Option<Baseline>| {
        baseline.as_ref().map_or("-".to_owned(), |baseline| baseline.backtest.violations.to_string())
    };
    let rules = &tuned.baselines;
    let by_rule = COMPARED.map(|(name, _)| rules.rules.get(name).copied().flatten());
    let counts: Vec<String> =
        std::iter::once(rules.existing_defaults).chain(by_rule).map(|baseline| of(&baseline)).collect();
    format!("{violations}, {} of {runs}", counts.join(", "))
}

/// Recorded peaks and speeds of the fixed sizes that ran to their end, repeats averaged.
struct FixedSizes {
    /// Size and peak in MiB, in order of size.
    peaks: Vec<(f64, f64)>,
    /// Size and items per processor second, in order of size.
    speeds: Vec<(f64, f64)>,
}

impl FixedSizes {
    fn of(own: &[&RecordedCase]) -> Self {
        let mut by_size: BTreeMap<u32, Vec<&RecordedCase>> = BTreeMap::new();
        for case in own.iter().filter(|case| !case.killed) {
            if let Some(size) = case.fixed {
                by_size.entry(size).or_default().push(case);
            }
        }
        let averaged = |figure: fn(&RecordedCase) -> f64| {
            let point = |(size, cases): (&u32, &Vec<&RecordedCase>)| {
                Some((f64::from(*size), mean(cases.iter().map(|case| figure(case)))?))
            };
            by_size.iter().filter_map(point).collect()
        };
        Self { peaks: averaged(|case| case.peak_mb), speeds: averaged(|case| case.items_per_cpu_s) }
    }

    /// The peak at a size, by a line between the sizes around it.
    fn peak(&self, size: f64) -> Option<f64> {
        interpolate(&self.peaks, size)
    }

    /// The speed at a size over that of the fastest recorded size whose peak is below the limit.
    fn relative_speed(&self, size: f64, limit: f64) -> Option<f64> {
        let fits = self.peaks.iter().zip(&self.speeds).filter(|(peak, _)| peak.1 < limit);
        let best = fits.map(|(_, speed)| speed.1).reduce(f64::max)?;
        Some(interpolate(&self.speeds, size)? / best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_relative_to_the_fastest_size_that_fits() {
        let sizes = FixedSizes {
            peaks: vec![(100.0, 200.0), (200.0, 300.0), (400.0, 900.0)],
            speeds: vec![(100.0, 10.0), (200.0, 30.0), (400.0, 40.0)],
        };
        assert_eq!(sizes.relative_speed(150.0, 500.0), Some(20.0 / 30.0));
    }
}
