//! The sizes of a sample, by their names in text.

use memtool_profile_model::{Mib, Snapshot};

/// One of the sizes that a sample may have.
pub(super) type Size = fn(&Snapshot) -> Option<Mib>;

/// All of them.
pub(super) const SIZES: [(&str, Size); 4] = [
    ("rss", |sample| sample.rss),
    ("vms", |sample| sample.vms),
    ("pss", |sample| sample.pss),
    ("available", |sample| sample.available),
];
