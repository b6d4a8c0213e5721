//! Which shape a baseline has: does it go on growing, or does it end?
//!
//! Candidate curves are fitted by least squares and compared by the Bayesian information
//! criterion, BIC = n ln(RSS/n) + p ln n, over an n that is deflated by the lag-1
//! autocorrelation of the best fit's residuals: neighbouring points repeat each other. The
//! grids of time constants come from prototypes on labelled traces.

use crate::stats::{autocorrelation, fit};

/// How a baseline goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Level, or level with steps.
    Flat,
    /// Growth that ends or slows down.
    Saturating,
    /// Growth that goes on.
    Growing,
}

/// The best shape and how far the best growing one is ahead of the best other one, in BIC.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Choice {
    pub(super) shape: Shape,
    pub(super) lead: f64,
}

struct Candidate {
    shape: Shape,
    residuals: Vec<f64>,
    squares: f64,
    parameters: f64,
}

/// Below this share of a MiB per point squared, residuals are rounding of the file.
const ROUNDING: f64 = 1e-4;

/// The earliest place of a step, an end or a beginning.
const FIRST_CUT: f64 = 0.08;
/// Up to here growth that ends is looked for: the last twentieth holds two points of forty.
const LATEST_END: f64 = 0.95;

/// Chooses between the shapes for baseline points; `s` runs from 0 to 1 over the run.
///
/// A growing shape counts only if the part of it that goes on growing rises by `least` over
/// the run: a curve that saturates, or a step, plus a little slope is not growing.
#[expect(clippy::cast_precision_loss, reason = "at most 40 points")]
pub(super) fn choose(s: &[f64], y: &[f64], least: f64) -> Option<Choice> {
    let candidates = candidates(s, y, least);
    let best_fit = candidates.iter().min_by(|a, b| a.squares.total_cmp(&b.squares))?;
    let phi = autocorrelation(&best_fit.residuals, 1).clamp(0.0, 0.95);
    let n = y.len() as f64;
    let effective = (n * (1.0 - phi) / (1.0 + phi)).max(6.0);
    let bic = |c: &Candidate| effective * (c.squares / n).max(ROUNDING).ln() + c.parameters * effective.ln();
    let best = |growing: bool| {
        candidates
            .iter()
            .filter(|c| (c.shape == Shape::Growing) == growing)
            .map(|c| (bic(c), c.shape))
            .min_by(|a, b| a.0.total_cmp(&b.0))
    };
    let (other, other_shape) = best(false)?;
    let Some((growing, _)) = best(true) else { return Some(Choice { shape: other_shape, lead: f64::MIN }) };
    let lead = other - growing;
    Some(Choice { shape: if lead > 0.0 { Shape::Growing } else { other_shape }, lead })
}

fn candidates(s: &[f64], y: &[f64], least: f64) -> Vec<Candidate> {
    let mut all = vec![constant(y)];
    // The column that goes on growing, if any, is the last one.
    let mut add = |shape, parameters: f64, columns: &[&[f64]]| {
        let Some(found) = fit(columns, y) else { return };
        let rises = found.coefficients.iter().all(|c| *c > 0.0);
        let goes_on = || match (found.coefficients.last(), columns.last().and_then(|c| c.last())) {
            (Some(slope), Some(end)) => slope * end >= least,
            _ => false,
        };
        let fits = match shape {
            Shape::Flat => true,
            Shape::Saturating => rises,
            Shape::Growing => rises && goes_on(),
        };
        if fits {
            let squares = found.residual_squares();
            all.push(Candidate { shape, residuals: found.residuals, squares, parameters });
        }
    };
    let curve = |f: &dyn Fn(f64) -> f64| s.iter().map(|s| f(*s)).collect::<Vec<f64>>();
    let line = curve(&|s| s);
    add(Shape::Growing, 2.0, &[&line]);
    for cut in steps(s) {
        let step = curve(&|s| f64::from(u8::from(s >= cut)));
        add(Shape::Flat, 3.0, &[&step]);
        for second in steps(s).step_by(3).filter(|second| *second > cut + 0.1) {
            add(Shape::Flat, 5.0, &[&step, &curve(&|s| f64::from(u8::from(s >= second)))]);
        }
        add(Shape::Growing, 4.0, &[&step, &line]);
        if cut < 0.75 {
            add(Shape::Growing, 3.0, &[&curve(&|s| (s - cut).max(0.0))]);
        }
    }
    for end in between(s).filter(|end| (FIRST_CUT..LATEST_END).contains(end)) {
        add(Shape::Saturating, 3.0, &[&curve(&|s| s.min(end))]);
    }
    for tau in [0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.45] {
        let saturating = curve(&|s| 1.0 - (-s / tau).exp());
        add(Shape::Saturating, 3.0, &[&saturating]);
        add(Shape::Growing, 4.0, &[&saturating, &line]);
    }
    for scale in [0.01, 0.02, 0.05, 0.1, 0.2] {
        add(Shape::Saturating, 3.0, &[&curve(&|s| (s / scale).ln_1p())]);
    }
    for power in [0.3, 0.5, 0.65] {
        add(Shape::Saturating, 3.0, &[&curve(&|s| s.powf(power))]);
    }
    all
}

#[expect(clippy::cast_precision_loss, reason = "at most 40 points")]
fn constant(y: &[f64]) -> Candidate {
    let mean = y.iter().sum::<f64>() / y.len().max(1) as f64;
    let residuals: Vec<f64> = y.iter().map(|v| v - mean).collect();
    let squares = residuals.iter().map(|r| r * r).sum();
    Candidate { shape: Shape::Flat, residuals, squares, parameters: 1.0 }
}

/// Places where a baseline may jump: between points, not at its very ends.
fn steps(s: &[f64]) -> impl Iterator<Item = f64> + '_ {
    between(s).filter(|cut| (FIRST_CUT..0.92).contains(cut))
}

fn between(s: &[f64]) -> impl Iterator<Item = f64> + '_ {
    s.windows(2).map(|w| f64::midpoint(w[0], w[1]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::shapes::noise;

    fn shape_of(f: impl Fn(f64) -> f64, seed: u64) -> Choice {
        let s: Vec<f64> = (0..40).map(|i| f64::from(i) / 39.0).collect();
        let y: Vec<f64> = s.iter().zip(noise(seed, 40)).map(|(s, e)| f(*s) + e).collect();
        choose(&s, &y, 10.0).expect("a shape")
    }

    #[test]
    fn known_shapes_are_told_apart() {
        for seed in 1..=20 {
            assert_eq!(shape_of(|s| 100.0 + 80.0 * s, seed).shape, Shape::Growing);
            assert_eq!(shape_of(|s| 100.0 + 80.0 * (1.0 - (-s / 0.1).exp()), seed).shape, Shape::Saturating);
            assert_eq!(shape_of(|s| if s < 0.5 { 100.0 } else { 180.0 }, seed).shape, Shape::Flat);
            assert_eq!(shape_of(|_| 100.0, seed).shape, Shape::Flat);
        }
    }

    #[test]
    fn all_equal_is_flat() {
        let s: Vec<f64> = (0..20).map(|i| f64::from(i) / 19.0).collect();
        assert_eq!(choose(&s, &[7.0; 20], 10.0).expect("a shape").shape, Shape::Flat);
    }
}
