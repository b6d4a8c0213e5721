//! One run of a job, whatever file it came from.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::assumed::Assumed;
use crate::batch::{Batch, Collection};
use crate::config::AdaptiveConfig;
use crate::counters::Counters;
use crate::decision::Decision;
use crate::measure::{Measure, Origin, Task, TimeBase};
use crate::operation::Operations;
use crate::snapshot::Snapshot;
use crate::thinning::Totals;
use crate::time;
use crate::units::Mib;

/// The kind of file a run came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Profile JSON of the first era: timestamps without a zone, UTC.
    ProfileNaive,
    /// Profile JSON of today: timestamps with `+00:00`.
    ProfileZoned,
    /// The recorder's stream, version 1.
    StreamV1,
    /// Another tool's file: see [`Run::origin`].
    Foreign,
}

impl Format {
    /// The name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProfileNaive => "profile-json/naive",
            Self::ProfileZoned => "profile-json/zoned",
            Self::StreamV1 => "stream/1",
            Self::Foreign => "foreign",
        }
    }
}

/// The machine a run was made on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Host {
    /// Processors.
    pub cores: Option<u32>,
    /// Physical memory.
    pub total_mb: Option<Mib>,
    /// The memory the job may use.
    pub limit_mb: Option<Mib>,
    /// Where the limit came from.
    pub limit_source: Option<String>,
}

/// The process that was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// Program, without its arguments.
    pub command: Option<String>,
    /// The job's name, by which runs are grouped.
    pub job: Option<String>,
}

/// Advice that the existing manager wrote into a profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// Its type name.
    #[serde(rename = "type")]
    pub kind: String,
    /// What was seen.
    pub description: String,
    /// What to do.
    pub action: String,
    /// `high`, `medium` or `low`.
    pub priority: String,
    /// Memory it would save.
    pub estimated_savings_mb: Option<Mib>,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// When, as written.
    pub timestamp: String,
}

/// One run of a job.
///
/// Its JSON, which a table of its snapshots carries along, is without snapshots and batches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The kind of file it came from.
    pub format: Format,
    /// Wall-clock time of the first record.
    #[serde(with = "time::as_text")]
    pub started: Timestamp,
    /// The settings in force, assumptions filled in.
    pub config: AdaptiveConfig,
    /// The settings that the file did not hold.
    pub assumed: Vec<Assumed>,
    /// The machine.
    pub host: Host,
    /// The process.
    pub process: Process,
    /// The labels that snapshots and batches refer to.
    pub operations: Operations,
    /// Snapshots in order of time.
    #[serde(skip)]
    pub snapshots: Vec<Snapshot>,
    /// Figures over all snapshots, where only some were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
    /// Batches in order of their start.
    #[serde(skip)]
    pub batches: Vec<Batch>,
    /// Collections in order of time.
    pub collections: Vec<Collection>,
    /// Decisions in order of time.
    pub decisions: Vec<Decision>,
    /// Totals over the whole run, as its writer counted them.
    pub counters: Option<Counters>,
    /// Advice the file holds.
    pub recommendations: Vec<Recommendation>,
    /// What a reader should know about the file.
    pub warnings: Vec<Warning>,
    /// Which tool took the figures, and what they measure, where it was not memtool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// A peak that the file states beside its samples, and that lies above them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_peak: Option<Mib>,
    /// What a job framework knows of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
}

impl Run {
    /// The format's name in output: another tool's where it wrote the file.
    #[must_use]
    pub fn format_name(&self) -> &str {
        self.origin.as_ref().map_or(self.format.as_str(), |origin| &origin.format)
    }

    /// Wall-clock time of the start, where the file tells it.
    #[must_use]
    pub fn known_start(&self) -> Option<Timestamp> {
        let dated = self.origin.as_ref().is_none_or(|origin| origin.time_base == TimeBase::Absolute);
        dated.then_some(self.started)
    }

    /// What the figures measure.
    #[must_use]
    pub fn measure(&self) -> Measure {
        self.origin.as_ref().map_or_else(Measure::default, |origin| origin.measure)
    }
}

impl Default for Run {
    /// A stream's run without any record, begun at the epoch, under the default settings.
    fn default() -> Self {
        Self {
            format: Format::StreamV1,
            started: Timestamp::UNIX_EPOCH,
            config: AdaptiveConfig::default(),
            assumed: Vec::new(),
            host: Host::default(),
            process: Process::default(),
            operations: Operations::default(),
            snapshots: Vec::new(),
            totals: None,
            batches: Vec::new(),
            collections: Vec::new(),
            decisions: Vec::new(),
            counters: None,
            recommendations: Vec::new(),
            warnings: Vec::new(),
            origin: None,
            stated_peak: None,
            task: None,
        }
    }
}

/// What a reader of a file should know before trusting it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// Snapshots whose probe failed (RSS 0.0 or negative); they count as missing.
    MissingRss(usize),
    /// Snapshots that were written out of order and were sorted.
    OutOfOrder(usize),
    /// Snapshots that share their time with the one before.
    RepeatedTime(usize),
    /// Recorded levels that the policy does not reproduce with the settings assumed.
    LevelsNotReproduced {
        /// Levels that differ.
        differ: usize,
        /// Levels recorded.
        of: usize,
    },
    /// The stream has no footer.
    EndedWithoutClosing,
    /// The stream's last line is incomplete.
    TornLastLine(usize),
    /// Lines that are not records, or hold figures that cannot be, left out.
    DamagedLines {
        /// How many.
        count: usize,
        /// The first of them, from 1.
        first: usize,
        /// What is wrong with the first.
        reason: String,
    },
    /// Records of kinds this version does not know, skipped.
    UnknownRecords(usize),
    /// Only some snapshots fit the memory given, of so many in a row the lowest and the highest.
    KeptSome {
        /// Snapshots kept.
        kept: usize,
        /// Snapshots read.
        of: usize,
        /// Of so many in a row two were kept.
        in_a_row: usize,
    },
    /// Records that the recorder lost, by its own count.
    LostRecords(u64),
    /// Records that the recorder left out on purpose, the file being near its largest size.
    Thinned(u64),
    /// What is known of another tool's files of this kind.
    Tool {
        /// A name for it that stays.
        code: Cow<'static, str>,
        /// What to know, in a sentence.
        text: Cow<'static, str>,
    },
    /// The recorder left out records on purpose, and ended before it could count them.
    ThinnedTo {
        /// Of so many samples one was written in the end.
        every: u32,
    },
}

impl Warning {
    /// A name for it that stays.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::MissingRss(_) => "missing_rss",
            Self::OutOfOrder(_) => "out_of_order",
            Self::RepeatedTime(_) => "repeated_time",
            Self::LevelsNotReproduced { .. } => "levels_not_reproduced",
            Self::EndedWithoutClosing => "ended_without_closing",
            Self::TornLastLine(_) => "torn_last_line",
            Self::DamagedLines { .. } => "damaged_lines",
            Self::UnknownRecords(_) => "unknown_records",
            Self::KeptSome { .. } => "kept_some",
            Self::LostRecords(_) => "lost_records",
            Self::Thinned(_) => "thinned",
            Self::ThinnedTo { .. } => "thinned_to",
            Self::Tool { code, .. } => code,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingRss(n) => write!(f, "{n} snapshots without a readable RSS were left out"),
            Self::OutOfOrder(n) => write!(f, "{n} snapshots stood out of order and were sorted by time"),
            Self::RepeatedTime(n) => write!(f, "{n} snapshots repeat the time of the one before"),
            Self::LevelsNotReproduced { differ, of } => write!(
                f,
                "{differ} of {of} recorded pressure levels differ from the policy's with the assumed settings"
            ),
            Self::EndedWithoutClosing => {
                write!(f, "the stream ended without closing: the run was killed or still goes on")
            }
            Self::TornLastLine(line) => {
                write!(f, "line {line} is torn (the writer was cut off) and was left out")
            }
            Self::UnknownRecords(n) => write!(f, "{n} records of unknown kinds were skipped"),
            Self::DamagedLines { count: 1, first, reason } => {
                write!(f, "1 damaged line was left out: line {first}, {reason}")
            }
            Self::DamagedLines { count, first, reason } => {
                write!(f, "{count} damaged lines were left out, the first is line {first}, {reason}")
            }
            Self::KeptSome { kept, of, in_a_row } => write!(
                f,
                "{of} snapshots are more than the memory given holds: of each {in_a_row} in a row the lowest and \
                 the highest were kept ({kept}); findings rest on these, peak and averages on all"
            ),
            Self::LostRecords(n) => write!(f, "the recorder lost {n} records"),
            Self::Thinned(n) => {
                write!(f, "the recorder left out {n} records to keep the file below its largest size")
            }
            Self::Tool { text, .. } => f.write_str(text),
            Self::ThinnedTo { every } => write!(
                f,
                "the recorder wrote only one in {every} samples to keep the file below its largest size"
            ),
        }
    }
}
