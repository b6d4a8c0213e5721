//! The columns of a run, grown from its snapshots.

use memtool_profile_model::{
    AdaptiveConfig, Mib, Observation, Offset, OperationId, PressureLevel, Run, SharedHistory,
    SnapshotColumns, SnapshotKind, SnapshotRows, deducted, pressure,
};

use crate::phase::{Phases, same_label};
use crate::series::Series;
use crate::size_column::SizeColumn;
use crate::step_column::StepColumn;

impl Series {
    /// The columns of a run.
    #[must_use]
    pub fn new(run: &Run, phases: &Phases) -> Self {
        let mut builder = SeriesBuilder::new(run.snapshots.len());
        let mut rest = &phases.of_snapshot[..];
        SnapshotColumns::each(&run.snapshots, |rows| {
            same_label(&rows, |_, some| {
                let (these, later) = rest.split_at(some.len().min(rest.len()));
                let mut from = 0;
                for same in these.chunk_by(|a, b| a == b) {
                    builder.extend(&run.config, &some.rows(from..from + same.len()), same[0]);
                    from += same.len();
                }
                rest = later;
            });
        });
        builder.finish(&run.config)
    }
}

/// A series that grows snapshot by snapshot.
pub(crate) struct SeriesBuilder {
    series: Series,
    /// Seconds from the run's start to the first snapshot.
    start_s: Option<f64>,
    label: Option<OperationId>,
    shared: SharedHistory,
}

impl SeriesBuilder {
    /// With room for this many snapshots.
    pub(crate) fn new(snapshots: usize) -> Self {
        Self {
            series: Series {
                seconds: Vec::with_capacity(snapshots),
                rss_mb: Vec::with_capacity(snapshots),
                level: Vec::with_capacity(snapshots),
                ..Series::default()
            },
            start_s: None,
            label: None,
            shared: SharedHistory::default(),
        }
    }

    /// Takes the next snapshots of a run with these settings, all of one label and phase.
    pub(crate) fn extend(&mut self, config: &AdaptiveConfig, rows: &SnapshotRows<'_>, phase: Option<u32>) {
        if !rows.rss.is_empty() && rows.rss.iter().fold(true, |known, rss| known & rss.is_some()) {
            return self.columns(config, rows, phase);
        }
        let mut from = 0;
        for same in rows.rss.chunk_by(|a, b| a.is_some() == b.is_some()) {
            let to = from + same.len();
            if same[0].is_some() {
                self.columns(config, &rows.rows(from..to), phase);
            }
            from = to;
        }
    }

    /// Takes snapshots that all have RSS, column by column.
    fn columns(&mut self, config: &AdaptiveConfig, rows: &SnapshotRows<'_>, phase: Option<u32>) {
        let series = &mut self.series;
        let start = *self.start_s.get_or_insert(rows.at[0].seconds());
        let (before, samples) = (series.rss_mb.len(), rows.len());
        series.seconds.extend(rows.at.iter().map(|at| at.seconds() - start));
        series.rss_mb.extend(rows.rss.iter().map(|rss| rss.unwrap_or_default().get()));
        extend_known(&mut series.shared_mb, before, samples, rows.shared);
        extend_known(&mut series.children_mb, before, samples, rows.children_rss);
        extend_sizes(&mut series.available_mb, samples, rows.available);
        if !rows.level.is_empty() && rows.level.iter().fold(true, |known, level| known & level.is_some()) {
            series.level.extend(rows.level.iter().map(|level| level.unwrap_or(PressureLevel::Low)));
        } else {
            series.level.extend((0..samples).map(|row| {
                rows.level.get(row).copied().flatten().unwrap_or_else(|| {
                    let rss = rows.rss[row].unwrap_or_default();
                    let available = rows.available.get(row).copied().flatten();
                    pressure(config, Observation { at: rows.at[row], rss, available }).level
                })
            }));
        }
        extend_steps(&mut series.batch_size, samples, rows.batch_size);
        extend_steps(&mut series.kind, samples, rows.kind);
        series.phase.extend_equal(phase, samples);
        extend_steps(&mut series.collections, samples, rows.gc_collections);
        let label = rows.operation.first().copied().flatten();
        let label = label.filter(|_| rows.kind.first().is_none_or(|kind| *kind == SnapshotKind::Regular));
        series.boundary.push(label.is_some() && label != self.label);
        series.boundary.extend_equal(false, samples - 1);
        self.label = label.or(self.label);
        self.shared.extend(rows);
    }

    /// Seconds from the run's start to the first snapshot; 0 where there is none.
    pub(crate) fn start_s(&self) -> f64 {
        self.start_s.unwrap_or_default()
    }

    /// The columns of a run with these settings.
    pub(crate) fn finish(mut self, config: &AdaptiveConfig) -> Series {
        if let Some(deductions) = self.shared.deductions() {
            count_once(&mut self.series, config, deductions);
        }
        self.series.timed()
    }
}

/// Takes from each sum of resident sizes what it counts more than once, in MiB. The level is the policy's then: a
/// recorded one was that of the sum.
fn count_once(series: &mut Series, config: &AdaptiveConfig, deductions: Vec<f64>) {
    series.summed_rss_mb = series.rss_mb.iter().copied().reduce(f64::max);
    for (place, deduction) in deductions.iter().enumerate() {
        let rss = deducted(Mib::new(series.rss_mb[place]), *deduction);
        series.rss_mb[place] = rss.get();
        let available = series.available_mb.get(place).map(Mib::new);
        let seen = Observation { at: Offset::from_seconds(series.seconds[place]), rss, available };
        series.level[place] = pressure(config, seen).level;
    }
    let less = |(children, deduction): (Option<f64>, &f64)| children.map(|mb| (mb - deduction).max(0.0));
    series.children_mb = series.children_mb.iter().zip(&deductions).map(less).collect();
    series.counted_twice_mb = deductions;
}

/// Adds sizes to a column, gaps where they are not known.
fn extend_sizes(column: &mut SizeColumn, samples: usize, sizes: &[Option<Mib>]) {
    if sizes.is_empty() {
        column.extend(std::iter::repeat_n(None, samples));
    } else {
        column.extend_by_blocks(sizes.iter().map(|size| size.map(Mib::get)));
    }
}

/// Adds to a column that begins, with gaps for the samples before, at its first known value.
fn extend_known(column: &mut SizeColumn, before: usize, samples: usize, sizes: &[Option<Mib>]) {
    if column.is_empty() {
        if sizes.iter().all(Option::is_none) {
            return;
        }
        extend_sizes(column, before, &[]);
    }
    extend_sizes(column, samples, sizes);
}

/// Adds values to a column, those that nothing says as the values are where nothing is said.
fn extend_steps<T: Copy + Default + PartialEq>(column: &mut StepColumn<T>, samples: usize, values: &[T]) {
    if values.is_empty() {
        column.extend_equal(T::default(), samples);
    }
    // Each is compared with the first, which a processor keeps at hand, and not with its neighbour.
    let mut rest = values;
    while let Some(first) = rest.first() {
        let same = rest.iter().position(|value| value != first).unwrap_or(rest.len());
        column.extend_equal(*first, same);
        rest = &rest[same..];
    }
}
