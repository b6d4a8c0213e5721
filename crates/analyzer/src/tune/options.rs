//! How a config is tuned.

use super::ranges::Reader;

/// How to tune.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TuneOptions {
    /// Accepted probability of a run being killed, from 0.0001 to 0.5.
    pub risk: f64,
    /// The program that reads the config.
    pub reader: Reader,
    /// Replays per prediction of the chosen config.
    pub draws: u32,
    /// Seed of the random numbers.
    pub seed: u64,
}

impl Default for TuneOptions {
    fn default() -> Self {
        Self { risk: 0.01, reader: Reader::Existing, draws: 200, seed: 0x6D65_6D74_6F6F_6C00 }
    }
}
