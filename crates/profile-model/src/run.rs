//! One run of a job, whatever file it came from.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::assumed::Assumed;
use crate::batch::{Batch, Collection, PeakSource};
use crate::config::AdaptiveConfig;
use crate::container::Container;
use crate::counters::Counters;
use crate::decision::Decision;
use crate::downsample::Totals;
use crate::fate::Fate;
use crate::live::Live;
use crate::measure::{Measure, Origin, Task, TimeBase};
use crate::operation::Operations;
use crate::peak::Peak;
use crate::snapshot::Snapshot;
use crate::time;
use crate::units::Mib;
use crate::warning::Warning;

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
    /// Its name: a given label, or the name in another tool's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
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
    /// The job's version, as its owner calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The commit of the repository that it was started in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The container image that it ran in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// What it was given, by name: nothing that was not named to be recorded.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

/// A cache that the job declared: memory that it fills and keeps on purpose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cache {
    /// Its name.
    pub name: String,
    /// What it holds at most; `None` if unknown.
    pub limit: Option<Mib>,
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

/// The least memory that a process can hold.
const PAGE: Mib = Mib::new(4.0 / 1024.0);

/// One run of a job.
///
/// Its JSON, which a table of its snapshots carries along, is without snapshots and batches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The name that its writer gave it, which no other run has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
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
    /// A peak that the file states beside its samples: it may lie between two of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_peak: Option<Peak>,
    /// The most that one process held, where the stated peak is a sum over several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_of_one: Option<Mib>,
    /// The most that the control group charged to all its processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_peak: Option<Mib>,
    /// Live bytes, where they were recorded.
    #[serde(default, skip_serializing_if = "Live::is_empty")]
    pub live: Live,
    /// Caches that the job declared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caches: Vec<Cache>,
    /// Loaded libraries whose memory behaves in a way of its own, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub libraries: Vec<String>,
    /// How the process ended, where the recorder stood outside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fate: Option<Fate>,
    /// Advice the file holds.
    pub recommendations: Vec<Recommendation>,
    /// What a reader should know about the file.
    pub warnings: Vec<Warning>,
    /// Which tool took the figures, and what they measure, where it was not memtool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The facts of a job framework about the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Which container of Kubernetes it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,
}

impl Run {
    /// The format's name in output: another tool's where it wrote the file.
    #[must_use]
    pub fn format_name(&self) -> &str {
        self.origin.as_ref().map_or(self.format.as_str(), |origin| &origin.format)
    }

    /// Wall-clock time of the start, if the file has it.
    #[must_use]
    pub fn known_start(&self) -> Option<Timestamp> {
        let dated = self.origin.as_ref().is_none_or(|origin| origin.time_base == TimeBase::Absolute);
        dated.then_some(self.started)
    }

    /// Leaves out a limit or request in which no process runs, and says so: shares of it would have no bounds.
    pub fn leave_out_tiny_limits(&mut self) {
        let requested = self.task.as_mut().map(|task| &mut task.requested_mb);
        for limit in [Some(&mut self.host.limit_mb), requested].into_iter().flatten() {
            if let Some(tiny) = limit.take_if(|limit| limit.get() > 0.0 && *limit < PAGE) {
                self.warnings.push(Warning::TinyLimit(tiny.get()));
            }
        }
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
            id: None,
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
            group_peak: None,
            live: Live::default(),
            caches: Vec::new(),
            libraries: Vec::new(),
            fate: None,
            recommendations: Vec::new(),
            warnings: Vec::new(),
            origin: None,
            stated_peak: None,
            peak_of_one: None,
            task: None,
            container: None,
        }
    }
}

impl Run {
    /// The run's peak: the highest of the peak that the file states, the batches' peaks and `sampled`, the
    /// highest RSS of the snapshots (`None`: those that the run holds).
    #[must_use]
    pub fn peak(&self, sampled: Option<Mib>) -> Option<Peak> {
        let held = || {
            self.snapshots
                .iter()
                .filter_map(|snapshot| snapshot.rss)
                .max_by(|a, b| a.get().total_cmp(&b.get()))
        };
        let sampled = sampled.or_else(held).map(|rss| Peak { rss, source: Some(PeakSource::Sampled) });
        let batches = self
            .batches
            .iter()
            .filter_map(|batch| Some(Peak { rss: batch.rss_peak?, source: batch.peak_source }));
        batches.chain(sampled).chain(self.stated_peak).reduce(Peak::max)
    }

    /// Whether the records stop before the run did: its writer was killed, or still goes on.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.warnings.iter().any(|w| matches!(w, Warning::EndedWithoutClosing | Warning::TornLastLine(_)))
    }

    /// Whether a signal ended it, the kernel's kill for want of memory among them.
    #[must_use]
    pub fn was_ended_by_signal(&self) -> bool {
        self.was_killed_for_memory() || self.fate.as_ref().is_some_and(|fate| fate.signal.is_some())
    }

    /// Whether the kernel is known to have killed it for want of memory.
    #[must_use]
    pub fn was_killed_for_memory(&self) -> bool {
        self.fate.as_ref().is_some_and(|fate| fate.killed_for_memory == Some(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peak(rss: f64, source: Option<PeakSource>) -> Peak {
        Peak { rss: Mib::new(rss), source }
    }

    #[test]
    fn the_mark_above_all_samples_is_the_peak() {
        let mark = peak(667.0, Some(PeakSource::HighWaterMark));
        let run = Run { stated_peak: Some(mark), ..Run::default() };
        assert_eq!(run.peak(Some(Mib::new(629.0))), Some(mark));
        assert!(run.peak(Some(Mib::new(667.0))).is_some_and(|peak| peak.is_exact()));
    }

    #[test]
    fn a_limit_in_which_no_process_runs_is_left_out_with_a_warning() {
        let with_limits = |mebibytes| {
            let task = Task { requested_mb: Some(Mib::new(mebibytes)), ..Task::default() };
            let host = Host { limit_mb: Some(Mib::new(mebibytes)), ..Host::default() };
            let mut run = Run { host, task: Some(task), ..Run::default() };
            run.leave_out_tiny_limits();
            run
        };
        let run = with_limits(1e-307);
        assert_eq!((run.host.limit_mb, run.task.and_then(|task| task.requested_mb)), (None, None));
        assert_eq!(run.warnings, [Warning::TinyLimit(1e-307), Warning::TinyLimit(1e-307)]);
        let said = run.warnings[0].to_string();
        assert!(said.starts_with("a memory limit of 1e-307 MiB, less than a page, was left out"), "{said}");
        assert_eq!(with_limits(4.0 / 1024.0).warnings, []);
    }

    #[test]
    fn a_sample_above_the_mark_is_a_lower_bound() {
        let run = Run { stated_peak: Some(peak(100.0, Some(PeakSource::HighWaterMark))), ..Run::default() };
        let found = run.peak(Some(Mib::new(120.0))).expect("a peak");
        assert_eq!((found.rss.get(), found.is_exact()), (120.0, false));
        assert_eq!(Run::default().peak(None), None);
    }
}
