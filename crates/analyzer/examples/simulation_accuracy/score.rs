//! Errors, coverage, kills and ranks of many predictions.

use std::fmt::Write as _;

/// One prediction and what came of it.
pub(crate) struct Pair {
    pub(crate) workload: String,
    pub(crate) source: String,
    pub(crate) target: String,
    /// Kind of source and target.
    pub(crate) kind: &'static str,
    /// Whether the source was killed itself: it saw a part of the work.
    pub(crate) cut: bool,
    /// Lower end, median and upper end of the peak.
    pub(crate) peak: (f64, f64, f64),
    /// The peak, where the target ran to its end.
    pub(crate) true_peak: Option<f64>,
    /// Probability of a kill, and whether it came.
    pub(crate) kill: Option<(f64, bool)>,
    /// Predicted ratio of throughput, and the true one.
    pub(crate) speed: Option<((f64, f64, f64), f64)>,
}

/// The share of values at or below, by position.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index"
    )]
    let place = (share * last as f64).round() as usize;
    values.get(place).copied().unwrap_or(f64::NAN)
}

#[expect(clippy::cast_precision_loss, reason = "a count")]
fn share(of: usize, all: usize) -> f64 {
    100.0 * of as f64 / all.max(1) as f64
}

/// One line of the table of peaks.
pub(crate) fn peaks(title: &str, pairs: &[&Pair]) -> String {
    let with: Vec<(&Pair, f64)> = pairs.iter().filter_map(|p| Some((*p, p.true_peak?))).collect();
    if with.is_empty() {
        return String::new();
    }
    let mut errors: Vec<f64> = with.iter().map(|(p, t)| (p.peak.1 / t - 1.0).abs() * 100.0).collect();
    let mut signed: Vec<f64> = with.iter().map(|(p, t)| (p.peak.1 / t - 1.0) * 100.0).collect();
    let covered = with.iter().filter(|(p, t)| p.peak.0 <= *t && *t <= p.peak.2).count();
    let below = with.iter().filter(|(p, t)| *t < p.peak.0).count();
    let mut width: Vec<f64> = with.iter().map(|(p, t)| (p.peak.2 - p.peak.0) / t * 50.0).collect();
    format!(
        "{title:44} {:5} {:6.1} {:6.1} {:6.1} {:7.0} {:6.0} {:6.0} {:7.0}\n",
        with.len(),
        quantile(&mut errors, 0.5),
        quantile(&mut errors, 0.9),
        quantile(&mut signed, 0.5),
        share(covered, with.len()),
        share(below, with.len()),
        share(with.len() - covered - below, with.len()),
        quantile(&mut width, 0.5),
    )
}

/// Kills: right, wrong and confidently missed.
pub(crate) fn kills(title: &str, pairs: &[&Pair]) -> String {
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

/// Throughput ratios.
pub(crate) fn speeds(title: &str, pairs: &[&Pair]) -> String {
    let with: Vec<((f64, f64, f64), f64)> = pairs.iter().filter_map(|p| p.speed).collect();
    if with.is_empty() {
        return String::new();
    }
    let mut errors: Vec<f64> = with.iter().map(|(p, t)| (p.1 / t - 1.0).abs() * 100.0).collect();
    let mut signed: Vec<f64> = with.iter().map(|(p, t)| (p.1 / t - 1.0) * 100.0).collect();
    let mut one: Vec<f64> = with.iter().map(|(_, t)| (1.0 / t - 1.0).abs() * 100.0).collect();
    let covered = with.iter().filter(|(p, t)| p.0 <= *t && *t <= p.2).count();
    format!(
        "{title:44} {:5} {:6.1} {:6.1} {:6.1} {:7.0} {:10.1}\n",
        with.len(),
        quantile(&mut errors, 0.5),
        quantile(&mut errors, 0.9),
        quantile(&mut signed, 0.5),
        share(covered, with.len()),
        quantile(&mut one, 0.5),
    )
}

/// Kendall's τ-b of predicted and true values.
pub(crate) fn tau(values: &[(f64, f64)]) -> Option<f64> {
    let (mut sum, mut left, mut right) = (0.0, 0.0, 0.0);
    for (i, a) in values.iter().enumerate() {
        for b in &values[..i] {
            // Less than 1 % apart is a tie.
            let sign = |x: f64, y: f64| if (x / y - 1.0).abs() < 0.01 { 0.0 } else { (x - y).signum() };
            let (s, t) = (sign(a.0, b.0), sign(a.1, b.1));
            sum += s * t;
            left += s * s;
            right += t * t;
        }
    }
    (left > 0.0 && right > 0.0).then(|| sum / f64::sqrt(left * right))
}

/// The pairs that went most wrong.
pub(crate) fn worst(pairs: &[&Pair], count: usize) -> String {
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
pub(crate) fn worst_speeds(pairs: &[&Pair], count: usize) -> String {
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
pub(crate) fn wrong_kills(pairs: &[&Pair]) -> String {
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
