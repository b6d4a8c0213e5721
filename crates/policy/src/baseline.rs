//! The baseline of memory over the whole run, in constant space.
//!
//! Each bin holds the smallest sample of a stretch of time. When all bins are full, pairs are
//! merged and stretches become twice as long, so that a month fits as well as a minute.

use memtool_profile_model::{Mib, Offset};

const BINS: usize = 64;
/// Nanoseconds of a stretch at first.
const FIRST_STRETCH: i64 = 1_000_000_000;

/// The least memory of each stretch of a run.
#[derive(Debug, Clone)]
pub struct Baseline {
    bins: Vec<Option<f64>>,
    stretch: i64,
}

impl Default for Baseline {
    fn default() -> Self {
        Self { bins: Vec::with_capacity(BINS), stretch: FIRST_STRETCH }
    }
}

impl Baseline {
    /// Takes a sample.
    pub fn add(&mut self, at: Offset, rss: Mib) {
        while self.place(at) >= BINS {
            self.merge();
        }
        let place = self.place(at);
        if self.bins.len() <= place {
            self.bins.resize(place + 1, None);
        }
        let bin = &mut self.bins[place];
        *bin = Some(bin.map_or(rss.get(), |least| least.min(rss.get())));
    }

    fn place(&self, at: Offset) -> usize {
        usize::try_from(at.nanos() / self.stretch).unwrap_or(0)
    }

    fn merge(&mut self) {
        let lower = |pair: &[Option<f64>]| pair.iter().flatten().copied().reduce(f64::min);
        self.bins = self.bins.chunks(2).map(lower).collect();
        self.stretch *= 2;
    }

    /// Middle of each stretch in minutes, and its smallest sample in MiB.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "64 bins")]
    pub fn points(&self) -> Vec<(f64, f64)> {
        let minutes = self.stretch as f64 / 60e9;
        let point = |(place, least): (usize, &Option<f64>)| Some(((place as f64 + 0.5) * minutes, (*least)?));
        self.bins.iter().enumerate().filter_map(point).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_of_samples_keeps_its_baseline_in_a_few_bins() {
        let mut baseline = Baseline::default();
        for minute in 0..30 * 24 * 60_i64 {
            // A sawtooth on a baseline that rises by one MiB per hour.
            let least = minute as f64 / 60.0;
            for (second, extra) in [(0, 0.0), (20, 300.0), (40, 500.0)] {
                baseline
                    .add(Offset::from_nanos((minute * 60 + second) * 1_000_000_000), Mib::new(least + extra));
            }
        }
        let points = baseline.points();
        assert!((32..=BINS).contains(&points.len()), "{}", points.len());
        for (minutes, least) in &points {
            let stretch = baseline.stretch as f64 / 60e9;
            assert!((least - (minutes - stretch / 2.0) / 60.0).abs() < 0.02, "{least} at {minutes}");
        }
    }
}
