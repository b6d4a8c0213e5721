//! Reads memory profiles and tells what they mean.

pub mod report;
pub mod respond;
pub mod simulate;
pub mod tune;
