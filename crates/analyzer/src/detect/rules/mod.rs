//! One file per kind of finding: its rule, its constants with their source, its page and its test.
//!
//! The text at the head of a file is the page in docs/findings: `tests/finding_pages.rs` writes it there.

use super::case::Case;
use super::finding::Finding;
use super::registry::finding_kinds;

/// A rule: looks at a run and may find something.
pub(super) type Rule = fn(&Case<'_>) -> Option<Finding>;

macro_rules! rules {
    ($($file:ident $kind:ident,)*) => {
        $(mod $file;)*

        /// Every rule, in the order of the registry.
        pub(super) const RULES: &[Rule] = &[$($file::detect),*];
    };
}

finding_kinds!(rules);
