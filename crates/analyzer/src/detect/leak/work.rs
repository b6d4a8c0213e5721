//! The work of a run: its samples up to the last moment of work.
//!
//! Two things may follow it. *The job goes on*: samples past its last phase or batch show what the work
//! gave back. *The process ends*: the interpreter and the kernel free everything, and that says nothing
//! of the time before. From outside the two look alike, so a fall in the very last moments is taken for
//! the end of the process: it is left out, and its length and size are reported. So is what follows the end of child
//! processes, such as a pool's workers, that held most of what is freed then.

use std::borrow::Cow;

use memtool_profile_model::SnapshotKind;

use crate::series::Series;

/// The end of the work, where the job says it, lies in the last part of the run.
const CLOSING: f64 = 0.95;
/// Where the last recorded batch ends, it ends the work in the later part of the run.
const LAST_BATCH: f64 = 0.5;
/// Share of the fall at their end that children held.
const MOST_OF_FALL: f64 = 0.5;
/// Samples after it that show what it gave back.
const FEWEST_CLOSING: usize = 2;
/// The end of a process takes no longer, in seconds: 1 GiB of small objects took 1.1 s to free.
const TEARDOWN_S: f64 = 3.0;
/// Nor a larger share of the run, but for a few samples.
const TEARDOWN_SHARE: f64 = 0.1;
const TEARDOWN_SAMPLES: usize = 3;
/// A smaller fall is no teardown, in MiB.
const LEAST_FALL_MB: f64 = 1.0;

/// The work's memory in order of time: samples, and RSS after batches where that is known.
pub(super) struct Work<'a> {
    pub(super) seconds: Cow<'a, [f64]>,
    pub(super) rss_mb: Cow<'a, [f64]>,
    /// Least RSS after the work, where the trace shows it.
    pub(super) closing_mb: Option<f64>,
    /// The end of the process, where the trace shows it.
    pub(super) left_out: Option<LeftOut>,
}

/// The last moments of a process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::detect) struct LeftOut {
    /// How long they are.
    pub(super) seconds: f64,
    /// What is freed in them.
    pub(super) freed_mb: f64,
}

impl LeftOut {
    /// As further words of a reason.
    pub(super) fn describe(self) -> String {
        format!(
            "the last {:.1} s, in which processes ended and freed {:.0} MiB, are left out",
            self.seconds, self.freed_mb
        )
    }
}

/// Where the work ends, and what follows it.
struct Ending {
    samples: usize,
    closing_mb: Option<f64>,
    left_out: Option<LeftOut>,
}

impl<'a> Work<'a> {
    /// The work of a run; `between_batches` is RSS at moments when no batch held anything.
    pub(super) fn of(series: &'a Series, between_batches: &[(f64, f64)]) -> Self {
        let Ending { samples, closing_mb, left_out } = Ending::of(series, between_batches);
        let (seconds, rss_mb) = (&series.seconds[..samples], &series.rss_mb[..samples]);
        if between_batches.is_empty() {
            return Self {
                seconds: Cow::Borrowed(seconds),
                rss_mb: Cow::Borrowed(rss_mb),
                closing_mb,
                left_out,
            };
        }
        let last = seconds.last().copied().unwrap_or_default();
        let mut points: Vec<(f64, f64)> = seconds.iter().copied().zip(rss_mb.iter().copied()).collect();
        points.extend(between_batches.iter().filter(|(at, _)| (0.0..=last).contains(at)));
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (seconds, rss_mb): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
        Self { seconds: Cow::Owned(seconds), rss_mb: Cow::Owned(rss_mb), closing_mb, left_out }
    }
}

impl Ending {
    /// With recorded batches the recorder is inside the process and does not see its end.
    fn of(series: &Series, between_batches: &[(f64, f64)]) -> Self {
        let n = series.len();
        let last_batch_s = between_batches.last().map_or(0.0, |last| last.0);
        let children_end = children_end(series).filter(|end| series.seconds[*end] >= last_batch_s);
        let to = children_end.unwrap_or(n);
        let left_out = |from: usize| {
            let freed_mb = series.rss_mb[from - 1] - series.rss_mb[n - 1];
            let seconds = series.seconds[n - 1] - series.seconds[from - 1];
            (from < n).then_some(LeftOut { seconds, freed_mb })
        };
        if let Some(end) = after_last_batch(series, to, between_batches).or_else(|| said(series, to)) {
            let closing_mb = series.rss_mb[end..to].iter().copied().reduce(f64::min);
            return Self { samples: end, closing_mb, left_out: left_out(to) };
        }
        let in_the_process = between_batches.is_empty() && children_end.is_none();
        let samples = if in_the_process { before_teardown(series) } else { to };
        Self { samples, closing_mb: None, left_out: left_out(samples) }
    }
}

/// The first sample after child processes ended in the later part of the run, where none follow and they held most of what is freed then.
fn children_end(series: &Series) -> Option<usize> {
    let children: Vec<f64> = series.children_mb.iter().map(Option::unwrap_or_default).collect();
    let none_left = children.iter().rposition(|mb| *mb > LEAST_FALL_MB)? + 1;
    let least = series.rss_mb[none_left..].iter().copied().reduce(f64::min)?;
    // They end one after the other.
    let falls = |at: &usize| children[at - 1] - children[*at] > LEAST_FALL_MB;
    let end = (1..none_left).rev().take_while(falls).last().unwrap_or(none_left);
    let held = children[end - 1] >= MOST_OF_FALL * (series.rss_mb[end - 1] - least);
    (held && series.seconds[end] >= LAST_BATCH * series.duration_s()).then_some(end)
}

/// The first sample after the last recorded batch, where that is past the half of the run and enough follow before a sample.
fn after_last_batch(series: &Series, to: usize, between_batches: &[(f64, f64)]) -> Option<usize> {
    let last_s = between_batches.last()?.0;
    let end = series.seconds.partition_point(|s| *s <= last_s);
    (last_s >= LAST_BATCH * series.duration_s() && to >= end + FEWEST_CLOSING).then_some(end)
}

/// The first sample after the work and before a sample, where the job or its recorder says so.
fn said(series: &Series, n: usize) -> Option<usize> {
    let late = |i: &usize| series.seconds[*i] >= CLOSING * series.duration_s() && *i * 5 > n * 4;
    let boundary = (0..n).rev().take_while(late).find(|i| series.boundary[*i]);
    boundary.or((n > 1 && series.kind[n - 1] == SnapshotKind::Statistics).then(|| n - 1))
}

/// How long the end of a process takes at the most, but for a few samples.
pub(super) fn longest_teardown_s(duration_s: f64) -> f64 {
    TEARDOWN_S.min(TEARDOWN_SHARE * duration_s)
}

/// Samples before the fall, without a rise, that ends a process; where memory is level again at the end, the process goes on.
fn before_teardown(series: &Series) -> usize {
    let n = series.len();
    let last = &series.rss_mb[n.saturating_sub(TEARDOWN_SAMPLES)..];
    if last.iter().all(|mb| (mb - last[0]).abs() <= LEAST_FALL_MB) {
        return n;
    }
    let end = series.duration_s();
    let longest = longest_teardown_s(end);
    let near = |i: usize| n - i <= TEARDOWN_SAMPLES || end - series.seconds[i] <= longest;
    let mut from = n;
    let mut i = n;
    while i >= 2 && near(i - 1) && series.rss_mb[i - 1] <= series.rss_mb[i - 2] {
        i -= 1;
        if series.rss_mb[i - 1] - series.rss_mb[i] > LEAST_FALL_MB {
            from = i;
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::shapes::series;

    #[test]
    fn the_fall_that_ends_a_process_is_no_part_of_the_work() {
        let rss: Vec<f64> = (0..200).map(f64::from).chain([140.0, 80.0, 20.0]).collect();
        let run = series(0.1, &rss);
        let work = Work::of(&run, &[]);
        assert_eq!((work.rss_mb.len(), work.closing_mb), (200, None));
        let left_out = work.left_out.expect("a teardown");
        assert!((left_out.seconds - 0.3).abs() < 1e-9 && left_out.freed_mb == 179.0, "{left_out:?}");
    }

    #[test]
    fn a_level_end_and_a_release_before_more_work_are_none() {
        assert_eq!(Work::of(&series(0.1, &[100.0; 50]), &[]).left_out, None);
        let rss: Vec<f64> = (0..200).map(f64::from).chain([20.0; 60]).collect();
        let run = series(0.1, &rss);
        assert_eq!(Work::of(&run, &[]).rss_mb.len(), 260, "6 s at the low level");
    }

    #[test]
    fn a_fall_that_ends_level_is_a_release_and_the_process_goes_on() {
        let rss: Vec<f64> = (0..200).map(f64::from).chain([120.0, 90.0, 90.0, 90.0]).collect();
        let run = series(0.1, &rss);
        let work = Work::of(&run, &[]);
        assert_eq!((work.rss_mb.len(), work.left_out), (204, None));
    }

    #[test]
    fn children_that_end_give_nothing_back() {
        let theirs = |i: u32| if i < 198 { 60.0 + f64::from(i) } else { [90.0, 0.0][usize::from(i > 198)] };
        let after: Vec<(f64, f64)> = (1..20).map(|i| (f64::from(i), f64::from(i) * 10.0)).collect();
        let ends = |ended: bool| {
            let children = |i: u32| if ended { theirs(i) } else { 60.0 + f64::from(i) };
            let rss: Vec<f64> = (0..204).map(|i| 20.0 + theirs(i)).collect();
            Series { children_mb: (0..204).map(|i| Some(children(i))).collect(), ..series(0.1, &rss) }
        };
        let run = ends(true);
        let work = Work::of(&run, &after);
        assert_eq!(
            (work.closing_mb, work.left_out.map(|left_out| left_out.freed_mb)),
            (Some(271.0), Some(257.0))
        );
        assert_eq!(Work::of(&ends(false), &after).left_out, None, "they go on");
    }

    #[test]
    fn what_follows_the_last_recorded_batch_shows_what_it_gave_back() {
        let rss: Vec<f64> = (0..200).map(f64::from).chain([260.0; 10]).chain([120.0; 10]).collect();
        let run = series(0.1, &rss);
        let after: Vec<(f64, f64)> = (1..20).map(|i| (f64::from(i), f64::from(i) * 10.0)).collect();
        assert_eq!(Work::of(&run, &after).closing_mb, Some(120.0));
        assert_eq!(Work::of(&run, &after[..8]).closing_mb, None, "the later half is no batch's end");
    }

    #[test]
    fn where_the_job_says_its_end_it_shows_what_was_given_back() {
        let rss: Vec<f64> = (0..200).map(f64::from).chain([20.0]).collect();
        let mut run = series(0.1, &rss);
        run.kind[200] = SnapshotKind::Statistics;
        let work = Work::of(&run, &[]);
        assert_eq!((work.rss_mb.len(), work.closing_mb, work.left_out), (200, Some(20.0), None));
    }
}
