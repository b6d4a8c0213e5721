//! What a recorder reports while it runs: statistics, advice, live metrics and exported profiles.

pub(crate) mod advice;
pub(crate) mod atomic_file;
pub(crate) mod export;
pub(crate) mod metrics;
pub(crate) mod statistics;
