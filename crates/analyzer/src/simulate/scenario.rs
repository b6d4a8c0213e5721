//! The settings that a simulation tries.

use memtool_profile_model::AdaptiveConfig;

/// The settings to try: another config, no controller, or the run as it was.
#[derive(Debug, Clone, PartialEq)]
pub enum Scenario {
    /// The policy with these settings.
    Config(Box<AdaptiveConfig>),
    /// Always this batch size.
    FixedBatch(u32),
    /// The recorded run once more: would it survive the limit?
    AsRecorded,
}

impl Scenario {
    /// The sizes that its batches may have.
    pub(super) fn sizes(&self) -> Vec<f64> {
        match self {
            Self::Config(config) => {
                let sizes = config.batch_sizes;
                [sizes.fallback, sizes.low, sizes.medium, sizes.high].map(f64::from).to_vec()
            }
            Self::FixedBatch(size) => vec![f64::from(*size)],
            Self::AsRecorded => Vec::new(),
        }
    }

    /// The size that most of its batches may have; `None` for those of the recording.
    pub(super) fn typical_size(&self) -> Option<f64> {
        match self {
            Self::Config(config) => Some(f64::from(config.batch_sizes.high.max(1))),
            Self::FixedBatch(size) => Some(f64::from(*size).max(1.0)),
            Self::AsRecorded => None,
        }
    }
}

/// How to simulate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimulateOptions {
    /// The memory limit at which a kernel would kill the job, in MiB.
    pub limit_mb: Option<f64>,
    /// The memory of another machine, in MiB: what is available there is this less the job's memory.
    pub machine_limit_mb: Option<f64>,
    /// Number of replays.
    pub draws: u32,
    /// Seed of the random numbers.
    pub seed: u64,
}

impl Default for SimulateOptions {
    fn default() -> Self {
        Self { limit_mb: None, machine_limit_mb: None, draws: 200, seed: 0x6D65_6D74_6F6F_6C00 }
    }
}
