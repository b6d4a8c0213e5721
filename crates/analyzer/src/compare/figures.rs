//! The figures of one run that a comparison uses.

use std::collections::{BTreeMap, BTreeSet};

use memtool_profile_model::{Batch, Fate, Mib, PeakSource, Precision, Run};

use super::identity::Identity;
use super::measure::{Measure, Steering};
use crate::detect::{FindingKind, LeakTier, LeakVerdict};
use crate::report::ProfileReport;

/// A measure of the whole run, or of one operation.
pub(crate) type Key = (Measure, Option<String>);

/// Snapshots of a phase below which its peak is a matter of luck.
const FEW_SAMPLES: u64 = 8;
/// Batches of an operation below which its speed is a matter of luck.
const FEW_BATCHES: usize = 3;

/// One run as a comparison sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFigures {
    pub(crate) name: String,
    /// Its job, its machine, and what its figures measure.
    pub(crate) identity: Identity,
    pub(crate) values: BTreeMap<Key, f64>,
    /// What was seen too few times to have a value.
    pub(super) few: BTreeSet<Key>,
    /// Largest memory in each operation, however rarely it was seen.
    pub(crate) operation_peaks: BTreeMap<String, f64>,
    /// Whether its largest figure is known to be below the true peak.
    pub(crate) peak_is_lower_bound: bool,
    pub(super) steering: Steering,
    pub(super) seconds: f64,
    pub(crate) leak: Leak,
    /// Why that is the verdict.
    pub(crate) leak_reason: String,
    /// Items of all batches; `None` without batch records.
    pub(crate) items: Option<f64>,
    /// Why the run does not show all it did, if so.
    pub(crate) incomplete: Option<String>,
    /// Whether the kernel is known to have killed it for want of memory.
    pub(crate) was_killed: bool,
}

/// How far the leak's verdict goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leak {
    No,
    Suspected,
    Confirmed,
    Unknown,
}

impl RunFigures {
    /// The figures of a run and of its analysis.
    #[must_use]
    pub fn new(run: &Run, report: &ProfileReport) -> Self {
        let mut values = BTreeMap::new();
        if report.samples > 0 {
            values.insert((Measure::Peak, None), report.peak_rss_mb);
            values.insert((Measure::Mean, None), report.time_weighted_mean_rss_mb);
            let at_high = report.time_share.high + report.time_share.critical;
            values.insert((Measure::TimeAtHigh, None), at_high);
        }
        let leak = leak(report);
        match (leak, &report.leak.slope_mb_per_min) {
            (Leak::Unknown, _) => {}
            (Leak::No, _) => drop(values.insert((Measure::LeakSlope, None), 0.0)),
            (_, slope) => drop(slope.map(|s| values.insert((Measure::LeakSlope, None), s.estimate))),
        }
        let mut few = BTreeSet::new();
        phases(report, &mut values, &mut few);
        let items = batches(run, &mut values, &mut few);
        values.retain(|_, value| value.is_finite());
        Self {
            name: report.path.clone(),
            identity: Identity::of(run, report.job.as_deref()),
            operation_peaks: operation_peaks(run, report),
            peak_is_lower_bound: is_lower_bound(run),
            leak_reason: report.leak.words().to_owned(),
            was_killed: run.was_killed_for_memory(),
            values,
            few,
            steering: steering(run, report),
            seconds: report.duration_s,
            leak,
            items,
            incomplete: incomplete(run, report),
        }
    }

    pub(crate) fn value(&self, key: &Key) -> Option<f64> {
        self.values.get(key).copied()
    }

    /// How its repeats are expected to spread, before any is seen.
    pub(crate) const fn steering(&self) -> Steering {
        self.steering
    }
}

/// Whether the true peak is known to be above the largest figure, and not by how much.
fn is_lower_bound(run: &Run) -> bool {
    run.origin.as_ref().is_some_and(|origin| origin.precision == Precision::LowerBound)
}

/// Largest memory in each operation: of its samples, and of its batches that no other overlaps.
fn operation_peaks(run: &Run, report: &ProfileReport) -> BTreeMap<String, f64> {
    let sampled = report.operations.iter().map(|phase| (phase.operation.as_str(), phase.peak_rss_mb));
    let alone = run.batches.iter().filter(|batch| !batch.overlapping);
    let batches =
        alone.filter_map(|batch| Some((run.operations.name(batch.operation?), batch.rss_peak?.get())));
    let mut peaks: BTreeMap<String, f64> = BTreeMap::new();
    for (name, peak) in sampled.chain(batches).filter(|(_, peak)| peak.is_finite()) {
        let most = peaks.entry(name.to_owned()).or_insert(peak);
        *most = most.max(peak);
    }
    peaks
}

fn leak(report: &ProfileReport) -> Leak {
    match (report.leak.verdict, report.leak.tier) {
        (LeakVerdict::Leak, Some(LeakTier::Suspected)) => Leak::Suspected,
        (LeakVerdict::Leak, _) => Leak::Confirmed,
        (LeakVerdict::Saturating | LeakVerdict::None, _) => Leak::No,
        (LeakVerdict::Inconclusive, _) => Leak::Unknown,
    }
}

/// What is known of the phases that snapshots are labelled with.
fn phases(report: &ProfileReport, values: &mut BTreeMap<Key, f64>, few: &mut BTreeSet<Key>) {
    for phase in &report.operations {
        let measured = [(Measure::Peak, phase.peak_rss_mb), (Measure::Mean, phase.mean_rss_mb)];
        for (measure, value) in measured {
            let key = (measure, Some(phase.operation.clone()));
            if phase.samples >= FEW_SAMPLES {
                values.insert(key, value);
            } else {
                few.insert(key);
            }
        }
    }
}

/// What is known of the batches' operations; returns all items.
#[expect(clippy::cast_precision_loss, reason = "items far below 2^52")]
fn batches(run: &Run, values: &mut BTreeMap<Key, f64>, few: &mut BTreeSet<Key>) -> Option<f64> {
    let done: Vec<&Batch> = run.batches.iter().filter(|batch| batch.end.is_some()).collect();
    if done.is_empty() {
        return None;
    }
    speed(&done, None, values);
    let mut by_label: BTreeMap<&str, Vec<&Batch>> = BTreeMap::new();
    for batch in &done {
        if let Some(id) = batch.operation {
            by_label.entry(run.operations.name(id)).or_default().push(batch);
        }
    }
    for (label, own) in by_label {
        let key = |measure: Measure| (measure, Some(label.to_owned()));
        if own.len() < FEW_BATCHES {
            few.extend([Measure::ItemsPerCpuSecond, Measure::ItemsPerSecond].map(key));
        } else {
            speed(&own, Some(label), values);
        }
        // One mark of the kernel's misses nothing; one sampled peak is a matter of luck.
        let is_known =
            |batch: &Batch| own.len() >= FEW_BATCHES || batch.peak_source == Some(PeakSource::HighWaterMark);
        let peaks =
            own.iter().filter(|b| !b.overlapping && is_known(b)).filter_map(|b| b.rss_peak).map(Mib::get);
        if let Some(peak) = peaks.reduce(f64::max) {
            few.remove(&key(Measure::Peak));
            let most = values.entry(key(Measure::Peak)).or_insert(peak);
            *most = most.max(peak);
        }
    }
    Some(done.iter().map(|batch| batch.items as f64).sum())
}

/// Items per processor second where every batch has its time, else per second on the clock.
#[expect(clippy::cast_precision_loss, reason = "items far below 2^52")]
fn speed(batches: &[&Batch], label: Option<&str>, values: &mut BTreeMap<Key, f64>) {
    let items: f64 = batches.iter().map(|batch| batch.items as f64).sum();
    let cpu: Option<f64> = batches.iter().map(|batch| batch.cpu_seconds).sum();
    let clock: f64 =
        batches.iter().filter_map(|batch| batch.end.map(|end| end.seconds() - batch.start.seconds())).sum();
    let label = label.map(str::to_owned);
    match cpu {
        Some(seconds) if seconds > 0.0 && items > 0.0 => {
            values.insert((Measure::ItemsPerCpuSecond, label), items / seconds);
        }
        _ if clock > 0.0 && items > 0.0 => {
            values.insert((Measure::ItemsPerSecond, label), items / clock);
        }
        _ => {}
    }
}

/// One size all along is taken as fixed from outside; the first sample comes before any decision. A job without
/// sizes is steered by nobody: if its peak is exact, its repeats are as close.
fn steering(run: &Run, report: &ProfileReport) -> Steering {
    let mut sizes: Vec<u32> = run.batches.iter().map(|batch| batch.size).collect();
    if sizes.is_empty() {
        sizes = run.snapshots.iter().skip(1).filter_map(|s| s.batch_size).collect();
    }
    let same = sizes.windows(2).all(|pair| pair[0] == pair[1]);
    let exact = report.peak_source != "sampled";
    if same && (exact || !sizes.is_empty()) { Steering::Fixed } else { Steering::Adaptive }
}

fn incomplete(run: &Run, report: &ProfileReport) -> Option<String> {
    if let Some(ended) = run.fate.as_ref().and_then(ended_badly) {
        return Some(ended);
    }
    if run.is_cut_off() {
        return Some("ended without closing: it was killed or still goes on".to_owned());
    }
    let cut = report.findings.iter().any(|finding| finding.kind == FindingKind::HistoryCut);
    if cut {
        return Some("holds only the end of the run: raise history_size or record a stream".to_owned());
    }
    (report.samples == 0).then(|| "holds no readable sample".to_owned())
}

/// How a process ended that did not end well.
fn ended_badly(fate: &Fate) -> Option<String> {
    let known = || fate.known_by.map_or_else(String::new, |by| format!(" (known by {})", by.as_str()));
    match fate {
        Fate { killed_for_memory: Some(true), .. } => {
            Some(format!("was killed for want of memory{}", known()))
        }
        Fate { signal: Some(signal), .. } => Some(format!("was ended by signal {signal}")),
        Fate { exit_code: Some(code), .. } if *code != 0 => Some(format!("exited with {code}")),
        _ => None,
    }
}
