//! Charts of one run and of many, as PNG or SVG bytes.
//!
//! Input is plain data in seconds and MiB, output is bytes: the caller writes them to a temporary file and renames it.
//! The same input gives the same bytes, on any machine: the font is bundled. Text from files is drawn as text only.
//!
//! A chart is first laid out as a list of marks in pixels (`scene`) and then drawn (`paint`, the one file that
//! names plotters). A chart is one file with a [`Chart`], and its line in the list below; `memtool chart` draws those of
//! `report/charts.rs`.

mod axis;
mod batch;
mod decimate;
mod error;
mod fit;
mod font;
mod format;
mod heading;
mod label;
mod lane;
mod legend;
mod level;
mod memory;
mod overview;
mod paint;
mod palette;
mod predictions;
mod render;
mod run;
mod run_layout;
mod samples;
mod scene;
mod small_multiples;
mod text_size;

pub use axis::{Scale, Ticks, TimeUnit, time_ticks};
pub use decimate::thinned;
pub use error::ChartError;
pub use fit::{FitChart, FitCurve};
pub use format::Format;
pub use overview::{Overview, OverviewRun};
pub use predictions::{PredictedRow, PredictionsChart};
pub use render::{Chart, render};
pub use run::{HeapLine, Predicted, RunChart, Thresholds, Trend};
pub use small_multiples::{SmallMultiples, SmallPanel};
