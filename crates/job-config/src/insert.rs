//! Finds the place of a changed or new setting in the text.

use std::ops::Range;

use yaml_edit::{Mapping, YamlNode};

use crate::locate::{Locator, Place, PlaceKind, entry, range};

/// One replacement of bytes in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Splice {
    /// The bytes that go; empty for an insertion.
    pub(super) at: Range<usize>,
    /// The text that comes.
    pub(super) with: String,
}

/// Why nothing can go there, with the line.
pub(super) struct Blocker {
    pub(super) line: Option<usize>,
    pub(super) reason: &'static str,
}

/// Replaces the value at a place that exists.
pub(super) fn replace(text: &str, place: &Place, value: &str) -> Result<Splice, &'static str> {
    if place.kind != PlaceKind::Scalar {
        return Err("it is a mapping, a list, an alias or tagged");
    }
    let old = text.get(place.value.clone()).unwrap_or("");
    if old.contains('\n') || old.starts_with(['|', '>']) {
        return Err("its value spans several lines");
    }
    if !old.is_empty() {
        return Ok(Splice { at: place.value.clone(), with: value.to_owned() });
    }
    let after_key = text.get(place.key.end..).unwrap_or("");
    let blanks = after_key.len() - after_key.trim_start_matches(' ').len();
    if !after_key[blanks..].starts_with(':') {
        return Err("it has no colon");
    }
    let at = place.key.end + blanks + 1;
    Ok(Splice { at: at..at, with: format!(" {value}") })
}

/// Adds a key that does not exist, at the end of the deepest mapping on its path that does;
/// the mappings below are added with it.
pub(super) fn insert(text: &str, block: &[&str], path: &[&str], value: &str) -> Result<Splice, Blocker> {
    let locator = Locator::new(text);
    let lost = Blocker { line: None, reason: "its place in the text was not found" };
    let mut place = locator.find(block).ok_or(lost)?;
    let mut missing = path;
    loop {
        let line = Some(locator.line(place.key.start));
        let PlaceKind::Mapping(mapping) = &place.kind else {
            return under_key(text, &place, missing, value).map_err(|reason| Blocker { line, reason });
        };
        let next = missing.first().and_then(|key| entry(mapping, key));
        match next {
            Some(inner) if missing.len() > 1 => {
                place = inner;
                missing = &missing[1..];
            }
            _ => return at_end(text, mapping, missing, value).map_err(|reason| Blocker { line, reason }),
        }
    }
}

/// Adds lines at the end of a mapping.
pub(super) fn at_end(
    text: &str,
    mapping: &Mapping,
    missing: &[&str],
    value: &str,
) -> Result<Splice, &'static str> {
    if mapping.is_flow_style() {
        return Err("the mapping around it is written in braces");
    }
    let (first, _) = mapping.iter().next().ok_or("the mapping around it is empty")?;
    let indent = indent_of(text, range(&first).start)?;
    let end = end_of(text, mapping).ok_or("the mapping around it is empty")?;
    Ok(new_lines(text, end, &indent, missing, value))
}

/// Adds lines below a key without a value.
fn under_key(text: &str, place: &Place, missing: &[&str], value: &str) -> Result<Splice, &'static str> {
    if place.kind != PlaceKind::Scalar || !place.value.is_empty() || place.in_braces {
        return Err("what stands around it is no mapping of indented lines");
    }
    let indent = format!("{}  ", indent_of(text, place.key.start)?);
    Ok(new_lines(text, place.key.end, &indent, missing, value))
}

/// The blanks before a key that stands first in its line; the dash of a list's item counts as one.
fn indent_of(text: &str, key: usize) -> Result<String, &'static str> {
    let before = text.get(..key).unwrap_or("");
    let indent = before.rsplit('\n').next().unwrap_or("");
    if indent.chars().all(|c| c == ' ' || c == '-') {
        Ok(indent.replace('-', " "))
    } else {
        Err("its line begins with something else")
    }
}

/// The byte after the last value or key of a block mapping.
fn end_of(text: &str, mapping: &Mapping) -> Option<usize> {
    let (key, value) = mapping.iter().last()?;
    if let YamlNode::Mapping(inner) = &value
        && !inner.is_flow_style()
    {
        return end_of(text, inner).or(Some(range(&key).end));
    }
    let (start, end) = (range(&key).start, range(&value).end.max(range(&key).end));
    Some(start + text.get(start..end)?.trim_end().len())
}

/// The lines of a new key, after the line that holds a byte.
fn new_lines(text: &str, after: usize, indent: &str, missing: &[&str], value: &str) -> Splice {
    let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let line_end = text[after..].find('\n').map(|at| after + at + 1);
    let at = line_end.unwrap_or(text.len());
    let mut with = String::new();
    if line_end.is_none() {
        with.push_str(eol);
    }
    for (depth, key) in missing.iter().enumerate() {
        with.push_str(&format!("{indent}{}{key}:", "  ".repeat(depth)));
        if depth + 1 == missing.len() {
            with.push_str(&format!(" {value}"));
        }
        with.push_str(eol);
    }
    Splice { at: at..at, with }
}
