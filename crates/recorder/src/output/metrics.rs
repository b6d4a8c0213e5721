//! Live figures in the text forms that Prometheus reads.

use memtool_profile_model::metrics::{Metric, MetricsForm, MetricsText};
use memtool_profile_model::{Fate, PressureLevel};

use super::advice;
use crate::engine::shared::Shared;
use crate::engine::state::State;
use crate::limits::memory_pressure;
use crate::snapshot::MemorySnapshot;

const LEVELS: [PressureLevel; 4] =
    [PressureLevel::Low, PressureLevel::Moderate, PressureLevel::High, PressureLevel::Critical];

/// All figures; sizes in bytes. What the system cannot give is left out.
pub(crate) fn text(shared: &Shared, form: MetricsForm) -> String {
    let stalled = memory_pressure();
    let state = shared.state();
    let mut text = MetricsText::new(form, &shared.subject.labels);
    sizes(&mut text, &state);
    if let Some(stalled) = stalled {
        text.figure(Metric::Stalled, stalled.some_avg10 / 100.0);
    }
    text.figure(Metric::BatchSize, f64::from(state.size));
    text.head(Metric::PressureLevel);
    for level in LEVELS {
        let holds = u8::from(level == state.pressure());
        text.value(Metric::PressureLevel, &[("level", level.as_str())], f64::from(holds));
    }
    text.head(Metric::Advice);
    for advice in advice::standing(&state, shared.clock.wall()) {
        text.value(Metric::Advice, &[("kind", &advice.kind)], 1.0);
    }
    counts(&mut text, &state);
    if let Some(last) = state.history.last() {
        text.figure(Metric::LastSample, sampled_at(shared, last));
    }
    text.figure(Metric::Recording, f64::from(u8::from(state.stream.is_open())));
    if let Some(fate) = state.fate() {
        end(&mut text, fate);
    }
    text.finish()
}

fn sizes(text: &mut MetricsText, state: &State) {
    let last = state.history.last();
    let sizes = [
        (Metric::Rss, last.map(|s| s.rss)),
        (Metric::ChildrenRss, last.and_then(|s| s.children_rss)),
        (Metric::Vms, last.and_then(|s| s.vms)),
        (Metric::Pss, last.and_then(|s| s.pss)),
        (Metric::Available, last.and_then(|s| s.available)),
        (Metric::PeakRss, state.totals.peak.largest),
        (Metric::Limit, state.limit()),
    ];
    for (metric, size) in sizes {
        if let Some(size) = size {
            text.size(metric, size);
        }
    }
}

fn counts(text: &mut MetricsText, state: &State) {
    let (totals, counters) = (state.totals, state.policy.counters);
    let counts = [
        (Metric::Samples, totals.samples),
        (Metric::Batches, totals.batches),
        (Metric::BatchItems, totals.items),
        (Metric::Collections, counters.total_gc_collections),
        (Metric::LevelChanges, counters.batch_size_adjustments),
        (Metric::CriticalSamples, counters.critical_events),
        (Metric::ProbeFailures, totals.probe_failures),
        (Metric::CallbackFailures, totals.hook_failures),
        (Metric::LostRecords, totals.lost_records),
        (Metric::ThinnedRecords, state.stream.left_out()),
    ];
    for (metric, count) in counts {
        #[expect(clippy::cast_precision_loss, reason = "the text form knows floating point only")]
        text.figure(metric, count as f64);
    }
}

/// When a sample was taken, in seconds since 1970 by the wall clock of now: its time from the start does not follow
/// a clock that was set meanwhile.
fn sampled_at(shared: &Shared, sample: &MemorySnapshot) -> f64 {
    let age = shared.now().seconds_since(sample.at);
    #[expect(clippy::cast_precision_loss, reason = "microseconds since 1970 are exact until 2255")]
    let now = shared.clock.wall().as_microsecond() as f64 / 1e6;
    now - age
}

/// How the process ended.
fn end(text: &mut MetricsText, fate: &Fate) {
    if let Some(code) = fate.exit_code {
        text.figure(Metric::ExitCode, f64::from(code));
    }
    if let Some(signal) = fate.signal {
        text.figure(Metric::ExitSignal, f64::from(signal));
    }
    if let Some(killed) = fate.killed_for_memory {
        text.figure(Metric::KilledForMemory, f64::from(u8::from(killed)));
    }
}
