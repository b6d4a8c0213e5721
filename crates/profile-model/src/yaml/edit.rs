//! Changing settings in a config that people wrote, without touching anything else.
//!
//! `yaml-edit` finds the bytes of a value and only those are replaced; `serde_yaml` reads the
//! text before and after, and the edit is refused if more than the intended values differ.

use serde_yaml::{Mapping, Value};

use super::change::{ChangedLine, ConfigChange, EditNote};
use super::error::ConfigError;
use super::insert::{Splice, insert, replace};
use super::literal::scalar_text;
use super::locate::Locator;
use super::parse::{key_text, parse_mapping, without_bom};
use super::placement::{Placement, find_blocks};
use super::read::{ConfigFile, read_config};
use super::suggest::suggest;
use crate::config::AdaptiveConfig;
use crate::setting::{Scalar, Setting};

/// An edited config.
#[derive(Debug, Clone, PartialEq)]
pub struct Edited {
    /// The whole text after the edit.
    pub text: String,
    /// The lines that were changed or added, from top to bottom.
    pub changed: Vec<ChangedLine>,
    /// What a reader should know.
    pub notes: Vec<EditNote>,
    /// The edited text as it reads now; whether it is sound is for the caller to ask.
    pub file: ConfigFile,
}

/// A change that has been checked, with the value as text.
struct Planned<'a> {
    setting: &'static Setting,
    segments: Vec<&'a str>,
    old: Option<String>,
    new: String,
}

/// Sets settings in the block of a config, wherever it stands. Comments, order, line ends and
/// all other lines stay as they are; a setting that the block does not have is added at the
/// end of its mapping. Settings that have the value already are left alone; of two changes to
/// one setting the later counts.
///
/// # Errors
/// If the text is no readable config, if it has no block, if a path is no setting or its new
/// value of another kind, or if a change cannot be made without changing something else.
pub fn edit_config(text: &str, changes: &[ConfigChange]) -> Result<Edited, ConfigError> {
    let changes = checked(changes)?;
    let body = without_bom(text);
    let before = parse_mapping(body)?;
    let blocks = find_blocks(&before);
    if blocks.placement == Placement::Missing {
        return Err(ConfigError::NoBlock { add: lines_to_add(&changes)? });
    }
    let planned = plan(body, &before, &blocks.path, &changes);
    let edited = apply(body, &blocks.path, &planned)?;
    verify(&before, &edited, &blocks.path, &planned)?;
    let file = read_config(&edited)?;
    let (changed, mut notes) = account(&edited, &blocks.path, &planned);
    if let Placement::Ignored { path } = &blocks.placement {
        notes.insert(0, EditNote::IgnoredBlock { path: path.clone() });
    }
    let mark = &text[..text.len() - body.len()];
    Ok(Edited { text: format!("{mark}{edited}"), changed, notes, file })
}

/// The settings to change, each once, with a value of its kind.
fn checked(changes: &[ConfigChange]) -> Result<Vec<(&'static Setting, Scalar)>, ConfigError> {
    let mut checked: Vec<(&'static Setting, Scalar)> = Vec::new();
    for ConfigChange { path, value } in changes {
        let Some(setting) = Setting::find(path) else {
            let meant = suggest(path).map(str::to_owned);
            return Err(ConfigError::UnknownSetting { path: path.clone(), meant });
        };
        let fits = setting.set(&mut AdaptiveConfig::default(), *value);
        if !fits || value.as_number().is_some_and(|number| !number.is_finite()) {
            let expected = if fits { "a finite number" } else { setting.expected() };
            let found = scalar_text(*value, false);
            return Err(ConfigError::WrongChange { path: path.clone(), expected, found });
        }
        checked.retain(|(other, _)| other.path != setting.path);
        checked.push((setting, *value));
    }
    Ok(checked)
}

/// What to write for each change that changes something.
fn plan<'a>(
    text: &str,
    before: &Mapping,
    block: &[&'a str],
    changes: &[(&'static Setting, Scalar)],
) -> Vec<Planned<'a>> {
    let locator = Locator::new(text);
    let mut planned = Vec::new();
    for &(setting, value) in changes {
        let segments: Vec<&str> = block.iter().copied().chain(setting.path.split('.')).collect();
        if value_at(before, &segments).is_some_and(|current| is_same(current, value)) {
            continue;
        }
        let old = locator.find(&segments).and_then(|place| text.get(place.value)).map(str::to_owned);
        let was_whole = old.as_deref().is_some_and(|old| old.parse::<i64>().is_ok());
        let new = scalar_text(value, setting.writes_whole() || was_whole);
        planned.push(Planned { setting, segments, old, new });
    }
    planned
}

fn value_at<'a>(mapping: &'a Mapping, path: &[&str]) -> Option<&'a Value> {
    let (leaf, parents) = path.split_last()?;
    let mut mapping = mapping;
    for key in parents {
        mapping = mapping.get(*key)?.as_mapping()?;
    }
    mapping.get(*leaf)
}

fn is_same(current: &Value, value: Scalar) -> bool {
    match value {
        Scalar::Bool(value) => current.as_bool() == Some(value),
        number => current.as_f64().is_some() && current.as_f64() == number.as_number(),
    }
}

/// Replaces what exists, from the bottom up, then adds what does not.
fn apply(text: &str, block: &[&str], planned: &[Planned<'_>]) -> Result<String, ConfigError> {
    let refuse = |change: &Planned<'_>, line, reason| {
        let leaf = change.segments.last().copied().unwrap_or_default();
        let (path, add) = (change.segments.join("."), format!("{leaf}: {}", change.new));
        ConfigError::NotEditable { line, path, reason, add }
    };
    let locator = Locator::new(text);
    let mut splices = Vec::new();
    let mut missing = Vec::new();
    for change in planned {
        match locator.find(&change.segments) {
            Some(place) => {
                let line = Some(locator.line(place.key.start));
                splices
                    .push(replace(text, &place, &change.new).map_err(|reason| refuse(change, line, reason))?);
            }
            None => missing.push(change),
        }
    }
    splices.sort_by_key(|splice| splice.at.start);
    let mut edited = text.to_owned();
    for Splice { at, with } in splices.into_iter().rev() {
        edited.replace_range(at, &with);
    }
    for change in missing {
        let Splice { at, with } = insert(&edited, block, &change.segments[block.len()..], &change.new)
            .map_err(|blocker| refuse(change, blocker.line, blocker.reason))?;
        edited.replace_range(at, &with);
    }
    Ok(edited)
}

/// Refuses an edited text that means anything but the old one with the new values.
fn verify(
    before: &Mapping,
    edited: &str,
    block: &[&str],
    planned: &[Planned<'_>],
) -> Result<(), ConfigError> {
    let mut expected = before.clone();
    for change in planned {
        let value = serde_yaml::from_str(&change.new)
            .map_err(|_| ConfigError::Unintended { path: change.segments.join(".") })?;
        put(&mut expected, &change.segments, value);
    }
    let after = parse_mapping(edited).map_err(|_| ConfigError::Unintended { path: block.join(".") })?;
    match first_difference(&expected, &after) {
        Some(path) => Err(ConfigError::Unintended { path }),
        None => Ok(()),
    }
}

fn put(mapping: &mut Mapping, path: &[&str], value: Value) {
    let Some((leaf, parents)) = path.split_last() else { return };
    let mut mapping = mapping;
    for key in parents {
        let inner = mapping.entry(Value::from(*key)).or_insert(Value::Null);
        if !inner.is_mapping() {
            *inner = Value::Mapping(Mapping::new());
        }
        let Value::Mapping(next) = inner else { return };
        mapping = next;
    }
    mapping.insert(Value::from(*leaf), value);
}

fn first_difference(left: &Mapping, right: &Mapping) -> Option<String> {
    let keys = left.keys().chain(right.keys());
    for key in keys {
        let inner = match (left.get(key), right.get(key)) {
            (left, right) if left == right => continue,
            (Some(Value::Mapping(left)), Some(Value::Mapping(right))) => first_difference(left, right),
            _ => None,
        };
        let key = key_text(key);
        return Some(inner.map_or(key.clone(), |inner| format!("{key}.{inner}")));
    }
    None
}

/// Lists the changed lines as they stand in the edited text, and the comments at them that
/// speak of numbers.
fn account(edited: &str, block: &[&str], planned: &[Planned<'_>]) -> (Vec<ChangedLine>, Vec<EditNote>) {
    let locator = Locator::new(edited);
    let lines: Vec<&str> = edited.lines().collect();
    let (mut changed, mut notes) = (Vec::new(), Vec::new());
    for change in planned {
        let Some(place) = locator.find(&change.segments) else { continue };
        let (line, path) = (locator.line(place.key.start), full_path(block, change.setting));
        if let Some(old) = &change.old {
            let rest = edited.get(place.value.end..).and_then(|rest| rest.lines().next()).unwrap_or("");
            for (line, comment) in stale_comments(&lines, line, rest, old) {
                notes.push(EditNote::StaleComment { line, path: path.clone(), comment });
            }
        }
        changed.push(ChangedLine { line, path, old: change.old.clone(), new: change.new.clone() });
    }
    changed.sort_by_key(|change| change.line);
    (changed, notes)
}

fn full_path(block: &[&str], setting: &Setting) -> String {
    format!("{}.{}", block.join("."), setting.path)
}

/// A comment behind the value with any number in it, and comment lines directly above that
/// name the old value.
fn stale_comments(lines: &[&str], line: usize, rest: &str, old: &str) -> Vec<(usize, String)> {
    let mut stale = Vec::new();
    let above = lines[..(line - 1).min(lines.len())].iter().enumerate().rev();
    for (index, text) in
        above.map(|(index, text)| (index, text.trim())).take_while(|(_, text)| text.starts_with('#'))
    {
        if names_number(text, old.trim_end_matches(".0")) {
            stale.push((index + 1, text.to_owned()));
        }
    }
    stale.reverse();
    if let Some((_, comment)) = rest.split_once('#')
        && comment.chars().any(|c| c.is_ascii_digit())
    {
        stale.push((line, format!("#{}", comment.trim_end())));
    }
    stale
}

/// Whether a comment has a number, written with or without separators.
fn names_number(comment: &str, number: &str) -> bool {
    let plain: String = comment.chars().filter(|c| !matches!(c, ',' | '_')).collect();
    let is_number = number.starts_with(|c: char| c.is_ascii_digit());
    is_number
        && plain
            .split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .any(|word| word.trim_end_matches('.') == number)
}

/// The block to add to a file that has none.
fn lines_to_add(changes: &[(&'static Setting, Scalar)]) -> Result<String, ConfigError> {
    let empty = "optimization:\n  adaptive_memory:\n";
    let block = ["optimization", super::placement::BLOCK];
    let planned = plan(empty, &Mapping::new(), &block, changes);
    apply(empty, &block, &planned)
}
