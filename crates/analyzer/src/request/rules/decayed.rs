//! VPA's target: the 90th percentile of daily peaks that count half after a day, and 15 %.
//!
//! A run of several days gives a peak for each. Limits: a peak at a service's start is one of many and
//! falls out of the percentile within days: the next start is killed.

use crate::request::request_rule::RequestRule;

pub(super) const VPA: RequestRule = RequestRule {
    name: "daily p90 + 15 % (VPA)",
    size_mb: |history, _| (history.count > 0).then(|| history.decayed_quantile_mb(0.90) * 1.15),
};
