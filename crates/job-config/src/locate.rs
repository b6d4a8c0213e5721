//! Finds the place of a value in the text. The answers are for messages and edits; what a value
//! means is decided in `parse`.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::str::FromStr;

use yaml_edit::{Document, Mapping, YamlNode};

/// Largest text, and longest line, that is searched. The time of the lossless parser grows with the
/// square of some odd runs (a million `!` take minutes); configs that people edit are far below.
const MAX_BYTES: usize = 512 << 10;
const MAX_LINE: usize = 4096;

/// A parsed text that finds the place of a path.
pub(super) struct Locator<'a> {
    text: &'a str,
    root: Option<Mapping>,
}

/// An entry of a mapping, as bytes of the text.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Bytes of the key.
    pub(super) key: Range<usize>,
    /// Bytes of the value; empty if there is none.
    pub(super) value: Range<usize>,
    /// What the value is.
    pub(super) kind: PlaceKind,
    /// Whether the mapping around it is written in braces.
    pub(super) in_braces: bool,
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PlaceKind {
    /// A scalar, or nothing.
    Scalar,
    /// A mapping that can be entered.
    Mapping(Mapping),
    /// A list, an alias or a tagged value.
    Other,
}

impl<'a> Locator<'a> {
    /// Parses a text that `parse` has accepted; if this parser does not, or if the text is too
    /// large for it, nothing is found.
    pub(super) fn new(text: &'a str) -> Self {
        let tame = text.len() <= MAX_BYTES && text.lines().all(|line| line.len() <= MAX_LINE);
        let document = if tame { Document::from_str(text).ok() } else { None };
        let root = document.and_then(|document| document.as_mapping());
        Self { text, root }
    }

    /// The entry at a path of keys.
    pub(super) fn find(&self, path: &[&str]) -> Option<Place> {
        let (leaf, parents) = path.split_last()?;
        let mut mapping = self.root.clone()?;
        for key in parents {
            let PlaceKind::Mapping(inner) = entry(&mapping, key)?.kind else { return None };
            mapping = inner;
        }
        entry(&mapping, leaf)
    }

    /// The line, from 1, of a byte.
    pub(super) fn line(&self, offset: usize) -> usize {
        line_of(self.text, offset)
    }

    /// The line of the key at a path.
    pub(super) fn line_of_path(&self, path: &[&str]) -> Option<usize> {
        self.find(path).map(|place| self.line(place.key.start))
    }

    /// Line and written form of every value below a block, by dotted path within it.
    pub(super) fn index(&self, block: &[&str]) -> BTreeMap<String, (usize, &'a str)> {
        let mut index = BTreeMap::new();
        if let Some(Place { kind: PlaceKind::Mapping(mapping), .. }) = self.find(block) {
            let starts: Vec<usize> = self.text.match_indices('\n').map(|(at, _)| at + 1).collect();
            self.add_to_index(&mapping, "", &starts, &mut index);
        }
        index
    }

    fn add_to_index(
        &self,
        mapping: &Mapping,
        prefix: &str,
        starts: &[usize],
        index: &mut BTreeMap<String, (usize, &'a str)>,
    ) {
        for (key, value) in mapping.iter() {
            let Some(name) = name_of(&key) else { continue };
            let path = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
            let line = starts.partition_point(|&start| start <= range(&key).start) + 1;
            if let YamlNode::Mapping(inner) = &value {
                self.add_to_index(inner, &path, starts, index);
            }
            index.insert(path, (line, self.text.get(range(&value)).unwrap_or("")));
        }
    }

    /// The first key that stands twice in one mapping, with the line of the second.
    pub(super) fn first_duplicate(&self) -> Option<(usize, String)> {
        self.duplicate_in(self.root.as_ref()?)
    }

    fn duplicate_in(&self, mapping: &Mapping) -> Option<(usize, String)> {
        let mut seen = HashSet::new();
        for (key, value) in mapping.iter() {
            if let Some(name) = name_of(&key)
                && !seen.insert(name.clone())
            {
                return Some((self.line(range(&key).start), name));
            }
            if let YamlNode::Mapping(inner) = &value
                && let Some(found) = self.duplicate_in(inner)
            {
                return Some(found);
            }
        }
        None
    }
}

/// The line, from 1, of a byte of a text.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count() + 1
}

/// The entry of a key in a mapping.
pub(super) fn entry(mapping: &Mapping, key: &str) -> Option<Place> {
    let (found, value) = mapping.iter().find(|(name, _)| name_of(name).as_deref() == Some(key))?;
    let kind = match &value {
        YamlNode::Scalar(_) => PlaceKind::Scalar,
        YamlNode::Mapping(inner) => PlaceKind::Mapping(inner.clone()),
        _ => PlaceKind::Other,
    };
    Some(Place { key: range(&found), value: range(&value), kind, in_braces: mapping.is_flow_style() })
}

/// The bytes of a node.
pub(super) fn range(node: &YamlNode) -> Range<usize> {
    let position = node.byte_range();
    position.start as usize..position.end as usize
}

fn name_of(key: &YamlNode) -> Option<String> {
    key.as_scalar().map(yaml_edit::Scalar::as_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# top\r\na:\r\n  b: 1 # one\r\n  \"c\": {d: 'two', e: }\r\nf:\r\n";

    fn value(path: &[&str]) -> Option<String> {
        let place = Locator::new(TEXT).find(path)?;
        Some(TEXT[place.value].to_owned())
    }

    #[test]
    fn values_are_found_as_written() {
        assert_eq!(value(&["a", "b"]).as_deref(), Some("1"));
        assert_eq!(value(&["a", "c", "d"]).as_deref(), Some("'two'"));
        assert_eq!(value(&["f"]).as_deref(), Some(""));
        assert_eq!(value(&["a", "x"]), None);
        assert_eq!(value(&[]), None);
    }

    #[test]
    fn nothing_is_found_in_texts_that_nobody_wrote() {
        let long_line = format!("a: 1\nb: {}\n", "!".repeat(1_000_000));
        assert!(Locator::new(&long_line).find(&["a"]).is_none());
        let many_lines = format!("a: 1\n{}", "# x\n".repeat(200_000));
        assert!(Locator::new(&many_lines).find(&["a"]).is_none());
    }

    #[test]
    fn lines_count_from_one() {
        let locator = Locator::new(TEXT);
        assert_eq!(locator.line_of_path(&["a", "b"]), Some(3));
        let index = locator.index(&["a"]);
        assert_eq!(index["b"], (3, "1"));
        assert_eq!(index["c.d"], (4, "'two'"));
    }
}
