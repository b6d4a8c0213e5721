//! Errors, coverage, kills and ranks of many predictions.

use std::fmt::Write as _;

use crate::figures::{mean, quantile, share};
use crate::markdown::{self, percent};

/// Predictions from one kind of source.
pub(super) struct Found {
    pub(super) pairs: Vec<Pair>,
    /// Of each source: τ by peak and by throughput.
    pub(super) ranks: Vec<(Option<f64>, Option<f64>)>,
}

/// One prediction and what came of it.
pub(super) struct Pair {
    pub(super) program: String,
    pub(super) source: String,
    pub(super) target: String,
    /// Kind of source and target.
    pub(super) kind: &'static str,
    /// Whether the source was killed itself: it saw a part of the work.
    pub(super) cut: bool,
    /// Lower end, median and upper end of the peak.
    pub(super) peak: (f64, f64, f64),
    /// The peak, where the target ran to its end.
    pub(super) true_peak: Option<f64>,
    /// Probability of a kill, and whether it came.
    pub(super) kill: Option<(f64, bool)>,
    /// Predicted ratio of throughput, and the true one.
    pub(super) speed: Option<((f64, f64, f64), f64)>,
}

/// The names of [`peaks`]'s cells; a bias is the median of signed errors.
pub(super) const PEAKS: [&str; 9] = [
    "from, to",
    "pairs",
    "median error",
    "p90 error",
    "bias",
    "inside the interval",
    "below",
    "above",
    "half width of the interval",
];
/// The names of [`kills`]'s cells.
pub(super) const KILLS: [&str; 6] =
    ["from, to", "pairs", "right", "kills missed", "false alarms", "kills given under 5 %"];
/// The names of [`speeds`]'s cells.
pub(super) const SPEEDS: [&str; 7] = [
    "from, to",
    "pairs",
    "median error",
    "p90 error",
    "bias",
    "inside the interval",
    "error of \"the same speed\"",
];

fn all_errors(of: &[(f64, f64)]) -> (Vec<f64>, Vec<f64>) {
    let signed: Vec<f64> = of.iter().map(|(predicted, truth)| predicted / truth - 1.0).collect();
    (signed.iter().map(|error| error.abs()).collect(), signed)
}

fn at(errors: &[f64], part: f64) -> String {
    percent(Some(quantile(errors, part)))
}

/// A row of the table of peaks; `None` where no target ran to its end.
pub(super) fn peaks(title: &str, pairs: &[&Pair]) -> Option<Vec<String>> {
    let with: Vec<(&Pair, f64)> = pairs.iter().filter_map(|p| Some((*p, p.true_peak?))).collect();
    let (errors, signed) = all_errors(&with.iter().map(|(p, t)| (p.peak.1, *t)).collect::<Vec<_>>());
    let covered = with.iter().filter(|(p, t)| p.peak.0 <= *t && *t <= p.peak.2).count();
    let below = with.iter().filter(|(p, t)| *t < p.peak.0).count();
    let width: Vec<f64> = with.iter().map(|(p, t)| (p.peak.2 - p.peak.0) / t / 2.0).collect();
    let of_all = |count| percent(share(count, with.len()));
    (!with.is_empty()).then(|| {
        vec![
            title.to_owned(),
            with.len().to_string(),
            at(&errors, 0.5),
            at(&errors, 0.9),
            at(&signed, 0.5),
            of_all(covered),
            of_all(below),
            of_all(with.len() - covered - below),
            at(&width, 0.5),
        ]
    })
}

/// Kills: right, wrong and confidently missed; `None` if none was predicted.
pub(super) fn kills(title: &str, pairs: &[&Pair]) -> Option<Vec<String>> {
    let with: Vec<(f64, bool)> = pairs.iter().filter_map(|p| p.kill).collect();
    let count = |test: &dyn Fn(f64, bool) -> bool| with.iter().filter(|(p, k)| test(*p, *k)).count();
    let right = count(&|p, k| (p >= 0.5) == k);
    (!with.is_empty()).then(|| {
        vec![
            title.to_owned(),
            with.len().to_string(),
            percent(share(right, with.len())),
            count(&|p, k| k && p < 0.5).to_string(),
            count(&|p, k| !k && p >= 0.5).to_string(),
            count(&|p, k| k && p < 0.05).to_string(),
        ]
    })
}

/// Reliability: by predicted probability, the mean prediction and how often a kill came.
pub(super) fn reliability(pairs: &[&Pair]) -> String {
    const EDGES: [f64; 8] = [0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.01];
    let row = |edge: &[f64]| {
        let foretold = pairs.iter().filter_map(|p| p.kill);
        let inside: Vec<(f64, bool)> = foretold.filter(|(p, _)| edge[0] <= *p && *p < edge[1]).collect();
        let killed = inside.iter().filter(|(_, killed)| *killed).count();
        let mean = mean(inside.iter().map(|(p, _)| *p))?;
        let title = format!("{:.0} to {:.0} %", 100.0 * edge[0], 100.0 * edge[1].min(1.0));
        Some(vec![title, inside.len().to_string(), percent(Some(mean)), percent(share(killed, inside.len()))])
    };
    markdown::table(&["probability of a kill", "pairs", "mean", "killed"], EDGES.windows(2).filter_map(row))
}

/// A row of throughput ratios; `None` where there is none.
pub(super) fn speeds(title: &str, pairs: &[&Pair]) -> Option<Vec<String>> {
    let with: Vec<((f64, f64, f64), f64)> = pairs.iter().filter_map(|p| p.speed).collect();
    let (errors, signed) = all_errors(&with.iter().map(|(p, t)| (p.1, *t)).collect::<Vec<_>>());
    let (same, _) = all_errors(&with.iter().map(|(_, t)| (1.0, *t)).collect::<Vec<_>>());
    let covered = with.iter().filter(|(p, t)| p.0 <= *t && *t <= p.2).count();
    (!with.is_empty()).then(|| {
        vec![
            title.to_owned(),
            with.len().to_string(),
            at(&errors, 0.5),
            at(&errors, 0.9),
            at(&signed, 0.5),
            percent(share(covered, with.len())),
            at(&same, 0.5),
        ]
    })
}

/// The pairs that went most wrong.
pub(super) fn worst(pairs: &[&Pair], count: usize) -> String {
    let mut with: Vec<(&Pair, f64)> = pairs.iter().filter_map(|p| Some((*p, p.true_peak?))).collect();
    with.sort_by(|a, b| (b.0.peak.1 / b.1).ln().abs().total_cmp(&(a.0.peak.1 / a.1).ln().abs()));
    let mut text = String::new();
    for (pair, truth) in with.iter().take(count) {
        let (low, median, high) = pair.peak;
        let _ = writeln!(
            text,
            "  {} -> {}: {median:.0} ({low:.0}-{high:.0}), was {truth:.0}",
            pair.source, pair.target
        );
    }
    text
}

/// The pairs whose throughput went most wrong.
pub(super) fn worst_speeds(pairs: &[&Pair], count: usize) -> String {
    let mut with: Vec<(&Pair, f64, f64)> =
        pairs.iter().filter_map(|p| p.speed.map(|(ratio, truth)| (*p, ratio.1, truth))).collect();
    with.sort_by(|a, b| (b.1 / b.2).ln().abs().total_cmp(&(a.1 / a.2).ln().abs()));
    let mut text = String::new();
    for (pair, ratio, truth) in with.iter().take(count) {
        let _ = writeln!(text, "  {} -> {}: x{ratio:.2}, was x{truth:.2}", pair.source, pair.target);
    }
    text
}

/// Kills that were foretold wrong.
pub(super) fn wrong_kills(pairs: &[&Pair]) -> String {
    let mut text = String::new();
    for pair in pairs {
        let Some((probability, killed)) = pair.kill.filter(|(p, k)| (*p >= 0.5) != *k) else { continue };
        let (low, median, high) = pair.peak;
        let _ = writeln!(
            text,
            "  {} -> {}: {probability:.2}, killed: {killed}; peak {median:.0} ({low:.0}-{high:.0})",
            pair.source, pair.target
        );
    }
    text
}
