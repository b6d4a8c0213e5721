//! Streams of the recorder itself, through everything that reads them.

use memtool_analyzer::memory_model::memory_model;
use memtool_analyzer::simulate::{Scenario, SimulateOptions, simulate};
use memtool_profile_model::{Action, PeakSource, Run, Warning, read_run};

use crate::fixtures::root;

fn recorded(name: &str) -> Run {
    let path = root().join(format!("fixtures/recorded/memory_stream_{name}.ndjson"));
    read_run(&std::fs::read(&path).expect("a fixture")).expect("reads back")
}

fn largest_peak(run: &Run) -> f64 {
    run.batches.iter().filter_map(|batch| batch.rss_peak).map(|peak| peak.get()).fold(0.0, f64::max)
}

#[test]
fn a_closed_stream_reads_without_a_warning_and_a_killed_one_says_so() {
    for name in ["compatible", "predictive", "fixed_250", "fixed_1000"] {
        let run = recorded(name);
        assert_eq!(run.warnings, [], "{name}");
        let exact = |source| source == Some(PeakSource::HighWaterMark);
        assert!(run.batches.iter().all(|batch| exact(batch.peak_source)), "{name}");
        assert_eq!(run.batches.iter().map(|batch| batch.items).sum::<u64>(), 18_000, "{name}");
    }
    let killed = recorded("killed");
    assert_eq!(killed.warnings, [Warning::EndedWithoutClosing]);
    let open: Vec<_> = killed.batches.iter().filter(|batch| batch.end.is_none()).collect();
    assert_eq!(open.len(), 1, "the batch it died in is known");
    assert_eq!(open[0].size, 1_000);
}

#[test]
fn every_change_of_size_is_a_decision_with_its_reason() {
    let run = recorded("predictive");
    let predicted = run.decisions.iter().filter_map(|decision| match decision.action {
        Action::Predict { new_size, predicted_peak, ceiling, .. } => {
            Some((new_size, predicted_peak, ceiling))
        }
        _ => None,
    });
    let decided: Vec<_> = predicted.collect();
    assert!(decided.len() > 10);
    assert!(decided.iter().all(|(_, peak, ceiling)| peak <= ceiling));
    let started: Vec<u32> = run.batches.iter().map(|batch| batch.size).collect();
    assert!(started.iter().all(|size| *size == 100 || decided.iter().any(|decision| decision.0 == *size)));
}

#[test]
fn one_adaptive_run_tells_what_a_fixed_size_would_have_needed() {
    let run = recorded("predictive");
    let response = memory_model(&[&run]);
    assert!(response.identifiable(), "{:?}", response.warnings);
    // A record of the largest operation has 100 KiB.
    let per_item = response.per_item_mb;
    assert!((0.093..0.103).contains(&per_item.median), "{per_item:?}");
    assert!(per_item.low < 100.0 / 1024.0 && 100.0 / 1024.0 < per_item.high, "{per_item:?}");
    let truth = largest_peak(&recorded("fixed_1000"));
    let foreseen = simulate(&[&run], &response, &Scenario::FixedBatch(1_000), &SimulateOptions::default());
    let peak = foreseen.peak_rss_mb.expect("a peak");
    assert!(peak.low < truth && truth < peak.high, "{truth} is not in {peak:?}");
    assert!((peak.median - truth).abs() < 0.1 * truth, "{truth} and {peak:?}");
}
