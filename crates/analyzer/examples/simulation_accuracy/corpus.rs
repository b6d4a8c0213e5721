//! A folder of recorded runs with their outcomes, as runs with batch records and as plain profiles.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use memtool_profile_model::{
    AdaptiveConfig, AvailableLimits, Batch, BatchSizes, Collection, Format, Host, MemoryThresholds, Mib,
    Offset, Operations, PeakSource, Run, Warning, read_run,
};
use serde::Deserialize;

/// One recorded run.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) workload: String,
    /// The settings' name, the same for repeats and without a limit.
    pub(crate) settings: String,
    /// The size, where it was fixed.
    pub(crate) fixed: Option<u32>,
    pub(crate) killed: bool,
    pub(crate) enforced: bool,
    pub(crate) limit_mb: f64,
    pub(crate) peak_mb: f64,
    pub(crate) items_per_cpu_s: f64,
    /// With batch records.
    pub(crate) records: Run,
    /// The profile alone.
    pub(crate) samples: Run,
}

#[derive(Deserialize)]
struct Outcome {
    workload: String,
    config: String,
    settings: Settings,
    limit_mb: f64,
    #[serde(default = "yes")]
    limit_enforced: bool,
    oom_killed: bool,
    peak_rss_mb: f64,
    #[serde(default)]
    items_per_cpu_s: Option<f64>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct Settings {
    mode: String,
    fixed_level: Option<String>,
    monitoring_interval_seconds: f64,
    thresholds_mb: BTreeMap<String, f64>,
    gc_trigger_mb: f64,
    fallback_trigger_mb: f64,
    batch_sizes: BTreeMap<String, u32>,
    auto_gc_enabled: bool,
    fallback_enabled: bool,
    available_floors_mb: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct Sample {
    t: f64,
    rss_mb: f64,
    shared_mb: Option<f64>,
}

#[derive(Deserialize)]
struct Event {
    t: f64,
    ev: String,
    batch: Option<u64>,
    operation: Option<String>,
    batch_size: Option<u32>,
    items: Option<u64>,
    rss_mb: Option<f64>,
    peak_rss_mb: Option<f64>,
    cpu_s: Option<f64>,
    trigger: Option<String>,
    rss_before_mb: Option<f64>,
    rss_after_mb: Option<f64>,
    collected: Option<u64>,
    dur_s: Option<f64>,
}

/// All runs of a folder, in order of name.
pub(crate) fn read(folder: &Path) -> Result<Vec<Case>, Box<dyn Error>> {
    let mut stems: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.to_string_lossy().into_owned();
        stems.extend(name.strip_suffix(".outcome.json").map(PathBuf::from));
    }
    stems.sort();
    stems.iter().map(|stem| case(stem).map_err(|e| format!("{}: {e}", stem.display()).into())).collect()
}

fn case(stem: &Path) -> Result<Case, Box<dyn Error>> {
    let file = |ending: &str| PathBuf::from(format!("{}.{ending}", stem.display()));
    let outcome: Outcome = serde_json::from_str(&fs::read_to_string(file("outcome.json"))?)?;
    let samples = read_run(&fs::read(file("profile.json"))?)?;
    let events = lines::<Event>(&file("events.ndjson"))?;
    let looks = lines::<Sample>(&file("samples.ndjson"))?;
    let records = records(&samples, &outcome, &events, &looks);
    let fixed = outcome.settings.fixed_level.as_ref().filter(|_| outcome.settings.mode == "fixed");
    Ok(Case {
        name: stem.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        workload: outcome.workload.clone(),
        fixed: fixed.and_then(|level| outcome.settings.batch_sizes.get(level)).copied(),
        settings: outcome.config.clone(),
        killed: outcome.oom_killed,
        enforced: outcome.limit_enforced,
        limit_mb: outcome.limit_mb,
        peak_mb: outcome.peak_rss_mb,
        items_per_cpu_s: outcome.items_per_cpu_s.unwrap_or(0.0),
        records,
        samples,
    })
}

fn lines<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<Vec<T>, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    // A killed writer leaves a torn last line.
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

fn records(profile: &Run, outcome: &Outcome, events: &[Event], looks: &[Sample]) -> Run {
    let mut run = profile.clone();
    run.format = Format::StreamV1;
    run.config = config(&outcome.settings);
    run.host = Host {
        limit_mb: Some(Mib::new(outcome.limit_mb)),
        limit_source: Some("cgroup".to_owned()),
        ..Host::default()
    };
    let mut looks: Vec<&Sample> = looks.iter().filter(|s| s.rss_mb > 0.0).collect();
    looks.sort_by(|a, b| a.t.total_cmp(&b.t));
    if looks.len() == run.snapshots.len() {
        for (snapshot, look) in run.snapshots.iter_mut().zip(looks) {
            snapshot.at = Offset::from_seconds(look.t);
            snapshot.shared = look.shared_mb.map(Mib::new);
        }
    }
    let mut operations = Operations::default();
    for snapshot in &mut run.snapshots {
        let name = snapshot.operation.map(|id| profile.operations.name(id));
        snapshot.operation = name.map(|name| operations.intern(name));
    }
    run.batches = batches(events, &mut operations);
    run.operations = operations;
    run.collections = events.iter().filter(|e| e.ev == "gc").map(collection).collect();
    if outcome.oom_killed {
        run.warnings.push(Warning::EndedWithoutClosing);
    }
    run
}

fn collection(event: &Event) -> Collection {
    Collection {
        at: Offset::from_seconds(event.t),
        forced: event.trigger.as_deref() == Some("controller"),
        seconds: event.dur_s,
        rss_before: event.rss_before_mb.map(Mib::new),
        rss_after: event.rss_after_mb.map(Mib::new),
        objects: event.collected,
    }
}

fn batches(events: &[Event], operations: &mut Operations) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut numbers: Vec<Option<u64>> = Vec::new();
    for event in events {
        match event.ev.as_str() {
            "batch_start" => {
                numbers.push(event.batch);
                batches.push(Batch {
                    operation: event.operation.as_deref().map(|name| operations.intern(name)),
                    size: event.batch_size.unwrap_or(0),
                    items: event.items.unwrap_or(0),
                    start: Offset::from_seconds(event.t),
                    end: None,
                    rss_start: event.rss_mb.map(Mib::new),
                    rss_peak: None,
                    peak_source: None,
                    rss_end: None,
                    overlapping: false,
                    cpu_seconds: None,
                    retained: None,
                });
            }
            "batch_end" => {
                let open = numbers.iter().position(|n| *n == event.batch);
                let Some(batch) = open.and_then(|index| batches.get_mut(index)) else { continue };
                batch.end = Some(Offset::from_seconds(event.t));
                batch.rss_peak = event.peak_rss_mb.map(Mib::new);
                batch.peak_source = Some(PeakSource::HighWaterMark);
                batch.rss_end = event.rss_mb.map(Mib::new);
                batch.cpu_seconds = event.cpu_s;
            }
            _ => {}
        }
    }
    batches
}

fn config(settings: &Settings) -> AdaptiveConfig {
    let mib = |from: &BTreeMap<String, f64>, key: &str| Mib::new(from.get(key).copied().unwrap_or(0.0));
    let size = |key: &str| settings.batch_sizes.get(key).copied().unwrap_or(0);
    let (thresholds, floors) = (&settings.thresholds_mb, &settings.available_floors_mb);
    AdaptiveConfig {
        monitoring_interval_seconds: settings.monitoring_interval_seconds,
        thresholds: MemoryThresholds {
            moderate_mb: mib(thresholds, "moderate"),
            high_mb: mib(thresholds, "high"),
            critical_mb: mib(thresholds, "critical"),
            gc_trigger_mb: Mib::new(settings.gc_trigger_mb),
            fallback_trigger_mb: Mib::new(settings.fallback_trigger_mb),
        },
        batch_sizes: BatchSizes {
            low: size("low"),
            medium: size("medium"),
            high: size("high"),
            fallback: size("fallback"),
        },
        auto_gc_enabled: settings.auto_gc_enabled,
        fallback_enabled: settings.fallback_enabled,
        available_limits: AvailableLimits {
            critical_mb: mib(floors, "critical"),
            high_mb: mib(floors, "high"),
            moderate_mb: mib(floors, "moderate"),
        },
        ..AdaptiveConfig::default()
    }
}
