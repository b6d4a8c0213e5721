//! Snapshots column by column.
//!
//! What reads many at a time puts each figure where those of its kind stand: a snapshot as a whole has room for all that
//! any may say, of which most say little.

use std::ops::Range;

use crate::level::PressureLevel;
use crate::operation::OperationId;
use crate::snapshot::{Snapshot, SnapshotKind};
use crate::units::{Mib, Offset};

/// Gives the columns beside the time to another macro: the name of each, which is that of its field in a snapshot, and
/// its type.
macro_rules! columns {
    ($give_to:ident) => {
        $give_to! {
            rss: Option<Mib>,
            children_rss: Option<Mib>,
            shared: Option<Mib>,
            pss: Option<Mib>,
            vms: Option<Mib>,
            system_percent: Option<f64>,
            available: Option<Mib>,
            level: Option<PressureLevel>,
            gc_collections: Option<u64>,
            batch_size: Option<u32>,
            kind: SnapshotKind,
            operation: Option<OperationId>,
        }
    };
}

macro_rules! define {
    ($($name:ident: $type:ty,)*) => {
        /// Snapshots, column by column. Each column has the name of a snapshot's field, and a row for each snapshot;
        /// one in which no snapshot says anything may be empty.
        #[derive(Debug, Clone, Default, PartialEq)]
        #[expect(missing_docs, reason = "they are a snapshot's fields")]
        pub struct SnapshotColumns {
            pub at: Vec<Offset>,
            $(pub $name: Vec<$type>,)*
        }

        /// Some rows of [`SnapshotColumns`].
        #[derive(Debug, Clone, Copy, Default)]
        #[expect(missing_docs, reason = "they are a snapshot's fields")]
        pub struct SnapshotRows<'a> {
            pub at: &'a [Offset],
            $(pub $name: &'a [$type],)*
        }

        impl SnapshotColumns {
            /// Keeps at most this many rows.
            pub fn truncate(&mut self, rows: usize) {
                self.at.truncate(rows);
                $(self.$name.truncate(rows);)*
            }

            /// Adds a row.
            pub fn push(&mut self, snapshot: &Snapshot) {
                let row = self.len();
                self.at.push(snapshot.at);
                $(if !self.$name.is_empty() || snapshot.$name != Default::default() {
                    Self::put(&mut self.$name, row, snapshot.$name);
                })*
            }

            /// Fills every column with a value to full length: call it after the last row.
            pub fn complete(&mut self) {
                let rows = self.len();
                $(if !self.$name.is_empty() {
                    self.$name.resize(rows, Default::default());
                })*
            }

            /// Some rows.
            #[must_use]
            pub fn rows(&self, rows: Range<usize>) -> SnapshotRows<'_> {
                SnapshotRows { at: &self.at[rows.clone()], $($name: some(&self.$name, rows.clone()),)* }
            }
        }

        impl<'a> SnapshotRows<'a> {
            /// Some of these rows.
            #[must_use]
            pub fn rows(&self, rows: Range<usize>) -> SnapshotRows<'a> {
                SnapshotRows { at: &self.at[rows.clone()], $($name: some(self.$name, rows.clone()),)* }
            }

            /// One row as a snapshot.
            ///
            /// # Panics
            /// Where there is no such row.
            #[must_use]
            pub fn snapshot(&self, row: usize) -> Snapshot {
                Snapshot { at: self.at[row], $($name: self.$name.get(row).copied().unwrap_or_default(),)* }
            }
        }
    };
}

columns!(define);

impl SnapshotColumns {
    /// Rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.at.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// Puts a value into a row that a column does not have yet; rows before it that said nothing are filled.
    #[inline]
    pub fn put<T: Clone + Default>(column: &mut Vec<T>, row: usize, value: T) {
        if column.len() < row {
            column.resize(row, T::default());
        }
        column.push(value);
    }

    /// Gives snapshots as columns to `take`, few enough at a time to stay in a processor's first cache.
    pub fn each(snapshots: &[Snapshot], mut take: impl FnMut(SnapshotRows<'_>)) {
        const AT_ONCE: usize = 256;
        let mut columns = Self::default();
        for some in snapshots.chunks(AT_ONCE) {
            columns.truncate(0);
            some.iter().for_each(|snapshot| columns.push(snapshot));
            columns.complete();
            take(columns.rows(0..some.len()));
        }
    }
}

impl SnapshotRows<'_> {
    /// Rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.at.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// The rows as snapshots.
    pub fn snapshots(&self) -> impl Iterator<Item = Snapshot> + '_ {
        (0..self.len()).map(|row| self.snapshot(row))
    }
}

/// Some rows of a column, which may be empty.
fn some<T>(column: &[T], rows: Range<usize>) -> &[T] {
    if column.is_empty() { column } else { &column[rows] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_come_back_from_their_columns() {
        let snapshot = |index: u32| Snapshot {
            at: Offset::from_seconds(f64::from(index)),
            rss: (!index.is_multiple_of(7)).then(|| Mib::new(f64::from(index))),
            shared: (index > 300).then(|| Mib::new(3.0)),
            system_percent: index.is_multiple_of(9).then_some(12.5),
            level: (index == 256).then_some(PressureLevel::High),
            gc_collections: Some(u64::from(index / 10)),
            kind: if index == 513 { SnapshotKind::PostGc } else { SnapshotKind::Regular },
            ..Snapshot::default()
        };
        let snapshots: Vec<Snapshot> = (0..600).map(snapshot).collect();
        let (mut again, mut parts) = (Vec::new(), 0);
        SnapshotColumns::each(&snapshots, |rows| {
            assert!(rows.vms.is_empty() && !rows.rss.is_empty());
            again.extend(rows.rows(0..100.min(rows.len())).snapshots());
            again.extend(rows.rows(100.min(rows.len())..rows.len()).snapshots());
            parts += 1;
        });
        assert_eq!((again == snapshots, parts), (true, 3));
    }

    #[test]
    fn what_is_cut_off_leaves_nothing_behind() {
        let mut columns = SnapshotColumns::default();
        let [first, second] =
            [1.0, 2.0].map(|at| Snapshot { at: Offset::from_seconds(at), ..Snapshot::default() });
        columns.push(&first);
        columns.push(&Snapshot { vms: Some(Mib::new(9.0)), ..second });
        columns.truncate(1);
        columns.push(&second);
        columns.complete();
        assert_eq!(columns.rows(0..2).snapshots().collect::<Vec<_>>(), [first, second]);
    }
}
