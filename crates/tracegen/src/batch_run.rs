//! Runs of batches: a sawtooth whose height is the batch size times a known factor.

use memtool_profile_model::{AdaptiveConfig, AvailableLimits, Batch, Mib, Offset, PeakSource, Run, Snapshot};

/// A run of batches with known memory per item.
#[derive(Debug, Clone)]
pub struct SyntheticRun {
    base: f64,
    per_item: f64,
    growth: f64,
    sizes: Vec<u32>,
    /// Each chunk's operations, with their memory per item; none: one without a name.
    operations: Vec<(&'static str, f64)>,
    records: bool,
    config: AdaptiveConfig,
}

/// Samples in one batch.
const SAMPLES: u32 = 8;

impl SyntheticRun {
    /// `count` batches of each size in turn, over a base and with so much memory per item, in MiB.
    #[must_use]
    pub fn sawtooth(base: f64, per_item: f64, sizes: &[u32], count: usize) -> Self {
        let sizes = sizes.iter().flat_map(|size| std::iter::repeat_n(*size, count)).collect();
        let config = AdaptiveConfig { available_limits: AvailableLimits::NONE, ..AdaptiveConfig::default() };
        Self { base, per_item, growth: 0.0, sizes, operations: Vec::new(), records: false, config }
    }

    /// With batch records.
    #[must_use]
    pub const fn recorded(mut self) -> Self {
        self.records = true;
        self
    }

    /// With each batch taken through several operations, each with its memory per item in MiB.
    #[must_use]
    pub fn through(mut self, operations: &[(&'static str, f64)]) -> Self {
        let each = |size: &u32| std::iter::repeat_n(*size, operations.len()).collect::<Vec<_>>();
        self.sizes = self.sizes.iter().flat_map(each).collect();
        self.operations = operations.to_vec();
        self.recorded()
    }

    /// With so much more memory kept after each batch, in MiB: a ramp under the sawtooth.
    #[must_use]
    pub const fn ramp(mut self, growth: f64) -> Self {
        self.growth = growth;
        self
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> Run {
        let mut run = Run { config: self.config.clone(), ..Run::default() };
        let mut floor = self.base;
        for (index, size) in self.sizes.iter().enumerate() {
            let begin = i64::try_from(index).unwrap_or(0) * i64::from(SAMPLES) * 100_000_000;
            let operation = self.operations.get(index % self.operations.len().max(1));
            let need = operation.map_or(self.per_item, |operation| operation.1) * f64::from(*size);
            for step in 0..SAMPLES {
                let rss = floor + need * f64::from(step) / f64::from(SAMPLES - 1);
                // Like a policy that allows the next size at the trough itself.
                let allowed = if step == 0 && index > 0 { self.sizes[index - 1] } else { *size };
                run.snapshots.push(snapshot(begin + i64::from(step) * 100_000_000, rss, allowed));
            }
            if self.records {
                let operation = operation.map(|(name, _)| run.operations.intern(name));
                run.batches.push(Batch { operation, ..batch(begin, *size, floor, floor + need) });
            }
            floor += self.growth;
        }
        let end = i64::try_from(self.sizes.len()).unwrap_or(0) * i64::from(SAMPLES) * 100_000_000;
        run.snapshots.push(snapshot(end, floor, self.sizes.last().copied().unwrap_or(0)));
        run
    }
}

fn snapshot(nanos: i64, rss: f64, size: u32) -> Snapshot {
    Snapshot {
        at: Offset::from_nanos(nanos),
        rss: Some(Mib::new(rss)),
        available: Some(Mib::new(9000.0 - rss)),
        batch_size: Some(size),
        ..Snapshot::default()
    }
}

fn batch(begin: i64, size: u32, start: f64, peak: f64) -> Batch {
    Batch {
        size,
        items: u64::from(size),
        start: Offset::from_nanos(begin),
        end: Some(Offset::from_nanos(begin + i64::from(SAMPLES - 1) * 100_000_000)),
        rss_start: Some(Mib::new(start)),
        rss_peak: Some(Mib::new(peak)),
        peak_source: Some(PeakSource::HighWaterMark),
        rss_end: Some(Mib::new(start)),
        ..Batch::default()
    }
}
