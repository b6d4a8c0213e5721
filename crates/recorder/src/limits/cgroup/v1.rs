//! Memory groups of version 1.

use std::path::Path;

use super::layout::Layout;
use crate::limits::source::LimitSource;
use crate::procfs::text::number;

pub(super) const LAYOUT: Layout = Layout {
    source: LimitSource::CgroupV1,
    usage_file: "memory.usage_in_bytes",
    file_cache: [b"total_inactive_file ", b"total_active_file "],
    unwritten: [b"total_dirty ", b"total_writeback "],
    limit,
    binds_below,
};

/// No limit is 2^63 rounded down to a page; nothing real comes near.
const UNLIMITED: u64 = 1 << 62;

fn limit(group: &Path) -> Option<u64> {
    let text = std::fs::read(group.join("memory.limit_in_bytes")).ok()?;
    number(&text).filter(|bytes| (1..UNLIMITED).contains(bytes))
}

/// Old kernels could cut a group off from its ancestors; a file that is not there means that
/// they no longer can.
fn binds_below(group: &Path) -> bool {
    std::fs::read(group.join("memory.use_hierarchy")).ok().and_then(|text| number(&text)) != Some(0)
}
