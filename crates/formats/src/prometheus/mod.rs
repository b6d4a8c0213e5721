//! Prometheus: answers of its HTTP API, and OpenMetrics text with times. One run per series, and one for each time that
//! a container of Kubernetes ran.

mod answer;
mod cautions;
mod cluster;
mod exposition;
mod lives;
mod metric;
mod owners;
mod scanner;
mod series;
mod spans;

pub(crate) use self::answer::ANSWER;
pub(crate) use self::exposition::TEXT;
