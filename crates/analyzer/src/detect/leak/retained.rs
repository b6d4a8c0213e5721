//! Memory that the job declares: results it collects, tables it will need again.
//!
//! From outside, a result that is kept and a leak look the same. A job that records its batches may
//! say at the end of each what it keeps on purpose by then (`retained_mb`); that much is taken
//! out before anything is judged. Limits: the figure counts payload, and what keeps it adds to it, so growth
//! of the rest by no more than that is the declared memory's own, and a leak as small is not seen.

use super::between::after_batches;
use super::reason::{Reason, ReasonCode};
use crate::detect::observed::ObservedBatch;
use crate::series::Series;

/// Share of declared bytes that what keeps them adds at the most: heaps 5 to 70 %, a table of DuckDB's 58 to 71 %.
const ADDED: f64 = 0.75;

/// RSS without what the job declares.
#[derive(Debug)]
pub(in crate::detect) struct Retained {
    /// The run with this memory in the place of its RSS.
    pub(super) series: Series,
    /// The same after each batch.
    pub(super) after_batches: Vec<(f64, f64)>,
    /// What was declared at last, less what was at first.
    pub(super) growth_mb: f64,
    /// What was declared at last.
    pub(super) at_end_mb: f64,
    /// Seconds and what was declared then, in order of time.
    declared: Vec<(f64, f64)>,
    items: u64,
}

/// Inside a batch it may be what the last one said, or already what this one will say: the less of the two.
fn declared_at(declared: &[(f64, f64)], seconds: f64) -> f64 {
    let next = declared.partition_point(|(end, _)| *end < seconds);
    let before = next.checked_sub(1).map_or(0.0, |index| declared[index].1);
    declared.get(next).map_or(before, |(end, kept)| if *end == seconds { *kept } else { kept.min(before) })
}

/// What is left of a run without what its batches declare; `None` where none declares.
pub(super) fn without_retained(series: &Series, batches: &[ObservedBatch]) -> Option<Retained> {
    let mut said: Vec<(f64, f64)> = batches.iter().filter_map(|b| Some((b.end_s, b.retained_mb?))).collect();
    said.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (first, last) = (said.first()?.1, said.last()?.1);
    let rest = |seconds: f64, rss: f64| (rss - declared_at(&said, seconds)).max(0.0);
    let rss_mb = series.seconds.iter().zip(&series.rss_mb).map(|(s, rss)| rest(*s, *rss)).collect();
    Some(Retained {
        series: Series { rss_mb, ..series.clone() },
        after_batches: after_batches(batches, rest),
        growth_mb: last - first,
        at_end_mb: last,
        declared: said,
        items: batches.iter().map(|b| b.items).sum(),
    })
}

impl Retained {
    /// What is declared at a moment.
    pub(super) fn at(&self, seconds: f64) -> f64 {
        declared_at(&self.declared, seconds)
    }

    /// Whether growth of the whole is the declared one.
    pub(super) fn is_most_of(&self, whole_mb: f64) -> bool {
        self.growth_mb > 0.0 && self.explains(whole_mb - self.growth_mb)
    }

    /// Whether growth of the rest is what the declared bytes take beyond themselves.
    pub(super) fn explains(&self, rest_mb: f64) -> bool {
        rest_mb <= ADDED * self.growth_mb
    }

    /// The reason of a verdict on the rest, where the whole grows.
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 items")]
    pub(super) fn describe(&self, rest: &str) -> Reason {
        let per_1000 = self.growth_mb * 1000.0 / self.items.max(1) as f64;
        let words = format!(
            "the job says that it keeps {:.0} MiB more by its end, {per_1000:.2} MiB per 1,000 items; the rest is {rest}",
            self.growth_mb
        );
        Reason::new(ReasonCode::Declared, words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::{batch, context, leak_of};
    use crate::detect::leak::{Leak, LeakVerdict};
    use crate::detect::observed::ObservedBatch;
    use crate::series::shapes::series;

    const N: usize = 400;

    /// A second a batch over a level that rises by so much, of which the job declares a part.
    fn run(rise: f64, declared_mb: Option<f64>) -> (Series, Context) {
        let share = |i: usize| i as f64 / N as f64;
        let rss: Vec<f64> = (0..N).map(|i| 400.0 + rise * share(i) + 60.0).collect();
        let ended = |i: usize| ObservedBatch {
            after_mb: Some(400.0 + rise * share(i + 1)),
            retained_mb: declared_mb.map(|all| all * share(i + 1)),
            ..batch(i as f64, i as f64 + 0.9, 0.0, false)
        };
        (series(1.0, &rss), Context { batches: (0..N - 1).map(ended).collect(), ..context() })
    }

    #[test]
    fn results_that_the_job_declares_are_no_leak() {
        let (series, context) = run(300.0, None);
        assert_eq!(Leak::of(&series, &context).report.verdict, LeakVerdict::Leak, "as it is without a word");
        for kept in [300.0, 200.0] {
            let (series, context) = run(300.0, Some(kept));
            let found = Leak::of(&series, &context).report;
            assert_eq!(found.verdict, LeakVerdict::None, "{}", found.reason);
            assert!(found.reason.starts_with("declared: "), "{}", found.reason);
        }
        let (series, context) = run(300.0, Some(300.0));
        let found = Leak::of(&series, &context).report;
        assert!(
            found.reason.contains("298 MiB more by its end, 1.50 MiB per 1,000 items"),
            "{}",
            found.reason
        );
    }

    #[test]
    fn a_leak_beside_them_has_its_own_slope() {
        let (series, context) = run(300.0, Some(60.0));
        let (report, finding) = leak_of(&series, &context);
        assert_eq!(report.verdict, LeakVerdict::Leak, "{}", report.reason);
        let slope = report.slope_mb_per_min.expect("a slope").estimate;
        assert!((slope - 36.0).abs() < 3.0, "240 MiB in 400 s: {slope}");
        let told = finding.expect("a leak").evidence.details["declared_growth_mb"];
        assert!((59.0..=60.0).contains(&told), "{told}");
    }

    #[test]
    fn nothing_is_taken_out_where_nothing_is_said() {
        let (series, context) = run(10.0, None);
        assert!(without_retained(&series, &context.batches).is_none());
        assert!(without_retained(&series, &[]).is_none());
    }
}
