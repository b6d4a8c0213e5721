//! The largest of the last runs and a margin: for jobs that change.

use crate::request::history::History;
use crate::request::request_rule::RequestRule;

fn recent(history: &History, runs: usize, factor: f64) -> Option<f64> {
    (history.count > 0).then(|| history.recent_mb(runs) * factor)
}

pub(super) const LAST_10: RequestRule =
    RequestRule { name: "last 10 + 2 %", size_mb: |history, _| recent(history, 10, 1.02) };
pub(super) const LAST_10_WIDE: RequestRule =
    RequestRule { name: "last 10 + 10 %", size_mb: |history, _| recent(history, 10, 1.1) };
pub(super) const LAST_30: RequestRule =
    RequestRule { name: "last 30 + 2 %", size_mb: |history, _| recent(history, 30, 1.02) };
pub(super) const LAST_30_WIDE: RequestRule =
    RequestRule { name: "last 30 + 10 %", size_mb: |history, _| recent(history, 30, 1.1) };
