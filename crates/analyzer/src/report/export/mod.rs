//! The formats that runs are written in: one file per format, one line each in [`EXPORTERS`].

mod csv;
mod exporter;
mod prometheus;
mod sizes;
mod stream;
mod tables;

pub use exporter::{ConversionError, Exported, ExportedFile, Exporter};
pub(crate) use tables::finding_row;

/// All forms; the first is taken where none is named.
pub const EXPORTERS: [&Exporter; 4] =
    [&tables::EXPORTER, &stream::EXPORTER, &csv::EXPORTER, &prometheus::EXPORTER];
