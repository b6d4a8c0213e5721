//! The measure of a run's memory figures, and the tool that took them.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::units::Mib;

/// What a run's memory figures measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Resident memory of one process.
    #[default]
    ProcessRss,
    /// Resident memory of a process and its descendants, added up: shared pages count once for each
    /// process, so it is an upper bound.
    TreeRss,
    /// Proportional memory of a process and its descendants: shared pages count once.
    TreePss,
    /// Memory charged to a control group or container.
    Container,
    /// Memory in use of the whole machine.
    Machine,
    /// Memory in use of a runtime's heap, garbage included.
    HeapUsed,
    /// Memory in use of a runtime's heap right after each collection.
    HeapAfterCollection,
}

impl Measure {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProcessRss => "process_rss",
            Self::TreeRss => "tree_rss",
            Self::TreePss => "tree_pss",
            Self::Container => "container",
            Self::Machine => "machine",
            Self::HeapUsed => "heap_used",
            Self::HeapAfterCollection => "heap_after_collection",
        }
    }

    /// Whether it is a part of a process, which a limit on the process does not bound by itself.
    #[must_use]
    pub const fn is_heap(self) -> bool {
        matches!(self, Self::HeapUsed | Self::HeapAfterCollection)
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ProcessRss => "RSS of the process",
            Self::TreeRss => "RSS of the process tree",
            Self::TreePss => "PSS of the process tree",
            Self::Container => "memory of the container",
            Self::Machine => "memory of the machine",
            Self::HeapUsed => "heap in use",
            Self::HeapAfterCollection => "heap after collection",
        })
    }
}

/// How near the largest figure is to the true peak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// The kernel or the runtime kept it: nothing was higher.
    Exact,
    /// The largest of samples: the true peak may lie between two.
    #[default]
    Sampled,
    /// The true peak is known to be at least this, and may be far higher.
    LowerBound,
    /// One figure for the whole run, without a course over time.
    SingleFigure,
}

impl Precision {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Sampled => "sampled",
            Self::LowerBound => "lower_bound",
            Self::SingleFigure => "single_figure",
        }
    }
}

/// What the times in a file count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeBase {
    /// The wall clock.
    #[default]
    Absolute,
    /// The start of the run, whose date the file does not hold.
    Relative,
    /// The file holds no time: offsets are places in the file.
    None,
}

impl TimeBase {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absolute => "absolute",
            Self::Relative => "relative",
            Self::None => "none",
        }
    }
}

/// Where a run's figures come from, for a file that another tool wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The reader's name for the format, such as `mprof`.
    pub format: Cow<'static, str>,
    /// The tool that wrote the file.
    pub tool: Cow<'static, str>,
    /// Its version, if the file has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_version: Option<String>,
    /// What the figures measure.
    pub measure: Measure,
    /// How near the largest figure is to the true peak.
    pub precision: Precision,
    /// What the times count from.
    pub time_base: TimeBase,
    /// Which part of a file with several runs this is, such as `pid 4711`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
}

/// The facts of a job framework about one task, beside its memory.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Task {
    /// The kind of task, by which tasks are compared and sized.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Size of what it read, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_bytes: Option<u64>,
    /// Requested memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_mb: Option<Mib>,
    /// How long it ran, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_s: Option<f64>,
    /// The exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Which attempt this was, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// How it ended, in the framework's own word, such as `OUT_OF_MEMORY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}
