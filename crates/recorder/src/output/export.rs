//! Exports the history as a profile.

use std::fmt;
use std::io;
use std::path::Path;

use memtool_profile_model::profile::{Closing, write_profile};
use memtool_profile_model::stream::stream_text;
use memtool_profile_model::{Operations, OptimizationLevel, Process, Run, Snapshot, SnapshotKind};

use super::{advice, atomic_file};
use crate::engine::shared::Shared;
use crate::engine::state::State;
use crate::snapshot::MemorySnapshot;

/// Why the history could not be written.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExportError {
    /// The recorder does nothing, or this is a forked child.
    NotRecording,
    /// There is no snapshot yet.
    Empty,
    /// The clock is outside the range of dates.
    Time(jiff::Error),
    /// The file cannot be written.
    File(io::Error),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRecording => write!(f, "nothing is recorded in this process"),
            Self::Empty => write!(f, "there is no sample yet"),
            Self::Time(error) => write!(f, "the time cannot be written: {error}"),
            Self::File(error) => write!(f, "the profile cannot be written: {error}"),
        }
    }
}

impl std::error::Error for ExportError {}

/// Writes the history: a stream if the name ends in `.ndjson`, profile JSON otherwise.
pub(crate) fn write(shared: &Shared, path: &Path) -> Result<(), ExportError> {
    let (run, closing) = {
        let mut state = shared.state();
        advice::remember(&mut state, shared.clock.wall());
        // In critical pressure below its trigger the policy's own flag stays set.
        let fallback_active = state.level() == OptimizationLevel::Fallback;
        let closing = Closing {
            level: state.policy.level,
            fallback_active,
            counters: state.policy.counters,
            batch_size: state.size,
            monitoring_active: shared.is_threaded(),
        };
        (run_of(&state, shared)?, closing)
    };
    let text = if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("ndjson")) {
        stream_text(&run).map_err(ExportError::File)?
    } else {
        write_profile(&run, &closing).map_err(ExportError::Time)?
    };
    atomic_file::replace(path, &text).map_err(ExportError::File)
}

/// The history as a run; its times count from the recorder's start.
fn run_of(state: &State, shared: &Shared) -> Result<Run, ExportError> {
    state.history.last().ok_or(ExportError::Empty)?;
    let wall = shared.clock.wall();
    let age = jiff::SignedDuration::from_nanos(shared.clock.now().nanos());
    let mut operations = Operations::default();
    let snapshots = state.history.iter().map(|seen| snapshot_of(seen, &mut operations)).collect();
    Ok(Run {
        started: wall.checked_sub(age).map_err(ExportError::Time)?,
        config: state.config.clone(),
        process: Process { pid: shared.pid(), ..Default::default() },
        operations,
        snapshots,
        counters: Some(state.policy.counters),
        recommendations: state.recommendations.clone(),
        ..Run::default()
    })
}

fn snapshot_of(seen: &MemorySnapshot, operations: &mut Operations) -> Snapshot {
    let label = seen.operation.as_deref().filter(|_| seen.kind == SnapshotKind::Regular);
    Snapshot {
        at: seen.at,
        rss: Some(seen.rss),
        vms: seen.vms,
        shared: seen.shared,
        children_rss: seen.children_rss,
        pss: seen.pss,
        system_percent: seen.system_percent,
        available: seen.available,
        level: Some(seen.pressure_level),
        gc_collections: seen.gc_collections,
        batch_size: Some(seen.batch_size),
        kind: seen.kind,
        operation: label.map(|name| operations.intern(name)),
    }
}
