//! How a run ends: its peak, its totals, and the fate of the process that was watched.

use memtool_profile_model::stream::current::{Footer, Note, Record, SnapshotRecord};
use memtool_profile_model::{Fate, Mib, Offset};

use super::run_peak::RunPeak;
use super::state::State;

/// How a watched process ended, as its parent reports it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessEnd {
    /// Exit code or signal, and whether the kernel killed it.
    pub fate: Fate,
    /// Its largest resident size by the system's account (`ru_maxrss`); `None` where that account
    /// may be another's: a process that was started by a larger one inherits its figure.
    pub max_rss: Option<Mib>,
    /// That account in any case: its largest process was no larger.
    pub at_most: Option<Mib>,
}

/// How a recording ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Closing {
    /// Whether the writer was done in time.
    pub in_time: bool,
    /// Records of the whole run that could not be written.
    pub lost_records: u64,
    /// Why the last of them could not.
    pub problem: Option<String>,
}

impl State {
    /// The highest memory of the run so far.
    pub(crate) fn run_peak(&mut self) -> Option<RunPeak> {
        let mark = self.open.whole_mark();
        self.totals.peak.peak(mark)
    }

    /// Enters the closing totals, unless nothing came since the last.
    pub(crate) fn footer(&mut self, at: Offset) {
        if !self.stream.is_open() {
            return;
        }
        let totals = self.totals;
        let mut counters = self.policy.counters;
        if self.sampler.is_outside() {
            counters.batch_size_adjustments = 0;
            counters.automatic_fallbacks = 0;
        }
        let peak = self.run_peak();
        let footer = Footer {
            t_ns: at,
            counters,
            lost_records: totals.lost_records,
            thinned_records: self.stream.left_out(),
            peak_rss_mb: peak.map(|peak| peak.rss),
            peak_source: peak.map(|peak| peak.source()),
            peak_of_one_mb: peak.and_then(|peak| peak.of_one),
            fate: self.fate.clone(),
            samples: totals.samples,
            probe_failures: totals.probe_failures,
            hook_failures: totals.hook_failures,
        };
        self.stream.footer(at, footer);
    }

    /// Takes how the watched process ended.
    pub(crate) fn end(&mut self, at: Offset, end: ProcessEnd) {
        if let (0, Some(size)) = (self.totals.samples, end.max_rss.or(end.at_most)) {
            self.unsampled(at, size);
            // Others may have run beside the largest: it is a lower bound. What may be inherited is none.
            end.max_rss.into_iter().for_each(|size| self.totals.peak.add(size));
        }
        self.totals.peak.end(end.max_rss);
        self.fate = Some(end.fate);
    }

    /// Writes what is known of a process that ended before its first sample.
    fn unsampled(&mut self, at: Offset, size: Mib) {
        let text = "no sample was taken before the end: the size is the system's account".to_owned();
        self.stream
            .write_always(at, &Record::Note(Note { t_ns: at, text, unsampled: true, ..Note::default() }));
        let sample = SnapshotRecord { t_ns: at, rss_mb: Some(size), ..SnapshotRecord::default() };
        self.stream.write_always(at, &Record::Snapshot(sample));
    }

    pub(crate) const fn fate(&self) -> Option<&Fate> {
        self.fate.as_ref()
    }
}
