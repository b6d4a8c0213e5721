//! The known outcome of a recorded run: `NAME.outcome.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use memtool_profile_model::{AdaptiveConfig, AvailableLimits, BatchSizes, MemoryThresholds, Mib};
use serde::Deserialize;

/// The outcome of a run; the file may hold more.
#[derive(Deserialize)]
pub(super) struct RunOutcome {
    pub(super) workload: String,
    pub(super) config: String,
    pub(super) settings: RunSettings,
    pub(super) limit_mb: f64,
    #[serde(default = "yes")]
    pub(super) limit_enforced: bool,
    pub(super) oom_killed: bool,
    pub(super) peak_rss_mb: f64,
    #[serde(default)]
    pub(super) items_per_cpu_s: Option<f64>,
    #[serde(default)]
    pub(super) items_per_s: Option<f64>,
    /// Memory charged to the control group at its peak.
    #[serde(default)]
    pub(super) peak_cgroup_mb: Option<f64>,
    #[serde(default = "yes")]
    pub(super) completed: bool,
    /// The number of the repeat, from 1.
    #[serde(default = "first")]
    pub(super) rep: u32,
    #[serde(default)]
    pub(super) labels: Option<Labels>,
}

/// What a program was written to do with memory.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Labels {
    #[serde(default)]
    pub(crate) pattern: String,
    /// Memory is kept that is never used again.
    pub(crate) leak: bool,
    /// How much of it per minute.
    #[serde(default)]
    pub(crate) leak_mb_per_min: f64,
    /// How much of it in the whole run.
    #[serde(default)]
    pub(crate) leaked_mb: f64,
    /// The program makes cyclic garbage in bulk.
    pub(crate) gc_churn: bool,
    /// At or above the high threshold for half of the time.
    pub(crate) sustained_high: bool,
    /// The level goes back and forth.
    pub(crate) flapping: bool,
}

#[derive(Deserialize)]
pub(super) struct RunSettings {
    /// The policy, where programs are drawn: fixed, thresholds, predictive or plain.
    #[serde(default)]
    pub(super) name: String,
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

fn yes() -> bool {
    true
}

fn first() -> u32 {
    1
}

impl RunOutcome {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).context("cannot read the outcome")?;
        serde_json::from_str(&text).context("the outcome is not as expected")
    }
}

impl RunSettings {
    /// The batch size of a run that was not steered.
    pub(super) fn fixed_size(&self) -> Option<u32> {
        let level = self.fixed_level.as_ref().filter(|_| self.mode == "fixed")?;
        self.batch_sizes.get(level).copied()
    }

    /// The largest size, that of a run whose size is fixed.
    pub(super) fn largest_size(&self) -> u32 {
        self.batch_sizes.get("high").copied().unwrap_or(0)
    }

    /// The settings as the recorder would have written them into its stream.
    pub(super) fn config(&self) -> AdaptiveConfig {
        let mib = |from: &BTreeMap<String, f64>, key: &str| Mib::new(from.get(key).copied().unwrap_or(0.0));
        let size = |key: &str| self.batch_sizes.get(key).copied().unwrap_or(0);
        let (thresholds, limits) = (&self.thresholds_mb, &self.available_floors_mb);
        AdaptiveConfig {
            monitoring_interval_seconds: self.monitoring_interval_seconds,
            thresholds: MemoryThresholds {
                moderate_mb: mib(thresholds, "moderate"),
                high_mb: mib(thresholds, "high"),
                critical_mb: mib(thresholds, "critical"),
                gc_trigger_mb: Mib::new(self.gc_trigger_mb),
                fallback_trigger_mb: Mib::new(self.fallback_trigger_mb),
            },
            batch_sizes: BatchSizes {
                low: size("low"),
                medium: size("medium"),
                high: size("high"),
                fallback: size("fallback"),
            },
            auto_gc_enabled: self.auto_gc_enabled,
            fallback_enabled: self.fallback_enabled,
            available_limits: AvailableLimits {
                critical_mb: mib(limits, "critical"),
                high_mb: mib(limits, "high"),
                moderate_mb: mib(limits, "moderate"),
            },
            ..AdaptiveConfig::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_may_hold_more_than_is_read() {
        let text = r#"{"pattern":"p","leak":true,"leak_mb_per_min":2.5,"gc_churn":false,
            "sustained_high":false,"flapping":true,"share_above_high":0.1}"#;
        let labels: Labels = serde_json::from_str(text).expect("labels");
        assert!(labels.leak && labels.flapping && !labels.gc_churn && labels.leak_mb_per_min == 2.5);
    }
}
