//! What runs are written as: one file a form, one line each in [`EXPORTERS`].

mod csv;
mod exporter;
mod parquet;
mod prometheus;
mod sizes;
mod stream;

pub use exporter::{ConversionError, Exported, ExportedFile, Exporter};

/// All forms; the first is taken where none is named.
pub const EXPORTERS: [&Exporter; 4] =
    [&parquet::EXPORTER, &stream::EXPORTER, &csv::EXPORTER, &prometheus::EXPORTER];
