//! Errors, coverage, kills and ranks of many predictions.

use std::fmt::Write as _;

use crate::figures::quantile;

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

#[expect(clippy::cast_precision_loss, reason = "a count")]
fn share(of: usize, all: usize) -> f64 {
    100.0 * of as f64 / all.max(1) as f64
}

/// One line of the table of peaks.
pub(super) fn peaks(title: &str, pairs: &[&Pair]) -> String {
    let with: Vec<(&Pair, f64)> = pairs.iter().filter_map(|p| Some((*p, p.true_peak?))).collect();
    if with.is_empty() {
        return String::new();
    }
    let errors: Vec<f64> = with.iter().map(|(p, t)| (p.peak.1 / t - 1.0).abs() * 100.0).collect();
    let signed: Vec<f64> = with.iter().map(|(p, t)| (p.peak.1 / t - 1.0) * 100.0).collect();
    let covered = with.iter().filter(|(p, t)| p.peak.0 <= *t && *t <= p.peak.2).count();
    let below = with.iter().filter(|(p, t)| *t < p.peak.0).count();
    let width: Vec<f64> = with.iter().map(|(p, t)| (p.peak.2 - p.peak.0) / t * 50.0).collect();
    format!(
        "{title:44} {:5} {:6.1} {:6.1} {:6.1} {:7.0} {:6.0} {:6.0} {:7.0}\n",
        with.len(),
        quantile(&errors, 0.5),
        quantile(&errors, 0.9),
        quantile(&signed, 0.5),
        share(covered, with.len()),
        share(below, with.len()),
        share(with.len() - covered - below, with.len()),
        quantile(&width, 0.5),
    )
}

/// Kills: right, wrong and confidently missed.
pub(super) fn kills(title: &str, pairs: &[&Pair]) -> String {
    let with: Vec<(f64, bool)> = pairs.iter().filter_map(|p| p.kill).collect();
    if with.is_empty() {
        return String::new();
    }
    let count = |test: &dyn Fn(f64, bool) -> bool| with.iter().filter(|(p, k)| test(*p, *k)).count();
    let right = count(&|p, k| (p >= 0.5) == k);
    format!(
        "{title:44} {:5} {:6.1} {:6} {:6} {:9}\n",
        with.len(),
        share(right, with.len()),
        count(&|p, k| k && p < 0.5),
        count(&|p, k| !k && p >= 0.5),
        count(&|p, k| k && p < 0.05),
    )
}

/// Reliability: by predicted probability, the mean prediction and how often a kill came.
pub(super) fn reliability(pairs: &[&Pair]) -> String {
    const EDGES: [f64; 8] = [0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.01];
    let mut text =
        format!("{:44} {:>5} {:>6} {:>7}\n", "probability of a kill", "pairs", "mean %", "killed%");
    for edge in EDGES.windows(2) {
        let inside: Vec<(f64, bool)> =
            pairs.iter().filter_map(|p| p.kill).filter(|(p, _)| edge[0] <= *p && *p < edge[1]).collect();
        if inside.is_empty() {
            continue;
        }
        #[expect(clippy::cast_precision_loss, reason = "a count")]
        let mean = 100.0 * inside.iter().map(|(p, _)| p).sum::<f64>() / inside.len() as f64;
        let killed = inside.iter().filter(|(_, killed)| *killed).count();
        let title = format!("{:.0} to {:.0} %", 100.0 * edge[0], 100.0 * edge[1].min(1.0));
        let _ =
            writeln!(text, "{title:44} {:5} {mean:6.1} {:7.1}", inside.len(), share(killed, inside.len()));
    }
    text
}

/// Throughput ratios.
pub(super) fn speeds(title: &str, pairs: &[&Pair]) -> String {
    let with: Vec<((f64, f64, f64), f64)> = pairs.iter().filter_map(|p| p.speed).collect();
    if with.is_empty() {
        return String::new();
    }
    let errors: Vec<f64> = with.iter().map(|(p, t)| (p.1 / t - 1.0).abs() * 100.0).collect();
    let signed: Vec<f64> = with.iter().map(|(p, t)| (p.1 / t - 1.0) * 100.0).collect();
    let one: Vec<f64> = with.iter().map(|(_, t)| (1.0 / t - 1.0).abs() * 100.0).collect();
    let covered = with.iter().filter(|(p, t)| p.0 <= *t && *t <= p.2).count();
    format!(
        "{title:44} {:5} {:6.1} {:6.1} {:6.1} {:7.0} {:10.1}\n",
        with.len(),
        quantile(&errors, 0.5),
        quantile(&errors, 0.9),
        quantile(&signed, 0.5),
        share(covered, with.len()),
        quantile(&one, 0.5),
    )
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
