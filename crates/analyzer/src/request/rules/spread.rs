//! The largest peak so far, and a margin that follows from the spread of the peaks and their number.
//!
//! The next of n equally likely runs is the largest with probability 1 / (n + 1). Where that is more than
//! the risk allows, the margin is the spread times the logarithm of by how much: so the tail of an
//! exponential distribution passes a level with the risk. The spread is a share of the standard
//! deviation, since the largest of many is an extreme already. On top comes what a repeat of the same
//! run differs by.

use crate::request::history::History;
use crate::request::request_rule::{Next, RequestRule};

/// Of the risk this rule uses half: the distribution is not known.
const OF_RISK: f64 = 0.5;

fn spread(history: &History, next: &Next, share: f64, repeat: f64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    let beyond = (1.0 / (history.count as f64 * next.risk * OF_RISK)).ln().max(0.0);
    (history.count > 0).then(|| history.largest_mb * (1.0 + repeat) + share * history.deviation_mb() * beyond)
}

pub(super) const WIDE: RequestRule = RequestRule {
    name: "max + 1 % + spread x 0.4",
    size_mb: |history, next| spread(history, next, 0.4, 0.01),
};
pub(super) const USUAL: RequestRule = RequestRule {
    name: "max + 1 % + spread x 0.2",
    size_mb: |history, next| spread(history, next, 0.2, 0.01),
};
pub(super) const NARROW: RequestRule = RequestRule {
    name: "max + 0.5 % + spread x 0.2",
    size_mb: |history, next| spread(history, next, 0.2, 0.005),
};
pub(super) const TIGHT: RequestRule = RequestRule {
    name: "max + 0.5 % + spread x 0.1",
    size_mb: |history, next| spread(history, next, 0.1, 0.005),
};
