//! The largest peak so far and a fixed margin. KRR's rule for memory takes 15 %.

use crate::request::history::History;
use crate::request::request_rule::RequestRule;

fn largest(history: &History, factor: f64) -> Option<f64> {
    (history.count > 0).then_some(history.largest_mb * factor)
}

pub(super) const MAX: RequestRule = RequestRule { name: "max", size_mb: |history, _| largest(history, 1.0) };
pub(super) const MAX_2: RequestRule =
    RequestRule { name: "max + 2 %", size_mb: |history, _| largest(history, 1.02) };
pub(super) const MAX_5: RequestRule =
    RequestRule { name: "max + 5 %", size_mb: |history, _| largest(history, 1.05) };
pub(super) const KRR: RequestRule =
    RequestRule { name: "max + 15 % (KRR)", size_mb: |history, _| largest(history, 1.15) };
