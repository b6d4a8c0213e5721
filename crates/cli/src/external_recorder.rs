//! A recorder that measures another process.

use std::path::Path;

use anyhow::Context;
use memtool_profile_model::{AdaptiveConfig, AvailableLimits, MemoryThresholds, Mib};
use memtool_recorder::{Builder, HostFacts, Recorder, find_limit};

use crate::config_file;

/// The options of the commands that measure another process.
pub(crate) struct RecorderOptions<'a> {
    pub(crate) config: Option<&'a Path>,
    pub(crate) memory_limit: Option<f64>,
    pub(crate) interval: f64,
}

/// Settings and limit, before the process exists.
pub(crate) struct RecorderPlan {
    /// Without a config, thresholds follow from the limit of the process.
    config: Option<AdaptiveConfig>,
    limit: Option<Mib>,
    interval: f64,
}

impl RecorderOptions<'_> {
    /// Reads the config, so that a bad one is reported before anything starts.
    pub(crate) fn plan(&self) -> anyhow::Result<RecorderPlan> {
        let file = self.config.map(config_file::read_with_notes).transpose()?;
        let limit = self.memory_limit.map(Mib::new);
        let limit = limit.or(file.as_ref().and_then(memtool_job_config::ConfigFile::memory_limit));
        if let (Some(file), Some(path)) = (&file, self.config) {
            let violations = file.config.validate(None);
            let described = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            anyhow::ensure!(violations.is_empty(), "{}: {described}", path.display());
        }
        Ok(RecorderPlan { config: file.map(|file| file.config), limit, interval: self.interval })
    }
}

impl RecorderPlan {
    /// A recorder of a process.
    pub(crate) fn builder(self, pid: u32) -> Builder {
        let mut config = self.config.unwrap_or_else(|| by_limit(self.limit, pid));
        config.enabled = true;
        config.monitoring_interval_seconds = self.interval;
        let builder = Recorder::builder().config(config).watch(pid);
        match self.limit {
            Some(limit) => builder.memory_limit(limit),
            None => builder,
        }
    }
}

/// The usual shares of the limit that binds a process.
fn by_limit(limit: Option<Mib>, pid: u32) -> AdaptiveConfig {
    let found = find_limit(limit, &HostFacts::of_pid(pid));
    found.map_or_else(AdaptiveConfig::default, |found| AdaptiveConfig {
        thresholds: MemoryThresholds::from_limit(found.limit),
        available_limits: AvailableLimits::scaled_to(found.limit),
        ..AdaptiveConfig::default()
    })
}

/// Refuses a process that cannot be measured.
pub(crate) fn check_pid(pid: u32) -> anyhow::Result<()> {
    anyhow::ensure!(pid != 0, "there is no process 0 to record");
    anyhow::ensure!(pid != std::process::id(), "{pid} is memtool itself: give the job's process id");
    crate::monitor::is_running(pid).then_some(()).with_context(|| format!("there is no process {pid}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memtool_itself_and_missing_processes_are_refused() {
        let message = |pid| check_pid(pid).expect_err("refused").to_string();
        assert!(message(std::process::id()).contains("is memtool itself"));
        assert_eq!(message(0), "there is no process 0 to record");
        assert_eq!(message(i32::MAX.unsigned_abs()), "there is no process 2147483647");
    }

    #[test]
    fn without_a_config_thresholds_follow_from_the_limit() {
        let config = by_limit(Some(Mib::new(200.0)), std::process::id());
        assert_eq!(config.thresholds.critical_mb, Mib::new(180.0));
        assert!(config.available_limits.critical_mb < Mib::new(30.0));
    }
}
