//! The sizes of a sample that are written, with their metrics.

use memtool_profile_model::metrics::Metric;
use memtool_profile_model::{Mib, Snapshot};

/// One of the sizes that a sample may have.
pub(super) type Size = fn(&Snapshot) -> Option<Mib>;

/// All of them, in the order of columns.
pub(super) const SIZES: [(Metric, Size); 4] = [
    (Metric::Rss, |sample| sample.rss),
    (Metric::Vms, |sample| sample.vms),
    (Metric::Pss, |sample| sample.pss),
    (Metric::Available, |sample| sample.available),
];
