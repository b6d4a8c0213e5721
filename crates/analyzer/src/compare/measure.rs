//! The measures that a comparison uses, and the assumed spread of each.

use serde::{Deserialize, Serialize};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Largest memory, MiB.
    Peak,
    /// Mean memory over the observed time, MiB.
    Mean,
    /// Share of the observed time at high or critical pressure.
    TimeAtHigh,
    /// Growth that does not end, MiB a minute; 0 where the verdict is no leak.
    LeakSlope,
    /// Items per second of processor time.
    ItemsPerCpuSecond,
    /// Items per second on the clock, where no processor time was recorded.
    ItemsPerSecond,
}

/// How a difference is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// As a share of the base.
    Relative,
    /// In the measure's own unit.
    Absolute,
}

/// How a job chooses its batch sizes: repeats of a steered job differ far more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Steering {
    Fixed,
    Adaptive,
}

impl Measure {
    /// Its name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Peak => "peak",
            Self::Mean => "mean",
            Self::TimeAtHigh => "time at high",
            Self::LeakSlope => "leak slope",
            Self::ItemsPerCpuSecond => "items / CPU s",
            Self::ItemsPerSecond => "items / s",
        }
    }

    /// Whether it tells of speed: told, but where it is too noisy it leaves no question open.
    pub(super) const fn is_speed(self) -> bool {
        matches!(self, Self::ItemsPerCpuSecond | Self::ItemsPerSecond)
    }

    pub(super) const fn scale(self) -> Scale {
        match self {
            Self::TimeAtHigh | Self::LeakSlope => Scale::Absolute,
            _ => Scale::Relative,
        }
    }

    /// Whether less of it is worse.
    pub(crate) const fn less_is_worse(self) -> bool {
        self.is_speed()
    }

    /// The deviation of repeats that is assumed before the base shows its own.
    ///
    /// From 258 recorded runs of 19 workloads: repeats of a fixed size move by about 2 % of
    /// the peak, those of an adaptive one by up to 20 % between the largest and the smallest,
    /// which is what two single runs are then allowed to differ by. Means and shares of time
    /// move with the machine's load too. Processor time differs by 8 % in the median pair and
    /// time on the clock by 31 %, which is 1.128 deviations of a pair.
    pub(crate) const fn assumed_deviation(self, steering: Steering) -> f64 {
        match (self, steering) {
            (Self::Peak, Steering::Fixed) => 0.02,
            (Self::Peak, Steering::Adaptive) | (Self::Mean | Self::TimeAtHigh, _) => 0.05,
            (Self::ItemsPerCpuSecond, _) => 0.08 / 1.128,
            (Self::ItemsPerSecond, _) => 0.31 / 1.128,
            // Its floor, a growth that matters, is told by the run; see `leak_floor`.
            (Self::LeakSlope, _) => 0.0,
        }
    }
}

/// Growth over a run that matters: 50 MiB or 5 % of the peak, as in the leak's verdict, in MiB a
/// minute of a run of this length.
pub(super) fn leak_floor(peak_mb: f64, seconds: f64) -> f64 {
    (0.05 * peak_mb).max(50.0) / (seconds.max(1.0) / 60.0)
}
