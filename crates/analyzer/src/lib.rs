//! Reads memory profiles and tells what they mean.

pub mod respond;
pub mod simulate;
