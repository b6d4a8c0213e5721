//! A run that grows sample by sample, whatever the file's clock is.

use jiff::Timestamp;
use memtool_profile_model::{
    AdaptiveConfig, AvailableLimits, Collection, Downsampler, Format, MemoryThresholds, Mib, Offset,
    OperationId, Origin, Peak, Run, Snapshot, Task, TimeBase, Warning,
};

/// No job runs longer, and no clock of a job stands further off: about 146 years, in nanoseconds.
const FARTHEST: i64 = i64::MAX / 2;

/// A run that grows sample by sample.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    /// What is known of the run beside its samples.
    pub(crate) run: Run,
    samples: Downsampler,
    /// Collections kept.
    most_collections: usize,
    /// The file's time that offsets count from, in nanoseconds.
    base: Option<i64>,
    missing: usize,
}

/// A run without a sample. No policy was in force: there is no level of memory at which it acts.
fn foreign(origin: Origin) -> Run {
    let never = Mib::new(1e9);
    let thresholds = MemoryThresholds {
        moderate_mb: never,
        high_mb: never,
        critical_mb: never,
        gc_trigger_mb: never,
        fallback_trigger_mb: never,
    };
    let config = AdaptiveConfig {
        enabled: false,
        thresholds,
        available_limits: AvailableLimits::NONE,
        ..AdaptiveConfig::default()
    };
    Run { format: Format::Foreign, config, origin: Some(origin), ..Run::default() }
}

/// A sample without anything but its memory.
pub(crate) fn sample(rss: Mib) -> Snapshot {
    Snapshot { rss: Some(rss), ..Snapshot::default() }
}

/// Nanoseconds of seconds, if they are a time that can be; to a microsecond, since a number of
/// seconds since 1970 holds no more.
#[expect(clippy::cast_possible_truncation, reason = "within the bounds tested")]
pub(crate) fn nanos(seconds: f64) -> Option<i64> {
    let micros = seconds * 1e6;
    // A cast rounds towards zero.
    (micros.abs() < FARTHEST as f64 / 1e3).then(|| (micros + 0.5_f64.copysign(micros)) as i64 * 1000)
}

impl Trace {
    /// A run of which at most so many samples are kept.
    pub(crate) fn new(origin: Origin, samples: usize) -> Self {
        let base = (origin.time_base != TimeBase::Absolute).then_some(0);
        let run = foreign(origin);
        Self { run, samples: Downsampler::new(samples), most_collections: samples.max(16), base, missing: 0 }
    }

    /// Takes a sample at a time of the file's clock: nanoseconds since 1970 where it is absolute, else
    /// since the run's start. False where the time cannot be.
    #[must_use]
    pub(crate) fn push(&mut self, at: i64, snapshot: Snapshot) -> bool {
        if at.abs() > FARTHEST || self.base == Some(0) && at < 0 {
            return false;
        }
        let base = *self.base.get_or_insert(at);
        self.samples.push(Snapshot { at: Offset::from_nanos(at.saturating_sub(base)), ..snapshot });
        true
    }

    /// Counts a sample whose memory could not be read, or is that of a process that has ended.
    pub(crate) const fn missing(&mut self) {
        self.missing += 1;
    }

    /// Sets the wall clock of an absolute run's start, where the file tells it before the first sample.
    pub(crate) fn starts(&mut self, at: i64) {
        self.base.get_or_insert(at);
    }

    /// The id of a label.
    pub(crate) fn operation(&mut self, name: &str) -> OperationId {
        self.run.operations.intern(name)
    }

    /// Takes a collection that ended at a time of the file's clock, as [`Trace::push`] has it.
    ///
    /// Of more than there is room for, neighbours become one: from the larger heap to the smaller.
    pub(crate) fn collected(&mut self, at: i64, collection: Collection) {
        let at = Offset::from_nanos(at.saturating_sub(self.base.unwrap_or(0)));
        if self.run.collections.len() >= self.most_collections {
            self.run.collections = self.run.collections.chunks(2).map(joined).collect();
        }
        self.run.collections.push(Collection { at, ..collection });
    }

    /// Raises the peak that the file states.
    pub(crate) fn states_peak(&mut self, peak: Mib) {
        if self.run.stated_peak.is_none_or(|before| peak > before.rss) {
            self.run.stated_peak = Some(Peak { rss: peak, source: None });
        }
    }

    /// Adds a warning, once.
    pub(crate) fn warn(&mut self, warning: Warning) {
        if !self.run.warnings.contains(&warning) {
            self.run.warnings.push(warning);
        }
    }

    /// Samples so far.
    pub(crate) fn len(&self) -> usize {
        self.samples.len()
    }

    /// Lets it keep fewer from now on.
    pub(crate) fn shrink(&mut self, samples: usize) {
        self.samples.shrink(samples);
        self.most_collections = self.most_collections.min(samples.max(16));
    }

    /// The run, in order of time; `None` without a sample.
    pub(crate) fn finish(self) -> Option<Run> {
        let Self { mut run, samples, base, missing, .. } = self;
        let of = samples.len();
        let (mut kept, totals) = samples.finish();
        let early = kept.iter().map(|s| s.at).min()?;
        count(&mut run, Warning::OutOfOrder, kept.windows(2).filter(|w| w[1].at < w[0].at).count());
        kept.sort_by_key(|snapshot| snapshot.at);
        count(&mut run, Warning::RepeatedTime, kept.windows(2).filter(|w| w[1].at == w[0].at).count());
        count(&mut run, Warning::MissingRss, missing);
        if early < Offset::START {
            for snapshot in &mut kept {
                snapshot.at = Offset::from_nanos(snapshot.at.nanos() - early.nanos());
            }
            for collection in &mut run.collections {
                collection.at = Offset::from_nanos(collection.at.nanos().saturating_sub(early.nanos()));
            }
        }
        // A log of several threads, or a clock that was set, tells them in another order than that of time.
        run.collections.sort_by_key(|collection| collection.at);
        if let Some(totals) = &totals {
            run.warnings.push(Warning::KeptSome { kept: kept.len(), of, in_a_row: totals.in_a_row });
        }
        let start = i128::from(base.unwrap_or(0)) + i128::from(early.nanos().min(0));
        run.started = Timestamp::from_nanosecond(start).unwrap_or(Timestamp::UNIX_EPOCH);
        if let Some(interval) = median_spacing(&kept) {
            run.config.monitoring_interval_seconds = interval;
        }
        (run.snapshots, run.totals) = (kept, totals);
        Some(run)
    }
}

/// Two neighbouring collections as one.
fn joined(pair: &[Collection]) -> Collection {
    let [first, second] = pair else { return pair[0] };
    let larger = |a: Option<Mib>, b: Option<Mib>| if b > a { b } else { a };
    let smaller = |a: Option<Mib>, b: Option<Mib>| if b < a { b } else { a };
    Collection {
        at: second.at,
        forced: first.forced && second.forced,
        seconds: first.seconds.into_iter().chain(second.seconds).reduce(|a, b| a + b),
        rss_before: larger(first.rss_before, second.rss_before),
        rss_after: smaller(first.rss_after, second.rss_after),
        committed: larger(first.committed, second.committed),
        young: first.young && second.young,
        objects: None,
    }
}

/// A run of one figure, at a time in nanoseconds since 1970 where one is known.
pub(crate) fn single(origin: Origin, peak: Mib, at: Option<i64>, task: Task) -> Run {
    let mut run = Run { task: Some(task), ..foreign(origin) };
    if let Some(started) = at.and_then(|at| Timestamp::from_nanosecond(i128::from(at)).ok()) {
        run.started = started;
    }
    run.snapshots.push(sample(peak));
    run
}

fn count(run: &mut Run, warning: fn(usize) -> Warning, times: usize) {
    if times > 0 {
        run.warnings.push(warning(times));
    }
}

/// Seconds between two samples, in the middle of all; of samples at one time there are none.
fn median_spacing(samples: &[Snapshot]) -> Option<f64> {
    let mut steps: Vec<f64> = samples.windows(2).map(|w| w[1].at.seconds_since(w[0].at)).collect();
    steps.retain(|step| *step > 0.0);
    let middle = steps.len() / 2;
    (!steps.is_empty()).then(|| *steps.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::Measure;

    use super::*;

    fn trace(time_base: TimeBase, times: &[i64]) -> Option<Run> {
        let origin = Origin { measure: Measure::ProcessRss, time_base, ..Origin::default() };
        let mut trace = Trace::new(origin, 100);
        for at in times {
            assert!(trace.push(*at, sample(Mib::new(1.0))));
        }
        trace.finish()
    }

    fn offsets(run: &Run) -> Vec<i64> {
        run.snapshots.iter().map(|s| s.at.nanos()).collect()
    }

    #[test]
    fn an_absolute_run_starts_at_its_earliest_sample() {
        let run = trace(TimeBase::Absolute, &[5_000_000_000, 4_000_000_000, 7_000_000_000]).expect("samples");
        assert_eq!(offsets(&run), [0, 1_000_000_000, 3_000_000_000]);
        assert_eq!(run.started.as_second(), 4);
        assert_eq!(run.warnings, [Warning::OutOfOrder(1)]);
        assert_eq!(run.config.monitoring_interval_seconds, 2.0);
    }

    #[test]
    fn a_relative_run_keeps_its_times() {
        let run = trace(TimeBase::Relative, &[9, 11]).expect("samples");
        assert_eq!((offsets(&run), run.started), (vec![9, 11], Timestamp::UNIX_EPOCH));
    }

    #[test]
    fn collections_stand_in_order_of_time() {
        let mut trace = Trace::new(Origin { time_base: TimeBase::Absolute, ..Origin::default() }, 100);
        let collection = Collection {
            at: Offset::START,
            forced: false,
            seconds: None,
            rss_before: None,
            rss_after: None,
            committed: None,
            young: false,
            objects: None,
        };
        for at in [5_000_000_000, 4_000_000_000, 7_000_000_000] {
            assert!(trace.push(at, sample(Mib::new(1.0))));
            trace.collected(at, collection);
        }
        let run = trace.finish().expect("samples");
        let times: Vec<i64> = run.collections.iter().map(|collection| collection.at.nanos()).collect();
        assert_eq!(times, offsets(&run));
    }

    #[test]
    fn times_that_cannot_be() {
        assert!(trace(TimeBase::Relative, &[]).is_none());
        let mut trace = Trace::new(Origin { time_base: TimeBase::Relative, ..Origin::default() }, 100);
        assert!(!trace.push(-1, sample(Mib::ZERO)) && !trace.push(i64::MAX, sample(Mib::ZERO)));
        assert_eq!([nanos(1.5), nanos(f64::NAN), nanos(1e12)], [Some(1_500_000_000), None, None]);
    }
}
