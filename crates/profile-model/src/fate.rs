//! How a run's process ended.

use serde::{Deserialize, Serialize};

/// How a run's process ended, as far as its recorder could tell.
///
/// A recorder inside the process cannot see its end: only one that stands outside writes this.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Fate {
    /// The exit code, where the process ended by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Whether the kernel killed it for want of memory; `None` if unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub killed_for_memory: Option<bool>,
    /// How that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_by: Option<FateSource>,
    /// Kills for want of memory in its control group while it ran, its own among them; left out where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_kills: Option<u64>,
}

impl Fate {
    /// Kills in its control group beside its own: of its children, or of jobs beside it.
    #[must_use]
    pub fn others_killed(&self) -> u64 {
        let own = u64::from(self.killed_for_memory == Some(true));
        self.group_kills.unwrap_or(0).saturating_sub(own)
    }
}

/// How it is known whether the kernel killed a process for want of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FateSource {
    /// The control group's own count of kills (`oom_kill`) rose.
    CgroupEvents,
    /// The kernel's log names the process.
    KernelLog,
    /// The exit code or signal alone: `SIGKILL` may have come from anybody.
    ExitStatus,
    /// A way that this version does not know.
    #[serde(other)]
    Other,
}

impl FateSource {
    /// The name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CgroupEvents => "cgroup_events",
            Self::KernelLog => "kernel_log",
            Self::ExitStatus => "exit_status",
            Self::Other => "other",
        }
    }
}
