//! The few steps that follow a line from above with the least area between them.

use serde::Serialize;

/// From a moment on, so much memory.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Step {
    /// Seconds since the run's start.
    pub from_s: f64,
    /// Memory in MiB.
    pub memory_mb: f64,
}

/// At most `most` pieces that cover a line of levels: where each begins and how high it is, so that the levels times
/// weights above the line are least (dynamic programming over the ends of pieces).
pub(super) fn cover(levels: &[f64], weights: &[f64], most: usize) -> Vec<(usize, f64)> {
    let cells = levels.len();
    // By number of pieces: the least cost up to each cell, and where its last piece begins.
    let mut least = vec![f64::INFINITY; cells + 1];
    least[0] = 0.0;
    let mut begins: Vec<Vec<usize>> = Vec::new();
    let mut totals = Vec::new();
    for _ in 0..most.max(1) {
        let (next, begin) = with_one_more(levels, weights, &least);
        totals.push(next[cells]);
        begins.push(begin);
        least = next;
    }
    // Fewer pieces at the same cost are plainer.
    let best = totals.iter().copied().fold(f64::INFINITY, f64::min);
    let mut piece = totals.iter().position(|total| *total <= best * (1.0 + 1e-9)).unwrap_or(0) + 1;
    let (mut end, mut pieces) = (cells, Vec::new());
    while end > 0 && piece > 0 {
        let begin = begins[piece - 1][end];
        pieces.push((begin, levels[begin..end].iter().copied().fold(0.0, f64::max)));
        (end, piece) = (begin, piece - 1);
    }
    pieces.reverse();
    pieces
}

fn with_one_more(levels: &[f64], weights: &[f64], least: &[f64]) -> (Vec<f64>, Vec<usize>) {
    let mut next = vec![f64::INFINITY; least.len()];
    let mut begin = vec![0; least.len()];
    for end in 1..least.len() {
        let (mut highest, mut weight) = (0.0_f64, 0.0);
        for start in (0..end).rev() {
            highest = highest.max(levels[start]);
            weight += weights[start];
            let cost = least[start] + highest * weight;
            if cost < next[end] {
                (next[end], begin[end]) = (cost, start);
            }
        }
    }
    (next, begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_follow_the_line_where_it_pays_most() {
        let levels = [1.0, 1.0, 1.0, 1.2, 9.0, 9.0, 2.0, 2.0];
        let weights = [1.0; 8];
        assert_eq!(cover(&levels, &weights, 1), [(0, 9.0)]);
        assert_eq!(cover(&levels, &weights, 3), [(0, 1.2), (4, 9.0), (6, 2.0)]);
        assert_eq!(cover(&[5.0; 8], &weights, 4), [(0, 5.0)], "no step where nothing changes");
    }

    #[test]
    fn what_seldom_lasts_so_long_counts_little() {
        let levels = [1.0, 5.0, 5.0, 4.0];
        assert_eq!(cover(&levels, &[1.0, 1.0, 1.0, 0.01], 2), [(0, 1.0), (1, 5.0)]);
    }
}
