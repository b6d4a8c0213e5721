//! The largest peak and 15 % (the memory rule of Robusta's KRR).

use super::rule::{PastPeak, SizeRule};

const MARGIN: f64 = 1.15;

pub(super) const RULE: SizeRule = SizeRule { name: "krr", title: "largest + 15 % (KRR)", size_mb };

fn size_mb(history: &[PastPeak]) -> Option<f64> {
    Some(history.iter().map(|peak| peak.mb).reduce(f64::max)? * MARGIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_peak_counts_however_old() {
        let history = [PastPeak { mb: 900.0, began: 0.0 }, PastPeak { mb: 100.0, began: 1e9 }];
        assert!(size_mb(&history).is_some_and(|mb| (mb - 1035.0).abs() < 1e-9));
    }
}
