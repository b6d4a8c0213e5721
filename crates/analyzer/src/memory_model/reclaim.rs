//! What a collection that the policy asks for gives back, and how much time it adds.
//!
//! While a collection runs, libraries that let the interpreter go compute on: of the processor time that the
//! process used meanwhile between a half, an even share of two threads, and all is the collection's. In 35
//! recorded runs the collecting thread itself had 0.3 to 0.8 of it.

use super::trace::{Trace, TracedCollection};

/// Seconds of a collection where none was timed: the mean of 6,172 measured ones.
const USUAL_SECONDS: f64 = 0.042;
/// The middle of what a collection adds to the time of the batch that it stands in, over its own duration.
pub(crate) const ADDED: f64 = 0.75;
/// Fewer collections do not say what one gives back.
const FEWEST: usize = 6;

/// What collections did in a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reclaim {
    /// Share of the memory over the base that each gave back.
    pub(crate) shares: Vec<f64>,
    /// What one adds to the time of a batch.
    pub(crate) seconds: f64,
    /// Whether the policy of the recording collected too: its memory is already without what was freed.
    pub(crate) in_recording: bool,
}

impl Reclaim {
    pub(super) fn of(trace: &Trace) -> Self {
        let forced: Vec<&TracedCollection> = trace.collections.iter().filter(|c| c.forced).collect();
        let in_recording = !forced.is_empty();
        let of: Vec<&TracedCollection> =
            if forced.len() >= FEWEST { forced } else { trace.collections.iter().collect() };
        let share = |c: &&TracedCollection| {
            let over = c.before - trace.base;
            (over > 1.0).then(|| ((c.before - c.after) / over).clamp(0.0, 1.0))
        };
        let shares: Vec<f64> = of.iter().filter_map(share).collect();
        // A collection that the interpreter began by itself takes as long as one that is requested.
        let times: Vec<f64> = of.iter().filter_map(|c| c.seconds).collect();
        #[expect(clippy::cast_precision_loss, reason = "a count")]
        let mean = times.iter().sum::<f64>() / times.len() as f64;
        let seconds = ADDED * if times.is_empty() { USUAL_SECONDS } else { mean };
        Self { shares: if shares.len() >= FEWEST { shares } else { Vec::new() }, seconds, in_recording }
    }

    /// Whether the run says what a collection gives back.
    pub(crate) fn known(&self) -> bool {
        !self.shares.is_empty()
    }
}
