//! What differs between the two versions of control groups.

use std::path::Path;

use crate::limits::source::LimitSource;

/// File names and rules of one version.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) source: LimitSource,
    pub(super) usage_file: &'static str,
    /// The lines of `memory.stat` with file cache: the kernel can drop it, whichever list it is in.
    pub(super) file_cache: [&'static [u8]; 2],
    /// The lines with the part of it that must be written to disk first.
    pub(super) unwritten: [&'static [u8]; 2],
    /// The limit of one group in bytes.
    pub(super) limit: fn(&Path) -> Option<u64>,
    /// Whether a group's limit holds for the groups below it.
    pub(super) binds_below: fn(&Path) -> bool,
}
