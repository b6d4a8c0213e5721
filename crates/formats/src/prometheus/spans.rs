//! A series whose value seldom changes, as spans of one value.

/// Spans kept of a series: a value that changes at each sample is none that is looked at here.
const MOST: usize = 4096;

/// A time without a change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    /// The first sample, in nanoseconds since 1970.
    pub(super) from: i64,
    /// The last.
    pub(super) to: i64,
    /// The value.
    pub(super) value: f64,
}

/// A series as spans, in order of time. A sample that is missing ends a span.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Spans {
    spans: Vec<Span>,
    /// The shortest time between two samples.
    step: Option<i64>,
}

impl Spans {
    /// Takes the next sample; what is no number, or no later than the one before, is passed over.
    pub(super) fn push(&mut self, at: i64, value: f64) {
        let Some(last) = self.spans.last_mut() else {
            if value.is_finite() {
                self.spans.push(Span { from: at, to: at, value });
            }
            return;
        };
        let gap = at.saturating_sub(last.to);
        if gap <= 0 || !value.is_finite() {
            return;
        }
        let step = *self.step.insert(self.step.map_or(gap, |step| step.min(gap)));
        #[expect(clippy::float_cmp, reason = "the same text is the same value")]
        let goes_on = last.value == value && gap <= step.saturating_mul(3) / 2;
        if goes_on {
            last.to = at;
        } else if self.spans.len() < MOST {
            self.spans.push(Span { from: at, to: at, value });
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Span> {
        self.spans.iter()
    }

    /// The value in force at a time; before the first sample the first.
    pub(super) fn at(&self, time: i64) -> Option<f64> {
        let begun = self.spans.iter().take_while(|span| span.from <= time).last();
        begun.or(self.spans.first()).map(|span| span.value)
    }

    /// When the value rose, and by how much; one that fell began again from nothing.
    pub(super) fn rises(&self) -> impl Iterator<Item = (i64, f64)> {
        self.spans.windows(2).filter_map(|pair| {
            let [before, after] = [pair[0].value, pair[1].value];
            let rise = if after < before { after } else { after - before };
            (rise > 0.0).then_some((pair[1].from, rise))
        })
    }

    /// The value, where there is one sample only.
    pub(super) fn single(&self) -> Option<f64> {
        match self.spans[..] {
            [Span { from, to, value }] if from == to => Some(value),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(samples: &[(i64, f64)]) -> Spans {
        let mut spans = Spans::default();
        samples.iter().for_each(|(at, value)| spans.push(*at, *value));
        spans
    }

    #[test]
    fn a_counter_rises_and_begins_again() {
        let counter = spans(&[(0, 2.0), (10, 2.0), (20, 4.0), (30, f64::NAN), (40, 1.0)]);
        assert_eq!(counter.rises().collect::<Vec<_>>(), [(20, 2.0), (40, 1.0)]);
        assert_eq!([counter.at(-5), counter.at(15), counter.at(99)], [Some(2.0), Some(2.0), Some(1.0)]);
        assert_eq!((counter.single(), spans(&[(5, 3.0)]).single()), (None, Some(3.0)));
    }

    #[test]
    fn a_gap_ends_a_span() {
        let kept = spans(&[(0, 1.0), (10, 1.0), (20, 1.0), (60, 1.0), (70, 1.0)]);
        let times: Vec<_> = kept.iter().map(|span| (span.from, span.to)).collect();
        assert_eq!(times, [(0, 20), (60, 70)]);
    }

    #[test]
    fn what_changes_at_each_sample_is_bounded() {
        let many: Vec<_> = (0..10_000).map(|at| (at, at as f64)).collect();
        assert_eq!(spans(&many).iter().count(), MOST);
        assert_eq!(spans(&[]).at(0), None);
    }
}
