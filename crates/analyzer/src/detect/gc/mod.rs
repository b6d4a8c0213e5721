//! Garbage collections of a run: forced ones one by one, automatic ones by the counter.

pub(super) mod counter;
#[cfg(test)]
pub(super) mod examples;
pub(super) mod falls;
pub(super) mod forced;
pub(super) mod garbage;
pub(super) mod pauses;
