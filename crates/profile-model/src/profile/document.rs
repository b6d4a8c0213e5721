//! The profile JSON as it stands in the file, field by field.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::config::BatchSizes;
use crate::counters::Counters;
use crate::level::{OptimizationLevel, PressureLevel};
use crate::run::Recommendation;
use crate::units::Mib;

/// A whole profile file. Sizes are MiB, times are text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProfileDocument<'a> {
    /// Export time and settings.
    #[serde(borrow)]
    pub metadata: MetadataSection<'a>,
    /// Totals and the closing sample.
    #[serde(default)]
    pub statistics: Option<StatisticsSection>,
    /// The samples that the ring still held.
    #[serde(borrow)]
    pub history: Vec<HistoryRow<'a>>,
    /// Advice given while the job ran.
    #[serde(default)]
    pub recommendations: Vec<Recommendation>,
}

/// When it was exported, under which settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetadataSection<'a> {
    /// Time of the export.
    #[serde(borrow)]
    pub export_time: Cow<'a, str>,
    /// The settings that the format has room for.
    pub config: ConfigSection,
}

/// The settings that the format has room for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigSection {
    /// Where the pressure levels begin.
    pub thresholds_mb: ThresholdsSection,
    /// Items of a batch at each level.
    pub batch_sizes: SizesSection,
    /// Seconds between two samples.
    pub monitoring_interval_seconds: f64,
    /// Samples that the ring keeps.
    pub history_size: u32,
}

/// Where the pressure levels begin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ThresholdsSection {
    /// Moderate pressure.
    pub moderate: f64,
    /// High pressure.
    pub high: f64,
    /// Critical pressure.
    pub critical: f64,
}

/// Items of a batch at each level. The manager writes all four, so none is taken for granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizesSection {
    /// Under high pressure.
    pub low: u32,
    /// Under moderate pressure.
    pub medium: u32,
    /// Under low pressure.
    pub high: u32,
    /// In fallback.
    pub fallback: u32,
}

impl From<SizesSection> for BatchSizes {
    fn from(SizesSection { low, medium, high, fallback }: SizesSection) -> Self {
        Self { low, medium, high, fallback }
    }
}

impl From<BatchSizes> for SizesSection {
    fn from(BatchSizes { low, medium, high, fallback }: BatchSizes) -> Self {
        Self { low, medium, high, fallback }
    }
}

/// Totals over the run and figures of the last samples.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StatisticsSection {
    /// The closing sample.
    pub current: Option<CurrentSection>,
    /// Figures of the last 20 samples.
    pub trends: Option<Trends>,
    /// Totals over the whole run.
    pub stats: Option<Counters>,
    /// How many recommendations were given.
    pub recommendations_count: u64,
    /// Whether the monitor still ran.
    pub monitoring_active: bool,
}

/// The closing sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurrentSection {
    /// Resident memory.
    pub memory_mb: f64,
    /// Available memory.
    pub available_mb: f64,
    /// Its pressure.
    pub pressure_level: PressureLevel,
    /// The batch size in force.
    pub batch_size: u32,
    /// The level in force.
    pub optimization_level: OptimizationLevel,
    /// Whether fallback was on.
    pub fallback_active: bool,
}

/// Figures of the last 20 samples only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trends {
    /// Mean RSS.
    pub avg_memory_mb: f64,
    /// Largest RSS.
    pub peak_memory_mb: f64,
    /// Last less first.
    pub memory_trend_mb: f64,
    /// Samples in the ring.
    pub samples_count: u64,
}

/// Samples that trends cover.
const TREND_SAMPLES: usize = 20;

impl Trends {
    /// From the samples of the ring, the newest first: MiB of each, `None` where the probe failed.
    #[expect(clippy::cast_precision_loss, reason = "at most 20 samples")]
    pub fn of(newest_first: impl ExactSizeIterator<Item = Option<Mib>>) -> Option<Self> {
        let samples_count = newest_first.len() as u64;
        let rss: Vec<f64> = newest_first.take(TREND_SAMPLES).filter_map(|rss| rss.map(Mib::get)).collect();
        let (newest, oldest) = (rss.first()?, rss.last()?);
        Some(Self {
            avg_memory_mb: rss.iter().sum::<f64>() / rss.len() as f64,
            peak_memory_mb: rss.iter().copied().fold(f64::MIN, f64::max),
            memory_trend_mb: newest - oldest,
            samples_count,
        })
    }
}

/// One sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryRow<'a> {
    /// When, as text.
    #[serde(borrow)]
    pub timestamp: Cow<'a, str>,
    /// Resident memory; 0.0 where the probe failed.
    pub rss_mb: f64,
    /// Virtual memory.
    #[serde(default)]
    pub vms_mb: Option<f64>,
    /// System memory in use, in percent.
    #[serde(default)]
    pub percent: Option<f64>,
    /// Available memory.
    #[serde(default)]
    pub available_mb: Option<f64>,
    /// Pressure.
    #[serde(default)]
    pub pressure_level: Option<PressureLevel>,
    /// Collections since the interpreter started.
    #[serde(default)]
    pub gc_collections: Option<u64>,
    /// Batch size before this sample's adjustment.
    #[serde(default)]
    pub batch_size: Option<u32>,
    /// The job's label, or `post_gc`, or `statistics`.
    #[serde(default, borrow)]
    pub operation: Option<Cow<'a, str>>,
}
