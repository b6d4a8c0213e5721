//! How right the simulator is: every run predicts every other setting of its program.
//!
//! Each run is taken twice: with its batch records, and as the profile alone. The truth of a killed
//! setting's peak is its run without a limit; where there is none, only the kill is judged.

mod score;
mod tables;

use std::collections::BTreeMap;

use memtool_analyzer::memory_model::{Interval, MemoryModel, memory_model};
use memtool_analyzer::simulate::{Prediction, Scenario, SimulateOptions, simulate};
use memtool_profile_model::Run;

use crate::corpus::RecordedCase;
use crate::figures::{mean, tau};
use score::{Found, Pair};

/// The tables of docs/accuracy.md, from streams and from samples.
pub(crate) fn tables(cases: &[RecordedCase], worst: usize) -> String {
    let found = std::thread::scope(|scope| {
        let samples = scope.spawn(|| predict_all(cases, false));
        let records = predict_all(cases, true);
        [("batches recorded", Some(records)), ("samples only", samples.join().ok())]
    });
    let pages = found.iter().filter_map(|(title, found)| Some(tables::page(title, found.as_ref()?, worst)));
    pages.collect()
}

fn predict_all(cases: &[RecordedCase], with_records: bool) -> Found {
    let mut found = Found { pairs: Vec::new(), ranks: Vec::new() };
    for source in cases {
        let run = if with_records { &source.records } else { &source.samples };
        let model = memory_model(&[run]);
        let mut settings: BTreeMap<&str, Vec<&RecordedCase>> = BTreeMap::new();
        for target in cases.iter().filter(|c| c.program == source.program) {
            settings.entry(&target.settings).or_default().push(target);
        }
        let (mut by_peak, mut by_speed) = (Vec::new(), Vec::new());
        for (name, targets) in settings {
            let predicted = predict(source, run, &model, targets[0]);
            let Some(median) = predicted.peak_rss_mb.map(|p| p.median) else { continue };
            let whole: Vec<&&RecordedCase> = targets.iter().filter(|t| !t.killed).collect();
            by_peak.extend(mean(whole.iter().map(|t| t.peak_mb)).map(|truth| (median, truth)));
            let speed = mean(whole.iter().map(|t| t.items_per_cpu_s));
            let speed = predicted.throughput_ratio.map(|r| r.median).zip(speed);
            by_speed.extend(speed);
            if name != source.settings {
                found.pairs.extend(targets.iter().map(|target| pair(source, target, &predicted)));
            }
        }
        if !source.killed {
            found.ranks.push((tau(&by_peak), tau(&by_speed)));
        }
    }
    found
}

fn predict(source: &RecordedCase, run: &Run, model: &MemoryModel, target: &RecordedCase) -> Prediction {
    let scenario = match target.fixed {
        Some(size) => Scenario::FixedBatch(size),
        None => Scenario::Config(Box::new(target.records.config.clone())),
    };
    let options = SimulateOptions { limit_mb: Some(source.limit_mb), ..SimulateOptions::default() };
    simulate(&[run], model, &scenario, &options)
}

fn pair(source: &RecordedCase, target: &RecordedCase, predicted: &Prediction) -> Pair {
    let triple = |i: Interval| (i.low, i.median, i.high);
    let kind = match (source.fixed.is_some(), target.fixed.is_some()) {
        (true, true) => "fixed -> fixed",
        (false, true) => "adaptive -> fixed",
        (true, false) => "fixed -> adaptive",
        (false, false) => "adaptive -> adaptive",
    };
    let timed = !source.killed && !target.killed && source.items_per_cpu_s > 0.0;
    Pair {
        program: source.program.clone(),
        source: source.name.clone(),
        target: target.name.clone(),
        kind,
        cut: source.killed,
        peak: predicted.peak_rss_mb.map_or((0.0, 0.0, 0.0), triple),
        true_peak: (!target.killed).then_some(target.peak_mb),
        kill: predicted.kill_probability.filter(|_| target.enforced).map(|p| (p, target.killed)),
        speed: predicted
            .throughput_ratio
            .filter(|_| timed)
            .map(|ratio| (triple(ratio), target.items_per_cpu_s / source.items_per_cpu_s)),
    }
}
