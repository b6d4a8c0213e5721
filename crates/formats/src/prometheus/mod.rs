//! Prometheus: answers of its HTTP API, and OpenMetrics text with times. One run per series.

mod answer;
mod cautions;
mod exposition;
mod metric;
mod scanner;
mod series;

pub(crate) use self::answer::ANSWER;
pub(crate) use self::exposition::TEXT;
