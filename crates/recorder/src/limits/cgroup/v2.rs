//! Memory groups of version 2.

use std::path::Path;

use super::layout::Layout;
use crate::limits::source::LimitSource;
use crate::procfs::text::number;

pub(super) const LAYOUT: Layout = Layout {
    source: LimitSource::CgroupV2,
    usage_file: "memory.current",
    file_cache: [b"inactive_file ", b"active_file "],
    unwritten: [b"file_dirty ", b"file_writeback "],
    limit,
    binds_below: |_| true,
};

/// The smaller of the limit where the kernel kills and the one where it begins to throttle:
/// above the latter a job still runs, but hardly gets on.
fn limit(group: &Path) -> Option<u64> {
    let limits = ["memory.max", "memory.high"].map(|file| {
        let text = std::fs::read(group.join(file)).ok()?;
        number(&text).filter(|bytes| *bytes > 0)
    });
    limits.into_iter().flatten().min()
}
