//! The policy replayed on real runs does what the existing system did.
//!
//! Levels agree for every sample. Batch sizes agree but for a sample here and there: two threads
//! of the manager sample, and where they interleave one of them reports the size before the
//! other's adjustment (seen: at most 2 samples a run, and 1 adjustment).

use memtool_policy::{PolicyState, step};
use memtool_profile_model::{
    Observation, OptimizationLevel, Run, Snapshot, SnapshotKind, pressure, read_run,
};

use crate::fixtures::{Fixture, runs};

/// Adjustments and samples that may differ, because two threads interleave.
const TOLERANCE: u64 = 2;

fn read(file: &Fixture) -> Run {
    read_run(&file.bytes).unwrap_or_else(|error| panic!("{}: {error}", file.name))
}

fn observation(snapshot: &Snapshot) -> Option<Observation> {
    snapshot.rss.map(|rss| Observation { at: snapshot.at, rss, available: snapshot.available })
}

/// What the policy makes of the samples that it acted on.
struct Replay {
    state: PolicyState,
    samples: usize,
    /// Samples whose size in force is not the recorded one.
    differ: u64,
    /// Changes of the recorded size from one sample to the next.
    recorded: u64,
}

fn replay(run: &Run) -> Option<Replay> {
    let regular: Vec<&Snapshot> = run.snapshots.iter().filter(|s| s.kind == SnapshotKind::Regular).collect();
    let state = PolicyState { level: level_of(run, regular.first()?.batch_size?)?, ..PolicyState::default() };
    let mut replay = Replay { state, samples: regular.len(), differ: 0, recorded: 0 };
    for (index, snapshot) in regular.iter().enumerate() {
        let predicted = run.config.batch_sizes.size(replay.state.level);
        replay.differ += u64::from(snapshot.batch_size != Some(predicted));
        replay.recorded += u64::from(index > 0 && snapshot.batch_size != regular[index - 1].batch_size);
        if let Some(seen) = observation(snapshot) {
            replay.state = step(&run.config, replay.state, seen).0;
        }
    }
    Some(replay)
}

fn level_of(run: &Run, size: u32) -> Option<OptimizationLevel> {
    use OptimizationLevel::{Fallback, High, Low, Medium};
    [Fallback, Low, Medium, High].into_iter().find(|level| run.config.batch_sizes.size(*level) == size)
}

/// Runs whose controller acted: those under a fixed size only wrote levels down.
fn controlled() -> impl Iterator<Item = Fixture> {
    runs().into_iter().filter(|file| !file.name.contains("__fixed_"))
}

#[test]
fn every_recorded_pressure_level_is_reproduced() {
    let mut compared = 0;
    for file in runs() {
        let run = read(&file);
        for (index, snapshot) in run.snapshots.iter().enumerate() {
            let (Some(seen), Some(recorded)) = (observation(snapshot), snapshot.level) else { continue };
            let found = pressure(&run.config, seen).level;
            assert_eq!(found, recorded, "{}, snapshot {index}: {snapshot:?}", file.name);
            compared += 1;
        }
    }
    assert!(compared > 5_000, "only {compared} levels compared");
}

#[test]
fn every_pressure_level_occurs() {
    for level in memtool_profile_model::PressureLevel::ALL {
        let occurs = |file: &Fixture| read(file).snapshots.iter().any(|s| s.level == Some(level));
        assert!(runs().iter().any(|file| file.is_managers() && occurs(file)), "{level:?}");
    }
}

#[test]
fn recorded_batch_sizes_are_reproduced() {
    let mut samples = 0;
    for file in controlled() {
        let Some(replay) = replay(&read(&file)) else { continue };
        let adjusted = replay.state.counters.batch_size_adjustments;
        assert!(replay.differ <= TOLERANCE, "{}: {} samples differ", file.name, replay.differ);
        assert!(
            adjusted.abs_diff(replay.recorded) <= TOLERANCE,
            "{}: {adjusted} adjustments, recorded {}",
            file.name,
            replay.recorded
        );
        samples += replay.samples;
    }
    assert!(samples > 2_500, "only {samples} samples compared");
}

#[test]
fn the_managers_counters_are_reproduced_where_the_ring_held_the_whole_run() {
    let mut compared = 0;
    for file in controlled().filter(Fixture::is_managers) {
        let run = read(&file);
        if run.snapshots.len() >= run.config.history_size as usize {
            continue;
        }
        let Some(replay) = replay(&run) else { continue };
        let (found, recorded) = (replay.state.counters, run.counters.expect("a profile has counters"));
        let pairs = [
            (found.batch_size_adjustments, recorded.batch_size_adjustments),
            (found.total_gc_collections, recorded.total_gc_collections),
            (found.automatic_fallbacks, recorded.automatic_fallbacks),
            (found.memory_warnings, recorded.memory_warnings),
            (found.critical_events, recorded.critical_events),
        ];
        let close = pairs.iter().all(|(found, recorded)| found.abs_diff(*recorded) <= TOLERANCE);
        assert!(close, "{}: {found:?}, recorded {recorded:?}", file.name);
        compared += 1;
    }
    assert!(compared >= 7, "only {compared} runs compared");
}
