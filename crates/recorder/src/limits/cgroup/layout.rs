//! What differs between the two versions of control groups.

use std::path::Path;

use crate::limits::source::LimitSource;

/// File names and rules of one version.
pub(super) struct Layout {
    pub(super) source: LimitSource,
    pub(super) usage_file: &'static str,
    /// The line of `memory.stat` with the file cache that is dropped first.
    pub(super) inactive_file: &'static [u8],
    /// The limit of one group in bytes.
    pub(super) limit: fn(&Path) -> Option<u64>,
    /// Whether a group's limit holds for the groups below it.
    pub(super) binds_below: fn(&Path) -> bool,
}
