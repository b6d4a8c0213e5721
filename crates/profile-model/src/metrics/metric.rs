//! The metrics, by name.

/// What a metric's value does over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// It rises and falls.
    Gauge,
    /// It only rises, from 0 at the run's start.
    Counter,
}

impl MetricKind {
    /// The name in the text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
        }
    }
}

macro_rules! metrics {
    ($($metric:ident $kind:ident $name:literal $help:literal;)*) => {
        /// A metric of a run. Sizes are in bytes, times in seconds; the name of a counter ends in `_total`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Metric {
            $(#[doc = $help] $metric,)*
        }

        impl Metric {
            /// All of them, in the order of the text.
            pub const ALL: &'static [Self] = &[$(Self::$metric),*];

            /// The name that queries use.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$metric => $name,)* }
            }

            /// What it is, in a sentence.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $(Self::$metric => $help,)* }
            }

            /// What its value does.
            #[must_use]
            pub const fn kind(self) -> MetricKind {
                match self { $(Self::$metric => MetricKind::$kind,)* }
            }
        }
    };
}

metrics! {
    Rss Gauge "memtool_rss_bytes" "Resident memory.";
    ChildrenRss Gauge "memtool_children_rss_bytes" "Resident memory of child processes.";
    Vms Gauge "memtool_vms_bytes" "Virtual memory.";
    Pss Gauge "memtool_pss_bytes" "Proportional share of resident memory.";
    Available Gauge "memtool_available_bytes" "Memory still available to the job.";
    PeakRss Gauge "memtool_peak_rss_bytes" "Largest resident memory seen.";
    Limit Gauge "memtool_limit_bytes" "Memory the job may use.";
    Stalled Gauge "memtool_memory_stalled_ratio" "Share of the last 10 s in which some task waited for memory.";
    BatchSize Gauge "memtool_batch_size" "Items a batch may have.";
    PressureLevel Gauge "memtool_pressure_level" "1 for the level in force.";
    Advice Gauge "memtool_advice" "1 for each advice that holds now.";
    Samples Counter "memtool_samples_total" "Samples of memory.";
    Batches Counter "memtool_batches_total" "Batches that ended.";
    BatchItems Counter "memtool_batch_items_total" "Items of batches that ended.";
    Collections Counter "memtool_collections_total" "Collections that the policy asked for.";
    LevelChanges Counter "memtool_level_changes_total" "Changes of the optimization level.";
    CriticalSamples Counter "memtool_critical_samples_total" "Samples under critical pressure.";
    ProbeFailures Counter "memtool_probe_failures_total" "Samples that failed.";
    CallbackFailures Counter "memtool_callback_failures_total" "Callbacks of the host that panicked.";
    LostRecords Counter "memtool_lost_records_total" "Records that could not be written.";
    ThinnedRecords Counter "memtool_thinned_records_total" "Records left out for the size cap.";
    LastSample Gauge "memtool_last_sample_timestamp_seconds" "When memory was last sampled, in seconds since 1970.";
    Recording Gauge "memtool_recording" "1 while the run is recorded, 0 once it has ended.";
    ExitCode Gauge "memtool_exit_code" "Exit code of the job.";
    ExitSignal Gauge "memtool_exit_signal" "Signal that ended the job.";
    KilledForMemory Gauge "memtool_killed_for_memory" "1 if the kernel killed the job for want of memory.";
}

impl Metric {
    /// The unit, which ends the name; `None` for numbers without one.
    #[must_use]
    pub fn unit(self) -> Option<&'static str> {
        let family = self.family();
        ["bytes", "seconds", "ratio"].into_iter().find(|unit| family.ends_with(unit))
    }

    /// The name without a counter's ending.
    pub(super) fn family(self) -> &'static str {
        self.name().strip_suffix("_total").unwrap_or(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_conventions() {
        for metric in Metric::ALL {
            let counts = metric.kind() == MetricKind::Counter;
            assert_eq!(metric.name().ends_with("_total"), counts, "{metric:?}");
            assert!(metric.name().starts_with("memtool_") && metric.help().ends_with('.'), "{metric:?}");
        }
    }

    #[test]
    fn names_are_unlike() {
        let mut names: Vec<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Metric::ALL.len());
    }
}
