use std::path::Path;

use jiff::Timestamp;
use memtool_profile_model::{Batch, Mib, Offset, PeakSource, Run, Snapshot};

use super::*;

/// A run of a job, begun at a second, with one spike and two batches.
fn run(job: Option<&str>, started_s: i64, samples: usize) -> Run {
    let mut run = Run { started: Timestamp::from_second(started_s).expect("a time"), ..Run::default() };
    run.process.job = job.map(str::to_owned);
    let load = run.operations.intern("load");
    run.snapshots = (0..samples)
        .map(|index| Snapshot {
            at: Offset::from_seconds(5.0 + index as f64),
            rss: Some(Mib::new(if index == samples / 2 { 900.0 } else { 100.0 + (index % 7) as f64 })),
            children_rss: Some(Mib::new(if index == 3 { 40.0 } else { 0.0 })),
            batch_size: Some(100),
            operation: (index == 10).then_some(load),
            ..Snapshot::default()
        })
        .collect();
    run.batches = [(10.0, 300.0), (20.0, 500.0)].map(|(start, peak)| batch(start, peak)).to_vec();
    run
}

fn batch(start_s: f64, peak_mb: f64) -> Batch {
    Batch {
        size: 100,
        items: 100,
        start: Offset::from_seconds(start_s),
        end: Some(Offset::from_seconds(start_s + 5.0)),
        rss_peak: Some(Mib::new(peak_mb)),
        peak_source: Some(PeakSource::HighWaterMark),
        ..Batch::default()
    }
}

fn page(job: Option<&str>, started_s: i64) -> RunPage {
    RunPage::new(Path::new("run.ndjson"), &run(job, started_s, 10_000), PageBudget::for_files(30))
}

#[test]
fn a_long_run_keeps_its_extremes_and_its_span() {
    let course = page(None, 0).course;
    assert!(course.memory.seconds.len() <= PageBudget::for_files(30).points);
    assert_eq!((course.memory.largest(), course.end_s), (900.0, 9_999.0));
    assert_eq!((course.memory.seconds[0], course.children.largest()), (0.0, 40.0));
    assert!(course.heap.is_empty());
    assert_eq!(course.operations[0].operation, "load");
    assert_eq!((course.operations[0].start_s, course.operations[0].end_s), (10.0, 9_999.0));
}

#[test]
fn of_batches_those_with_the_largest_peaks_are_kept_in_order_of_time() {
    let budget = PageBudget { points: 100, marks: 1 };
    let course = RunPage::new(Path::new("run.ndjson"), &run(None, 0, 50), budget).course;
    assert_eq!((course.batches.len(), course.batches_total), (1, 2));
    assert_eq!((course.batches[0].start_s, course.batches[0].peak_rss_mb), (15.0, Some(500.0)));
    assert!(course.batches[0].exact);
}

#[test]
fn the_latest_run_of_a_named_job_is_compared_with_the_earlier_ones() {
    let pages = vec![page(Some("etl"), 900), page(None, 0), page(Some("etl"), 100), page(None, 5)];
    let jobs = ReportDocument::new(pages, Vec::new()).jobs;
    let names: Vec<_> = jobs.iter().map(|job| (job.job.as_deref(), job.runs.clone())).collect();
    assert_eq!(names, [(Some("etl"), vec![2, 0]), (None, vec![1, 3])]);
    let change = jobs[0].change.as_ref().expect("an earlier run");
    assert_eq!((change.run, change.comparison.base.len(), change.comparison.new.len()), (0, 1, 1));
    assert_eq!(jobs[1].change, None, "they may be of any jobs");
}

#[test]
fn one_run_alone_has_more_room() {
    let [alone, many] = [1, 1000].map(PageBudget::for_files);
    assert!(alone.points > 100_000 && many.points == 400 && many.marks >= 50);
}
