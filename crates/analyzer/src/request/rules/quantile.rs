//! A quantile of all peaks and a margin: cheap where a failed run costs little.

use crate::request::history::History;
use crate::request::request_rule::RequestRule;

fn quantile(history: &History, share: f64, factor: f64) -> Option<f64> {
    (history.count > 0).then(|| history.quantile_mb(share) * factor)
}

pub(super) const P90: RequestRule =
    RequestRule { name: "p90 + 2 %", size_mb: |history, _| quantile(history, 0.90, 1.02) };
pub(super) const P90_WIDE: RequestRule =
    RequestRule { name: "p90 + 10 %", size_mb: |history, _| quantile(history, 0.90, 1.1) };
pub(super) const P95: RequestRule =
    RequestRule { name: "p95 + 2 %", size_mb: |history, _| quantile(history, 0.95, 1.02) };
pub(super) const P95_WIDE: RequestRule =
    RequestRule { name: "p95 + 10 %", size_mb: |history, _| quantile(history, 0.95, 1.1) };
pub(super) const P98: RequestRule =
    RequestRule { name: "p98 + 2 %", size_mb: |history, _| quantile(history, 0.98, 1.02) };
pub(super) const P98_WIDE: RequestRule =
    RequestRule { name: "p98 + 10 %", size_mb: |history, _| quantile(history, 0.98, 1.1) };
