//! Events of the recorder for `tracing`, under the target `memtool`.

use std::io;

use memtool_policy::predict::Sizing;
use memtool_profile_model::{Mib, PressureLevel};

use super::sample::SizeChange;
use crate::snapshot::MemorySnapshot;

/// Whether a subscriber takes single samples.
pub(crate) fn are_snapshots_traced() -> bool {
    tracing::enabled!(target: "memtool", tracing::Level::TRACE)
}

pub(crate) fn snapshot(snapshot: &MemorySnapshot) {
    tracing::trace!(
        target: "memtool",
        rss_mb = snapshot.rss.get(),
        available_mb = snapshot.available.map(Mib::get),
        pressure = snapshot.pressure_level.as_str(),
        batch_size = snapshot.batch_size,
        operation = snapshot.operation.as_deref(),
        "memory sampled"
    );
}

pub(crate) fn changed(change: &SizeChange, pressure: PressureLevel) {
    tracing::info!(
        target: "memtool",
        from = change.from,
        to = change.to,
        rss_mb = change.rss.get(),
        pressure = pressure.as_str(),
        "batch size changed"
    );
}

pub(crate) fn predicted(from: u32, sizing: &Sizing) {
    tracing::info!(
        target: "memtool",
        from,
        to = sizing.size,
        predicted_peak_mb = sizing.predicted_peak.map(Mib::get),
        ceiling_mb = sizing.ceiling.map(Mib::get),
        "batch size predicted"
    );
}

pub(crate) fn critical(snapshot: &MemorySnapshot) {
    tracing::warn!(
        target: "memtool",
        rss_mb = snapshot.rss.get(),
        available_mb = snapshot.available.map(Mib::get),
        "memory is critical"
    );
}

pub(crate) fn thinned(every: u32) {
    tracing::warn!(target: "memtool", every, "the stream nears its size cap: fewer records are kept");
}

pub(crate) fn probe_failed(times: u64) {
    if is_worth_reporting(times) {
        tracing::warn!(target: "memtool", times, "memory could not be read");
    }
}

pub(crate) fn hook_failed(times: u64) {
    if is_worth_reporting(times) {
        tracing::warn!(target: "memtool", times, "a callback of the host panicked");
    }
}

pub(crate) fn hook_slow(times: u64) {
    if is_worth_reporting(times) {
        tracing::warn!(target: "memtool", times, "callbacks of the host are slower than the interval");
    }
}

pub(crate) fn not_written(times: u64, error: &io::Error) {
    if is_worth_reporting(times) {
        tracing::warn!(target: "memtool", times, %error, "the recording could not be written");
    }
}

pub(crate) fn no_stream(error: &io::Error) {
    tracing::warn!(target: "memtool", %error, "nothing is recorded: the stream could not be begun");
}

pub(crate) fn no_probe(error: &io::Error) {
    tracing::warn!(target: "memtool", %error, "memory cannot be read yet: the job goes on without samples");
}

pub(crate) fn no_thread(error: &io::Error) {
    tracing::warn!(target: "memtool", %error, "no thread could be started: memory is sampled only when the job asks");
}

/// A fault that repeats is reported at its 1st, 2nd, 4th, 8th … time.
pub(crate) fn is_worth_reporting(times: u64) -> bool {
    times.is_power_of_two()
}
