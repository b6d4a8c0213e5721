//! How right the simulator is: every run of a folder predicts every other setting of its workload.
//!
//! `cargo run --release -p memtool-analyzer --example simulation_accuracy -- CORPUS/profiles
//! [--worst N] [--only WORKLOAD]`. A folder holds NAME.profile.json, NAME.samples.ndjson,
//! NAME.events.ndjson and NAME.outcome.json of each run. Each run is taken twice: with its batch
//! records, as the recorder would have written them, and as the profile alone. The truth of a killed
//! setting's peak is its run without a limit; where there is none, only the kill is judged.

mod corpus;
mod score;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use memtool_analyzer::memory_model::{MemoryModel, memory_model};
use memtool_analyzer::simulate::{Prediction, Scenario, SimulateOptions, simulate};

use corpus::Case;
use score::{Pair, kills, peaks, speeds, tau, worst};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| arguments.iter().position(|a| a == name).and_then(|i| arguments.get(i + 1));
    let folder = arguments.first().ok_or("give the folder of the runs")?;
    let shown: usize = value("--worst").map_or(Ok(0), |n| n.parse())?;
    let mut cases = corpus::read(Path::new(folder))?;
    if let Some(only) = value("--only") {
        cases.retain(|case| only.split(',').any(|name| name == case.workload));
    }
    let begin = Instant::now();
    let (records, samples) = std::thread::scope(|scope| {
        let records = scope.spawn(|| predict_all(&cases, true));
        let samples = scope.spawn(|| predict_all(&cases, false));
        (records.join(), samples.join())
    });
    let (records, samples) = (records.map_err(|_| "failed")?, samples.map_err(|_| "failed")?);
    let mut out = std::io::stdout().lock();
    for (title, found) in [("batches recorded", &records), ("samples only", &samples)] {
        write!(out, "{}", report(title, found, shown))?;
    }
    writeln!(out, "{} runs, {:.1} s", cases.len(), begin.elapsed().as_secs_f64())?;
    Ok(())
}

/// Predictions from one kind of source.
struct Found {
    pairs: Vec<Pair>,
    /// Of each source: τ by peak and by throughput.
    ranks: Vec<(Option<f64>, Option<f64>)>,
}

fn predict_all(cases: &[Case], with_records: bool) -> Found {
    let mut found = Found { pairs: Vec::new(), ranks: Vec::new() };
    for source in cases {
        let run = if with_records { &source.records } else { &source.samples };
        let response = memory_model(&[run]);
        let mut settings: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
        for target in cases.iter().filter(|c| c.workload == source.workload) {
            settings.entry(&target.settings).or_default().push(target);
        }
        let (mut by_peak, mut by_speed) = (Vec::new(), Vec::new());
        for (name, targets) in settings {
            let predicted = predict(source, run, &response, targets[0]);
            let Some(median) = predicted.peak_rss_mb.map(|p| p.median) else { continue };
            let whole: Vec<&&Case> = targets.iter().filter(|t| !t.killed).collect();
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

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    let count = values.len() as f64;
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / count)
}

fn predict(
    source: &Case,
    run: &memtool_profile_model::Run,
    response: &MemoryModel,
    target: &Case,
) -> Prediction {
    let scenario = match target.fixed {
        Some(size) => Scenario::FixedBatch(size),
        None => Scenario::Config(Box::new(target.records.config.clone())),
    };
    let options = SimulateOptions { limit_mb: Some(source.limit_mb), ..SimulateOptions::default() };
    simulate(&[run], response, &scenario, &options)
}

fn pair(source: &Case, target: &Case, predicted: &Prediction) -> Pair {
    let triple = |i: memtool_analyzer::memory_model::Interval| (i.low, i.median, i.high);
    let kind = match (source.fixed.is_some(), target.fixed.is_some()) {
        (true, true) => "fixed -> fixed",
        (false, true) => "adaptive -> fixed",
        (true, false) => "fixed -> adaptive",
        (false, false) => "adaptive -> adaptive",
    };
    let timed = !source.killed && !target.killed && source.items_per_cpu_s > 0.0;
    Pair {
        workload: source.workload.clone(),
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

fn report(title: &str, found: &Found, shown: usize) -> String {
    const KINDS: [&str; 4] =
        ["fixed -> fixed", "adaptive -> fixed", "fixed -> adaptive", "adaptive -> adaptive"];
    let whole: Vec<&Pair> = found.pairs.iter().filter(|p| !p.cut).collect();
    let cut: Vec<&Pair> = found.pairs.iter().filter(|p| p.cut).collect();
    let of = |kind: &str| whole.iter().filter(|p| p.kind == kind).copied().collect::<Vec<&Pair>>();
    let mut workloads: Vec<&str> = found.pairs.iter().map(|p| p.workload.as_str()).collect();
    workloads.dedup();
    let mut text = format!(
        "== {title}\n{:44} {:>5} {:>6} {:>6} {:>6} {:>7} {:>6} {:>6} {:>7}\n",
        "peak", "pairs", "med %", "p90 %", "bias %", "cover %", "below", "above", "half %"
    );
    for kind in KINDS {
        text.push_str(&peaks(kind, &of(kind)));
    }
    text.push_str(&peaks("all", &whole));
    text.push_str(&peaks("from killed runs", &cut));
    for name in &workloads {
        for kind in ["adaptive -> fixed", "adaptive"] {
            let own: Vec<&Pair> = whole
                .iter()
                .filter(|p| p.workload == *name)
                .filter(|p| if kind == "adaptive" { p.kind.ends_with("-> adaptive") } else { p.kind == kind })
                .copied()
                .collect();
            text.push_str(&peaks(
                &format!("  {name} {}{kind}", if kind == "adaptive" { "any -> " } else { "" }),
                &own,
            ));
        }
    }
    text.push_str(&format!(
        "{:44} {:>5} {:>6} {:>6} {:>6} {:>9}\n",
        "killed at the limit", "pairs", "right%", "missed", "false", "confident"
    ));
    for kind in KINDS {
        text.push_str(&kills(kind, &of(kind)));
    }
    text.push_str(&kills("all", &whole));
    text.push_str(&kills("from killed runs", &cut));
    text.push_str(&score::reliability(&whole));
    for name in &workloads {
        let own: Vec<&Pair> = whole.iter().filter(|p| p.workload == *name).copied().collect();
        text.push_str(&kills(&format!("  {name}"), &own));
    }
    text.push_str(&format!(
        "{:44} {:>5} {:>6} {:>6} {:>6} {:>7} {:>10}\n",
        "throughput", "pairs", "med %", "p90 %", "bias %", "cover %", "of 'same'"
    ));
    for kind in KINDS {
        text.push_str(&speeds(kind, &of(kind)));
    }
    text.push_str(&speeds("all", &whole));
    for name in &workloads {
        let own: Vec<&Pair> = whole.iter().filter(|p| p.workload == *name).copied().collect();
        text.push_str(&speeds(&format!("  {name}"), &own));
    }
    text.push_str(&ranks(found));
    text.push_str(&worst(&whole, shown));
    if shown > 0 {
        text.push_str(&score::worst_speeds(&whole, shown));
        text.push_str(&score::wrong_kills(&whole));
    }
    text
}

fn ranks(found: &Found) -> String {
    let middle = |values: Vec<f64>| {
        let mean = mean(values.iter().copied()).unwrap_or(f64::NAN);
        (mean, score::quantile(&mut values.clone(), 0.5))
    };
    let peak = middle(found.ranks.iter().filter_map(|r| r.0).collect());
    let speed = middle(found.ranks.iter().filter_map(|r| r.1).collect());
    format!(
        "Kendall tau, mean and median over sources: peak {:.2}, {:.2}; throughput {:.2}, {:.2}\n",
        peak.0, peak.1, speed.0, speed.1
    )
}
