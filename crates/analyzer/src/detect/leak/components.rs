//! Memory that is judged apart: mapped files beside the rest, children beside the process itself.
//!
//! Resident pages of mapped files and shared memory come and go as the kernel likes: a job that
//! walks through a file grows by them and leaks nothing. What is left without them is nearly
//! all anonymous memory. Limits: the recorder reads this part of the job's own process only, so
//! what its children map counts as theirs in full; files and shared memory are one figure, so a
//! leak of shared memory is not told from a mapped file.

use super::baseline::baseline;
use super::limits::STEPS;
use super::reason::{Reason, ReasonCode};
use crate::series::Series;
use crate::size_column::SizeColumn;

/// Share of snapshots that must carry a part for it to be judged.
const NEARLY_ALL: f64 = 0.95;
/// Growth of mapped files that is worth a word, in MiB.
const NOTEWORTHY_MB: f64 = 25.0;

/// RSS without mapped files and shared memory.
#[derive(Debug)]
pub(in crate::detect) struct Anonymous {
    /// The run with this memory in the place of its RSS.
    pub(super) series: Series,
    /// The same at moments when no batch held anything.
    pub(super) between_batches: Vec<(f64, f64)>,
    /// Growth of the baseline of what was taken out.
    pub(super) mapped_growth_mb: f64,
    /// The last sample of what was taken out.
    pub(super) mapped_at_end_mb: f64,
}

/// The anonymous part of a run; `None` where the trace does not tell it apart.
pub(super) fn anonymous(series: &Series, between_batches: &[(f64, f64)]) -> Option<Anonymous> {
    let mapped = filled(&series.shared_mb)?;
    let without = |at: f64, rss: f64| (at, (rss - least_around(&series.seconds, &mapped, at)).max(0.0));
    Some(Anonymous {
        between_batches: between_batches.iter().map(|(at, rss)| without(*at, *rss)).collect(),
        series: with_memory(series, less(&series.rss_mb, &mapped)),
        mapped_at_end_mb: *mapped.last()?,
        mapped_growth_mb: rise(series, mapped)?,
    })
}

impl Anonymous {
    /// Whether what was taken out grew by enough for a word.
    pub(super) fn has_grown(&self) -> bool {
        self.mapped_growth_mb >= NOTEWORTHY_MB
    }

    /// The reason of a verdict on this part, with the growth that it leaves out.
    pub(super) fn describe(&self, rest: Reason, whole_grows: bool) -> Reason {
        let grown = self.mapped_growth_mb;
        if whole_grows {
            let words = format!(
                "memory grows in mapped files and shared memory, by {grown:.0} MiB; the rest is {rest}"
            );
            return Reason::new(ReasonCode::MappedFiles, words);
        }
        if !self.has_grown() {
            return rest;
        }
        rest.and(&format!("mapped files and shared memory grew {grown:.0} MiB"))
    }
}

/// Share of the baselines' growth that is in child processes; `None` where there were none, or
/// neither part grows by itself.
pub(super) fn in_children(series: &Series) -> Option<f64> {
    let children = filled(&series.children_mb)?;
    if children.iter().all(|held| *held <= 0.0) {
        return None;
    }
    let itself = rise(series, less(&series.rss_mb, &children))?.max(0.0);
    let theirs = rise(series, children)?.max(0.0);
    (itself + theirs > 0.0).then(|| theirs / (itself + theirs))
}

/// A column without gaps, where nearly all of it is there: a gap is as the value before it.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 snapshots")]
fn filled(column: &SizeColumn) -> Option<Vec<f64>> {
    let known = column.iter().flatten().count();
    let mut last = column.iter().flatten().next()?;
    let fill = |value: Option<f64>| {
        last = value.unwrap_or(last);
        last
    };
    (known as f64 >= NEARLY_ALL * column.len() as f64).then(|| column.iter().map(fill).collect())
}

/// The smaller of the two samples around a moment: what is taken out is never more than was there.
fn least_around(seconds: &[f64], values: &[f64], at: f64) -> f64 {
    let after = seconds.partition_point(|s| *s < at);
    let around = values.get(after.saturating_sub(1)).into_iter().chain(values.get(after));
    around.copied().reduce(f64::min).unwrap_or_default()
}

fn less(all: &[f64], part: &[f64]) -> Vec<f64> {
    all.iter().zip(part).map(|(all, part)| (all - part).max(0.0)).collect()
}

fn with_memory(series: &Series, rss_mb: Vec<f64>) -> Series {
    Series { rss_mb, ..series.clone() }
}

/// From the first to the last point of a part's own baseline.
fn rise(series: &Series, memory_mb: Vec<f64>) -> Option<f64> {
    let steps = baseline(&with_memory(series, memory_mb), &[])?.at_steps(STEPS);
    Some(steps.last()? - steps.first()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::{batch, context, leak_of};
    use crate::detect::finding::Finding;
    use crate::detect::leak::{Leak, LeakReport, LeakVerdict};
    use crate::detect::observed::ObservedBatch;
    use crate::series::shapes::series;

    const N: usize = 400;

    /// A sawtooth of 100 MiB over a level that rises by so much over the run.
    fn saw(level: f64, rise: f64) -> Vec<f64> {
        (0..N).map(|i| level + rise * i as f64 / N as f64 + (i % 10) as f64 * 10.0).collect()
    }

    fn ramp(level: f64, rise: f64) -> Vec<f64> {
        (0..N).map(|i| level + rise * i as f64 / N as f64).collect()
    }

    fn beside(own: &[f64], part: &[f64]) -> Series {
        series(1.0, &own.iter().zip(part).map(|(a, b)| a + b).collect::<Vec<_>>())
    }

    fn mapped(own: &[f64], files: &[f64]) -> Series {
        Series { shared_mb: files.iter().copied().map(Some).collect(), ..beside(own, files) }
    }

    fn with_children(own: &[f64], theirs: &[f64]) -> Series {
        Series { children_mb: theirs.iter().copied().map(Some).collect(), ..beside(own, theirs) }
    }

    fn leak(run: &Series) -> (LeakReport, Finding) {
        let (report, finding) = leak_of(run, &context());
        (report.clone(), finding.unwrap_or_else(|| panic!("{report:?}")))
    }

    #[test]
    fn growth_of_mapped_files_is_no_leak() {
        let mut run = mapped(&saw(400.0, 0.0), &ramp(50.0, 300.0));
        let found = Leak::of(&run, &context()).report;
        assert_eq!(found.verdict, LeakVerdict::None, "{}", found.reason);
        assert!(found.reason.starts_with("mapped_files: "), "{}", found.reason);
        assert!(found.reason.contains("small: the baseline rose 0 MiB"), "{}", found.reason);
        let grown = rise(&run, ramp(50.0, 300.0)).expect("a baseline");
        assert!((230.0..=300.0).contains(&grown), "{grown}");
        assert!(found.reason.contains(&format!("by {grown:.0} MiB")), "{}", found.reason);
        run.shared_mb = vec![None; N].into();
        assert_eq!(
            Leak::of(&run, &context()).report.verdict,
            LeakVerdict::Leak,
            "as it is without that part"
        );
    }

    #[test]
    fn growth_beside_mapped_files_is_a_leak_with_its_own_slope() {
        let (report, finding) = leak(&mapped(&saw(400.0, 300.0), &ramp(50.0, 600.0)));
        let slope = report.slope_mb_per_min.expect("a slope").estimate;
        assert!((slope - 45.0).abs() < 3.0, "300 MiB in 400 s, not 900: {slope}");
        let grown = finding.evidence.details["mapped_growth_mb"];
        assert!((470.0..=600.0).contains(&grown), "{grown}");
        // What is mapped takes room below the limit too: 4000 - 650 - 700 at 45 MiB a minute.
        let hours = report.hours_to_limit.expect("hours").estimate;
        assert!((0.9..1.05).contains(&hours), "{hours}");
    }

    #[test]
    fn a_leak_is_found_though_mapped_files_shrink() {
        let run = mapped(&saw(400.0, 300.0), &ramp(500.0, -400.0));
        assert_eq!(leak(&run).0.verdict, LeakVerdict::Leak);
    }

    #[test]
    fn other_verdicts_tell_of_mapped_files_that_grew() {
        let once: Vec<f64> = (0..N).map(|i| if i < 100 { 50.0 } else { 350.0 }).collect();
        let found = Leak::of(&mapped(&saw(400.0, 0.0), &once), &context()).report;
        assert!(found.reason.starts_with("small: "), "a step is no growth of the whole: {}", found.reason);
        assert!(found.reason.ends_with("; mapped files and shared memory grew 300 MiB"), "{}", found.reason);
        let level = Leak::of(&mapped(&saw(400.0, 0.0), &ramp(50.0, 10.0)), &context()).report;
        assert!(level.reason.ends_with("to matter"), "{}", level.reason);
    }

    #[test]
    fn what_saturates_beside_growing_files_stays_saturating() {
        let plateau = |i: usize| 400.0 + 300.0 * (1.0 - (-(i as f64) / (0.15 * N as f64)).exp());
        let own: Vec<f64> = (0..N).map(plateau).collect();
        let mut run = mapped(&own, &ramp(50.0, 1500.0));
        let found = Leak::of(&run, &context()).report;
        assert_eq!(found.verdict, LeakVerdict::Saturating, "{}", found.reason);
        assert!(found.reason.starts_with("saturating: "), "{}", found.reason);
        assert!(found.reason.contains("; mapped files and shared memory grew"), "{}", found.reason);
        run.shared_mb = vec![None; N].into();
        assert_eq!(Leak::of(&run, &context()).report.verdict, LeakVerdict::Leak, "the whole does grow");
    }

    #[test]
    fn a_part_must_be_in_nearly_all_snapshots() {
        let with = |known: usize| {
            let column: SizeColumn = (0..100).map(|i| (i >= 100 - known).then_some(i as f64)).collect();
            filled(&column)
        };
        assert_eq!(with(94), None);
        let kept = with(95).expect("enough");
        assert_eq!((kept[0], kept[4], kept[99]), (5.0, 5.0, 99.0), "what is missing is as its neighbour");
        assert_eq!(filled(&[Some(1.0); 40].into_iter().chain([None]).collect()), Some(vec![1.0; 41]));
        assert_eq!(filled(&SizeColumn::default()), None);
    }

    #[test]
    fn memory_after_batches_loses_its_mapped_part_too() {
        let run = mapped(&[900.0; N], &ramp(50.0, 300.0));
        let ended = |i: usize| ObservedBatch {
            after_mb: Some(400.0 + 50.0 + 300.0 * (i as f64 + 0.5) / N as f64),
            ..batch(i as f64, i as f64 + 0.5, 0.0, false)
        };
        let batches: Vec<ObservedBatch> = (0..N - 1).map(ended).collect();
        let found = Leak::of(&run, &Context { batches, ..context() }).report;
        assert!(found.reason.starts_with("mapped_files: "), "{}", found.reason);
        assert_eq!(least_around(&[0.0, 1.0, 2.0], &[5.0, 9.0, 7.0], 0.5), 5.0);
        assert_eq!(least_around(&[0.0, 1.0, 2.0], &[5.0, 9.0, 7.0], 1.5), 7.0);
        assert_eq!(least_around(&[0.0, 1.0, 2.0], &[5.0, 9.0, 7.0], 8.0), 7.0);
    }

    #[test]
    fn a_leak_says_whose_growth_it_is() {
        let share = |own: f64, theirs: f64| {
            let finding = leak(&with_children(&saw(400.0, own), &ramp(100.0, theirs))).1;
            (finding.evidence.details["in_children"], finding.action)
        };
        let (theirs, action) = share(0.0, 300.0);
        assert!(theirs > 0.95 && action.contains("in child processes (100 % of it)"), "{theirs}: {action}");
        let (own, action) = share(300.0, 0.0);
        assert!(
            own < 0.05 && action.ends_with("in the process itself, not in its children."),
            "{own}: {action}"
        );
        let (both, action) = share(200.0, 200.0);
        assert!(
            (0.42..0.58).contains(&both) && action.contains(" % of the growth is in child"),
            "{both}: {action}"
        );
    }

    #[test]
    fn without_children_nothing_is_said_of_them() {
        for run in [with_children(&saw(400.0, 300.0), &[0.0; N]), series(1.0, &saw(400.0, 300.0))] {
            let finding = leak(&run).1;
            assert!(finding.evidence.details.get("in_children").is_none());
            assert!(!finding.action.contains("child"), "{}", finding.action);
        }
    }
}
