//! The memory settings of a config file.

use memtool_profile_model::{AdaptiveConfig, Mib, OptimizationLevel};

use crate::note::ConfigNote;
use crate::placement::Placement;

/// The memory settings of a config file.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigFile {
    /// The settings as written, with the defaults for what the file does not set. Where the
    /// job does not read the block, these are not what it runs with: see
    /// [`ConfigFile::in_force`].
    pub config: AdaptiveConfig,
    /// Where the block stands.
    pub placement: Placement,
    /// `optimization.level`, where it is one of the recorder's; the existing loader takes any text.
    pub optimization_level: Option<OptimizationLevel>,
    /// `optimization.memory_limit_gb`, in gibibytes.
    pub memory_limit_gb: Option<f64>,
    /// The job's name, `memtool.job` in the block.
    pub job: Option<String>,
    /// The job's version, `memtool.version_label` in the block.
    pub version_label: Option<String>,
    /// The settings that the file itself sets, as dotted paths below the block; the others
    /// are defaults.
    pub set: Vec<String>,
    /// What a reader of the file should know.
    pub notes: Vec<ConfigNote>,
}

impl ConfigFile {
    /// The settings that the job runs with: the defaults, if its loader does not read the block.
    #[must_use]
    pub fn in_force(&self) -> AdaptiveConfig {
        if self.placement.is_read() { self.config.clone() } else { AdaptiveConfig::default() }
    }

    /// The settings that memtool's own recorder runs with.
    #[must_use]
    pub fn in_recorder(&self) -> AdaptiveConfig {
        if self.placement.is_read_by_recorder() { self.config.clone() } else { AdaptiveConfig::default() }
    }

    /// The settings that the file does not set, as dotted paths below the block.
    #[must_use]
    pub fn defaulted(&self) -> Vec<String> {
        let is_set = |path: &str| self.set.iter().any(|set| set == path);
        let all = memtool_profile_model::SETTINGS.iter().map(|setting| setting.path);
        all.filter(|path| !path.starts_with("memtool.") && !is_set(path)).map(str::to_owned).collect()
    }

    /// The memory limit that the file sets.
    #[must_use]
    pub fn memory_limit(&self) -> Option<Mib> {
        self.memory_limit_gb.map(Mib::from_gib)
    }
}
