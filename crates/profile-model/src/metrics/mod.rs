//! Metrics of a run for Prometheus: the list of them, and their text.
//!
//! One list serves the live figures, what runs are converted to, and the dashboard: none of them can have a
//! metric that the others call differently.

mod metric;
mod text;

pub use metric::{Metric, MetricKind};
pub use text::{MetricsForm, MetricsText, RunLabels, bytes};
