//! One row of a history, checked, and the samples that rows add up to.

use jiff::Timestamp;

use super::document::HistoryRow;
use crate::downsample::Downsampler;
use crate::error::ReadError;
use crate::level::PressureLevel;
use crate::operation::{OperationId, Operations};
use crate::ranges;
use crate::snapshot::{Snapshot, SnapshotKind};
use crate::time::{self, Spelled};
use crate::units::Offset;

/// One row, with its time understood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample<'a> {
    pub(super) at: Spelled,
    pub(super) rss_mb: f64,
    pub(super) vms_mb: Option<f64>,
    pub(super) system_percent: Option<f64>,
    pub(super) available_mb: Option<f64>,
    pub(super) level: Option<PressureLevel>,
    pub(super) gc_collections: Option<u64>,
    pub(super) batch_size: Option<u32>,
    pub(super) operation: Option<&'a str>,
}

impl<'a> Sample<'a> {
    /// A row as serde reads it.
    pub(super) fn of(row: &'a HistoryRow<'_>, index: usize) -> Result<Self, ReadError> {
        Ok(Self {
            at: time_of(row, index)?,
            rss_mb: row.rss_mb,
            vms_mb: row.vms_mb,
            system_percent: row.percent,
            available_mb: row.available_mb,
            level: row.pressure_level,
            gc_collections: row.gc_collections,
            batch_size: row.batch_size,
            operation: row.operation.as_deref(),
        })
    }
}

pub(super) fn time_of(row: &HistoryRow<'_>, index: usize) -> Result<Spelled, ReadError> {
    time::parse(&row.timestamp).ok_or_else(|| ReadError::Value {
        place: format!("history[{index}].timestamp"),
        expected: "an ISO 8601 time such as 2026-11-23T02:46:18.071548+00:00",
        found: format!("{:?}", row.timestamp.chars().take(60).collect::<String>()),
    })
}

/// The samples so far, in the order of their rows.
#[derive(Debug, Clone)]
pub(super) struct Samples {
    /// The moment that offsets count from.
    pub(super) started: Timestamp,
    pub(super) snapshots: Downsampler,
    pub(super) operations: Operations,
    /// The earliest offset.
    earliest: Offset,
}

impl Samples {
    /// No sample yet, and room for so many.
    pub(super) fn new(started: Timestamp, most: usize) -> Self {
        Self {
            started,
            snapshots: Downsampler::new(most),
            operations: Operations::default(),
            earliest: Offset::START,
        }
    }

    /// None yet, for rows that stand elsewhere in the history of these.
    pub(super) fn of_same_run(&self) -> Self {
        Self::new(self.started, usize::MAX)
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.snapshots.kept_mut().clear();
        self.operations = Operations::default();
        self.earliest = Offset::START;
    }

    /// Takes samples of the same run that follow, and leaves none.
    pub(super) fn append(&mut self, others: &mut Self) {
        self.earliest = self.earliest.min(others.earliest);
        let names = others.operations.names();
        if !names.is_empty() {
            let own: Vec<OperationId> = names.iter().map(|name| self.operations.intern(name)).collect();
            for snapshot in others.snapshots.kept_mut() {
                snapshot.operation = snapshot.operation.map(|id| own[id.index()]);
            }
        }
        self.snapshots.append(others.snapshots.kept());
        others.clear();
    }

    /// Takes the next row.
    pub(super) fn take(&mut self, sample: &Sample<'_>) -> Result<(), ReadError> {
        let index = self.snapshots.len();
        let at = offset(self.started, sample.at.at, index)?;
        self.earliest = self.earliest.min(at);
        let measured = |name: &str, value: Option<f64>| {
            value.map(|v| ranges::size(v, || format!("history[{index}].{name}"))).transpose()
        };
        let place = |name: &str| format!("history[{index}].{name}");
        let percent = sample.system_percent;
        let percent = percent.map(|share| ranges::percent(share, || place("percent"))).transpose()?;
        let collections = sample.gc_collections;
        let collections =
            collections.map(|count| ranges::count(count, || place("gc_collections"))).transpose()?;
        let kind = SnapshotKind::of_label(sample.operation);
        let label = sample.operation.filter(|_| kind == SnapshotKind::Regular);
        self.snapshots.push(Snapshot {
            at,
            rss: measured("rss_mb", (sample.rss_mb > 0.0).then_some(sample.rss_mb))?,
            children_rss: None,
            shared: None,
            pss: None,
            vms: measured("vms_mb", sample.vms_mb)?,
            system_percent: percent,
            available: measured("available_mb", sample.available_mb)?,
            level: sample.level,
            gc_collections: collections,
            batch_size: sample.batch_size,
            kind,
            operation: label.map(|name| self.operations.intern(name)),
        });
        Ok(())
    }

    /// Lets offsets count from the earliest sample; `None` where they no longer fit.
    pub(super) fn counted_from_earliest(mut self) -> Option<Self> {
        let earliest = self.earliest.nanos();
        if earliest < 0 {
            for snapshot in self.snapshots.kept_mut() {
                snapshot.at = Offset::from_nanos(snapshot.at.nanos().checked_sub(earliest)?);
            }
            let started = self.started.as_nanosecond() + i128::from(earliest);
            self.started = Timestamp::from_nanosecond(started).ok()?;
        }
        Some(self)
    }
}

fn offset(started: Timestamp, at: Timestamp, index: usize) -> Result<Offset, ReadError> {
    let nanos = at.as_nanosecond() - started.as_nanosecond();
    i64::try_from(nanos).map(Offset::from_nanos).map_err(|_| ReadError::Value {
        place: format!("history[{index}].timestamp"),
        expected: "a time within 292 years of the earliest one",
        found: at.to_string(),
    })
}
