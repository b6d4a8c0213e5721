//! Stretches of a run's work, and what lies between its batches.

/// A stretch of one operation's work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Segment {
    /// Place of the operation.
    pub(crate) operation: usize,
    /// Items of the operation before it.
    pub(crate) from: f64,
    pub(crate) items: f64,
    /// Seconds between the batch before and its first one.
    pub(crate) pause: f64,
    /// Segments of one round are worked on in turn, batch by batch.
    pub(crate) round: usize,
    /// Items of its batches over those of the round's largest ones.
    pub(crate) of_chunk: f64,
}

/// Work outside of batches that needed more memory than was there: a load before the first batch, a step between two,
/// results joined after the last one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OutsideWork {
    /// Place of the segment that it stands in, or after.
    pub(crate) segment: usize,
    /// Share of the segment's items before it, from 0 to 1.
    pub(crate) share: f64,
    /// Highest memory, in MiB.
    pub(crate) peak: f64,
    /// Its seconds that are not the pause before a segment.
    pub(crate) seconds: f64,
}

impl OutsideWork {
    /// Whether it comes before the next batch of a segment of which this share is done.
    pub(crate) fn is_due(&self, segment: usize, done: f64) -> bool {
        self.segment < segment || (self.segment == segment && self.share <= done)
    }
}
