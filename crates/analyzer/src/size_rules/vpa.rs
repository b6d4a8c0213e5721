//! The 90 % quantile of the peaks of days, weighted by age with a half-life of 24 hours, and 15 % (Kubernetes'
//! vertical pod autoscaler).

use std::collections::BTreeMap;

use super::rule::{PastPeak, SizeRule};

const MARGIN: f64 = 1.15;
const HALF_LIFE_SECONDS: f64 = 86_400.0;
const DAY_SECONDS: f64 = 86_400.0;
const SHARE: f64 = 0.90;

pub(super) const RULE: SizeRule = SizeRule { name: "vpa", title: "P90 + 15 % (VPA)", size_mb };

fn size_mb(history: &[PastPeak]) -> Option<f64> {
    let mut days: BTreeMap<i64, PastPeak> = BTreeMap::new();
    for peak in history {
        let day = days.entry(day_of(peak.began)).or_insert(*peak);
        *day = PastPeak { mb: day.mb.max(peak.mb), began: day.began.max(peak.began) };
    }
    let mut daily: Vec<PastPeak> = days.into_values().collect();
    let newest = daily.iter().map(|peak| peak.began).reduce(f64::max)?;
    daily.sort_by(|a, b| a.mb.total_cmp(&b.mb));
    let weight =
        |peak: &PastPeak| (-(newest - peak.began) / HALF_LIFE_SECONDS * std::f64::consts::LN_2).exp();
    let total: f64 = daily.iter().map(weight).sum();
    let mut sum = 0.0;
    let reached = daily.iter().find(|peak| {
        sum += weight(peak);
        sum >= SHARE * total
    });
    reached.or(daily.last()).map(|peak| peak.mb * MARGIN)
}

#[expect(clippy::cast_possible_truncation, reason = "a day since 1970")]
fn day_of(seconds: f64) -> i64 {
    (seconds / DAY_SECONDS).floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_peaks_count_less_and_a_day_has_one_peak() {
        let peak = |mb, began| PastPeak { mb, began };
        let history =
            [peak(900.0, 0.0), peak(500.0, 10.0 * DAY_SECONDS), peak(510.0, 10.0 * DAY_SECONDS + 60.0)];
        assert!(size_mb(&history).is_some_and(|mb| (mb - 510.0 * MARGIN).abs() < 1e-9));
    }
}
