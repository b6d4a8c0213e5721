//! The curve of a run of any length in bounded memory.

use std::collections::VecDeque;

/// Spans that a whole run is cut into; when there are more, each two neighbours become one.
const MOST_SPANS: usize = 2_000;
/// Seconds that stay as they were sampled.
const RECENT_SECONDS: f64 = 600.0;
/// Samples that stay at most.
const MOST_RECENT: usize = 8_192;

/// What was seen from one moment on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span {
    /// Seconds from the run's start.
    pub(crate) from: f64,
    /// The smallest size.
    pub(crate) least: f64,
    /// The largest.
    pub(crate) most: f64,
}

/// The whole run coarsely, and its last minutes as they were sampled.
#[derive(Debug, Default)]
pub(crate) struct Points {
    spans: Vec<Span>,
    /// Seconds that one span covers; 0 while each sample has its own.
    width: f64,
    recent: VecDeque<(f64, f64)>,
}

impl Points {
    pub(crate) fn push(&mut self, at: f64, size: f64) {
        match self.spans.last_mut() {
            Some(last) if at < last.from + self.width => {
                last.least = last.least.min(size);
                last.most = last.most.max(size);
            }
            _ => self.spans.push(Span { from: at, least: size, most: size }),
        }
        if self.spans.len() > MOST_SPANS {
            self.coarsen();
        }
        self.recent.push_back((at, size));
        while self.recent.len() > MOST_RECENT
            || self.recent.front().is_some_and(|p| at - p.0 > RECENT_SECONDS)
        {
            self.recent.pop_front();
        }
    }

    fn coarsen(&mut self) {
        let covered = self.spans.last().map_or(0.0, |last| last.from - self.spans[0].from);
        let merged = |pair: &[Span]| {
            let (least, most) = pair
                .iter()
                .fold((f64::MAX, f64::MIN), |(least, most), s| (s.least.min(least), s.most.max(most)));
            Span { from: pair[0].from, least, most }
        };
        self.spans = self.spans.chunks(2).map(merged).collect();
        #[expect(clippy::cast_precision_loss, reason = "some thousand")]
        let spans = self.spans.len() as f64;
        self.width = covered / spans;
    }

    /// The points of the last `seconds`, or of the whole run.
    pub(crate) fn last(&self, seconds: Option<f64>) -> Vec<Span> {
        let Some(end) = self.recent.back().map(|point| point.0) else { return Vec::new() };
        match seconds {
            None => self.spans.clone(),
            Some(seconds) => {
                let recent = self.recent.iter().filter(|(at, _)| end - at <= seconds);
                recent.map(|(at, size)| Span { from: *at, least: *size, most: *size }).collect()
            }
        }
    }

    /// The last samples as they were taken, in order.
    pub(crate) fn samples(&self, seconds: f64) -> impl Iterator<Item = (f64, f64)> + '_ {
        let end = self.recent.back().map_or(0.0, |point| point.0);
        self.recent.iter().copied().filter(move |(at, _)| end - at <= seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_any_length_keeps_its_extremes_in_bounded_memory() {
        let mut points = Points::default();
        for second in 0..200_000 {
            let size = if second == 77_777 { 900.0 } else { f64::from(second % 10) };
            points.push(f64::from(second), size);
        }
        let spans = points.last(None);
        assert!(spans.len() <= MOST_SPANS && spans.len() > MOST_SPANS / 4, "{}", spans.len());
        let peak = spans.iter().find(|span| span.most > 800.0).expect("the peak");
        assert!((peak.from - 77_777.0).abs() <= points.width && peak.least < 10.0, "{peak:?}");
        assert_eq!(spans[0].from, 0.0);
        assert!(points.recent.len() <= 601);
    }

    #[test]
    fn the_last_minute_is_as_it_was_sampled() {
        let mut points = Points::default();
        assert_eq!(points.last(Some(60.0)), []);
        (0..1_000).for_each(|eighth| points.push(f64::from(eighth) / 8.0, 5.0));
        assert_eq!(points.last(Some(60.0)).len(), 481);
        assert_eq!(points.samples(60.0).count(), 481);
    }
}
