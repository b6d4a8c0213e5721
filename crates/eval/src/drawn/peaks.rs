//! Peaks and kills of the fixed sizes, predicted from one run with the default thresholds.

use memtool_analyzer::memory_model::memory_model;
use memtool_analyzer::simulate::{Prediction, Scenario, SimulateOptions, simulate};
use memtool_profile_model::Run;

use super::program::Program;
use super::table::Table;
use crate::corpus::RecordedCase;
use crate::figures::{mean, quantile, share, tau};

/// Number of the worst predictions that are named.
const NAMED: usize = 12;

/// One size of one program.
struct SizePrediction<'a> {
    program: &'a Program<'a>,
    truth: &'a RecordedCase,
    predicted: Prediction,
}

/// Errors of peaks, coverage of intervals, order of sizes, killed or not.
pub(super) fn table(title: &str, programs: &[Program], input: fn(&RecordedCase) -> &Run) -> Table {
    let by_program: Vec<Vec<SizePrediction>> =
        programs.iter().map(|program| predictions(program, input)).collect();
    let all: Vec<&SizePrediction> = by_program.iter().flatten().collect();
    let answered: Vec<Answer> = all.iter().filter_map(|one| Answer::of(one)).collect();
    let errors: Vec<f64> = answered.iter().map(Answer::error).collect();
    let at = |part| (!errors.is_empty()).then(|| quantile(&errors, part));
    let taus = by_program.iter().filter_map(|own| order(own));
    let table = Table::new(title)
        .count("asked", all.len())
        .count("answered", answered.len())
        .share("median error", at(0.5))
        .share("p90 error", at(0.9))
        .share("inside the interval", share(answered.iter().filter(|a| a.inside()).count(), answered.len()))
        .rank("τ", mean(taus));
    kills(table, &all).programs("worst", worst(answered))
}

fn predictions<'a>(program: &'a Program<'a>, input: fn(&RecordedCase) -> &Run) -> Vec<SizePrediction<'a>> {
    let Some(source) = program.first("thresholds") else { return Vec::new() };
    let run = input(source);
    let model = memory_model(&[run]);
    let options = SimulateOptions { limit_mb: Some(source.limit_mb), ..SimulateOptions::default() };
    let predicted = |size| simulate(&[run], &model, &Scenario::FixedBatch(size), &options);
    let fixed = program.fixed().into_iter();
    fixed.map(|(size, truth)| SizePrediction { program, truth, predicted: predicted(size) }).collect()
}

/// A predicted peak, in MiB, and the true one.
struct Answer {
    name: String,
    low: f64,
    median: f64,
    high: f64,
    truth: f64,
}

impl Answer {
    fn of(one: &SizePrediction) -> Option<Self> {
        let peak = one.predicted.peak_rss_mb?;
        Some(Self {
            name: format!("{} {}", one.program.name, one.truth.largest_size),
            low: peak.low,
            median: peak.median,
            high: peak.high,
            truth: one.truth.peak_mb,
        })
    }

    fn error(&self) -> f64 {
        (self.median - self.truth).abs() / self.truth
    }

    fn inside(&self) -> bool {
        (self.low..=self.high).contains(&self.truth)
    }
}

/// Kendall's τ-b of predicted and true peaks; `None` where the true ones do not differ by a tenth.
fn order(own: &[SizePrediction]) -> Option<f64> {
    let pairs: Vec<(f64, f64)> = own.iter().filter_map(Answer::of).map(|a| (a.median, a.truth)).collect();
    let truths = || pairs.iter().map(|pair| pair.1);
    let (least, most) = (truths().reduce(f64::min)?, truths().reduce(f64::max)?);
    if most < 1.1 * least { None } else { tau(&pairs) }
}

fn kills(table: Table, all: &[&SizePrediction]) -> Table {
    let asked = all.iter().filter_map(|one| {
        let name = format!("{} {}", one.program.name, one.truth.largest_size);
        Some((one.program.killed(one.truth), one.predicted.kill_probability?, name))
    });
    let pairs: Vec<(bool, f64, String)> = asked.collect();
    let right = pairs.iter().filter(|(killed, chance, _)| *killed == (*chance >= 0.5)).count();
    let low = pairs.iter().filter(|(killed, chance, _)| *killed && *chance < 0.05);
    let low: Vec<String> = low.map(|(.., name)| name.clone()).collect();
    table
        .count("pairs", pairs.len())
        .share("killed or not right", share(right, pairs.len()))
        .count("killed", pairs.iter().filter(|(killed, ..)| *killed).count())
        .count("killed given under 5 %", low.len())
        .programs("which", low)
}

fn worst(mut answered: Vec<Answer>) -> Vec<String> {
    answered.sort_by(|a, b| b.error().total_cmp(&a.error()));
    let shown =
        |a: &Answer| format!("{}: {:.0} {:.0} {:.0}, was {:.0}", a.name, a.low, a.median, a.high, a.truth);
    answered.iter().take(NAMED).map(shown).collect()
}
