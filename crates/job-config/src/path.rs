//! Dotted paths below the block.

/// The path of a key in a section; the empty section is the block itself.
pub(super) fn join(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}
